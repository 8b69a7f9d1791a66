"""代理入力 as it is read: what of a sheet 人事 filled in, and whether they still may (docs/adr/0036). Takes no request."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from access.actor import Actor
from assessments.history import STANDING
from assessments.models import Draft, Proxy, Revision, Sheet
from assessments.workflow.sheets import closed_to_the_person

BEHALF = "（代理入力）"
OWN = "自分の年度票は、代理入力ではなく、自分で記入してください。"
BEGUN = "本人が記入を始めているため、代理入力はできません。下書きは本人だけが見られます。"
RUNNING = "代理入力の途中です。"
SUBMITTED = "提出した後の年度票です。直すときは差し戻してから、確定の後なら訂正で直してください。"


@dataclass(frozen=True)
class OnBehalf:
    """The filling in on behalf that a sheet stands on, or that goes on with it."""

    uuid: str
    is_open: bool
    ground: str
    by: str
    consent: str
    answer: str
    version: int

    @property
    def consent_words(self) -> str:
        """Return what the person said about it."""
        return Proxy.Consent(self.consent).label

    @property
    def is_answered(self) -> bool:
        """Say whether the person agreed, on the screen or on paper."""
        return self.consent in (Proxy.Consent.AGREED, Proxy.Consent.ON_PAPER)


def standing() -> QuerySet[Proxy]:
    """Return the queryset of those whose 提出版 is the newest that was submitted: what the sheet stands on."""
    later = Revision.objects.filter(
        sheet=OuterRef("sheet"), kind=Revision.Kind.SUBMISSION, number__gt=OuterRef("revision__number")
    )
    return Proxy.objects.filter(~Exists(later), revision__isnull=False)


def by_proxy() -> Exists:
    """Return the condition on sheets that what was submitted was filled in on behalf."""
    return Exists(standing().filter(sheet=OuterRef("pk")))


def with_proxy(sheets: QuerySet[Sheet]) -> QuerySet[Sheet]:
    """Return the queryset with the `proxy_row` that `on_behalf` reads; no query more."""
    wanted = Proxy.objects.filter(Q(closed_at__isnull=True) | Q(revision__isnull=False), sheet=OuterRef("pk"))
    newest = Revision.objects.filter(sheet=OuterRef("sheet"), kind=Revision.Kind.SUBMISSION).order_by(
        "-number"
    )
    row = JSONObject(
        uuid="uuid", revision="revision_id", newest=Subquery(newest.values("pk")[:1]), ground="ground",
        by="opened_by__name", consent="consent", answer="answer", version="version",
    )  # fmt: skip
    return sheets.annotate(proxy_row=Subquery(wanted.order_by("-opened_at", "-pk").values_list(row)[:1]))


def on_behalf(sheet: Sheet) -> OnBehalf | None:
    """Return what `with_proxy` read of a sheet: going on, or submitted and still standing; None for neither."""
    row = getattr(sheet, "proxy_row", None)
    if row is None:
        return None
    is_open = row["revision"] is None
    if not is_open and (row["revision"] != row["newest"] or sheet.state not in STANDING):
        return None
    return OnBehalf(
        str(row["uuid"]), is_open, Proxy.Ground(row["ground"]).label, row["by"], row["consent"], row["answer"],
        row["version"],
    )  # fmt: skip


def why_not(sheet: Sheet, by: Actor) -> str:
    """Return why no 代理入力 may begin now, empty where it may. Two queries at most.

    Only while nothing of it is the person's own: not begun, or all of it written on behalf before.
    """
    if sheet.staff_id == by.staff_id:
        return OWN
    if not sheet.can_edit:
        return SUBMITTED
    closed = closed_to_the_person(sheet, by.today)
    if closed:
        return closed
    last = Proxy.objects.filter(sheet=sheet).order_by("-opened_at", "-pk").first()
    if last is not None and last.closed_at is None:
        return RUNNING
    if sheet.state == Sheet.State.NOT_STARTED:
        return ""
    if last is None or last.revision_id != sheet.current_revision_id:
        return BEGUN
    # Withdrawn by the person, or written in by them since.
    if sheet.state == Sheet.State.DRAFTING and last.revision_id is not None:
        return BEGUN
    return BEGUN if Draft.objects.filter(sheet=sheet, updated_at__gte=last.closed_at).exists() else ""
