"""The form of 資格: from the register or free, 合格 and 登録 apart, each day compared with the examination."""

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms

from assessments.entry_form import START_AHEAD, EntryForm, line, note
from assessments.entry_options import Options
from assessments.entry_values import CertificationValues, EntryValues
from assessments.models import Entry
from assessments.models.entries import TEXT_LENGTH, TITLE_LENGTH
from assessments.workflow.entries import NEEDS_REGISTERED, RENEW_BEFORE_REGISTERED
from competency.models import Qualification
from lib.dates import format_month, last_of_month
from lib.forms import JapaneseDateField, JapaneseMonthField

OTHER = "other"
PASSED_AHEAD = "まだ来ていない年月です。合格してから記録してください。"
REGISTERED_AHEAD = "まだ来ていない日です。登録してから記録してください。"
REGISTERED_BEFORE_PASSED = "登録日が、合格した年月より前になっています。日付を確かめてください。"
PLANNED = "予定（仮称）の試験です。始まって合格してから記録してください。"
NAME_MISSING = "資格を選ぶか、「その他（自由に書く）」を選んで資格の名前を入力してください。"
NO_REGISTRATION = "「{}」には登録がありません。登録日、登録番号、更新期限を空にしてください。"


class CertificationForm(EntryForm):
    """資格: from the register or free; 合格 and 登録 apart."""

    kind = Entry.Kind.CERTIFICATION
    order = ("qualification", "title", "start", "registered_on", "registration_number", "renew_by", "text")

    qualification = forms.ChoiceField(label="資格", required=False)
    title = line(
        "資格の名前", TITLE_LENGTH, "「その他（自由に書く）」のときだけ書きます。例：第三級陸上特殊無線技士"
    )
    start = JapaneseMonthField(label="合格した年月", required=False)
    registered_on = JapaneseDateField(label="登録日", required=False)
    registration_number = line("登録番号", 40)
    renew_by = JapaneseDateField(
        label="更新期限", required=False, help_text="空にすると、登録の有効年数から計算して入れます。"
    )
    text = note("備考", TEXT_LENGTH)

    def __init__(self, options: Options, *args: Any, **kwargs: Any) -> None:
        super().__init__(options, *args, **kwargs)
        self.register: Mapping[str, Qualification] = {str(one.uuid): one for one in options.register}
        groups: dict[str, list[tuple[str, str]]] = {}
        for public, one in self.register.items():
            groups.setdefault(one.group, []).append((public, str(one)))
        listed = [choice for name, rows in groups.items() for choice in ([(name, rows)] if name else rows)]
        self.fields["qualification"].choices = [
            ("", "選んでください"),
            *listed,
            (OTHER, "その他（自由に書く）"),
        ]
        titles = dict.fromkeys(one.registration_title for one in options.register if one.registration_title)
        named = (
            f"登録のある資格だけ入れます（{'、'.join(titles)}など）。"
            if titles
            else "登録のある資格だけ入れます。"
        )
        self.fields["registered_on"].help_text = f"{named}例：令和3年4月1日、R3.4.1"
        self.proposed: datetime.date | None = None

    @staticmethod
    def named(title: str, options: Options) -> dict[str, str]:
        """Return the data or initial values for a name: the row of the register that is called so, else free."""
        listed = next((one for one in options.register if title in (one.name, one.code)), None)
        return {"qualification": str(listed.uuid)} if listed else {"qualification": OTHER, "title": title}

    def clean(self) -> dict[str, Any]:
        """Compare the days with the examination, and propose the day by which a registration is renewed."""
        data = super().clean()
        chosen = self.register.get(data.get("qualification") or "")
        if chosen is None and not data.get("title") and not {"title", "qualification"} & set(self.errors):
            self.add_error("qualification", NAME_MISSING)
        if self.has_error("start") and data.get("start") is None and START_AHEAD in self.errors["start"]:
            self.errors["start"] = self.error_class([PASSED_AHEAD])
        if chosen is not None and not self._is_kept(chosen):
            self._clean_examination(chosen, data)
        self._clean_registration(chosen, data)
        return data

    def _is_kept(self, chosen: Qualification) -> bool:
        stored = self.stored
        return isinstance(stored, CertificationValues) and stored.qualification_id == chosen.pk and (
            stored.start == self.cleaned_data.get("start")
        )  # fmt: skip

    def _clean_examination(self, chosen: Qualification, data: dict[str, Any]) -> None:
        if chosen.is_planned:
            self.add_error("qualification", f"「{chosen.name}」は{PLANNED}")
            return
        passed = data.get("start")
        if passed is None:
            return
        # Of a month alone nobody knows the day: it is enough that the examination was held on one of them.
        days = {passed, last_of_month(passed)} if passed.day == 1 else {passed}
        if any(chosen.is_held_on(day) for day in days):
            return
        if chosen.valid_from is not None and passed < chosen.valid_from:
            when = f"{format_month(chosen.valid_from)}から"
        else:
            when = f"{format_month(chosen.valid_to)}まで" if chosen.valid_to else ""
        self.add_error("start", f"「{chosen.name}」は{when}の試験です。合格した年月か資格を直してください。")

    def _clean_registration(self, chosen: Qualification | None, data: dict[str, Any]) -> None:
        registered, renew = data.get("registered_on"), data.get("renew_by")
        if chosen is not None and not chosen.registration_title:
            if registered or renew or data.get("registration_number"):
                self.add_error("registered_on", NO_REGISTRATION.format(chosen.name))
            return
        if registered is None:
            if (renew or data.get("registration_number")) and "registered_on" not in self.errors:
                self.add_error("registered_on", NEEDS_REGISTERED)
            return
        if registered > self.options.today:
            self.add_error("registered_on", REGISTERED_AHEAD)
        if data.get("start") and registered < data["start"]:
            self.add_error("registered_on", REGISTERED_BEFORE_PASSED)
        if renew is not None and renew <= registered:
            self.add_error("renew_by", RENEW_BEFORE_REGISTERED)
        if renew is None and chosen is not None and not {"registered_on", "renew_by"} & set(self.errors):
            self._propose(chosen, registered, data)

    def _propose(self, chosen: Qualification, registered: datetime.date, data: dict[str, Any]) -> None:
        """Fill in the end of the registration where its length is known; ask where that is past already."""
        stored = self.stored
        if not chosen.renewal_years or (
            isinstance(stored, CertificationValues) and stored.registered_on == registered
        ):
            return
        year = registered.year + chosen.renewal_years
        leap = registered.month == 2 and registered.day == 29
        until = datetime.date(year, 3, 1) if leap else registered.replace(year=year)
        until -= datetime.timedelta(days=1)
        if until < self.options.today:
            self.add_error(
                "renew_by",
                f"登録から{chosen.renewal_years}年を過ぎています。更新した後の期限を入れてください。",
            )
            return
        data["renew_by"] = self.proposed = until

    def values(self) -> CertificationValues:
        """Return what was sent; call it on a valid form."""
        chosen = self.register.get(self.cleaned_data["qualification"])
        shared = self._shared("title", "start", "text", "registered_on", "registration_number", "renew_by")
        if chosen is not None:
            shared["title"] = chosen.name
        return CertificationValues(**shared, qualification_id=chosen.pk if chosen else None)

    @staticmethod
    def initial_of(values: EntryValues, options: Options) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        initial = EntryForm.initial_of(values, options)
        key = initial.pop("qualification_id")
        chosen = next((one for one in options.register if one.pk == key), None)
        return {
            **initial,
            "qualification": str(chosen.uuid) if chosen else OTHER,
            "title": "" if chosen else values.title,
        }
