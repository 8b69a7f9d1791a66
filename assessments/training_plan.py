"""研修計画: the 研修 of one 年度 with what they cost, by department; its filter, its rows and its file."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Case, Count, DateField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Least, TruncDate
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone

from access.actor import Actor, Role
from assessments import course_page
from assessments.models import Training
from assessments.workflow.training import DECISIONS, NOT_BEGUN
from lib import fiscal
from lib.forms import DadsFormMixin, WrittenField
from organization.models import Posting, Staff

# What costs, or will: who is declined or withdraws costs nothing.
COSTING = (Training.State.APPLIED, Training.State.ACCEPTED, Training.State.FINISHED, Training.State.ABSENT)
OVER = (Training.State.FINISHED, Training.State.ABSENT)
YEARS_BACK = 5
NO_PLACE = "発令なし"
HEADER = [
    "年度", "所属コード", "所属名", "職員番号", "氏名", "研修", "実施", "形", "はじめ", "終わり", "時間数",
    "費用（円）", "状態", "結果", "申込日",
]  # fmt: skip


@dataclass(frozen=True)
class PlaceSum:
    """What the 研修 of one department cost, and how many there are."""

    place: str
    count: int
    total: int


@dataclass(frozen=True)
class Row:
    """One 研修 of the list; `decide` is the bound row of the form for 人事, None for others."""

    training: Training
    place: str
    when: str
    fee: str
    decide: Any = None


class PlanFilter(DadsFormMixin, forms.Form):
    """The 年度, and which states. Whatever is not among the choices filters nothing."""

    year = forms.ChoiceField(label="年度", required=False)
    state = forms.ChoiceField(label="状態", required=False, choices=[("", "すべて"), *Training.State.choices])
    show_requirement = False

    def __init__(self, today: datetime.date, data: Mapping[str, Any]) -> None:
        this = fiscal.fiscal_year(today)
        given = {name: data.get(name, "") for name in ("year", "state")}
        super().__init__({**given, "year": given["year"] or str(this)})
        years = range(this + 1, this - YEARS_BACK - 1, -1)
        self.fields["year"].choices = [(str(year), fiscal.label(year)) for year in years]
        self.is_valid()
        self.year = int(self.cleaned_data.get("year") or this)
        self.state = self.cleaned_data.get("state", "")


class ReasonForm(DadsFormMixin, forms.Form):
    """Why the plan is handed out; 人事 says so (P20)."""

    reason = WrittenField(
        label="理由", max_length=200, help_text="記録に残り、監査で確かめます。例：令和9年度の研修計画の資料"
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = actor.has(Role.HR)


class RowForm(forms.Form):
    """What 人事 decides about one row; nothing chosen changes nothing."""

    entry = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        required=False, choices=[("", "変えない"), *((state.value, state.label) for state in DECISIONS)],
        widget=forms.Select(attrs={"class": "select small"}),
    )  # fmt: skip


class BaseRowFormSet(BaseFormSet):
    """The rows of one page; a 研修 that has not begun is not over."""

    def told(self, trainings: Mapping[Any, Training], today: datetime.date) -> bool:
        """Say beside each row what cannot be; return whether nothing had to be said. Call it on a valid formset."""
        fine = True
        for form in self.forms:
            training = trainings.get(form.cleaned_data.get("entry"))
            begun = training is None or training.start is None or training.start <= today
            if form.cleaned_data.get("state") in OVER and not begun:
                form.add_error("state", NOT_BEGUN)
                fine = False
        return fine


RowFormSet = formset_factory(RowForm, formset=BaseRowFormSet, extra=0)


def plan_of(actor: Actor, year: int, state: str = ""):
    """Return the queryset of the 研修 of a 年度 of people whom the actor leads, or all for 人事, with where they were.

    The 年度 is that of the first day, or of the application where there is no date; the department that of the
    first day, or today's while it is to come. What somebody brought from elsewhere is no plan of ours.
    """
    people = Staff.objects.with_records_visible_to(actor)
    day = Coalesce("start", TruncDate("created_at"), output_field=DateField())
    found = Training.objects.standing().filter(
        municipality_id=actor.municipality_id, staff__in=people.values("pk"), foreign_record__isnull=True
    )
    if state:
        found = found.filter(state=state)
    today = Value(actor.today, output_field=DateField())
    found = found.annotate(plan_day=day, place_day=Least(day, today, output_field=DateField()))
    there = Posting.objects.filter(
        Q(end__isnull=True) | Q(end__gt=OuterRef("place_day")),
        staff=OuterRef("staff"), start__lte=OuterRef("place_day"),
    )  # fmt: skip
    there = there.order_by(Case(When(kind=Posting.Kind.MAIN, then=0), default=1), "start", "pk")
    return found.filter(plan_day__gte=fiscal.first_day(year), plan_day__lte=fiscal.last_day(year)).annotate(
        place_path=Subquery(there.values("department__path")[:1]),
        place_name=Subquery(there.values("department__name")[:1]),
        place_code=Subquery(there.values("department__code")[:1]),
    )


def ordered(found):
    """Return the queryset in the order of the tree, then by day and reading."""
    return found.select_related("staff").order_by(
        F("place_path").asc(nulls_last=True), "plan_day", "staff__kana", "staff__staff_number", "pk"
    )


def sums(found) -> list[PlaceSum]:
    """Return what the plan costs by department, in the order of the tree. One query."""
    rows = (
        found.order_by()
        .values("place_path", "place_name")
        .annotate(plan_count=Count("pk"), plan_total=Sum("fee", filter=Q(state__in=COSTING)))
        .order_by(F("place_path").asc(nulls_last=True))
    )
    return [
        PlaceSum(row["place_name"] or NO_PLACE, row["plan_count"], row["plan_total"] or 0) for row in rows
    ]


def rows(trainings: Iterable[Training], forms_by_uuid: Mapping[Any, Any]) -> list[Row]:
    """Return the rows of a page, each with its part of the form."""
    return [
        Row(
            each, each.place_name or NO_PLACE, course_page.when(each.start, each.end), course_page.yen(each.fee),
            forms_by_uuid.get(each.uuid),
        )
        for each in trainings
    ]  # fmt: skip


def file_rows(found, year: int) -> Iterator[list[Any]]:
    """Yield one row a 研修, in the order of HEADER."""
    for each in ordered(found).iterator(chunk_size=500):
        yield [
            year, each.place_code, each.place_name or NO_PLACE, each.staff.staff_number, each.staff.name,
            each.title, each.provider, each.get_form_display(), each.start, each.end, each.hours, each.fee,
            each.get_state_display(), each.result, timezone.localdate(each.created_at),
        ]  # fmt: skip
