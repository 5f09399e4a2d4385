"""What no page offers: odd numbers, words, dates, places in lists, addresses of other sites, headers and files."""

from functools import cache

from sdes.kit.paging import Cursor
from tests.attachments import samples
from tests.fuzz.world import CLIENT_ADDRESS, NEEDLE
from tests.support.workbooks import made

TAG = "<zqtag"  # never to be seen in a page as it was sent
ELSEWHERE_HOST = "192.0.2.66"  # an address that is nobody's: RFC 5737

NUMBERS = (
    *("0", "-1", "1", "2", "7", "32768", "2147483648", "9223372036854775808", "1" + "0" * 30, "9" * 5000, "00", "+1"),
    *("1e9", "0x10", "1_000", "1.5", "NaN", "inf", "１２", "٣", "½", " 1", "1 "),
)
WORDS = (
    *("", " ", "\0", "a\0b", "\x1b[31m", "\r\nSet-Cookie: zq=1", "\n\n", "\t", "é", "e\u0301", "ﬃ", "İ", "ß"),
    *("\u202e", "\u200b", "\ufeff", "\U0001f600", "\U000f0000", "\ufffe", "𐍈" * 40, "一" * 300, "\u0301" * 500),
    *(
        "%",
        "%00",
        "%zz",
        "%0d%0aX: y",
        "%252e%252e%252f",
        "../../../etc/passwd",
        "..\\..\\x",
        "/",
        "//",
        "\\",
        "'",
        '"',
    ),
    *("' OR '1'='1", "'; --", "$1", "{0}", "{{7*7}}", "${7*7}", "%s%n", f'"{TAG} a=1>', f"{TAG}>", f"'>{TAG} b>"),
    *("=1+1", "@x", "-", "--", ".", "*", ":*", "&|!()<->", "a & b", '"unclosed', "-word", "OR", "null", "None", "[]"),
    *("{}", "[[]]", "true", "on", "a" * 121, "a" * 300, "x" * 20_000, "a@b", "a@b.c", "A@B.EXAMPLE ", "a@" + "b" * 300),
    *(NEEDLE, f"{NEEDLE} -{NEEDLE}", "SC02000001", "SC 0200 0001", "SC99999999", "1090000000010", "10 9000 0000 010"),
    *(
        "00000000-0000-0000-0000-000000000000",
        "00000000-0000-0000-0000-00000000000g",
        "me",
        "none",
        "save",
        "asc",
        "desc",
    ),
)
CHARACTERS = (
    "aZ09 \0\t\n\r\x7f\x85\xa0%/\\.'\"<>&|!:*()[]{}=+,;@-_#?~^$éßİ\u0301\u202e\u2028一\ufeff\ufffe\U0001f600\U0010ffff"
)
DATES = (
    *("2026-11-22", "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "22/11/2026", "31/02/2026"),
    *("1/1/1", "2026-11", "2026-13", "0000-01", "9999-12", "2026-11-22T10:00:00Z", "2026-11-22T25:61:61Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22T10:00:00+99:99", "2026-11-22 10:00"),
)
PLACES = tuple(
    str(place)
    for place in (
        *(
            Cursor(value, id)
            for value in (None, "", "x", 0, -1, 2**70, "2026-11-22T10:00:00+00:00", "9" * 400)
            for id in (0, 2**62)
        ),
        Cursor("2026-11-22T10:00:00+00:00", 1, True),
        Cursor("9999-12-31T23:59:59-14:00", 1),
        Cursor("infinity", 1),
    )
)
ELSEWHERE = tuple(
    text.replace("HOST", ELSEWHERE_HOST)
    for text in (
        *(
            "https://HOST/",
            "//HOST/",
            "///HOST",
            "/\\HOST",
            "\\\\HOST",
            "/\t/HOST",
            "\t//HOST",
            "https:HOST",
            "//HOST%2f..",
        ),
        *(
            "http://sdes.example@HOST/",
            "/%2fHOST",
            "/..//HOST/",
            "/./\\HOST",
            "javascript:alert(1)",
            "data:text/html,x",
        ),
        *(f"{CLIENT_ADDRESS}@HOST/", "/sign-in?next=//HOST/", "https://HOST/.well-known/openid-configuration"),
    )
)
VALUES = (*NUMBERS, *WORDS, *DATES, *PLACES, *ELSEWHERE)

HEADERS = (
    *(("hx-request", "true"), ("hx-request", "false"), ("hx-history-restore-request", "true"), ("hx-boosted", "true")),
    *(("hx-current-url", text) for text in (*ELSEWHERE[:3], "/sdep/communications?folder=mine")),
    *(("hx-target", "results"), ("hx-trigger", '"><zqtag>'), ("hx-prompt", "\xff" * 10), ("sdes-poll", "1")),
    *(("cookie", text) for text in ("", ";;;", "a=b; __Host-sdes", "__Host-sdes=", '__Host-sdes="', "=x", "x" * 9000)),
    *(("cookie", f"__Host-sdes-browser={value}") for value in ("x", "é", "x" * 500, '"quoted\\"')),
    *(("accept", text) for text in ("*/*", "application/json", "text/html;q=0", "x", ",,,;q=", "application/xml")),
    *(("accept-encoding", "gzip, br, zstd"), ("accept-language", "xx-" + "y" * 500), ("user-agent", "z" * 4000)),
    *(("user-agent", "\xff<zqtag>"), ("user-agent", "")),
    *(
        ("range", text)
        for text in ("bytes=0-10", "bytes=-1", "bytes=5-2", "bytes=0-0,2-3,9999999-", "lines=1", "bytes=")
    ),
    *(
        ("if-none-match", "*"),
        ("if-modified-since", "yesterday"),
        ("if-modified-since", "Sun, 22 Nov 2026 10:00:00 GMT"),
    ),
    *(("if-range", '"x"'), ("if-match", "zq")),
    *(
        ("authorization", text)
        for text in ("Bearer x", "Bearer ", "Basic !!!", "Basic ZW5xdWlyeTo=", "Bearer sdes_" + "x" * 99)
    ),
    *(("authorization", text) for text in ("Basic " + "/" * 8, "Digest x", "bearer\t\xff", "Basic Og==")),
    *(("x-forwarded-for", text) for text in ("127.0.0.1", "unknown", "1" * 900, "::1, x")),
    *(("x-forwarded-proto", "http"), ("x-forwarded-host", ELSEWHERE_HOST), ("forwarded", f"host={ELSEWHERE_HOST}")),
    *(("x-original-url", "/companies"), ("x-http-method-override", "DELETE"), ("x-request-id", "zq\xe9" * 99)),
    *(("sec-fetch-site", "cross-site"), ("sec-fetch-site", "none"), ("origin", f"https://{ELSEWHERE_HOST}")),
    *(
        ("referer", ELSEWHERE[0]),
        ("content-length", "0"),
        ("content-length", "99999999999999"),
        ("expect", "100-continue"),
    ),
    *(("content-type", text) for text in ("", "text/html; charset=zq", "application/json", "multipart/form-data")),
    *(("content-type", text) for text in ("multipart/form-data; boundary=", "multipart/mixed; boundary=x", ";;;=")),
    *(
        ("content-encoding", "gzip"),
        ("transfer-encoding", "gzip, zq"),
        ("upgrade", "websocket"),
        ("host", ELSEWHERE_HOST),
    ),
)

NAMES = (
    *("letter.pdf", "a.csv", "a.xlsx", "a.docx", "a.zip", "a.7z", "a.png", "a.exe", "a", ".csv", "..", "../../x.csv"),
    *(
        "a.csv\0.exe",
        "CON.csv",
        "é.csv",
        "\u202egpj.csv",
        "x" * 300 + ".csv",
        'a"b.csv',
        "a\\b.csv",
        "a/b.csv",
        "a%0d%0ab.csv",
    ),
    *(f"{TAG}>.csv", "=1+1.csv", " .csv", "a.csv.", "\U0001f600.pdf", "a;b=c.csv", "a.CSV"),
)


@cache
def contents() -> tuple[bytes, ...]:
    """Files of each kind, good and hostile."""
    book = made(["Email", "Name"], ["a@brightwatt.example", "=1+1"])
    return (
        b"",
        b"date,reading\n2026-11-01,048377\n",
        b"Email,Name,Use cases\nzq@brightwatt.example,Zq,\n",
        b"\xff\xfe\x00\x00\x01" * 50,
        b'"unclosed\n' * 200,
        b"a," * 3000,
        b"Email\0,Name\n\0,\0\n",
        b"%PDF-1.7\n1 0 obj <</Pages 1 0 R>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"MZ" + b"\0" * 400,
        b"<html><script>zq()</script></html>",
        samples.eicar(),
        samples.docx(),
        book,
        book[:-40],
        book[:100],
        samples.zipped({"../../x.csv": b"a", "b/eicar.txt": samples.eicar()}),
        samples.as_encrypted(samples.zipped({"a.csv": b"a"})),
        samples.with_method(samples.zipped({"a.csv": b"a"}), 98),
        samples.nested(b"zq", 12),
        samples.seven({"a.csv": b"a"})[:-9],
        b"PK\x03\x04" + b"\xff" * 60,
        b"PK\x05\x06" + b"\0" * 18,
    )
