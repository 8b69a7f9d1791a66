"""What was acknowledged, held against what the database holds afterwards. No drill itself."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.management import CommandError, call_command

from assessments.models import Draft, Entry, Rating, Revision, Sheet
from audit.models import Event, Receipt
from tests.drills.person import Person

_SERIAL = re.compile(r" ([0-9]+)番目の根拠\Z")


@dataclass
class Verdict:
    """What is wrong, a sentence each, without any word that a person would mind."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)


class _Sheets:
    """Everything of the people's sheets, read in a few queries."""

    def __init__(self, people: Iterable[Person]):
        uuids = [one.sheet_uuid for one in people]
        self.sheets = {str(row.uuid): row for row in Sheet.objects.filter(uuid__in=uuids)}
        self.drafts: dict[int, dict[str, Draft]] = defaultdict(dict)
        for draft in Draft.objects.filter(sheet__uuid__in=uuids).select_related("cell"):
            self.drafts[draft.sheet_id][draft.cell.code] = draft
        self.revisions: dict[int, dict[int, Revision]] = defaultdict(dict)
        for revision in Revision.objects.filter(sheet__uuid__in=uuids):
            self.revisions[revision.sheet_id][revision.number] = revision
        self.ratings: dict[int, dict[str, Rating]] = defaultdict(dict)
        for rating in Rating.objects.filter(revision__sheet__uuid__in=uuids).select_related("cell"):
            self.ratings[rating.revision_id][rating.cell.code] = rating
        self.receipts: dict[str, list[Receipt]] = defaultdict(list)
        for receipt in Receipt.objects.filter(action="sheet.submit", object_uuid__in=uuids):
            self.receipts[str(receipt.object_uuid)].append(receipt)
        self.events: dict[str, list[Event]] = defaultdict(list)
        for event in Event.objects.filter(action="sheet.submit", object_uuid__in=uuids):
            self.events[str(event.object_uuid)].append(event)


def judge(people: Iterable[Person]) -> Verdict:
    """Return the verdict over everything that these people sent."""
    people = list(people)
    verdict, there = Verdict(), _Sheets(people)
    for person in people:
        verdict.acknowledged += person.acknowledged
        sheet = there.sheets[person.sheet_uuid]
        _drafts(verdict, person, there.drafts[sheet.pk])
        _submissions(verdict, person, sheet, there)
        _state(verdict, person, sheet)
    _entries(verdict, people)
    return verdict


def breaches() -> list[str]:
    """Return what `manage.py verify` finds."""
    import io

    said = io.StringIO()
    try:
        call_command("verify", stdout=said)
    except CommandError as found:
        return [*said.getvalue().splitlines(), str(found)]
    return []


def _drafts(verdict: Verdict, person: Person, drafts: dict[str, Draft]) -> None:
    stored: dict[str, int] = {}
    for code, values in person.cells.items():
        draft = drafts.get(code)
        found = _SERIAL.search(draft.evidence) if draft else None
        stored[code] = int(found.group(1)) if found else 0
        newest = max((one.serial for one in values if one.acknowledged), default=0)
        right = next((one for one in values if one.serial == stored[code]), None)
        if stored[code] < newest:
            verdict.lost.append(f"{person.name} {code}: {newest} was acknowledged, {stored[code]} is stored")
        elif stored[code] and (right is None or draft is None or right.step != draft.step):
            verdict.lost.append(f"{person.name} {code}: what is stored was never sent")
    for request in person.requests:
        # Cells of one request, none of them written again since: all have it, or none.
        last = {code: person.cells[code][-1].serial == serial for code, serial in request.items()}
        has = {stored[code] == serial for code, serial in request.items() if last[code]}
        if len(has) > 1 and all(last.values()):
            verdict.half.append(f"{person.name}: one request is stored in part")


def _submissions(verdict: Verdict, person: Person, sheet: Sheet, there: _Sheets) -> None:
    receipts = {str(one.key): one for one in there.receipts[person.sheet_uuid]}
    revisions, events = there.revisions[sheet.pk], there.events[person.sheet_uuid]
    for click in person.submissions:
        receipt = receipts.get(click.key)
        revision = revisions.get(receipt.result["number"]) if receipt else None
        if revision is None:
            if click.acknowledged:
                verdict.lost.append(f"{person.name}: an acknowledged submission is not there")
            continue
        ratings = there.ratings[revision.pk]
        found = {code: (rating.step, rating.evidence) for code, rating in ratings.items()}
        if found != click.values:
            verdict.lost.append(f"{person.name}: revision {revision.number} holds something else")
    numbers = Counter(event.data.get("number") for event in events)
    for number, revision in revisions.items():
        whole = len(there.ratings[revision.pk]) == len(there.drafts[sheet.pk])
        answered = any(one.result["number"] == number for one in receipts.values())
        if not (whole and answered and numbers[number]):
            verdict.half.append(f"{person.name}: revision {number} is there in part")
        if numbers[number] > 1:
            verdict.duplicates.append(f"{person.name}: revision {number} stands in the trail twice")
    if len(revisions) > len(person.submissions):
        verdict.duplicates.append(f"{person.name}: more revisions than clicks")


def _state(verdict: Verdict, person: Person, sheet: Sheet) -> None:
    is_submitted = sheet.state == Sheet.State.SUBMITTED
    if person.submitted is not None and person.submitted != is_submitted:
        verdict.lost.append(f"{person.name}: the screen and the sheet say different states")
    newest = Revision.objects.filter(sheet=sheet).order_by("-number").values_list("pk", flat=True).first()
    if is_submitted and (sheet.current_revision_id != newest or sheet.submitted_at is None):
        verdict.half.append(f"{person.name}: submitted, and not with the newest revision")


def _entries(verdict: Verdict, people: list[Person]) -> None:
    titles = Counter(
        Entry.objects.filter(staff__uuid__in=[one.staff_uuid for one in people]).values_list(
            "title", flat=True
        )
    )
    recorded = Counter(
        str(uuid)
        for uuid in Event.objects.filter(
            action="entry.add", subject_uuid__in=[one.staff_uuid for one in people]
        ).values_list("subject_uuid", flat=True)
    )
    for person in people:
        there = 0
        for click in person.entries:
            number = titles[click.title]
            there += number
            if click.acknowledged and not number:
                verdict.lost.append(f"{person.name}: an acknowledged entry is not there")
            if number > 1:
                verdict.duplicates.append(f"{person.name}: one entry is there {number} times")
        if recorded[person.staff_uuid] != there:
            verdict.half.append(f"{person.name}: entries and their trail differ")
