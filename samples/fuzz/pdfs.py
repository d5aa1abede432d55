"""Hostile PDFs: a page of our own on which one or two things lie, and now and then its bytes spoilt besides."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from random import Random

import pymupdf

from samples.fuzz.raw_pdf import RawPdf, stream
from samples.fuzz.spoil import odd_number, spoilt

__all__ = ["hostile_pdf"]

Trick = Callable[[RawPdf, Random], None]
FILTERS = (
    b"/FlateDecode",
    b"/LZWDecode",
    b"/ASCIIHexDecode",
    b"/ASCII85Decode",
    b"/RunLengthDecode",
    b"/CCITTFaxDecode",
    b"/JBIG2Decode",
    b"/JPXDecode",
    b"/DCTDecode",
    b"/Crypt",
    b"/NoSuchDecode",
)
SPACES = (
    b"/DeviceGray",
    b"/DeviceRGB",
    b"/DeviceCMYK",
    b"/Pattern",
    b"/NoSuch",
    b"[/Indexed /DeviceRGB 255 <00>]",
    b"[/Indexed 30 0 R 70000 30 0 R]",
    b"[/ICCBased 6 0 R]",
    b"[/ICCBased 99 0 R]",
    b"[/Separation /Red /DeviceRGB 6 0 R]",
    b"[/DeviceN [/A /B /C /D /E] /DeviceCMYK 40 0 R]",
    b"[/Lab << /WhitePoint [0 0 0] >>]",
    b"[/CalRGB << /Gamma [0 -1 1e9] /WhitePoint [1 1 1] >>]",
)
OPERATORS = (
    b"q",
    b"Q",
    b"cm",
    b"w",
    b"J",
    b"j",
    b"M",
    b"d",
    b"ri",
    b"gs",
    b"m",
    b"l",
    b"c",
    b"v",
    b"y",
    b"h",
    b"re",
    b"S",
    b"f",
    b"f*",
    b"B",
    b"n",
    b"W",
    b"W*",
    b"BT",
    b"ET",
    b"Tc",
    b"Tw",
    b"Tz",
    b"TL",
    b"Tf",
    b"Tr",
    b"Ts",
    b"Td",
    b"Tm",
    b"T*",
    b"Tj",
    b"TJ",
    b"'",
    b'"',
    b"d0",
    b"d1",
    b"CS",
    b"cs",
    b"SC",
    b"scn",
    b"G",
    b"g",
    b"RG",
    b"rg",
    b"K",
    b"k",
    b"sh",
    b"Do",
    b"MP",
    b"BMC",
    b"BDC",
    b"EMC",
    b"BX",
    b"EX",
    b"BI",
    b"ID",
    b"EI",
)
MANY = 400  # operators of a page made of chance


def hostile_pdf(rng: Random) -> bytes:
    """One file: mostly a page with a trick or two, else one of MuPDF's own, its bytes spoilt."""
    how = rng.random()
    if how < 0.25:
        return spoilt(rng.choice(_bases()), rng)
    pdf = RawPdf()
    for trick in rng.sample(_TRICKS, rng.choice((1, 1, 2, 3))):
        trick(pdf, rng)
    data = pdf.written(rng)
    if how < 0.4:
        return spoilt(data, rng)
    if how < 0.45:
        return data + rng.choice((data, *_bases()))
    return rng.randbytes(rng.randrange(900)) + data if how < 0.47 else data


@cache
def _bases() -> tuple[bytes, ...]:
    """Files as MuPDF writes them: plain, with object streams, locked with an empty password, a picture alone."""
    file = pymupdf.open()
    page = file.new_page(width=200, height=280)
    page.insert_text((20, 60), "信息表 No. 12345", fontname="china-s", fontsize=12)
    page.draw_rect(pymupdf.Rect(10, 10, 190, 270))
    page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(10, 10, 60, 60), "uri": "http://127.0.0.1:9/x"})
    page.add_text_annot((50, 90), "a note")
    picture = file.new_page(width=200, height=280)
    noise = pymupdf.Pixmap(pymupdf.csRGB, 40, 56, bytes((i * 37) % 256 for i in range(40 * 56 * 3)), False)
    picture.insert_image(picture.rect, stream=noise.tobytes("jpeg"))
    made = [
        file.tobytes(no_new_id=True, deflate=True),
        file.tobytes(no_new_id=True, use_objstms=1, deflate=True),
        file.tobytes(no_new_id=True, pretty=True, expand=255),
    ]
    file.close()
    return tuple(made)


def _box(rng: Random) -> bytes:
    return b"[" + b" ".join(rng.choice((b"0", b"200", odd_number(rng), b"/X")) for _ in range(rng.choice((4, 4, 3, 0))))


def _boxes(pdf: RawPdf, rng: Random) -> None:
    for name in rng.sample(("MediaBox", "CropBox", "TrimBox"), rng.choice((1, 2))):
        pdf.page[name] = rng.choice((_box(rng) + b"]", b"[200 280 0 0]", b"[0 0 1e-5 280]", b"3 0 R", b"null"))
    if rng.random() < 0.3:
        pdf.page["MediaBox"] = b"[0 0 14400 14400]"


def _turned(pdf: RawPdf, rng: Random) -> None:
    pdf.page["Rotate"] = rng.choice((b"45", b"-90", b"450", b"/X", odd_number(rng)))
    pdf.page["UserUnit"] = rng.choice((b"0", b"-1", b"1000", b"0.0001", odd_number(rng)))


def _tree(pdf: RawPdf, rng: Random) -> None:
    pdf.pages = rng.choice(
        (
            b"/Kids [2 0 R] /Count 1",
            b"/Kids [2 0 R 3 0 R 2 0 R] /Count 3",
            b"/Kids [3 0 R] /Count " + odd_number(rng),
            b"/Kids [3 0 R 3 0 R 99 0 R null 4 0 R 6 0 R] /Count 6",
            b"/Kids 2 0 R /Count 4",
            b"/Kids [" + b"3 0 R " * 300 + b"] /Count 300",
            b"/Kids [] /Count 0 /Parent 2 0 R",
            b"/Kids [30 0 R] /Count 1",
        )
    )
    pdf.objects[30] = b"<< /Type /Pages /Parent 30 0 R /Kids [30 0 R 3 0 R] /Count 2 >>"


def _soup(pdf: RawPdf, rng: Random) -> None:
    """Operators and operands by chance."""
    things = (
        b"/F1",
        b"/Im1",
        b"/Missing",
        b"(text)",
        b"<4f>",
        b"[1 2]",
        b"[(a) -9999999 (b)]",
        b"<< /A 1 >>",
        b"1",
        b"50",
    )
    rows = [
        b" ".join([*(rng.choice((*things, odd_number(rng))) for _ in range(rng.randrange(7))), rng.choice(OPERATORS)])
        for _ in range(rng.randrange(MANY))
    ]
    pdf.content = b"\n".join(rows)


def _deep(pdf: RawPdf, rng: Random) -> None:
    opening, closing = rng.choice(((b"q ", b"Q "), (b"[", b"]"), (b"<<", b">>"), (b"BT ", b"ET "), (b"(", b")")))
    times = rng.choice((100, 3_000, 100_000))
    pdf.content = opening * times + b"0 0 100 100 re f " + closing * rng.choice((times, 0))


def _matrices(pdf: RawPdf, rng: Random) -> None:
    numbers = b" ".join(odd_number(rng) for _ in range(6))
    pdf.content = numbers + b" cm " + pdf.content + b" [0 0] 0 d 1e9 w 0 0 m " + numbers + b" c S"


def _inline(pdf: RawPdf, rng: Random) -> None:
    size = rng.choice((b"/W 100000 /H 100000", b"/W -1 /H 3", b"/W 2147483647 /H 2147483647", b"/W 8 /H 8"))
    bits = rng.choice((b"1", b"3", b"8", b"16", b"0", b"99"))
    coding = rng.choice((b"", b"/F /Fl", b"/F [/A85 /Fl]", b"/F /CCF /DP << /K -1 /Columns 100000 >>", b"/F /DCT"))
    pdf.content += b"BI %s /BPC %s /CS %s %s ID " % (size, bits, rng.choice((b"/G", b"/RGB", b"/I")), coding)
    pdf.content += rng.randbytes(rng.randrange(300)) + rng.choice((b" EI Q", b""))


def _lengths(pdf: RawPdf, rng: Random) -> None:
    told = rng.choice((odd_number(rng), b"99 0 R", b"4 0 R", b"(x)"))
    pdf.objects[4] = stream(pdf.content, length=told)


def _filters(pdf: RawPdf, rng: Random) -> None:
    chain = [rng.choice(FILTERS) for _ in range(rng.choice((1, 2, 3, 12)))]
    parms = b"<< /Predictor %s /Colors %s /Columns %s /BitsPerComponent %s /K %s /Rows %s /EarlyChange %s >>" % tuple(
        rng.choice((b"1", b"12", b"15", odd_number(rng))) for _ in range(7)
    )
    body = rng.choice((zlib.compress(pdf.content), rng.randbytes(400), zlib.compress(bytes(300_000))))
    entries = b"/Filter [" + b" ".join(chain) + b"] /DecodeParms [" + parms * len(chain) + b"]"
    number = rng.choice((4, 6))
    if number == 6:
        entries += b" /Subtype /Image /Width 500 /Height 500 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    pdf.objects[number] = stream(body, entries)


def _image(pdf: RawPdf, rng: Random) -> None:
    entries = b"/Subtype /Image /Width %s /Height %s /BitsPerComponent %s /ColorSpace %s" % (
        rng.choice((b"16", b"5000", odd_number(rng))),
        rng.choice((b"16", b"5000", odd_number(rng))),
        rng.choice((b"1", b"2", b"8", b"16", odd_number(rng))),
        rng.choice(SPACES),
    )
    extra = (
        b"/SMask 6 0 R",
        b"/Mask 6 0 R",
        b"/Mask [0 -1 300 5]",
        b"/ImageMask true",
        b"/Decode [1 0 nan 9]",
        b"/Matte [1 2 3]",
        b"/Interpolate true",
        b"/Alternates [6 0 R]",
        b"/SMaskInData 2",
    )
    entries += b" " + b" ".join(rng.sample(extra, rng.randrange(3)))
    coding = rng.choice(
        (b"", b" /Filter /FlateDecode", b" /Filter /DCTDecode", b" /Filter /JPXDecode", b" /Filter /JBIG2Decode")
    )
    body = zlib.compress(rng.randbytes(256)) if coding == b" /Filter /FlateDecode" else rng.randbytes(256)
    pdf.objects[6] = stream(body, entries + coding)
    if rng.random() < 0.5:
        pdf.content = b"q 200 0 0 280 0 0 cm /Im1 Do Q"


def _object_stream(pdf: RawPdf, rng: Random) -> None:
    inner = b"5 0 30 40 4 80 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> [30 0 R 31 0 R] 4 0 R"
    entries = b"/Type /ObjStm /N %s /First %s /Extends 31 0 R" % (rng.choice((b"3", odd_number(rng))), odd_number(rng))
    pdf.objects[31] = stream(inner, entries, flate=rng.random() < 0.5)
    pdf.resources["Font"] = b"<< /F1 30 0 R /F2 31 0 R >>"


def _font(pdf: RawPdf, rng: Random) -> None:
    junk = pdf.add(
        stream(
            rng.randbytes(rng.choice((0, 20, 800))),
            b"/Length1 %s /Subtype /%s"
            % (
                odd_number(rng),
                rng.choice((b"Type1C", b"CIDFontType0C", b"OpenType", b"X")),
            ),
        )
    )
    cmap = pdf.add(
        stream(
            b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
            + rng.choice(
                (
                    b"1 beginbfrange <0000> <FFFF> <0041> endbfrange",
                    b"9 beginbfchar <00> <D800DFFF> endbfchar",
                    b"1 begincidrange <00000000> <FFFFFFFF> 0 endcidrange",
                    rng.randbytes(80),
                )
            )
        )
    )
    key = rng.choice((b"FontFile", b"FontFile2", b"FontFile3"))
    descriptor = pdf.add(
        b"<< /Type /FontDescriptor /FontName /X /Flags %s /FontBBox [%s] /ItalicAngle %s /Ascent %s /%s %s >>"
        % (odd_number(rng), b" ".join(odd_number(rng) for _ in range(4)), odd_number(rng), odd_number(rng), key, junk)
    )
    kind = rng.choice((b"Type1", b"TrueType", b"Type0", b"Type3", b"CIDFontType2", b"NoSuch"))
    font = b"<< /Type /Font /Subtype /%s /BaseFont /X /FontDescriptor %s /ToUnicode %s /FirstChar %s /LastChar %s" % (
        kind,
        descriptor,
        cmap,
        odd_number(rng),
        odd_number(rng),
    )
    font += b" /Widths [%s] /Encoding %s" % (
        b" ".join(odd_number(rng) for _ in range(5)),
        rng.choice((b"/Identity-H", b"/NoSuch-H", b"<< /Differences [%s /A /B 300 /C] >>" % odd_number(rng), cmap)),
    )
    if kind == b"Type0":
        font += b" /DescendantFonts [%s]" % rng.choice((b"5 0 R", descriptor, b"32 0 R"))
        pdf.objects[32] = (
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /FontDescriptor %s /W [%s [%s] 5 %s 7] /DW %s"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 9 >> /CIDToGIDMap %s >>"
            % (
                descriptor,
                odd_number(rng),
                odd_number(rng),
                odd_number(rng),
                odd_number(rng),
                rng.choice((junk, b"/Identity")),
            )
        )
    if kind == b"Type3":
        glyph = pdf.add(stream(b"%s 0 0 0 9 9 d1 BT /F1 9 Tf (AAAA) Tj ET /Im1 Do" % odd_number(rng)))
        font += b" /FontMatrix [%s 0 0 %s 0 0] /FontBBox [0 0 0 0] /CharProcs << /A %s >>" % (
            odd_number(rng),
            odd_number(rng),
            glyph,
        )
        font += b" /Resources << /Font << /F1 5 0 R >> /XObject << /Im1 6 0 R >> >>"
    pdf.objects[5] = font + b" >>"
    pdf.content = b"BT /F1 %s Tf 20 100 Td (ABCDEFG) Tj <00410042FFFF> Tj ET" % rng.choice((b"12", odd_number(rng)))


def _forms(pdf: RawPdf, rng: Random) -> None:
    """Forms that draw each other, or themselves."""
    nesting = b"/Subtype /Form /BBox [0 0 %s %s] /Matrix [1 0 0 1 %s 0]" % tuple(odd_number(rng) for _ in range(3))
    nesting += b" /Group << /S /Transparency /I true /K true >>"
    nesting += b" /Resources << /XObject << /A 33 0 R /B 34 0 R >> /ExtGState << /G 35 0 R >> >>"
    pdf.objects[33] = stream(b"/A Do /B Do /G gs 0 0 9 9 re f", nesting)
    pdf.objects[34] = stream(b"/B Do /A Do", nesting)
    pdf.objects[35] = rng.choice(
        (
            b"<< /SMask << /S /Luminosity /G 33 0 R /BC [1 2 3 4 5] >> /BM /Multiply /ca %s >>" % odd_number(rng),
            b"<< /Font [5 0 R %s] /D [[0 0] 0] /LW %s /TR 6 0 R >>" % (odd_number(rng), odd_number(rng)),
        )
    )
    pdf.resources["XObject"] = b"<< /Im1 33 0 R /A 33 0 R /B 34 0 R >>"
    pdf.resources["ExtGState"] = b"<< /G 35 0 R >>"
    pdf.content += b"/G gs /A Do /B Do"


def _patterns(pdf: RawPdf, rng: Random) -> None:
    shading = (
        b"<< /ShadingType %d /ColorSpace %s /Coords [%s] /Domain [%s %s] /Function 36 0 R /Extend [true true] >>"
        % (
            rng.choice((1, 2, 3, 9)),
            rng.choice(SPACES),
            b" ".join(odd_number(rng) for _ in range(6)),
            odd_number(rng),
            odd_number(rng),
        )
    )
    mesh = stream(
        rng.randbytes(300),
        b"/ShadingType %d /ColorSpace /DeviceRGB /BitsPerCoordinate %s /BitsPerComponent 8"
        b" /BitsPerFlag %s /VerticesPerRow %s /Decode [0 %s 0 1 0 1 0 1 0 1]"
        % (
            rng.choice((4, 5, 6, 7)),
            rng.choice((b"8", b"32", odd_number(rng))),
            odd_number(rng),
            odd_number(rng),
            odd_number(rng),
        ),
    )
    functions = (
        stream(
            b"{ %s { dup mul exch } repeat }" % odd_number(rng), b"/FunctionType 4 /Domain [0 1] /Range [0 1 0 1 0 1]"
        ),
        stream(b"{" * 2000, b"/FunctionType 4 /Domain [0 1] /Range [0 1]"),
        stream(
            rng.randbytes(50),
            b"/FunctionType 0 /Domain [0 1 0 1] /Range [0 1] /Size [%s %s] /BitsPerSample 32"
            % (odd_number(rng), odd_number(rng)),
        ),
        b"<< /FunctionType 3 /Domain [0 1] /Functions [36 0 R 36 0 R] /Bounds [%s] /Encode [0 1 0 1] >>"
        % odd_number(rng),
        b"<< /FunctionType 2 /Domain [0 1] /N %s /C0 [0 0 0] /C1 [1] >>" % odd_number(rng),
    )
    pdf.objects[36] = rng.choice(functions)
    pdf.objects[37] = rng.choice((shading, mesh))
    pdf.objects[38] = rng.choice(
        (
            b"<< /PatternType 2 /Shading 37 0 R /Matrix [%s] >>" % b" ".join(odd_number(rng) for _ in range(6)),
            stream(
                b"0 0 1 1 re f /P1 scn 0 0 9 9 re f",
                b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 %s 5]"
                b" /XStep %s /YStep %s /Resources << /Pattern << /P1 38 0 R >> >>"
                % (odd_number(rng), rng.choice((b"0", b"0.01", odd_number(rng))), odd_number(rng)),
            ),
        )
    )
    pdf.resources["Pattern"], pdf.resources["Shading"] = b"<< /P1 38 0 R >>", b"<< /S1 37 0 R >>"
    pdf.content += b"/Pattern cs /P1 scn 10 10 100 100 re f /S1 sh"


def _annotations(pdf: RawPdf, rng: Random) -> None:
    look = pdf.add(
        stream(b"/Self Do 0 0 20 20 re f", b"/Subtype /Form /BBox [0 0 %s 20] /Resources 39 0 R" % odd_number(rng))
    )
    pdf.objects[39] = b"<< /XObject << /Self %s >> >>" % look
    kind = rng.choice((b"Widget", b"Link", b"Popup", b"Stamp", b"FreeText", b"Ink", b"Screen", b"NoSuch"))
    note = pdf.add(
        b"<< /Type /Annot /Subtype /%s /Rect %s /AP << /N %s >> /Parent 3 0 R /FT /Tx /V (x) /DA (/F1 %s Tf) /F 4"
        b" /InkList [[%s 1]] /A << /S /%s /URI (http://127.0.0.1:9/) /F (/etc/passwd) /JS (app.alert(1)) >> >>"
        % (
            kind,
            _box(rng) + b"]",
            look,
            odd_number(rng),
            odd_number(rng),
            rng.choice((b"URI", b"Launch", b"JavaScript")),
        )
    )
    pdf.page["Annots"] = rng.choice((b"[%s %s]" % (note, note), note, b"[3 0 R 4 0 R null 7]"))
    pdf.catalog += b" /AcroForm << /Fields [%s] /XFA 4 0 R /NeedAppearances true >>" % note


def _locked(pdf: RawPdf, rng: Random) -> None:
    handler = rng.choice((b"/Standard", b"/Adobe.PubSec", b"/NoSuch", b"null"))
    pdf.trailer = b"/ID [<00> <00>] /Encrypt << /Filter %s /V %s /R %s /Length %s /P %s /O (%s) /U (%s)" % (
        handler,
        rng.choice((b"1", b"2", b"4", b"5", odd_number(rng))),
        rng.choice((b"2", b"3", b"4", b"6", odd_number(rng))),
        odd_number(rng),
        odd_number(rng),
        b"o" * rng.choice((0, 32, 48, 127)),
        b"u" * rng.choice((0, 32, 48)),
    )
    pdf.trailer += b" /CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen >> >> /StmF /StdCF /StrF /NoSuch >>"


def _layers(pdf: RawPdf, rng: Random) -> None:
    pdf.objects[40] = b"<< /Type /OCMD /OCGs [40 0 R 41 0 R] /P /AllOff /VE [/Not 40 0 R] >>"
    pdf.objects[41] = b"<< /Type /OCG /Name (x) /Usage 41 0 R >>"
    pdf.catalog += b" /OCProperties << /OCGs [40 0 R 41 0 R] /D << /BaseState /OFF /Order [40 0 R [41 0 R]] >> >>"
    pdf.resources["Properties"] = b"<< /L 40 0 R >>"
    pdf.content = b"/OC /L BDC " + pdf.content + rng.choice((b" EMC", b""))


def _references(pdf: RawPdf, rng: Random) -> None:
    """Things that point at each other, at nothing, or at the wrong kind of thing."""
    for name in rng.sample(("Contents", "Parent", "Resources", "MediaBox", "Annots", "Rotate"), 2):
        pdf.page[name] = rng.choice(
            (b"3 0 R", b"2 0 R", b"42 0 R", b"99999999 0 R", b"0 0 R", b"6 0 R", b"[4 0 R 4 0 R 42 0 R]")
        )
    pdf.objects[42] = rng.choice((b"42 0 R", b"43 0 R", b"[42 0 R 42 0 R]"))
    pdf.objects[43] = b"42 0 R"


_TRICKS: tuple[Trick, ...] = (
    _boxes,
    _turned,
    _tree,
    _soup,
    _soup,
    _deep,
    _matrices,
    _inline,
    _lengths,
    _filters,
    _filters,
    _image,
    _image,
    _object_stream,
    _font,
    _font,
    _forms,
    _patterns,
    _patterns,
    _annotations,
    _locked,
    _layers,
    _references,
)
