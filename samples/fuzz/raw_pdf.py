"""PDFs written by hand, object by object, so that any part of them can lie."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from random import Random

__all__ = ["RawPdf", "stream"]


def stream(body: bytes, entries: bytes = b"", *, length: bytes | None = None, flate: bool = False) -> bytes:
    """A stream object's body; ``length`` where it shall lie about it."""
    if flate:
        body, entries = zlib.compress(body), entries + b" /Filter /FlateDecode"
    told = str(len(body)).encode() if length is None else length
    return b"<< /Length " + told + b" " + entries + b" >>\nstream\n" + body + b"\nendstream"


CONTENT = (
    b"q 1 0 0 1 0 0 cm 0.8 0.1 0.1 RG 2 w 20 20 160 240 re S Q\n"
    b"BT /F1 14 Tf 30 220 Td (Certificate No. 12345) Tj 0 -20 Td (Total 3,000.50) Tj ET\n"
    b"q 100 0 0 100 50 60 cm /Im1 Do Q\n"
)


@dataclass
class RawPdf:
    """One page of 200 × 280 points with a frame, two lines of text and a small picture; every part can be replaced.

    ``objects``: number to body. ``page``: entries of the page's dictionary, as they are written.
    """

    content: bytes = CONTENT
    page: dict[str, bytes] = field(default_factory=dict)
    resources: dict[str, bytes] = field(default_factory=dict)
    objects: dict[int, bytes] = field(default_factory=dict)
    catalog: bytes = b""
    pages: bytes = b"/Kids [3 0 R] /Count 1"
    trailer: bytes = b""
    header: bytes = b"%PDF-1.7\n"

    def __post_init__(self) -> None:
        self.page = {
            "Type": b"/Page",
            "Parent": b"2 0 R",
            "MediaBox": b"[0 0 200 280]",
            "Contents": b"4 0 R",
            **self.page,
        }
        self.resources = {"Font": b"<< /F1 5 0 R >>", "XObject": b"<< /Im1 6 0 R >>", **self.resources}
        grey = bytes((x * y) % 256 for y in range(16) for x in range(16))
        plain = b"/Type /XObject /Subtype /Image /Width 16 /Height 16 /BitsPerComponent 8 /ColorSpace /DeviceGray"
        base = {
            5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            6: stream(grey, plain, flate=True),
        }
        self.objects = base | self.objects

    def add(self, body: bytes) -> bytes:
        """One more object; returns the reference to it."""
        number = max([20, *self.objects]) + 1
        self.objects[number] = body
        return b"%d 0 R" % number

    def written(self, rng: Random | None = None) -> bytes:
        """The file; with ``rng`` its cross-reference table may be damaged or missing."""
        inner = b" ".join(b"/%s %s" % (k.encode(), v) for k, v in self.resources.items())
        page = b" ".join(b"/%s %s" % (k.encode(), v) for k, v in self.page.items())
        objects = {
            1: b"<< /Type /Catalog /Pages 2 0 R " + self.catalog + b" >>",
            2: b"<< /Type /Pages " + self.pages + b" >>",
            3: b"<< " + page + b" /Resources << " + inner + b" >> >>",
            4: stream(self.content),
        } | self.objects
        out, places = bytearray(self.header), dict[int, int]()
        for number, body in sorted(objects.items()):
            places[number] = len(out)
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        return bytes(out) + self._end(places, len(out), rng)

    def _end(self, places: dict[int, int], at: int, rng: Random | None) -> bytes:
        trailer = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        how = rng.random() if rng else 1.0
        if rng is None or how > 0.25:
            rows = [b"xref\n0 1\n0000000000 65535 f \n"]
            rows += [b"%d 1\n%010d 00000 n \n" % (n, place) for n, place in sorted(places.items())]
            return b"".join(rows) + trailer % (max(places) + 1, self.trailer, at)
        if how > 0.15:  # offsets that lie
            rows = [b"xref\n0 %d\n" % len(places)]
            rows += [b"%010d %05d n \n" % (rng.randrange(at + 500), rng.choice((0, 1, 65535))) for _ in places]
            return b"".join(rows) + trailer % (rng.choice((0, 1, 10**6, 2**31)), self.trailer, at)
        if how > 0.1:  # one table after the other in a circle
            return b"xref\n0 0\n" + trailer % (len(places), self.trailer + b" /Prev %d /XRefStm %d" % (at, at), at)
        if how > 0.05:
            entries = b"/Type /XRef /W [%d %d %d] /Index [0 %d] /Size %d /Root 1 0 R /Prev %d" % (
                rng.choice((1, 0, 8, 2**31)),
                rng.choice((2, 4, 1000)),
                rng.choice((0, 1, 2)),
                rng.choice((1, 30, 2**31 - 1)),
                rng.choice((1, 30, 2**31)),
                rng.choice((0, at)),
            )
            return b"999 0 obj\n" + stream(rng.randbytes(200), entries) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % at
        return b""
