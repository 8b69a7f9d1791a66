"""What of last 年度's record may go on this year, and the form that copies or ends it. Takes no request."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessments.entry_form import END_AHEAD, START_AHEAD, ahead
from assessments.entry_reads import Shown, entries_of
from assessments.entry_values import EntryValues, ExperienceValues, TrainingValues, values_of
from assessments.models import Entry, Training
from assessments.workflow.entries import END_BEFORE_START, Ended
from lib import fiscal
from lib.dates import format_months
from lib.forms import DadsFormMixin, JapaneseMonthField

NEEDS_START = "写すときは、はじめの年月を入れてください。"
DATES_WITHOUT_TICK = "年月だけでは写しません。写すときは印も付けてください。"
ENDED_BEFORE_START = "はじめより前になっています。年月を確かめてください。"
NOTHING_CHOSEN = "写す記録に印を付けるか、終わった年月を入れてください。"
NOT_OFFERED = "選べる記録が変わりました。画面を開き直してください。"


@dataclass(frozen=True)
class Candidate:
    """One entry of last 年度 that may go on. `goes_on` says that it has no end yet."""

    shown: Shown
    goes_on: bool

    @property
    def when(self) -> str:
        """Return its months in words."""
        one = self.shown.entry
        if one.kind == Entry.Kind.TRAINING and one.end is None:
            return format_months(one.start, one.start)
        return format_months(one.start, one.end)


def candidates(staff_id: int, today: datetime.date) -> list[Candidate]:
    """Return last 年度's experiences and trainings without those that this year's record has already; a list.

    Two queries. The caller has the person in scope.
    """
    this = fiscal.fiscal_year(today)
    first, last = fiscal.first_day(this - 1), fiscal.last_day(this - 1)
    everything = entries_of(staff_id, (Entry.Kind.EXPERIENCE, Entry.Kind.TRAINING))
    done = {
        (one.entry.kind, one.entry.title) for one in everything if one.entry.start and one.entry.start > last
    }
    found = []
    for one in everything:
        entry = one.entry
        single = entry.kind == Entry.Kind.TRAINING
        if entry.start is None or entry.start > last or (entry.kind, entry.title) in done:
            continue
        if single and one.detail.state != Training.State.FINISHED:
            continue
        until = entry.end or (entry.start if single else None)
        if until is None or until >= first:
            found.append(Candidate(one, goes_on=until is None))
    return found


class CopyRow(DadsFormMixin, forms.Form):
    """One entry of last year: a tick with new months, and the month in which it ended."""

    entry = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    copy = forms.BooleanField(label="今年度の記録として写す", required=False)
    start = JapaneseMonthField(label="はじめ", required=False, help_text="")
    end = JapaneseMonthField(label="終わり", required=False, last=True, help_text="")
    ended = JapaneseMonthField(label="終わった年月", required=False, last=True, help_text="")
    candidate: Candidate

    def __init__(
        self, *args: Any, offered: dict[str, Candidate], today: datetime.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        self.today = today
        for name in ("start", "end", "ended"):
            self.fields[name].widget.attrs |= {"class": "input", "size": 12}

    @property
    def found(self) -> Candidate | None:
        """Return the entry that this row is about."""
        return self.offered.get(str(self["entry"].value()))

    def clean(self) -> dict[str, Any]:
        """Compare the months with each other, with today, and with those of the entry."""
        data = super().clean() or {}
        found = self.offered.get(str(data.get("entry")))
        if found is None:
            raise ValidationError(NOT_OFFERED)
        start, end, ended = (data.get(name) for name in ("start", "end", "ended"))
        if data.get("copy") and start is None and "start" not in self.errors:
            self.add_error("start", NEEDS_START)
        if not data.get("copy") and end is not None:
            self.add_error("copy", DATES_WITHOUT_TICK)
        for name, sentence in (("start", START_AHEAD), ("end", END_AHEAD), ("ended", END_AHEAD)):
            if ahead(data.get(name), self.fields[name], self.today):
                self.add_error(name, sentence)
        if start is not None and end is not None and end < start:
            self.add_error("end", END_BEFORE_START)
        if ended is not None and not found.goes_on:
            raise ValidationError(NOT_OFFERED)
        if ended is not None and ended < found.shown.entry.start:
            self.add_error("ended", ENDED_BEFORE_START)
        return data

    def copied(self) -> EntryValues | None:
        """Return this year's entry, None without a tick. What came of last year's stays with last year."""
        sent, found = self.cleaned_data, self.offered[str(self.cleaned_data["entry"])]
        if not sent["copy"]:
            return None
        values = values_of(found.shown.entry, found.shown.cells)
        values = replace(values, start=sent["start"], end=sent["end"])
        if isinstance(values, ExperienceValues):
            return replace(values, result="")
        if isinstance(values, TrainingValues):
            return replace(values, result="", fee=None)
        return values

    def ending(self) -> Ended | None:
        """Return which entry ended when, None for none."""
        sent, found = self.cleaned_data, self.offered[str(self.cleaned_data["entry"])]
        if sent["ended"] is None:
            return None
        return Ended(found.shown.entry.pk, sent["version"], sent["ended"])


class _Rows(forms.BaseFormSet):
    """All rows; sending none is a slip."""

    def clean(self) -> None:
        """Ask for at least one row."""
        if any(self.errors):
            return
        if not any(form.cleaned_data.get("copy") or form.cleaned_data.get("ended") for form in self.forms):
            raise ValidationError(NOTHING_CHOSEN)


CopyRows = forms.formset_factory(CopyRow, formset=_Rows, extra=0, max_num=400, absolute_max=400)


def copy_rows(found: Sequence[Candidate], today: datetime.date, data: Any = None) -> forms.BaseFormSet:
    """Return the formset of what is offered; this 年度 begins in April, so the months do too."""
    offered = {str(one.shown.entry.uuid): one for one in found}
    initial = [
        {
            "entry": one.shown.entry.uuid,
            "version": one.shown.entry.version,
            "start": fiscal.first_day(fiscal.fiscal_year(today)),
        }
        for one in found
    ]
    return CopyRows(
        data,
        initial=None if data else initial,
        prefix="rows",
        form_kwargs={"offered": offered, "today": today},
    )


def renewed(data: Any, found: Sequence[Candidate]) -> Any:
    """Return what was sent with the versions that stand now, so that the next save is of what is shown."""
    versions = {str(one.shown.entry.uuid): str(one.shown.entry.version) for one in found}
    sent = data.copy()
    for name in [name for name in sent if name.endswith("-entry")]:
        sent[name.removesuffix("entry") + "version"] = versions.get(sent[name], "0")
    return sent
