"""Lets the sample people keep their records, days before each year's sheet is submitted, through the workflow."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from access.actor import Actor
from assessments.entry_values import VALUES, EntryValues
from assessments.models import TransferWish
from assessments.workflow.entries import add_entry
from assessments.workflow.statements import save_statement, save_wish
from competency.models import Qualification
from config.demo.desk import at_noon
from lib import fiscal
from lib.dates import years_later
from organization.models import Municipality, Staff

# 得意なこと and 学びたいこと; whose 異動希望 is on file.
STATEMENTS = {
    "0108821": (
        "規程と手順を、現場の言葉に直すこと。関係する課の多い仕事の段取り。",
        "データの標準化。ベンダーの見積りを読む力。",
    ),
    "0115310": (
        "窓口の人の話を聞いて、流れ図にすること。",
        "ネットワークの基礎。小さな調達を1つ通しでやってみること。",
    ),
    "0110233": ("夜間の切替え作業。機器の選び方。", "クラウドの契約と費用の見方。"),
}
WISHES = {
    "0115310": (
        TransferWish.Wish.STAY,
        "情報政策係で、予約と申請の仕組みを続けたい",
        "始めたばかりの仕事なので、もう1年続けたいです。",
    )
}


_OWN_WORDS = ("year", "kind", "fixed", "qualification", "registered", "number", "renew_in")


class Records:
    """The records of one municipality. `actor` gives somebody as they are on a day, by 職員番号."""

    def __init__(
        self,
        municipality: Municipality,
        shift: int,
        today: datetime.date,
        actor: Callable[[str, datetime.date], Actor],
    ) -> None:
        self._municipality = municipality
        self._shift = shift
        self._today = today
        self._actor = actor
        self._said: dict[str, list[dict[str, Any]]] = yaml.safe_load(
            Path(__file__).with_name("records.yaml").read_text(encoding="utf-8")
        )
        self._qualifications = {
            one.code: one for one in Qualification.objects.register_of(municipality.pk).order_by("pk")
        }

    def write(self, year: int, day: datetime.date) -> None:
        """Write what people noted in a 年度 of the story, on a day of it."""
        for number, entries in self._said.items():
            mine = [one for one in entries if one["year"] == year]
            if not mine:
                continue
            by = self._actor(number, day)
            staff = Staff.objects.get(pk=by.staff_id)
            for one in mine:
                add_entry(staff=staff, values=self._values(one), by=by, now=at_noon(day))

    def statements(self) -> None:
        """Write on the day of the sample what people like, want to learn and wish for."""
        now = at_noon(self._today)
        for number, (strengths, interests) in STATEMENTS.items():
            by = self._actor(number, self._today)
            save_statement(strengths=strengths, interests=interests, version=0, by=by, now=now)
        for number, (wish, place, reason) in WISHES.items():
            by, year = self._actor(number, self._today), fiscal.fiscal_year(self._today)
            save_wish(year=year, wish=wish, place=place, reason=reason, version=0, by=by, now=now)

    def _values(self, said: dict[str, Any]) -> EntryValues:
        values = {key: value for key, value in said.items() if key not in _OWN_WORDS}
        kind = VALUES[said["kind"]]
        for name in ("start", "end"):
            if name in values and not said.get("fixed"):
                values[name] = years_later(values[name], self._shift)
        if "hours" in values:
            values["hours"] = Decimal(values["hours"])
        if code := said.get("qualification"):
            row = self._qualifications[code]
            values |= {"qualification_id": row.pk, "title": row.name}
        if said.get("registered"):
            renew_by = self._today + datetime.timedelta(days=said["renew_in"])
            registered_on = years_later(renew_by, -3)
            values |= {
                "registered_on": registered_on,
                "registration_number": said["number"],
                "renew_by": renew_by,
            }
        return kind(**values | {"cells": tuple(said.get("cells", ()))})
