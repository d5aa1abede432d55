"""Files that are small and cost much, and PDFs that want more than to be looked at."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pymupdf
from PIL import Image

from samples.fuzz.raw_pdf import CONTENT, RawPdf, stream

SIDE = 30_000  # px
WHOLE_PAGE = b"q 200 0 0 280 0 0 cm /Im1 Do Q"


# ----------------------------------------------------------------------------------------------------- pictures


def png(side: int = SIDE) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", nothing(50_000_000)) + chunk(b"IEND", b"")


@cache
def nothing(size: int) -> bytes:
    """So many zeros, deflated without ever having them all in memory."""
    packer, parts = zlib.compressobj(9), []
    for _ in range(size >> 20):
        parts.append(packer.compress(bytes(1 << 20)))
    parts.append(packer.flush())
    return b"".join(parts)


def tiff(side: int = SIDE) -> bytes:
    rows = {256: side, 257: side, 258: 8, 259: 8, 262: 1, 273: 8, 277: 1, 278: side, 279: 0}
    data = nothing(50_000_000)
    rows[279] = len(data)
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in rows.items())
    return b"II*\x00" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(rows)) + entries + bytes(4)


def tiff_of_directories(count: int) -> bytes:
    """One directory after the other, each the same small page."""
    rows = {256: 40, 257: 40, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 40, 279: 1600}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in rows.items())
    size = 2 + len(entries) + 4
    first = 8 + 1600
    parts = [b"II*\x00" + struct.pack("<I", first) + bytes(1600)]
    for n in range(count):
        last = n == count - 1
        parts.append(struct.pack("<H", len(rows)) + entries + struct.pack("<I", 0 if last else first + (n + 1) * size))
    return b"".join(parts)


def tiff_in_a_circle() -> bytes:
    data = bytearray(tiff_of_directories(3))
    data[-4:] = struct.pack("<I", 8 + 1600)
    return bytes(data)


def jpeg(side: int = SIDE) -> bytes:
    out = io.BytesIO()
    Image.new("L", (64, 64)).save(out, "JPEG", progressive=True)
    data = bytearray(out.getvalue())
    at = data.find(b"\xff\xc2") + 5
    data[at : at + 4] = struct.pack(">HH", side, side)
    return bytes(data)


def jpeg_of_scans(side: int = 3000, scans: int = 2000) -> bytes:
    """A progressive picture whose last scan, of a few bytes, comes two thousand times."""
    out = io.BytesIO()
    Image.new("L", (side, side), 200).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rfind(b"\xff\xda")
    table = data.rfind(b"\xff\xc4", 0, last)
    return data[:-2] + data[min(table, last) : -2] * scans + data[-2:]


def webp(side: int = 16_383) -> bytes:
    """Larger ones there are none."""
    out = io.BytesIO()
    Image.new("L", (side, side)).save(out, "WEBP", lossless=True, method=0, quality=0)
    return out.getvalue()


def bmp(side: int = SIDE) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 100, 0, 0, 256, 0)
    offset = 14 + len(info) + 1024
    return b"BM" + struct.pack("<IHHI", offset + 100, 0, 0, offset) + info + bytes(1024) + b"\xff\x00" * 50


def gif(frames: int = 5_000) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, 60, 60, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 60, 60, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff" + frame * frames + b";"


def gif_of_a_frame() -> bytes:
    """A screen of 60 × 60, and on it a frame of 65,535 × 65,535."""
    head = b"GIF89a" + struct.pack("<HHBBB", 60, 60, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    dispose = b"!\xf9\x04\x0c\x00\x00\x00\x00"
    return head + dispose + b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x4c\x01\x00;"


# --------------------------------------------------------------------------------------------------------- PDFs


def pdf_of_pages(count: int) -> bytes:
    """So many leaves of one page tree, all the same object."""
    return RawPdf(pages=b"/Count %d /Kids [%s]" % (count, b"3 0 R " * count)).written()


def pdf_of_page_objects(count: int) -> bytes:
    """So many pages, each an object of its own."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 280] /Contents 4 0 R >>"
    objects = dict.fromkeys(range(100, 100 + count), page)
    kids = b" ".join(b"%d 0 R" % n for n in objects)
    return RawPdf(pages=b"/Count %d /Kids [%s]" % (count, kids), objects=objects).written()


def pdf_that_says_pages(count: int) -> bytes:
    return RawPdf(pages=b"/Kids [3 0 R] /Count %d" % count).written()


def pdf_of_inches(inches: int) -> bytes:
    side = inches * 72
    return RawPdf(page={"MediaBox": b"[0 0 200 200]", "UserUnit": b"%d" % (side // 200)}).written()


def pdf_content(content: bytes, filters: bytes = b"") -> bytes:
    return RawPdf(objects={4: stream(content, filters)}).written()


def pdf_content_bomb(megabytes: int) -> bytes:
    return pdf_content(nothing(megabytes << 20), b"/Filter /FlateDecode")


def pdf_nested_filters() -> bytes:
    """A bomb in a bomb in a bomb: 300 bytes that stand for gigabytes."""
    data = nothing(1 << 30)
    for _ in range(2):
        data = zlib.compress(data, 9)
    return pdf_content(data, b"/Filter [/FlateDecode /FlateDecode /FlateDecode]")


def pdf_image(entries: bytes, body: bytes, content: bytes = WHOLE_PAGE) -> bytes:
    return RawPdf(content=content, objects={6: stream(body, b"/Type /XObject /Subtype /Image " + entries)}).written()


def pdf_huge_image(side: int = 60_000) -> bytes:
    entries = b"/Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode" % (side, side)
    return pdf_image(entries, nothing(100 << 20))


def pdf_lying_jpeg(side: int = SIDE, content: bytes = WHOLE_PAGE) -> bytes:
    """The page says 200 × 280 pixels, the JPEG itself 30,000 × 30,000."""
    entries = b"/Width 200 /Height 280 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode"
    return pdf_image(entries, jpeg(side), content)


def pdf_huge_inline_image(side: int = 60_000) -> bytes:
    body = nothing(50 << 20)
    content = b"q 200 0 0 280 0 0 cm BI /W %d /H %d /BPC 8 /CS /G /F /Fl ID " % (side, side) + body + b" EI Q"
    return RawPdf(content=content).written()


def pdf_many_images(side: int = 10_000, count: int = 200) -> bytes:
    """Each is within the bound; all of them together are not."""
    entries = (
        b"/Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode"
        % (
            side,
            side,
        )
    )
    body = nothing(1 << 20)
    objects = {100 + n: stream(body, entries) for n in range(count)}
    names = b" ".join(b"/I%d %d 0 R" % (n, n) for n in objects)
    content = b" ".join(b"q 200 0 0 280 0 0 cm /I%d Do Q" % n for n in objects)
    return RawPdf(content=content, resources={"XObject": b"<< %s >>" % names}, objects=objects).written()


def pdf_object_stream_bomb() -> bytes:
    """An object stream of a gigabyte, in a file whose table of objects must be made anew from what is found."""
    pdf = RawPdf()
    pdf.objects[31] = stream(nothing(1 << 30), b"/Type /ObjStm /N 1000000 /First 8 /Filter /FlateDecode")
    return pdf.written().replace(b"xref\n", b"lost\n")


def pdf_operators(count: int = 10_000_000) -> bytes:
    """Ten million strokes over the whole page."""
    block = b"0 0 m 200 280 l S\n" * 1000
    packer, parts = zlib.compressobj(9), []
    for _ in range(count // 3000):
        parts.append(packer.compress(block))
    parts.append(packer.flush())
    return pdf_content(b"".join(parts), b"/Filter /FlateDecode")


def pdf_letters(count: int = 3_000_000) -> bytes:
    block = b"BT /F1 9 Tf 20 100 Td (ABCDEFGHIJ) Tj ET\n" * 100
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(block) for _ in range(count // 1000)) + packer.flush()
    return pdf_content(data, b"/Filter /FlateDecode")


def forms(levels: int, each: int) -> dict[int, bytes]:
    """Forms that draw forms: ten to the tenth rectangles, from object 50 on."""
    objects = {}
    for level in range(levels):
        below = b"<< /XObject << /F %d 0 R >> >>" % (51 + level)
        objects[50 + level] = stream(b"/F Do " * each, b"/Subtype /Form /BBox [0 0 200 280] /Resources " + below)
    objects[50 + levels] = stream(b"0 0 9 9 re f", b"/Subtype /Form /BBox [0 0 200 280]")
    return objects


def pdf_nested_forms() -> bytes:
    return RawPdf(content=b"/F Do", resources={"XObject": b"<< /F 50 0 R >>"}, objects=forms(10, 10)).written()


def pdf_pattern(step: bytes) -> bytes:
    """Tiles a hundredth of a point wide, each with tiles of its own."""
    inner = b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 %s %s] /XStep %s /YStep %s" % (
        step,
        step,
        step,
        step,
    )
    objects = {
        50: stream(b"/Pattern cs /P scn 0 0 9 9 re f", inner + b" /Resources << /Pattern << /P 51 0 R >> >>"),
        51: stream(b"0 0 1 1 re f", inner + b" /Resources << >>"),
    }
    content = b"/Pattern cs /P scn 0 0 200 280 re f"
    return RawPdf(content=content, resources={"Pattern": b"<< /P 50 0 R >>"}, objects=objects).written()


def pdf_shading(times: int) -> bytes:
    """A function that counts to a million for every dot, all over the page many times."""
    slow = b"{ " + b"1 sin cos exch dup mul add sqrt " * 3000 + b" }"
    objects = {
        50: b"<< /ShadingType 1 /ColorSpace /DeviceGray /Domain [0 1 0 1] /Matrix [200 0 0 280 0 0]"
        b" /Function 51 0 R >>",
        51: stream(slow, b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]"),
    }
    return RawPdf(content=b"/S sh " * times, resources={"Shading": b"<< /S 50 0 R >>"}, objects=objects).written()


def pdf_mesh(patches: int = 300_000) -> bytes:
    patch = b"\x00" + bytes(range(24)) * 2 + bytes(12)
    entries = (
        b"/ShadingType 7 /ColorSpace /DeviceRGB /BitsPerCoordinate 8 /BitsPerComponent 8 /BitsPerFlag 8"
        b" /Decode [0 200 0 280 0 1 0 1 0 1]"
    )
    objects = {50: stream(patch * patches, entries, flate=True)}
    return RawPdf(content=b"/S sh", resources={"Shading": b"<< /S 50 0 R >>"}, objects=objects).written()


def pdf_soft_masks(levels: int = 60) -> bytes:
    """Groups within masks within groups: a picture of the page for each."""
    objects = {}
    for n in range(levels):
        group = b"/Subtype /Form /BBox [0 0 200 280] /Group << /S /Transparency >>"
        group += b" /Resources << /ExtGState << /G %d 0 R >> >>"
        objects[100 + 2 * n] = stream(b"/G gs 0 0 200 280 re f " * 2, group % (103 + 2 * n))
        objects[101 + 2 * n] = b"<< /SMask << /S /Luminosity /G %d 0 R >> >>" % (100 + 2 * n)
    objects[101 + 2 * levels] = b"<< /ca 0.5 >>"
    return RawPdf(
        content=b"/G gs 0 0 200 280 re f", resources={"ExtGState": b"<< /G 101 0 R >>"}, objects=objects
    ).written()


def pdf_unicode_bomb(ranges: bytes) -> bytes:
    """A font whose table of characters names more than there are."""
    table = stream(
        b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange " + ranges + b" endcmap", flate=True
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 50 0 R >>"
    return RawPdf(objects={5: font, 50: table}).written()


def pdf_font(key: bytes, body: bytes, kind: bytes = b"TrueType") -> bytes:
    objects = {
        5: b"<< /Type /Font /Subtype /%s /BaseFont /X /FontDescriptor 50 0 R >>" % kind,
        50: b"<< /Type /FontDescriptor /FontName /X /Flags 4 /%s 51 0 R >>" % key,
        51: stream(body, b"/Length1 %d" % len(body)),
    }
    return RawPdf(objects=objects).written()


def pdf_broken_table(size: int) -> bytes:
    """A font's table that unpacks to much and breaks off."""
    data = nothing(size)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 50 0 R >>"
    return RawPdf(objects={5: font, 50: stream(data[:-9], b"/Filter /FlateDecode")}).written()


def pdf_of_odd_box() -> bytes:
    """A page that MuPDF shows and pdfminer cannot so much as list."""
    return RawPdf(page={"Rotate": b"0 .3"}).written()


def pdf_jbig2() -> bytes:
    """A page of four thousand million rows."""
    body = b"\0\0\0\0\x30\0\1\0\0\0\x13" + b"\xff" * 8 + bytes(11)
    return pdf_image(b"/Width 9000 /Height 9000 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode", body)


def pdf_jpx() -> bytes:
    body = b"\xff\x4f\xff\x51\0\x2f\0\0" + b"\xff" * 8 + bytes(60)
    return pdf_image(b"/Width 9000 /Height 9000 /Filter /JPXDecode", body)


def pdf_with_a_slow_page() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 280] /Contents %d 0 R /Resources << %s >> >>"
    return RawPdf(
        pages=b"/Count 3 /Kids [3 0 R 91 0 R 92 0 R]",
        objects={
            **forms(10, 10),
            90: stream(b"/F Do"),
            91: page % (90, b"/XObject << /F 50 0 R >>"),
            92: page % (4, b"/Font << /F1 5 0 R >>"),
        },
    ).written()


def pdf_circle() -> bytes:
    """A reference that leads to itself where a number should stand."""
    return RawPdf(page={"Rotate": b"42 0 R"}, objects={42: b"42 0 R"}).written()


# ------------------------------------------------------------------------------------- PDFs that want something


def pdf_wants(what: str, target: str, port: int) -> bytes:
    """An ordinary page with a wish: ``target`` is a file that must not be touched, ``port`` one nobody may call."""
    place, address = target.encode(), b"http://127.0.0.1:%d/x" % port
    actions = {
        "javascript": b'/OpenAction << /S /JavaScript /JS (app.launchURL\\("%s"\\);this.exportDataObject\\(\\)) >>'
        % address,
        "launch": b"/OpenAction << /S /Launch /F (%s) /Unix << /F (/bin/sh) >> >>" % place,
        "uri": b"/OpenAction << /S /URI /URI (%s) >>" % address,
        "goto": b"/OpenAction << /S /GoToR /F << /FS /URL /F (%s) >> /D [0 /Fit] /NewWindow true >>" % address,
        "submit": b"/OpenAction << /S /SubmitForm /F << /FS /URL /F (%s) >> /Flags 4 >>" % address,
        "import": b"/OpenAction << /S /ImportData /F (%s) >>" % place,
        "names": b"/Names << /JavaScript << /Names [(x) << /S /JavaScript /JS (this.submitForm\\('%s'\\)) >>] >> >>"
        % address,
        "xfa": b"/AcroForm << /Fields [] /XFA 60 0 R /NeedAppearances true >>",
        "embedded": b"/Names << /EmbeddedFiles << /Names [(../../evil.sh) 61 0 R] >> >>",
        "portfolio": b"/Collection << /View /D >> /Names << /EmbeddedFiles << /Names [(evil.sh) 61 0 R] >> >>",
    }
    pdf = RawPdf(catalog=actions.get(what, b""))
    form = b'<xdp><script contentType="application/x-javascript">xfa.host.gotoURL("%s")</script></xdp>' % address
    pdf.objects[60] = stream(form)
    pdf.objects[61] = b"<< /Type /Filespec /F (%s) /UF (%s) /EF << /F 62 0 R >> >>" % (place, place)
    pdf.objects[62] = stream(b"#!/bin/sh\ntouch " + place, b"/Type /EmbeddedFile")
    if what == "external":
        pdf.objects[4] = stream(CONTENT, b"/F (/etc/passwd)")
        pdf.objects[6] = stream(
            b"",
            b"/Subtype /Image /Width 16 /Height 16 /BitsPerComponent 8 /ColorSpace /DeviceGray"
            b" /F << /FS /URL /F (%s) >> /FFilter /DCTDecode" % address,
        )
    if what == "annotations":
        pdf.page["Annots"] = (
            b"[<< /Subtype /Screen /Rect [0 0 9 9] /A << /S /Rendition /JS (x) >> >>"
            b" << /Subtype /Movie /Rect [0 0 9 9] /Movie << /F (%s) >> /A true >>"
            b" << /Subtype /RichMedia /Rect [0 0 9 9] >> << /Subtype /FileAttachment /Rect [0 0 9 9] /FS 61 0 R >>"
            b" << /Subtype /Widget /FT /Tx /T (t) /V (v) /Rect [0 0 9 9] /AA << /F << /S /JavaScript /JS (x) >> >> >>]"
            % place
        )
    if what == "cmap":
        pdf.objects[5] = (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /..#2F..#2F..#2F..#2F..#2F..#2F..#2F..%s"
            b" /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X"
            b" /CIDSystemInfo << /Registry (..) /Ordering (/..%s) /Supplement 0 >> >>] >>"
            % (place.replace(b"/", b"#2F"), place)
        )
    return pdf.written()


WISHES = (
    "javascript",
    "launch",
    "uri",
    "goto",
    "submit",
    "import",
    "names",
    "xfa",
    "embedded",
    "portfolio",
    "external",
    "annotations",
    "cmap",
)


# ---------------------------------------------------------------------------------------------------- two in one


def archive(inside: bytes = b"x" * 5_000_000) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("page.pdf", inside)
    return out.getvalue()


def page_picture(path: Path) -> Path:
    """A page that can be read."""
    with pymupdf.open() as file:
        page = file.new_page(width=420, height=595)
        for row in range(8):
            page.insert_text((60, 80 + 50 * row), f"Certificate number {row} 12345, total 3,000.50", fontsize=14)
        page.get_pixmap(dpi=150).save(path)
    return path
