"""Everything that the home page reads of the person's own, by one query. Takes no request."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce, TruncDate

from assessments.answers import answer_legs
from assessments.evidence_reads import Ref, counts_as_evidence
from assessments.history import STANDING
from assessments.models import (
    Certification,
    Confirmation,
    Entry,
    EntryCell,
    Proxy,
    Reconfirmation,
    Remark,
    Revision,
    Sheet,
    Training,
    TransferWish,
)
from assessments.own_rows import Row, Rows, leg, read, text
from assessments.proxy_reads import standing
from competency.models import StepWording
from lib import fiscal
from organization.models import Leave, Posting

# What others did is told so many days, and a 更新期限 so many days before.
TOLD_DAYS = 60
RENEWAL_DAYS = 60

# What becomes of an application by the hand of 人事, in words.
DECIDED = {
    Training.State.ACCEPTED: "受講が決まりました",
    Training.State.DECLINED: "今回は見送りになりました",
    Training.State.FINISHED: "修了が記録されました",
    Training.State.ABSENT: "欠席が記録されました",
}
NOT_HELD = [state for state in Training.State if state is not Training.State.FINISHED]


@dataclass(frozen=True)
class News:
    """What there is to tell, by leg.

    remark (what the line said about the sheet), again (what became of a 再確認), proxy (代理入力), imported (past years that were
    taken in), behalf and removed (entries that somebody else wrote
    or took out), renewal, decided (applications), posting (to come), leave (now), wish (there in this 年度) and entry
    (of the 年度 of the sheet).
    """

    rows: Rows

    def of(self, name: str) -> list[Row]:
        """Return the rows of one leg, the newest first; a list."""
        found = self.rows.get(name, [])
        return sorted(found, key=lambda row: (row.day or datetime.date.max, str(row.key)), reverse=True)


def home_rows(staff_id: int, today: datetime.date, sheet: Sheet | None) -> Rows:
    """Return the rows of a person's own page: of `News`, and with a sheet its answers, wordings and evidence. One query."""
    legs = _news_legs(staff_id, today, sheet.fiscal_year if sheet else fiscal.fiscal_year(today))
    if sheet is not None:
        legs += answer_legs(sheet, drafts=True)
        legs.append(leg(_remarks(sheet), "remark", F("text"), F("author__name"), day=TruncDate("at")))
        wordings = StepWording.objects.filter(cell__version=sheet.version_in_use_id)
        legs.append(leg(wordings, "wording", F("text"), F("cell__code"), step="step"))
        if sheet.state not in STANDING:
            cells = EntryCell.objects.filter(counts_as_evidence("entry__"), entry__staff=staff_id)
            legs.append(leg(cells, "shows", F("entry__title"), F("cell_code"), key=F("entry__uuid")))
    return read(legs)


def meanings_from(rows: Rows) -> dict[str, dict[int, str]]:
    """Return what each step means, by cell code."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows.get("wording", ()):
        found[row.detail][row.step or 0] = row.title
    return found


def shown_by(rows: Rows) -> dict[str, list[Ref]]:
    """Return the entries that show a cell, by cell code: all that tells whether evidence is missing."""
    found: dict[str, list[Ref]] = defaultdict(list)
    for row in rows.get("shows", ()):
        found[row.detail].append(Ref(row.key, row.title, ""))  # type: ignore[arg-type]  # every entry has one
    return found


def _news_legs(staff_id: int, today: datetime.date, year: int) -> list:
    told = Q(updated_at__date__gte=today - datetime.timedelta(days=TOLD_DAYS))
    mine = Entry.objects.filter(staff_id=staff_id)
    by_others = mine.filter(told).exclude(updated_by=staff_id)
    answered = (
        Training.objects.standing()
        .filter(told, staff_id=staff_id, created_by=staff_id, state__in=[*DECIDED])
        .exclude(updated_by=staff_id)
    )
    by_others = by_others.exclude(Exists(answered.filter(pk=OuterRef("pk"))))
    removed = by_others.filter(removed_at__isnull=False)
    renewals = Certification.objects.filter(
        staff_id=staff_id, removed_at__isnull=True,
        renew_by__lte=today + datetime.timedelta(days=RENEWAL_DAYS),
    )  # fmt: skip
    coming = Posting.objects.filter(staff_id=staff_id, start__gt=today)
    leaves = Leave.objects.active_on(today).filter(staff_id=staff_id)
    wishes = TransferWish.objects.filter(staff_id=staff_id, fiscal_year=fiscal.fiscal_year(today))
    days = (fiscal.first_day(year), fiscal.last_day(year))
    of_year = (
        mine.standing()
        .filter(
            Q(start__range=days) | Q(start__isnull=True, created_at__date__range=days),
            kind__in=Entry.EVIDENCE,
        )
        # A course that is only applied for is nothing new yet. Asked of each entry: all that anybody applied for are many.
        .exclude(Exists(Training.objects.filter(pk=OuterRef("pk"), state__in=NOT_HELD)))
    )
    # What goes on, what waits for an answer, and for a while what was recorded on paper.
    proxies = Proxy.objects.filter(
        Q(closed_at__isnull=True)
        | Q(pk__in=standing().values("pk"), sheet__state__in=STANDING)
        & (
            Q(consent=Proxy.Consent.WAITING)
            | Q(
                consent=Proxy.Consent.ON_PAPER,
                consent_at__date__gte=today - datetime.timedelta(days=TOLD_DAYS),
            )
        ),
        sheet__staff_id=staff_id,
    )
    said = Case(When(closed_at__isnull=True, then=text("")), default=F("consent"), output_field=CharField())
    taken_in = Revision.objects.filter(
        sheet__staff=staff_id, kind=Revision.Kind.IMPORT,
        submitted_at__date__gte=today - datetime.timedelta(days=TOLD_DAYS),
    )  # fmt: skip
    # What became of a 再確認; that it was asked for the person knows.
    looked_again = (
        Reconfirmation.objects.filter(sheet__staff_id=staff_id)
        .exclude(state=Reconfirmation.State.ASKED)
        .annotate(answered_at=Coalesce("decided_at", "referred_at"))
        .filter(answered_at__date__gte=today - datetime.timedelta(days=TOLD_DAYS))
    )
    title, author, written = F("title"), F("updated_by__name"), TruncDate("updated_at")
    return [
        leg(looked_again, "again", F("state"), text(""), day=TruncDate("answered_at"), key=F("sheet__uuid")),
        leg(proxies, "proxy", F("opened_by__name"), said, day=TruncDate("opened_at"), key=F("sheet__uuid")),
        leg(
            taken_in,
            "imported",
            F("submitted_by__name"),
            text(""),
            day=TruncDate("submitted_at"),
            key=F("sheet__uuid"),
            year="sheet__fiscal_year",
        ),
        leg(by_others.standing(), "behalf", title, author, day=written, key=F("uuid")),
        leg(removed, "removed", title, author, day=written),
        leg(renewals, "renewal", title, text(""), day=F("renew_by"), key=F("uuid")),
        leg(answered, "decided", title, F("state"), day=written, key=F("uuid")),
        leg(coming, "posting", F("department__name"), F("kind"), day=F("start")),
        leg(leaves, "leave", F("kind"), text(""), day=F("start")),
        leg(wishes, "wish", F("wish"), text("")),
        leg(of_year, "entry", title, F("kind"), day=F("start"), key=F("uuid")),
    ]


def _remarks(sheet: Sheet):
    """Return why the sheet was sent back, or what was said with the 確定, as far as the person reads it (P08, P12)."""
    remarks = Remark.objects.filter(revision__sheet=sheet, visibility=Confirmation.Visibility.PERSON)
    if sheet.state == Sheet.State.SENT_BACK:
        return remarks.filter(kind=Remark.Kind.SENT_BACK, revision=sheet.current_revision_id)
    if sheet.state == Sheet.State.CONFIRMED:
        return remarks.filter(kind=Remark.Kind.CONFIRMED)
    return remarks.none()
