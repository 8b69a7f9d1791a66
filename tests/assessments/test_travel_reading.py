"""A record from a stranger: taken whole, or refused with the one reason; never an exception, never a long wait."""

import copy
import datetime
import json
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.travel import strict_json
from assessments.travel.keys import Signer
from assessments.travel.multikey import did_of
from assessments.travel.reading import MAX_BYTES, Issuer, Refused, check_issuer, read_record
from tests.assessments.travelling import ELSEWHERE, ENTRIES, raw, resigned, signed

NOW = datetime.datetime(2026, 11, 25, 3, 0, tzinfo=datetime.UTC)
GOOD = signed(at=NOW, record_id=uuid.UUID(int=1))


def refusal(data: bytes, now=NOW) -> Refused:
    with pytest.raises(Refused) as caught:
        read_record(data, now=now)
    assert caught.value.reason.endswith("。")
    return caught.value


def test_a_good_record_is_read_whole():
    record = read_record(raw(GOOD), now=NOW)
    assert (record.name, record.issuer_name, record.key) == ("山﨑 美咲", "となり市", ELSEWHERE.key)
    assert [
        len(record.entries_of(kind)) for kind in ("experience", "certification", "training", "career")
    ] == [1] * 4
    assert record.entries[0]["text"] == "仕様書を書いた。\n=1+1"
    assert record.entries[0]["end"] == datetime.date(2023, 3, 31)
    assert [(level.code, level.step) for level in record.levels] == [
        ("internal-it.1", 4),
        ("security-policy.1", 3),
    ]
    assert record.valid_until - record.issued == datetime.timedelta(days=365)


def test_another_order_and_layout_is_the_same_record():
    shuffled = json.dumps(dict(reversed(GOOD.items())), ensure_ascii=True, separators=(",", ":"))
    assert read_record(b"\xef\xbb\xbf" + shuffled.encode(), now=NOW).name == "山﨑 美咲"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json"),
        (b"%PDF-1.7", "json"),
        ("氏名".encode("cp932"), "json"),
        (b'{"format": "skill-rirekisho-record", "format": "skill-rirekisho-record"}', "json"),
        (b"[" * 100_000, "json"),
        (b"[" * 13 + b"]" * 13, "json"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "json"),
        (b"9" * 500_000, "json"),
        (b"1e999999", "json"),
        (b"9007199254740993", "json"),
        (b"[NaN]", "json"),
        (b"-Infinity", "json"),
        (b'["\\ud800"]', "json"),
        (b'["\\u0000"]', "json"),
        (b"[]", "format"),
        (b'"skill"', "format"),
        (b"{}", "format"),
        (b'{"format": "skill-rirekisho-record"}', "schema"),
        (b" " * (MAX_BYTES + 1), "oversized"),
    ],
)
def test_what_is_no_record_is_refused_at_once(data, code):
    start = time.monotonic()
    assert refusal(data).code == code
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["levels"][0]["cells"][0].update(step=3),
        lambda d: d["subject"].update(name="別人"),
        lambda d: d["entries"].pop(),
        lambda d: d["issuer"].update(name="ほかの市"),
        lambda d: d.update(validUntil="2099-01-01T00:00:00Z"),
        lambda d: d["proof"].update(created="2026-01-01T00:00:00Z"),
        lambda d: d["proof"].update(proofValue="z" + "1" * 88),
        lambda d: d["proof"].update(
            verificationMethod=f"{did_of(Signer.generate().key)}#{Signer.generate().key}"
        ),
    ],
)
def test_any_change_after_signing_shows(change):
    tampered = copy.deepcopy(GOOD)
    change(tampered)
    assert refusal(raw(tampered)).code == "tampered"


def test_whoever_signs_for_somebody_else_is_refused():
    """A thief signs with a key of their own and names the city as the issuer: the two keys must be one."""
    stolen = resigned(GOOD, lambda d: None, signer=Signer.generate())
    assert refusal(raw(stolen)).code == "signer"


def test_time():
    data = raw(GOOD)
    assert refusal(data, NOW + datetime.timedelta(days=365)).code == "expired"
    assert read_record(data, now=NOW + datetime.timedelta(days=364))
    assert refusal(data, NOW - datetime.timedelta(minutes=6)).code == "future"
    assert read_record(data, now=NOW - datetime.timedelta(minutes=4))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda d: d["entries"][0].update(start="2021-02-30"), "日付"),
        (lambda d: d["entries"][0].update(start="0001-01-01"), "日付"),
        (lambda d: d["entries"][0].update(start="2024-01-01"), "日付"),
        (lambda d: d["entries"][0].update(start="2021-04-01\n"), "日付"),
        (lambda d: d["entries"][0].pop("start"), "$.entries[0]"),
        (lambda d: d["entries"][0].update(title="あ" * 121), "$.entries[0].title"),
        (lambda d: d["entries"][0].update(title="　"), "$.entries[0].title"),
        (lambda d: d["entries"][0].update(title="二\n行"), "$.entries[0].title"),
        (lambda d: d["entries"][0].update(category="new"), "$.entries[0].category"),
        (lambda d: d["entries"][0].update(kind="handover"), "$.entries[0].kind"),
        (lambda d: d["entries"][0].update(comment="管理メモ"), "$.entries[0]"),
        (lambda d: d["entries"][1].update(renewBy="2027-01-01"), "$.entries[1]"),
        (lambda d: d["entries"][2].update(hours="12.55"), "$.entries[2].hours"),
        (lambda d: d["entries"][2].update(hours="12.5\n"), "$.entries[2].hours"),
        (lambda d: d["levels"][0]["cells"][0].update(step=5), "step"),
        (lambda d: d["levels"][0]["cells"][0].update(step=True), "step"),
        (lambda d: d["levels"].append(d["levels"][0]), "2つ"),
        (lambda d: d.update(version=2), "$.version"),
        (lambda d: d.update(validUntil="2027-13-01T00:00:00Z"), "日付"),
        (lambda d: d["subject"].update(name=""), "$.subject.name"),
        (lambda d: d.update(entries=[ENTRIES[3]] * 1001), "$.entries"),
    ],
)
def test_what_an_issuer_may_not_write(change, where):
    found = refusal(raw(resigned(GOOD, change)))
    assert found.code == "schema"
    assert where in found.reason


def test_whole_numbers_with_a_point_are_whole_numbers():
    changed = resigned(GOOD, lambda d: d["levels"][0]["cells"][0].update(step=4.0))
    assert read_record(raw(changed), now=NOW).levels[0].step == 4


def test_the_issuer_must_be_trusted():
    record = read_record(raw(GOOD), now=NOW)
    trusted = Issuer("となり市", ELSEWHERE.key)
    check_issuer(record, [trusted])

    def code(*known):
        with pytest.raises(Refused) as caught:
            check_issuer(record, known)
        return caught.value.code

    assert code() == "issuer"
    assert code(Issuer("ほかの市", Signer.generate().key)) == "issuer"
    assert code(Issuer("となり市", Signer.generate().key)) == "key"
    assert code(Issuer("となり市", ELSEWHERE.key, withdrawn=True)) == "withdrawn"
    assert code(Issuer("", ELSEWHERE.key, own=True), trusted) == "own"
    check_issuer(record, [Issuer("となり市", ELSEWHERE.key, withdrawn=True), trusted])


@pytest.mark.parametrize(
    ("name", "kana", "same"),
    [
        ("山﨑 美咲", "", True),
        ("山﨑　美咲", "ヤマザキ ミサキ", True),
        ("山崎 美咲", "ヤマザキ ミサキ", False),
        ("山﨑 美咲", "ヤマサキ ミサキ", False),
        ("小林 美咲", "", False),
    ],
)
def test_names_are_compared_letter_for_letter(name, kana, same):
    record = read_record(raw(signed(at=NOW, kana="ヤマザキ　ミサキ")), now=NOW)
    assert record.is_of(name, kana) is same


def outcome(data: bytes) -> str:
    """Return "taken" or the code of the refusal; any other exception is the bug that is looked for."""
    try:
        read_record(data, now=NOW)
    except Refused as refused:
        return refused.code if refused.reason.endswith("。") else "without a sentence"
    return "taken"


def paths(part, at=()):
    yield at
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield from paths(value, (*at, key))


PATHS = [path for path in paths(GOOD) if path]
STRANGE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=200)
    | st.sampled_from(
        ["2021-02-30", "0000-00-00", "9999-12-31", "z6Mk", "did:key:z6Mk#", "urn:uuid:", "\u2028", "\n"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def mutated(path, value, *, drop=False) -> dict:
    document = copy.deepcopy(GOOD)
    part = document
    for key in path[:-1]:
        part = part[key]
    if drop:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return document


@given(st.sampled_from(PATHS), STRANGE, st.booleans())
def test_a_changed_record_is_never_taken_and_never_breaks_the_reader(path, value, drop):
    document = mutated(path, value, drop=drop)
    if not drop and json.dumps(document) == json.dumps(GOOD):
        return
    assert outcome(json.dumps(document).encode()) != "taken" or document == GOOD


@given(st.sampled_from([path for path in PATHS if path[0] != "proof"]), STRANGE, st.booleans())
def test_a_strange_record_that_is_rightly_signed_never_breaks_the_reader(path, value, drop):
    """An issuer that we trust may write nonsense too: it is a refusal or a record, never an exception."""
    document = mutated(path, value, drop=drop)
    try:
        signed_again = resigned(document, lambda d: None)
    except Exception:
        # What cannot be signed cannot come.
        return
    assert outcome(json.dumps(signed_again).encode()) != "without a sentence"


@given(st.binary(max_size=300))
def test_any_bytes_get_a_reason(data):
    assert outcome(data) != "taken"


@given(st.binary(max_size=20), st.integers(min_value=0))
def test_bytes_put_into_a_record_get_a_reason(data, at):
    good = raw(GOOD)
    at %= len(good)
    changed = good[:at] + data + good[at + len(data) + 1 :]
    # Space between the parts says nothing.
    assert outcome(changed) != "taken" or json.loads(changed) == GOOD


@given(STRANGE)
def test_the_json_reader_gives_what_json_says_or_a_reason(value):
    try:
        found = strict_json.read(json.dumps(value).encode())
    except strict_json.NotTaken as refused:
        found = refused.reason
    assert found == value or str(found).endswith("。")


def test_a_long_list_of_one_megabyte_is_refused_soon():
    start = time.monotonic()
    many = json.dumps([1, "a"] * 100_000)
    document = raw(GOOD).decode().replace('"cells": [\n        "internal-it.1"\n      ]', f'"cells": {many}')
    assert refusal(document.encode()).code == "schema"
    assert time.monotonic() - start < 5
