"""代理入力: begun, given up, and what the person says about it (P05h, P05c; docs/adr/0036).

Filling in, saving and submitting go through `workflow.sheets`, which takes 人事 for the person while one is open.
"""

from django.db import transaction
from django.db.models import F

from access.actor import Actor
from access.refusals import Conflict, Forbidden, Invalid
from access.table import may
from assessments.history import STANDING
from assessments.models import Proxy, Sheet
from assessments.proxy_reads import OWN, standing, why_not
from assessments.workflow.confirmation import ReasonMissing, checked_reason, locked, report
from audit.models import issue_receipt, receipt_for

WORDS_LENGTH = Proxy._meta.get_field("answer").max_length
NOTHING = "本人の確認を待っている代理入力はありません。"
ENDED = "この代理入力は、もう終わっています。"
MOVED = "ほかの画面で先に記録されました。いまの内容を確かめてください。"
_AGREED = (Proxy.Consent.AGREED, Proxy.Consent.ON_PAPER)


class WordsMissing(ReasonMissing):
    """The person asks for a correction without saying of what."""

    default = "直してほしいところを入力してください。"


@transaction.atomic
def open_proxy(*, sheet: Sheet, ground: str, key, by: Actor, now) -> Proxy:
    """Begin to fill in somebody's sheet on their behalf; the same key again changes nothing.

    Raises Forbidden for anyone but 人事 and for one's own sheet, Invalid for another ground, Conflict where the
    person has begun, the sheet is submitted, the year takes no answers or another 代理入力 is going on.
    """
    sheet = locked(sheet)
    if receipt_for(by=by, action="sheet.proxy_open", key=key, target=sheet):
        return Proxy.objects.filter(sheet=sheet).latest("opened_at")
    _may_keep(sheet, by)
    if ground not in Proxy.Ground.values:
        raise Invalid("理由を選んでください。")
    refusal = why_not(sheet, by)
    if refusal:
        raise Conflict(refusal, detail={"state": sheet.state})
    proxy = Proxy.objects.create(
        municipality_id=sheet.municipality_id,
        sheet=sheet,
        ground=ground,
        opened_at=now,
        opened_by_id=by.staff_id,
    )
    report("sheet.proxy_open", sheet, by, now, ground=ground)
    issue_receipt(by=by, action="sheet.proxy_open", key=key, target=sheet, now=now)
    return proxy


@transaction.atomic
def end_proxy(*, sheet: Sheet, version: int, by: Actor, now) -> None:
    """Give up before submitting; what was written stays with the person. `version` is that of the 代理入力."""
    sheet = locked(sheet)
    _may_keep(sheet, by)
    done = Proxy.objects.filter(sheet=sheet, closed_at__isnull=True, version=version).update(
        closed_at=now, version=F("version") + 1
    )
    if not done:
        raise Conflict(ENDED)
    report("sheet.proxy_end", sheet, by, now)


@transaction.atomic
def answer_proxy(*, sheet: Sheet, agreed: bool, words: str, version: int, by: Actor, now) -> Proxy:
    """Keep what the person says: that it is right, or in words what is to be put right (P05c).

    `version` is that of the 代理入力. Raises Forbidden for anyone but the person, WordsMissing, and Conflict where
    nothing waits for an answer or somebody was first.
    """
    sheet = locked(sheet)
    if not may(by, "P05c", own=sheet.staff_id == by.staff_id):
        raise Forbidden("確認できるのは、本人だけです。")
    if not agreed:
        try:
            words = checked_reason(words, WORDS_LENGTH)
        except ReasonMissing as missing:
            raise WordsMissing(missing.message if words.strip() else WordsMissing.default) from None
    consent = Proxy.Consent.AGREED if agreed else Proxy.Consent.DISAGREED
    proxy = _answered(sheet, consent, "" if agreed else words, version, by, now)
    report("sheet.proxy_agree" if agreed else "sheet.proxy_disagree", sheet, by, now)
    return proxy


@transaction.atomic
def record_paper(*, sheet: Sheet, version: int, by: Actor, now) -> Proxy:
    """Keep that the person agreed on paper; the paper itself stays with 人事 (P05h)."""
    sheet = locked(sheet)
    _may_keep(sheet, by)
    proxy = _answered(sheet, Proxy.Consent.ON_PAPER, None, version, by, now)
    report("sheet.proxy_paper", sheet, by, now)
    return proxy


def _may_keep(sheet: Sheet, by: Actor) -> None:
    if sheet.staff_id == by.staff_id:
        raise Forbidden(OWN)
    if not may(by, "P05h"):
        raise Forbidden


def _answered(sheet: Sheet, consent: str, words: str | None, version: int, by: Actor, now) -> Proxy:
    """Write the answer to what the sheet stands on; an agreement is the last word, None keeps the words."""
    proxy = standing().filter(sheet=sheet).first() if sheet.state in STANDING else None
    if proxy is None or proxy.consent in _AGREED:
        raise Conflict(NOTHING, detail={"state": sheet.state})
    if proxy.version != version:
        raise Conflict(MOVED)
    proxy.consent, proxy.consent_at, proxy.consent_by_id = consent, now, by.staff_id
    proxy.answer = proxy.answer if words is None else words
    proxy.version += 1
    proxy.save(update_fields=["consent", "consent_at", "consent_by", "answer", "version"])
    return proxy
