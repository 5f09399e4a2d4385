"""Small but genuine contents for the demo's files, by their extension."""

import struct
import zipfile
import zlib
from base64 import b64decode
from io import BytesIO

from openpyxl import Workbook

LINES = ("Reading date,Register,Reading", "2026-10-01,S,048213", "2026-11-01,S,048377")


def content_of(name: str) -> bytes:
    """A file of the type that `name` ends in, which its program opens; text where it needs no program."""
    extension = name.rsplit(".", 1)[-1].lower()
    makers = {"pdf": _pdf, "png": _png, "jpg": _jpeg, "jpeg": _jpeg, "xlsx": _workbook, "zip": _zip, "docx": _document}
    if maker := makers.get(extension):
        return maker(name)
    return ("\r\n".join(LINES) + "\r\n").encode()


def _pdf(name: str) -> bytes:
    words = name.replace("(", "").replace(")", "").replace("\\", "").encode("latin-1", "replace")
    stream = b"BT /F1 16 Tf 60 760 Td (" + words + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(made)


def _png(_: str) -> bytes:
    """A plain picture of 320 by 200 points in the colour of the house."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x0f\x54\x67" * 320 for _ in range(200))
    header = struct.pack("!IIBBBBB", 320, 200, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _jpeg(_: str) -> bytes:
    """The smallest picture that viewers open: one grey point."""
    return b64decode(
        "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgy"
        "PC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
    )


def _workbook(_: str) -> bytes:
    book = Workbook()
    for line in LINES:
        book.active.append(line.split(","))
    sink = BytesIO()
    book.save(sink)
    return sink.getvalue()


def _zip(name: str) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readings.csv", "\r\n".join(LINES))
        archive.writestr("notice.pdf", _pdf(name))
    return sink.getvalue()


def _document(name: str) -> bytes:
    space = "http://schemas.openxmlformats.org"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{space}/package/2006/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" Type="{space}/'
        'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{space}/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>'
        f"{name}</w:t></w:r></w:p></w:body></w:document>",
    }
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, xml in parts.items():
            archive.writestr(path, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + xml)
    return sink.getvalue()
