"""The forms of the record, one a kind: lenient about how a date is written, strict about what cannot be."""

import datetime
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms

from assessments.certification_form import CertificationForm
from assessments.entry_form import EntryForm, line, note
from assessments.entry_options import Options
from assessments.entry_values import (
    CareerValues,
    EntryValues,
    ExperienceValues,
    HandoverValues,
    TrainingValues,
)
from assessments.models import Entry, Experience, Training
from assessments.models.entries import TEXT_LENGTH, TITLE_LENGTH
from lib.dates import format_wareki
from lib.forms import JapaneseMonthField
from lib.intervals import end_after, overlaps

OVERLAP = (
    "{}の発令（{}）と重なっています。そのままでよければ「発令と重なっていてもよい」に印を付けてください。"
)
HOURS = "0から9999.9までの数を、小数は1けたで入れてください。例：6、1.5"


class ExperienceForm(EntryForm):
    """業務経験: what, when, in which role, how large, with which result."""

    kind = Entry.Kind.EXPERIENCE
    order = ("title", "category", "start", "end", "role", "size", "result", "text")

    title = line("したこと", TITLE_LENGTH, "例：住民記録システムの標準化移行", required=True)
    category = forms.ChoiceField(
        label="区分", choices=Experience.Category.choices, initial=Experience.Category.OTHER
    )
    start = JapaneseMonthField(label="はじめ", required=False)
    end = JapaneseMonthField(
        label="終わり",
        required=False,
        last=True,
        help_text="続いているときは空にします。例：令和8年3月、R8.3",
    )
    role = line("役割", 60, "例：主担当、副担当、とりまとめ")
    size = line("規模", TITLE_LENGTH, "例：20業務、ベンダー4社、担当課11課")
    result = note("結果", 400, "例：予定どおり切り替えた。移行後の障害は軽微なもの3件")
    text = note("内容", TEXT_LENGTH, "住民など、ほかの人の名前は書かないでください。")

    def values(self) -> ExperienceValues:
        """Return what was sent; call it on a valid form."""
        return ExperienceValues(**self._shared(*self.order))


class HoursField(forms.DecimalField):
    """Hours as people write them: 6, 1.5, １．５, 6時間."""

    def to_python(self, value: Any) -> Decimal | None:
        """Return the number without the word 時間."""
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip().removesuffix("時間")
        return super().to_python(value)


class TrainingForm(EntryForm):
    """研修 that was attended; an application is made from the catalogue."""

    kind = Entry.Kind.TRAINING
    order = ("title", "provider", "form", "start", "end", "hours", "result", "text")

    title = line("研修の名前", TITLE_LENGTH, "例：システム監査の基礎", required=True)
    provider = line("実施", TITLE_LENGTH, "例：J-LIS、市町村アカデミー、県、ベンダー、庁内")
    form = forms.ChoiceField(
        label="形", choices=Training.Form.choices, initial=Training.Form.CLASS,
        help_text="OJTと、事務分掌を替えて経験すること（ローテーション）も研修です。",
    )  # fmt: skip
    start = JapaneseMonthField(label="はじめ", required=False)
    end = JapaneseMonthField(
        label="終わり", required=False, last=True, help_text="1回だけのとき、続いているときは空にします。"
    )
    hours = HoursField(
        label="時間数", required=False, min_value=0, max_digits=5, decimal_places=1, help_text="例：6、1.5",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8, "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"), HOURS
        ),
    )  # fmt: skip
    result = note("結果", 400, "例：修了証、できるようになったこと")
    text = note("内容", TEXT_LENGTH)

    def values(self) -> TrainingValues:
        """Return what was sent; what 人事 keeps about an application stays. Call it on a valid form."""
        kept = {}
        if isinstance(self.stored, TrainingValues):
            kept = {name: getattr(self.stored, name) for name in ("course_id", "fee", "state")}
        return TrainingValues(**self._shared(*self.order), **kept)


class CareerForm(EntryForm):
    """所属の履歴 that no 発令 of this municipality tells."""

    kind = Entry.Kind.CAREER
    order = ("title", "role", "start", "end", "text", "overlap")

    title = line(
        "勤め先・所属", TITLE_LENGTH, "例：株式会社みほんシステム、みほん県情報政策課（派遣）", required=True
    )
    role = line("職位・仕事", TITLE_LENGTH, "例：システムエンジニア、主事")
    start = JapaneseMonthField(label="はじめ", required=False)
    end = JapaneseMonthField(label="終わり", required=False, last=True)
    text = note("内容", TEXT_LENGTH)
    overlap = forms.BooleanField(
        label="発令と重なっていてもよい", required=False,
        help_text="この団体の発令と同じ時期に、ほかの所属もあったときだけ印を付けます。",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask about a 本務 of this municipality in the same days."""
        data = super().clean()
        start, end = data.get("start"), data.get("end")
        if start is None or self.errors or data.get("overlap") or self._is_kept(start, end):
            return data
        for place in self.options.places:
            if overlaps((start, end_after(end)), (place.start, place.end)):
                since = f"{format_wareki(place.start)}から"
                self.add_error("start", OVERLAP.format(place.name, since))
                break
        return data

    def _is_kept(self, start: datetime.date, end: datetime.date | None) -> bool:
        return self.stored is not None and (self.stored.start, self.stored.end) == (start, end)

    def values(self) -> CareerValues:
        """Return what was sent; call it on a valid form."""
        return CareerValues(**self._shared("title", "role", "start", "end", "text"))


class HandoverForm(EntryForm):
    """引継ぎメモ."""

    kind = Entry.Kind.HANDOVER
    order = ("title", "text", "successor", "is_done")

    title = line("引き継ぐこと", TITLE_LENGTH, "例：ポリシー改定の資料の場所", required=True)
    text = note("内容", TEXT_LENGTH, "どこに何があるか、次にいつ何をするか、だれに聞くか。")
    successor = forms.ChoiceField(
        label="引き継ぐ人", required=False, help_text="同じ所属の職員から選びます。"
    )
    is_done = forms.BooleanField(label="引継ぎを終えた", required=False)

    def __init__(self, options: Options, *args: Any, **kwargs: Any) -> None:
        super().__init__(options, *args, **kwargs)
        self.people = {str(one.uuid): one for one in options.colleagues}
        self.fields["successor"].choices = [
            ("", "決まっていない"),
            *((public, one.name) for public, one in self.people.items()),
        ]

    def values(self) -> HandoverValues:
        """Return what was sent; call it on a valid form."""
        stored = self.stored
        chosen = self.people.get(self.cleaned_data["successor"])
        return HandoverValues(
            **self._shared("title", "text", "is_done"),
            successor_id=chosen.id if chosen else None,
            start=stored.start if stored else None,
            end=stored.end if stored else None,
        )

    @staticmethod
    def initial_of(values: EntryValues, options: Options) -> dict[str, Any]:
        """Return the initial values for what is stored."""
        initial = EntryForm.initial_of(values, options)
        key = initial.pop("successor_id")
        return {
            **initial,
            "successor": next((str(one.uuid) for one in options.colleagues if one.id == key), ""),
        }


FORMS: dict[str, type[EntryForm]] = {
    one.kind.value: one for one in (ExperienceForm, CertificationForm, TrainingForm, CareerForm, HandoverForm)
}
