"""A signed record from elsewhere: read, checked in order, refused with the reason. Pure; the clock is given."""

import datetime
import decimal
import functools
import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessments.travel import strict_json
from assessments.travel.multikey import NoKey, key_of
from assessments.travel.proof import JCS, is_proven

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

MAX_BYTES = 1024 * 1024
SCHEMA = Path(__file__).parents[1] / "data" / "record.schema.json"
# Clocks of two city halls differ by a little.
_SKEW = datetime.timedelta(minutes=5)
_FIRST, _LAST = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)
_DATES = ("start", "end", "registeredOn", "renewBy")


class Refused(ValueError):
    """The record is not taken. `code` says in one word why, `reason` in a sentence for the person."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Level:
    """One level confirmed elsewhere."""

    fiscal_year: int
    framework: str
    code: str
    name: str
    step: int
    confirmed_on: datetime.date


@dataclass(frozen=True)
class Record:
    """A record whose signature holds; whether its issuer is trusted is not said yet. Entries as in the schema, dates read."""

    id: uuid.UUID
    key: str
    issuer_name: str
    issuer_code: str
    issued: datetime.datetime
    valid_until: datetime.datetime
    name: str
    kana: str
    sha256: str
    entries: list[dict[str, Any]] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)

    def entries_of(self, kind: str) -> list[dict[str, Any]]:
        """Return the entries of one kind; a list in the order of the file."""
        return [entry for entry in self.entries if entry["kind"] == kind]

    def is_of(self, name: str, kana: str) -> bool:
        """Say whether name and reading are those of somebody, letter for letter but for spaces."""
        same_kana = not self.kana or not kana or _joined(self.kana) == _joined(kana)
        return _joined(self.name) == _joined(name) and same_kana


@dataclass(frozen=True)
class Issuer:
    """Somebody whose key is known here: trusted, once trusted, or this municipality itself."""

    name: str
    key: str
    withdrawn: bool = False
    own: bool = False


def read_record(data: bytes, *, now: datetime.datetime) -> Record:
    """Return what a file says, once its shape, its signature and its time hold; raises Refused for the first that fails."""
    if len(data) > MAX_BYTES:
        raise Refused(
            "oversized", f"ファイルが大きすぎます。{MAX_BYTES // 1024 // 1024}MBまでの記録を取り込めます。"
        )
    try:
        document = strict_json.read(data)
    except strict_json.NotTaken as refusal:
        raise Refused("json", refusal.reason) from None
    if not isinstance(document, dict) or document.get("format") != "skill-rirekisho-record":
        raise Refused("format", "スキル履歴書の持ち運び用の記録ではありません。PDFやExcelは取り込めません。")
    wrong = next(_validator().iter_errors(document), None)
    if wrong is not None:
        raise Refused(
            "schema",
            f"記録の形が決まりと違います（場所：{wrong.json_path}）。発行した団体に確かめてください。",
        )
    if not is_proven(document, suite=JCS):
        raise Refused(
            "tampered",
            "署名が合いません。発行されたあとに、内容が変わっています。発行されたままのファイルを選んでください。",
        )
    record = _record(document, hashlib.sha256(data).hexdigest())
    if record.issued > now + _SKEW:
        raise Refused("future", "発行の日時が、いまより先になっています。発行した団体に確かめてください。")
    if record.valid_until <= now:
        raise Refused(
            "expired", "有効期限が切れています。発行した団体で、もう一度書き出してもらってください。"
        )
    return record


def check_issuer(record: Record, known: Iterable[Issuer]) -> None:
    """Raise Refused unless one of those known here, who is still trusted, signed the record."""
    known = list(known)
    here = [one for one in known if one.key == record.key]
    if any(one.own for one in here):
        raise Refused("own", "この団体が発行した記録です。同じ内容がすでにここにあるので、取り込みません。")
    if any(not one.withdrawn for one in here):
        return
    if here:
        raise Refused(
            "withdrawn",
            f"「{record.issuer_name}」の鍵は、人事が信頼を取り消しています。人事に確かめてください。",
        )
    if any(one.name == record.issuer_name and not one.withdrawn and not one.own for one in known):
        raise Refused(
            "key",
            f"「{record.issuer_name}」を名のっていますが、鍵が登録と違います。鍵が替わったか、にせものです。人事に確かめてください。",
        )
    raise Refused(
        "issuer",
        f"「{record.issuer_name}」は、信頼する発行元に登録されていません。人事に登録を頼んでください。",
    )


def _record(document: dict[str, Any], sha256: str) -> Record:
    try:
        key = key_of(document["issuer"]["id"])
        if key_of(document["proof"]["verificationMethod"]) != key:
            raise Refused("signer", "署名した鍵が、発行元の鍵と違います。発行した団体に確かめてください。")
        record = Record(
            id=uuid.UUID(document["id"]),
            key=key,
            issuer_name=document["issuer"]["name"],
            issuer_code=document["issuer"]["code"],
            issued=_moment(document["issued"]),
            valid_until=_moment(document["validUntil"]),
            name=document["subject"]["name"],
            kana=document["subject"]["kana"],
            sha256=sha256,
            entries=[_entry(entry) for entry in document["entries"]],
            levels=[level for year in document["levels"] for level in _levels(year)],
        )
    except NoKey:
        raise Refused(
            "signer", "発行元の鍵が、読める形ではありません。発行した団体に確かめてください。"
        ) from None
    except (ValueError, decimal.InvalidOperation) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("schema", "ありえない日付があります。発行した団体に確かめてください。") from None
    once = {(level.fiscal_year, level.code) for level in record.levels}
    if len(once) != len(record.levels):
        raise Refused("schema", "同じ年度の同じ項目に、到達度が2つあります。発行した団体に確かめてください。")
    return record


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    dated = {name: _day(entry[name]) for name in _DATES if name in entry}
    if "end" in dated and dated["end"] < dated["start"]:
        raise ValueError("end before start")
    hours = {"hours": decimal.Decimal(entry["hours"])} if "hours" in entry else {}
    return {**entry, **dated, **hours, "cells": list(dict.fromkeys(entry.get("cells", ())))}


def _levels(year: dict[str, Any]) -> list[Level]:
    of = year["framework"]
    # Names are long at times; the code alone tells frameworks apart as well.
    framework = f"{of['name']} {of['version']}"
    return [
        Level(
            fiscal_year=int(year["fiscalYear"]),
            framework=framework if len(framework) <= 80 else of["name"],
            code=cell["code"],
            name=cell["name"],
            step=int(cell["step"]),
            confirmed_on=_day(year["confirmedOn"]),
        )
        for cell in year["cells"]
    ]


def _day(text: str) -> datetime.date:
    day = datetime.date.fromisoformat(text)
    if not _FIRST <= day <= _LAST:
        raise ValueError("out of range")
    return day


def _moment(text: str) -> datetime.datetime:
    at = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    _day(at.date().isoformat())
    return at


def _joined(name: str) -> str:
    return "".join(name.split())


@functools.cache
def _validator() -> "Draft202012Validator":
    # A second of every start, for the grammar of addresses that it brings: a server killed is back that much sooner.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
