"""Hostile values, and how they get into forms, addresses, headers and files. No drill itself."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from tests.damage import BYTES, WORKBOOK
from tests.hostile import CELLS, PIECES

ROOT = Path(__file__).parents[2]
NUMBERS = [
    "-1", "0", "00", "1", "2", "5", "99", "-0", "0.5", "1.0", "1e3", "1e400", "-1e400", "NaN", "nan", "Infinity",
    "-inf", "１２", "٣",
    "²", "1_000", "1,000", "0x10", "32767", "32768", "-32769", "2147483647", "2147483648", "-2147483649",
    "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "18446744073709551616", "9" * 40, "9" * 5000, "1" + "0" * 400,
    "+1", "--1",
    "1900", "1899", "9998", "9999", "10000", "99999", "0000", "2026", "2027", "-2026",
]  # fmt: skip
DATES = [
    "0001-01-01", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "1873-01-01", "1872-12-31", "1900-02-29",
    "2026-02-30",
    "2024-02-29", "9999/12/31", "令和0年", "令和0年1月1日", "令和元年5月1日", "令和999年12月31日", "R99.12.31",
    "平成31年4月30日",
    "昭和64年1月8日", "明治1年1月1日", "明治6年1月1日", "R8.13.1", "99999999", "20260401", "00010101", "令和8年",
    "令和8年4月", "2026-04",
    "9999-12", "0001-01", "9999", "令和99年", "2026-04-01T00:00:00", "2026-04-01 25:61", "9999-12-31T23:59:59",
    "0001-01-01T00:00", "24:00",
    "令和8年4月1日", "2026-04-01", "2027-03-31", "R8.4.1", "1e9", "46113", "tomorrow",
]  # fmt: skip
SIGNS = [
    "\0", "a\0b", "\x01\x02", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ud800", "x\udfffy", "\ufffe", "\uffff",
    "\U0010ffff", "\r\n\r\n",
    "\n", "\t", "\u202e", "\ufeff", "👩‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ﷺ", "İ", "ß", "葛\U000e0100", "Z" + "\u0301" * 400,
    "%00", "%", "%s%n", "{}", "{0.__class__}",
    "${7*7}", "{{ x }}", "../../../etc/passwd", "' OR 1=1 --", "\\", "\\u0000", "%_%", "*", "(", "[a-", "(?P<",
    "]]>", "&#0;",
]  # fmt: skip
KEYS = [
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "not-a-uuid",
    "{00000000-0000-4000-8000-000000000000}",
    "00000000000040008000000000000000", "urn:uuid:00000000-0000-4000-8000-000000000000", "0", "-1", "None", "null",
    "undefined", "true", "on",
    "[]", "{}", "[object Object]", "csv", "xlsx", "pdf", "json", "zip", "all", "none", "__all__", "id", "pk", "-pk",
    "name;", ",", ",,,", ":",
    "a:b", "a|b", "1|2|3", "1:2", "security-policy.1", "ietf", "lasdec", "Y", "A",
]  # fmt: skip
LONG = [
    "x" * 300,
    "あ" * 2_001,
    "x" * 10_000,
    "あ" * 34_000,
    "1 " * 50_000,
    "<" * 100_000,
    "\n" * 20_000,
    "," * 20_000,
]
BLANK = ["", " ", "　", "\u200b"]
NAMES = [
    "q", "page", "format", "encoding", "year", "cycle", "on", "day", "date", "from", "to", "sort", "order",
    "order_by", "department", "staff",
    "state", "kind", "download", "replace", "all", "search", "cell", "step", "level", "next", "local", "version",
    "compare", "left", "right",
    "limit", "offset", "cursor", "key", "action", "role", "tab", "view", "show", "size", "columns", "target",
    "category", "area", "stage",
]  # fmt: skip
HEADERS: dict[str, list[str]] = {
    "Accept": ["", "*/*", "application/json", "text/html;q=nan", "a" * 9000, "application/json;q=\x00", ",,,;;;",
    "text/*;q=-1"],
    "Accept-Language": ["", "ja", "x" * 600, "ja;q=9,;q=,-", "zz-ZZ-" * 300, "*;q=0", "ja\xff"],
    "Accept-Encoding": ["gzip", "", "identity;q=0,*;q=0", "br" * 4000, "\xff"],
    "Range": ["bytes=0-0", "bytes=-1", "bytes=99999999999999999999-", "bytes=5-1", "bytes=a-b", "items=0-1",
    "bytes=0-1,2-3,,", "bytes="],
    "If-None-Match": ["*", '""', "W/", '"' * 99, '"x", W/"y"', "\x00", "a" * 9000],
    "If-Modified-Since": ["", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 99 Foo 0000 99:99:99 GMT", "0"],
    "If-Match": ["*", '"x"', "\xff"],
    "If-Unmodified-Since": ["Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 01-Jan-00 00:00:00 GMT", "x"],
    "Content-Type": [
        "", "text/plain", "application/json", "application/xml", "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 300, "multipart/form-data; boundary=\xff",
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=\x00", "application/x-www-form-urlencoded; charset=rot13",
        "a/b; charset=utf-8; x",
        "application/x-www-form-urlencoded; charset=utf-16", ";", "/", "text/html; charset*=utf-8''%00",
        "application/json; charset=hex",
        "text/html; x*=nothing''%41", "text/html; charset*=utf-16''%FF",
    ],
    "X-Request-Id": ["", "a" * 64, "a" * 9000, "\x00", "00000000-0000-0000-0000-000000000000", "<b>", "x\xe3\x81"],
    "X-Requested-With": ["XMLHttpRequest", "\xff"],
    "X-Forwarded-For": ["", "127.0.0.1", "999.1.1.1", "::1", "a, b, c", "\x00", "1.2.3.4:99999", "[::1%eth0]:1"],
    "X-Forwarded-Proto": ["https", "http,https", "\x00"],
    "X-Forwarded-Host": ["evil.example", "\x00"],
    "Forwarded": ["for=unknown;by=_x", "\xff"],
    "Host": ["", "evil.example", "testserver:99999", "testserver:", "[::1", "a b", "testserver.", "TESTSERVER", "\xff"],
    "Origin": ["null", "", "http://testserver", "http://[::1", "https://evil.example", "file://", "http://\xff"],
    "Referer": ["", "http://testserver/", "http://[::1", "javascript:x", "http://testserver:port/", "\xff" * 50],
    "Sec-Fetch-Site": ["cross-site", "same-origin", "none", "", "\xff"],
    "User-Agent": ["", "\x00", "x" * 9000, "Mozilla/5.0 (" * 400, "Chrome/999999999999999999999",
    "Mozilla/5.0 (Windows NT) Firefox/\xff"],
    "Authorization": ["", "Bearer", "Bearer ", "Bearer \x00", "Bearer " + "x" * 9000, "Basic Og==", "Negotiate YII=",
    "bearer a b", "\xff"],
    "Content-Length": ["", "abc", "-1", "0", "1_0"],
    "X-CSRFToken": ["", "x" * 64, "\x00", "\xff"],
    "X-HTTP-Method-Override": ["DELETE"],
    "Expect": ["100-continue"],
    "Transfer-Encoding": ["chunked"],
    "Cookie": [
        "", ";", "=", "sessionid=", "sessionid=\x00", "sessionid=" + "x" * 5000, "csrftoken=\xff", "messages=x",
        'messages="W1tdXQ:1:x"',
        "sessionid=a; sessionid=b", 'sessionid="\\000\\012"', "a" * 9000, "; ".join(f"c{n}={n}" for n in range(400)),
        "$Version=1; x=y",
        "sessionid=あ".encode().decode("latin-1"),
    ],
}  # fmt: skip


def text(source: random.Random, keys: Sequence[str] = ()) -> str:
    """Return a hostile text; `keys` are ids of things that are there, ours and those of others."""
    kind = source.randrange(14)
    if kind == 13:
        return source.choice(LONG)
    if kind == 12 and keys:
        return source.choice(keys)
    if kind >= 10:
        return "".join(source.choices([*PIECES, *SIGNS, *NUMBERS[:20]], k=source.randrange(1, 5)))
    return source.choice(
        (NUMBERS, DATES, NUMBERS, DATES, SIGNS, SIGNS, KEYS, BLANK, CELLS, keys or KEYS)[kind]
    )


def encoded(source: random.Random, value: str) -> str:
    """Return a text as a part of a query: bytes that are no UTF-8 now and then, lone surrogates as three bytes."""
    if source.random() < 0.05:
        return source.choice(("%FF%FE", "%E3%81", "%ED%A0%80", "%00", "%C0%80", "%", "%zz", "%F4%90%80%80"))
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def query(source: random.Random, names: Sequence[str], keys: Sequence[str]) -> str:
    """Return a query string of one to four parts: names that the pages know and some that they do not."""
    parts = []
    for _ in range(source.choice((1, 1, 2, 2, 3, 4))):
        name = source.choice(names) if names and source.random() < 0.7 else source.choice(NAMES)
        value = encoded(source, text(source, keys))
        if len(value) > 6000:
            value = value[:6000].rpartition("%")[0] or value[:6000]
        if source.random() < 0.04:
            name = text(source)[:50].encode("utf-8", "replace").decode()
        parts.append(f"{quote(name)}={value}")
        if source.random() < 0.1:
            parts.append(parts[-1])
    return source.choice(("&", "&", "&", ";", "&&")).join(parts)


def path(source: random.Random, address: str, keys: Sequence[str]) -> str:
    """Return an address with one or two of its parts replaced, added or taken away."""
    parts = address.split("/")
    for _ in range(source.choice((1, 1, 2))):
        at = source.randrange(len(parts))
        change = source.randrange(5)
        value = encoded(source, text(source, keys))[:4000]
        if change == 0:
            parts.insert(at, value)
        elif change == 1 and len(parts) > 2:
            parts.pop(at)
        elif change == 2:
            parts[at] = parts[at].upper()
        elif change == 3:
            parts[at] += value
        else:
            parts[at] = value
    return "/" + "/".join(parts).lstrip("/")


def header(source: random.Random) -> tuple[str, str]:
    """Return a header and a hostile value of it, as the server hands both on: Latin-1."""
    name = source.choice(list(HEADERS))
    if source.random() < 0.15:
        return name, text(source)[:8000].encode("utf-8", "surrogatepass").decode("latin-1")
    return name, source.choice(HEADERS[name])


def sound_files() -> list[tuple[str, bytes]]:
    """Return files that the product takes somewhere, and some of almost nothing; the walk adds those it hands out."""
    found = [
        (file.name, file.read_bytes())
        for file in sorted((ROOT / "competency" / "data").iterdir())
        if file.suffix in (".yaml", ".csv") and file.stat().st_size < 60_000
    ]
    return [
        *found,
        ("a.pdf", b"%PDF-1.4\n%%EOF\n"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("a.zip", b"PK\x05\x06" + b"\0" * 18),
        ("record.json", b'{"schema": "x", "record": {"a": [1, null, "\\ud800"]}}'),
        ("deep.json", b'{"a":' * 3000 + b"1" + b"}" * 3000),
        ("deep.yaml", b"[" * 2000),
        ("bomb.yaml", b"a: &a [1,1]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n"),
        ("empty.csv", b""),
        ("bom.csv", b"\xef\xbb\xbf"),
        ("utf16.csv", "職員番号,氏名\r\n1,見本\r\n".encode("utf-16")),
    ]


def upload(source: random.Random, files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes, str]:
    """Return a file as (name, content, type): sound, damaged, or under a hostile name."""
    name, content = source.choice(files)
    ways = BYTES + WORKBOOK * 3 if content[:4] == b"PK\x03\x04" else BYTES
    for _ in range(source.choice((0, 0, 1, 2))):
        content = source.choice(ways)(source, content)
    if source.random() < 0.15:
        name = text(source)[:300] + source.choice(("", ".csv", ".pdf", ".yaml", ".xlsx"))
    types = (
        "text/csv",
        "application/octet-stream",
        "application/pdf",
        "image/png",
        "",
        "x/\x00",
        "text/html",
    )
    return name, content, source.choice(types)


def nested(source: random.Random) -> bytes:
    """Return a JSON text that is deep, broken, or of the wrong kind."""
    return source.choice(
        (
            b"[" * 100_000,
            b'{"a":' * 900 + b"1" + b"}" * 900,
            b"null", b"[]", b'""', b"NaN", b"-1e999", b'{"a": NaN}', b"{", b"\xff\xfe", b'"\\ud800"', b"1" * 5000, b"",
            json.dumps({name: text(source) for name in source.sample(NAMES, 5)}).encode(),
            json.dumps({name: [None, True, {"a": []}] for name in source.sample(NAMES, 5)}).encode(),
            json.dumps({"id": 1, "rawId": [], "response": {"clientDataJSON": None}, "type": {}}).encode(),
            json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {
                "clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA",
                "attestationObject": "AA"}}).encode(),
        )
    )  # fmt: skip


def damaged_body(source: random.Random, content: bytes) -> bytes:
    """Return a body that was damaged on its way."""
    change: Callable[[random.Random, bytes], bytes] = source.choice(BYTES)
    return change(source, content)[:1_500_000]
