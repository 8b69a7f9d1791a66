"""Builds みほん市 through the workflow functions that the screens use, year by year, as its people would have.

Written for fiscal year 2026 and moved as a whole to the year of today, so that the current year is always half done.
"""

import csv
import datetime
import io
import uuid
from pathlib import Path

import yaml
from django.utils import timezone

from access.actor import Actor
from assessments.line import line_of
from assessments.merge import Stored, Value, parse_base
from assessments.models import Confirmation, Cycle, Rating, Sheet
from assessments.sheet_form import Answer
from assessments.workflow import closing, confirmation, cycles, sheets
from competency.models import Cell, FrameworkVersion
from config.demo import learning, revision, story
from config.demo import year as hr_year
from config.demo.desk import Desk, at_noon
from config.demo.records import Records
from gaps.workflow import CellNeed, Needs, save_needs
from lib import fiscal
from lib.dates import format_wareki, parse_date
from organization.models import Department, ImportBatch, Municipality, Position, Staff
from organization.scope import actor_for
from organization.workflow import apply_import, create_account, grant_role, upload_import

FOLDER = Path(__file__).parent
_NOTHING_LOADED = parse_base(Stored().token)
FRIDAY = 4
_DATES = ("発令日", "終了日")


class Demo:
    """One run. `today` is the day on which the sample stands."""

    def __init__(self, version: FrameworkVersion, today: datetime.date) -> None:
        self.version = version
        self.today = today
        self.shift = fiscal.fiscal_year(today) - story.CURRENT
        self.cells = list(Cell.objects.of_version(version.pk))
        self.levels = yaml.safe_load((FOLDER / "levels.yaml").read_text(encoding="utf-8"))

    def build(self) -> Municipality:
        """Make everything; call it in one transaction. Returns the municipality."""
        self.municipality = Municipality.objects.create(
            code=story.CODE, name=story.NAME, population_band=Municipality.Band.B100, contact=story.CONTACT
        )
        start = self._at(datetime.date(story.YEARS[0], 4, 3))
        self._accounts(start)
        self._file(ImportBatch.Kind.ORGANIZATION, "organization.csv", start)
        self.records = Records(self.municipality, self.shift, self.today, self._actor)
        for year in story.YEARS:
            self._file(ImportBatch.Kind.ROSTER, f"roster-{year}.csv", self._at(datetime.date(year, 4, 3)))
            self._year(year)
        self.records.statements()
        revision.begin(
            self.version,
            name=str(fiscal.fiscal_year(self.today) + 1),
            by=self._actor(story.EDITOR, self.today),
            now=timezone.now(),
        )
        learning.teach(self.municipality, hr=lambda day: self._actor("0111702", day), today=self.today)
        return self.municipality

    # --- who ------------------------------------------------------------------------------------------------

    def _accounts(self, now: datetime.datetime) -> None:
        for username, number, name, kana, roles in story.ACCOUNTS:
            staff = create_account(
                municipality=self.municipality, username=username, staff_number=number, name=name, kana=kana,
                by=None, now=now,
            )  # fmt: skip
            for role in roles:
                grant_role(staff=staff, role=role, by=None, now=now)
            staff.set_password(story.PASSWORD)
            staff.must_change_password = False
            staff.save(update_fields=["password", "must_change_password"])
        Position.objects.bulk_create(
            Position(municipality=self.municipality, name=name, line_role=role, rank=rank)
            for rank, (name, role) in enumerate(story.POSITIONS)
        )

    def _file(self, kind: str, name: str, now: datetime.datetime) -> None:
        by = self._actor("0111702", timezone.localdate(now))
        content = self._moved((FOLDER / name).read_text(encoding="utf-8-sig"))
        batch = upload_import(by=by, kind=kind, file_name=name, content=content, now=now)
        apply_import(by=by, batch=batch, key=uuid.uuid4(), version=batch.version, now=now)

    def _moved(self, text: str) -> bytes:
        """Return a roster with every date moved by whole years, as the bytes of a file."""
        if self.shift:
            rows = list(csv.reader(io.StringIO(text)))
            places = [index for index, title in enumerate(rows[0]) if title in _DATES]
            for row in rows[1:]:
                for index in places:
                    if row[index]:
                        day = parse_date(row[index])
                        row[index] = format_wareki(day.replace(year=day.year + self.shift))
            out = io.StringIO()
            csv.writer(out, lineterminator="\r\n").writerows(rows)
            text = out.getvalue()
        return text.encode("utf-8-sig")

    def _actor(self, number: str, day: datetime.date) -> Actor:
        staff = Staff.objects.select_related("municipality").get(
            municipality=self.municipality, staff_number=number
        )
        return actor_for(staff, day)

    def _at(self, day: datetime.date, hour: int = 10) -> datetime.datetime:
        """Return an instant on a day of the story, moved to the year of today."""
        moved = day.replace(year=day.year + self.shift)
        return datetime.datetime.combine(moved, datetime.time(hour), timezone.get_current_timezone())

    # --- a year ---------------------------------------------------------------------------------------------

    def _year(self, year: int) -> None:
        current = year == story.CURRENT
        opening, deadline = self._dates(year)
        opened = datetime.datetime.combine(opening, datetime.time(9), timezone.get_current_timezone())
        hr = self._actor("0111702", opening)
        plan = cycles.Plan(
            reference_date=fiscal.first_day(year + self.shift), starts_on=opening,
            submit_by=deadline, confirm_by=deadline + datetime.timedelta(days=42),
        )  # fmt: skip
        cycle = cycles.prepare_cycle(
            municipality=self.municipality, fiscal_year=year + self.shift, framework_version=self.version,
            plan=plan, by=hr, now=opened,
        )  # fmt: skip
        cycle, _ = cycles.open_cycle(cycle=cycle, version=cycle.version, by=hr, now=opened)
        self._needs(cycle, year, opened)
        desk = Desk(self.municipality, self.cells, self.shift)
        # Before the sheets: a 確定 freezes the targets that follow from duties and 職位.
        desk.profiles(by=hr, now=opened)
        desk.duties(cycle, year, by=hr, now=opened)
        # And before them what people keep: a submission freezes what its ratings rest on.
        self.records.write(year, self._day(opening, 2))
        self._sheets(cycle, year, opening)
        self._decisions(desk, cycle, year)
        if current:
            hr_year.keep(cycle, by=self._actor("0111702", self.today))
        else:
            closed = self._at(datetime.date(year + 1, 3, 20))
            by = self._actor("0111702", timezone.localdate(closed))
            closing.decide_rest(cycle=cycle, by=by, now=closed, today=by.today)
            left = closing.unfinished_sheets(cycle).count()
            closing.close_cycle(cycle=cycle, version=cycle.version, accepted=left, by=by, now=closed)

    def _decisions(self, desk: Desk, cycle: Cycle, year: int) -> None:
        """Let the head of デジタル推進課 decide, late in a year that is over and today in the one that goes on."""
        current = year == story.CURRENT
        day = self.today if current else self._at(datetime.date(year + 1, 2, 2)).date()
        head = self._actor(story.HEAD, day)
        if not head.head_paths:
            return
        desk.measures(cycle, year, by=head, now=at_noon(day))
        if current:
            desk.overrides(cycle, by=head, now=at_noon(day))
            desk.scenario(by=head, now=at_noon(day))

    def _dates(self, year: int) -> tuple[datetime.date, datetime.date]:
        """Return (first day, deadline) of filling in; the current year's lie around today."""
        if year == story.CURRENT:
            opening = max(self.today - datetime.timedelta(days=21), fiscal.first_day(year + self.shift))
            deadline = self.today + datetime.timedelta(days=21)
            return opening, deadline - datetime.timedelta(days=(deadline.weekday() - FRIDAY) % 7)
        return self._at(datetime.date(year, 11, 4)).date(), self._at(datetime.date(year, 12, 12)).date()

    def _sheets(self, cycle: Cycle, year: int, opening: datetime.date) -> None:
        current = year == story.CURRENT
        for sheet in cycle.sheets.select_related("staff", "cycle").order_by("pk"):
            number = sheet.staff.staff_number
            if year in self.levels.get(number, {}):
                self._confirmed(sheet, number, year, opening)
            elif current and number in story.SUBMITTED:
                self._submitted(sheet, story.SUBMITTED[number], opening)
            elif current and number in story.FIRST_CONFIRMED:
                self._line(
                    self._submitted(sheet, story.FIRST_CONFIRMED[number], opening), {}, opening, final=False
                )
            elif current and number in story.SENT_BACK:
                steps, reason = story.SENT_BACK[number]
                self._sent_back(self._submitted(sheet, steps, opening), reason, opening)
            elif current and number in story.DRAFTING:
                steps, evidence = story.DRAFTING[number]
                self._drafted(sheet, steps, evidence, opening)

    def _confirmed(self, sheet: Sheet, number: str, year: int, opening: datetime.date) -> None:
        confirmed = str(self.levels[number][year])
        own = dict(zip((cell.code for cell in self.cells), confirmed, strict=True))
        own |= {code: str(step) for code, step in story.OWN_STEPS.get((number, year), {}).items()}
        sheet = self._submitted(sheet, "".join(own.values()), opening)
        comments = {}
        if year == story.CURRENT:
            comments = {code: said for (who, code), said in story.COMMENTS.items() if who == number}
        self._line(sheet, comments, opening, final=True, steps=confirmed)

    def _drafted(self, sheet: Sheet, steps: str, evidence: dict[str, str], opening: datetime.date) -> None:
        answers = {
            cell.code: Answer(_NOTHING_LOADED, Value(int(step), evidence.get(cell.code, "")))
            for cell, step in zip(self.cells, steps, strict=True)
            if step != story.UNANSWERED
        }
        day = self._day(opening, 3)
        sheets.save_drafts(
            sheet=sheet, answers=answers, by=self._actor(sheet.staff.staff_number, day), now=self._noon(day)
        )

    def _submitted(self, sheet: Sheet, steps: str, opening: datetime.date) -> Sheet:
        """Fill in every cell, with evidence where the step is 3 or 4, and submit."""
        evidence = {
            cell.code: story.EVIDENCE[cell.code]
            for cell, step in zip(self.cells, steps, strict=True)
            if int(step) >= 3
        }
        self._drafted(sheet, steps, evidence, opening)
        sheet = Sheet.objects.select_related("cycle", "staff").get(pk=sheet.pk)
        day = self._day(opening, 5)
        by = self._actor(sheet.staff.staff_number, day)
        return sheets.submit(sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=self._noon(day))

    def _line(
        self, sheet: Sheet, comments: dict, opening: datetime.date, *, final: bool, steps: str = ""
    ) -> None:
        """Let the 係長 confirm as submitted where there is one, then the 所属長 or 人事 the given steps."""
        day = self._day(opening, 8)
        line = line_of(sheet.staff_id, day)
        own = dict(
            Rating.objects.filter(revision=sheet.current_revision_id).values_list("cell__code", "step")
        )
        if line.first:
            by = self._actor_by_id(sorted(line.first)[0], day)
            sheet = confirmation.confirm_first(
                sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=self._noon(day),
                entries=self._entries(own, {}),
            )  # fmt: skip
        if final:
            day = self._day(opening, 12)
            line = line_of(sheet.staff_id, day)
            by = self._actor_by_id(sorted(line.final)[0], day) if line.final else self._actor("0111702", day)
            wanted = {cell.code: int(step) for cell, step in zip(self.cells, steps, strict=True)}
            confirmation.confirm_final(
                sheet=sheet, version=sheet.version, key=uuid.uuid4(), by=by, now=self._noon(day),
                entries=self._entries(wanted, comments),
            )  # fmt: skip

    def _sent_back(self, sheet: Sheet, reason: str, opening: datetime.date) -> None:
        day = self._day(opening, 9)
        line = line_of(sheet.staff_id, day)
        by = self._actor_by_id(sorted(line.first or line.final)[0], day)
        confirmation.send_back(
            sheet=sheet, reason=reason, version=sheet.version, key=uuid.uuid4(), by=by, now=self._noon(day)
        )

    def _entries(self, steps: dict[str, int], comments: dict) -> list[confirmation.Entry]:
        entries = []
        for cell in self.cells:
            text, seen = comments.get(cell.code, ("", True))
            shown = Confirmation.Visibility.PERSON if seen else Confirmation.Visibility.MEMO
            entries.append(
                confirmation.Entry(cell_id=cell.pk, step=steps[cell.code], comment=text, visibility=shown)
            )
        return entries

    def _actor_by_id(self, staff_id: int, day: datetime.date) -> Actor:
        return actor_for(Staff.objects.select_related("municipality").get(pk=staff_id), day)

    def _day(self, opening: datetime.date, after: int) -> datetime.date:
        """Return a day some days after the opening, never after today."""
        return min(opening + datetime.timedelta(days=after), self.today)

    def _noon(self, day: datetime.date) -> datetime.datetime:
        return datetime.datetime.combine(day, datetime.time(12), timezone.get_current_timezone())

    # --- what the departments need --------------------------------------------------------------------------

    def _needs(self, cycle: Cycle, year: int, now: datetime.datetime) -> None:
        """Let 人事 enter what the departments answered; a 所属長 would do it on the same page."""
        by = self._actor("0111702", timezone.localdate(now))
        for code, by_year in story.NEEDS.items():
            if year not in by_year:
                continue
            external = story.EXTERNAL.get((code, year), {})
            said = {
                cell.code: CellNeed(
                    needed=None if count == story.UNANSWERED else int(count),
                    note=story.NEED_NOTES.get((code, cell.code), ""),
                    external=external.get(cell.code),
                )
                for cell, count in zip(self.cells, by_year[year], strict=True)
            }
            save_needs(
                department=Department.objects.get(municipality=self.municipality, code=code),
                cycle=cycle,
                needs=Needs(said, count_fiscal_year_staff=(code, year) in story.COUNT_FISCAL_YEAR_STAFF),
                by=by,
                now=now,
            )
