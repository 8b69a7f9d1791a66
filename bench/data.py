"""Cities of any size, the same in every detail that could change a page: written in bulk, always the same.

Eight people are the least: 部長, 課長, two 係長, 職員, 人事, 編集 with システム管理, and 監査. A larger city repeats them,
with a 課 for every forty people unless told otherwise.
"""

import datetime
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db.models import Model, OuterRef, Subquery
from django.utils import timezone

from access.actor import Role
from assessments.models import Confirmation, Cycle, Draft, Rating, Remark, Revision, Sheet
from bench.aims import freeze, write_measures, write_profiles
from bench.names import kana_of, name_of
from bench.records import record_targets, write_desk, write_evidence, write_records
from bench.replies import write_replies
from bench.scenarios import add_scenario
from competency.crosswalk_file import parse_crosswalk
from competency.duty_file import parse_duties
from competency.framework_file import parse
from competency.models import Cell, Duty, FrameworkVersion
from competency.models.matrix import HOLDER_STEP
from competency.survey_file import parse_survey
from competency.workflow import load_crosswalk, load_duties, load_framework, load_survey, publish
from gaps.models import CountingRule, ExternalCover, Measure, Need, Scenario
from lib import fiscal
from lib.localgov import check_digit
from lib.paths import child_path
from organization.models import Department, Grant, ImportBatch, Leave, Municipality, Position, Posting, Staff
from organization.models.position import LineRole

LASDEC = Path(settings.BASE_DIR) / "competency" / "data" / "lasdec-2012.yaml"
DUTIES = LASDEC.with_name("duties.yaml")
SURVEYS = [LASDEC.with_name(f"{name}.yaml") for name in ("survey-2019", "staffing-2018")]
CROSSWALKS = [
    LASDEC.with_name(f"{name}.yaml") for name in ("crosswalk-q3-1", "tags-digital-jinzai", "tags-dss-2024")
]
BATCH = 2000
# Whoever stands at this place of the city; place 5 and above hold grants.
PERSONAS = {"bucho": 0, "kacho": 1, "kakari": 2, "honnin": 4, "jinji": 5, "henshu": 6, "kansa": 7}
# Enough for a short run: every role, and every page somebody's.
FEW_PERSONAS = ("kacho", "honnin", "jinji", "henshu", "kansa")
GRANTS = {"jinji": (Role.HR,), "henshu": (Role.EDITOR, Role.SYSADMIN), "kansa": (Role.AUDITOR,)}
# The state of this year's sheet by place, so that eight people have every state that eight hundred have.
_S = Sheet.State
STATES = (
    _S.CONFIRMED, _S.SUBMITTED, _S.FIRST_CONFIRMED, _S.SENT_BACK,
    _S.DRAFTING, _S.NOT_STARTED, _S.SUBMITTED, _S.CONFIRMED,
)  # fmt: skip
FEW_STATES = (_S.DRAFTING, _S.FIRST_CONFIRMED, _S.CONFIRMED)
WITH_REVISION = (_S.SUBMITTED, _S.FIRST_CONFIRMED, _S.SENT_BACK, _S.CONFIRMED)
POSITIONS = {
    "部長": LineRole.HEAD, "課長": LineRole.HEAD, "係長": LineRole.FIRST, "主査": LineRole.NONE, "主事": LineRole.NONE,
}  # fmt: skip
# Step and how far the line stays below it, by place of the cell; all other cells are left to chance.
SURE = {0: (3, 0), 1: (2, 0)}
EVIDENCE = "庁内の手順書を見直し、担当として更新しました。"


@dataclass
class City:
    """One municipality with everything that its pages show."""

    municipality: Municipality
    cells: list[Cell]
    today: datetime.date
    root: Department | None = None
    sections: list[Department] = field(default_factory=list)
    teams: list[Department] = field(default_factory=list)
    people: list[Staff] = field(default_factory=list)
    cycle: Cycle | None = None

    def persona(self, name: str) -> Staff:
        """Return the person who stands at a named place (PERSONAS)."""
        return self.people[PERSONAS[name]]

    def sheet_of(self, place: int) -> Sheet:
        """Return this year's sheet of the person at a place."""
        return Sheet.objects.get(staff=self.people[place], cycle=self.cycle)

    def targets(self, kind: str | None, *, few: bool = False) -> list[Any]:
        """Return objects of the kind that a URL names: one, or a sheet in each state; none of an unknown kind.

        A URL that names nothing has [None]. `few` leaves it at sheets in the states of FEW_STATES.
        """
        city = {"municipality": self.municipality}
        known = {
            None: lambda: [None],
            "staff": lambda: [self.persona("honnin")],
            "sheet": lambda: [
                self.sheet_of(place) for place, state in enumerate(STATES) if not few or state in FEW_STATES
            ],
            "department": lambda: [self.sections[0]],
            "cell": lambda: [
                SimpleNamespace(
                    uuid=self.sections[0].uuid,
                    cell_uuid=self.cycle.framework_version.cells.order_by("rank")[0].uuid,
                )
            ],
            "cycle": lambda: [self.cycle],
            "import": lambda: [ImportBatch.objects.filter(**city).first()],
            "grant": lambda: [Grant.objects.filter(**city).first()],
            "position": lambda: [Position.objects.filter(**city).first()],
            "version": lambda: [self.cycle.framework_version],
            "measure": lambda: [Measure.objects.filter(**city).first()],
            "duty": lambda: [Duty.objects.filter(municipality__isnull=True).first()],
            "scenario": lambda: [Scenario.objects.filter(**city).first()],
        } | record_targets(self)
        return known[kind]() if kind in known else []


def load_lasdec() -> FrameworkVersion:
    """Store and publish the framework that the product ships, and its duties, and return its version."""
    now = timezone.now()
    version, _ = load_framework(parsed=parse(LASDEC.read_text("utf-8")), by=None, now=now)
    codes = set(version.cells.values_list("code", flat=True))
    load_duties(duties=parse_duties(DUTIES.read_text("utf-8"), codes), now=now)
    for file in SURVEYS:
        load_survey(survey=parse_survey(file.read_text("utf-8")), now=now)
    for file in CROSSWALKS:
        load_crosswalk(file=parse_crosswalk(file.read_text("utf-8")), now=now)
    return publish(version=version, by=None, now=now)


def build_city(
    version: FrameworkVersion, *, number: int, people: int, section_size: int = 40, years: int = 2
) -> City:
    """Return a city of so many people with this year in every state, and the years before it confirmed.

    `number` tells cities apart (1 to 99); `section_size` people make a 課; `years` counts this one.
    """
    today = timezone.localdate()
    code = f"{98000 + number:05d}"
    municipality = Municipality.objects.create(
        code=code + check_digit(code), name=f"みほん第{number}市", population_band=Municipality.Band.B100
    )
    city = City(municipality, list(version.cells.order_by("rank")), today)
    _departments(city, max(1, round((people - 1) / section_size)))
    _people(city, people)
    _postings(city)
    write_profiles(city.municipality, city.cells)
    write_records(city)
    year = fiscal.fiscal_year(today)
    for back in range(years - 1, 0, -1):
        last = _cycle(city, version, year - back, Cycle.State.CLOSED)
        _sheets(city, last, [Sheet.State.CONFIRMED] * people)
    city.cycle = _cycle(city, version, year, Cycle.State.OPEN)
    _sheets(city, city.cycle, [STATES[place % len(STATES)] for place in range(people)])
    _needs(city)
    write_measures(city.cycle, city.sections, city.cells[:3], city.persona("kacho"), city.today)
    write_desk(city)
    write_replies(city)
    add_scenario(city)
    return city


def _bulk(model: type[Model], rows: Iterable[Model]) -> list:
    return model.objects.bulk_create(list(rows), batch_size=BATCH)


def _departments(city: City, sections: int) -> None:
    city.root = _department(city, "総務部", None, 0)
    for number in range(sections):
        section = _department(city, f"第{number + 1}課", city.root, number)
        city.sections.append(section)
        for rank, word in enumerate("甲乙"):
            city.teams.append(_department(city, f"第{number + 1}課{word}係", section, rank))


def _department(city: City, name: str, parent: Department | None, rank: int) -> Department:
    made = Department.objects.create(
        municipality=city.municipality,
        code=f"{1 + len(city.sections) + len(city.teams):06d}" if parent else "000000",
        name=name,
        parent=parent,
        rank=rank,
        path="",
        valid_from=datetime.date(2010, 4, 1),
    )
    made.path = child_path(parent.path if parent else "", made.pk)
    made.save(update_fields=["path"])
    return made


def _people(city: City, people: int) -> None:
    rows = []
    for place in range(people):
        person = Staff(
            municipality=city.municipality,
            username=f"{city.municipality.code}-{place:05d}",
            staff_number=f"{place:07d}",
            name=name_of(place),
            kana=kana_of(place),
            # As a rule only one in forty: they stand apart in every count.
            employment=Staff.Employment.FISCAL_YEAR if place % 40 == 7 else Staff.Employment.REGULAR,
        )
        person.set_unusable_password()
        person.search = person.search_text()
        rows.append(person)
    city.people = _bulk(Staff, rows)
    now = timezone.now()
    _bulk(
        Grant,
        (
            Grant(municipality=city.municipality, staff=city.persona(name), role=role.value, granted_at=now)
            for name, roles in GRANTS.items()
            for role in roles
        ),
    )


def _postings(city: City) -> None:
    rows = []
    start = datetime.date(2020, 4, 1)
    share = -(-(len(city.people) - 1) // len(city.sections))
    for place, person in enumerate(city.people):
        if place == 0:
            department, position = city.root, "部長"
        else:
            number, within = divmod(place - 1, share)
            teams = city.teams[2 * number : 2 * number + 2]
            department, position = {
                0: (city.sections[number], "課長"), 1: (teams[0], "係長"), 2: (teams[1], "係長"),
            }.get(within, (teams[(within + 1) % 2], "主査" if within % 3 else "主事"))  # fmt: skip
        rows.append(_posting(person, department, position, start))
        if place % 10 == 4:
            other = next(team for team in teams if team != department)
            rows.append(_posting(person, other, position, start, kind=Posting.Kind.ADDITIONAL))
    _bulk(Posting, rows)
    _bulk(
        Leave,
        (
            Leave(municipality=city.municipality, staff=person, kind=Leave.Kind.CHILDCARE, start=start)
            for person in city.people[6::100]
        ),
    )
    _bulk(
        Position,
        (
            Position(municipality=city.municipality, name=name, line_role=role, rank=rank)
            for rank, (name, role) in enumerate(POSITIONS.items())
        ),
    )


def _posting(person, department, position, start, kind=Posting.Kind.MAIN) -> Posting:
    role = POSITIONS[position] if kind == Posting.Kind.MAIN else LineRole.NONE
    return Posting(
        municipality_id=person.municipality_id, staff=person, department=department,
        position=position, line_role=role, start=start, kind=kind,
    )  # fmt: skip


def _cycle(city: City, version: FrameworkVersion, year: int, state: str) -> Cycle:
    now = timezone.now()
    return Cycle.objects.create(
        municipality=city.municipality,
        fiscal_year=year,
        framework_version=version,
        state=state,
        reference_date=fiscal.first_day(year),
        starts_on=fiscal.first_day(year),
        submit_by=datetime.date(year, 12, 11),
        confirm_by=datetime.date(year + 1, 1, 29),
        opened_at=now,
        closed_at=now if state == Cycle.State.CLOSED else None,
    )


def _sheets(city: City, cycle: Cycle, states: list[str]) -> None:
    """Write everybody's sheet of a year. Ratings and confirmations come first: the guards close them afterwards."""
    now = timezone.now()
    mains = {
        posting.staff_id: posting
        for posting in Posting.objects.filter(
            municipality=city.municipality, kind=Posting.Kind.MAIN
        ).select_related("department")
    }
    sheets = _bulk(
        Sheet,
        (
            Sheet(
                municipality=city.municipality, staff=person, cycle=cycle, fiscal_year=cycle.fiscal_year,
                department=mains[person.pk].department, department_path=mains[person.pk].department.path,
                position=mains[person.pk].position, employment=person.employment, updated_at=now,
            )
            for person in city.people
        ),
    )  # fmt: skip
    submitted = [
        (sheet, state) for sheet, state in zip(sheets, states, strict=True) if state in WITH_REVISION
    ]
    revisions = _bulk(
        Revision,
        (
            Revision(
                municipality=city.municipality, sheet=sheet, number=1, submitted_at=now,
                submitted_by_id=sheet.staff_id,
            )
            for sheet, _ in submitted
        ),
    )  # fmt: skip
    _answers(
        city, cycle, [(revision, state) for revision, (_, state) in zip(revisions, submitted, strict=True)]
    )
    _drafts(
        city,
        [s for s, state in zip(sheets, states, strict=True) if state in (_S.DRAFTING, _S.SENT_BACK)],
        now,
    )
    write_evidence(city, revisions)
    freeze([sheet for sheet, state in submitted if state == _S.CONFIRMED], city.cells)
    newest = Subquery(Revision.objects.filter(sheet=OuterRef("pk")).values("pk")[:1])
    for state in sorted(set(states)):
        these = [sheet.pk for sheet, its in zip(sheets, states, strict=True) if its == state]
        changes = {"state": state}
        if state in WITH_REVISION:
            changes |= {"current_revision": newest, "submitted_at": now}
        if state == _S.CONFIRMED:
            changes["confirmed_at"] = now
        Sheet.objects.filter(pk__in=these).update(**changes)


def _answers(city: City, cycle: Cycle, revisions: list[tuple[Revision, str]]) -> None:
    chance = random.Random(f"{city.municipality.code} {cycle.fiscal_year}")
    levels = {
        _S.FIRST_CONFIRMED: (Confirmation.Level.FIRST,),
        _S.CONFIRMED: (Confirmation.Level.FIRST, Confirmation.Level.FINAL),
    }
    ratings, confirmations, remarks = [], [], []
    now = timezone.now()
    common = {"municipality": city.municipality}
    for revision, state in revisions:
        # Nobody confirms themselves.
        own = int(revision.submitted_by_id == city.people[0].pk)
        for number, cell in enumerate(city.cells):
            step, less = chance.choice((0, 1, 1, 2, 2, 2, 3, 3, 4)), chance.choice((0, 0, 0, 1))
            # Everybody has something to be proud of and something near: no page has less to ask by chance.
            step, less = SURE.get(number, (step, less))
            ratings.append(
                Rating(
                    **common, revision=revision, cell=cell, step=step,
                    evidence=EVIDENCE if step >= HOLDER_STEP else "",
                )
            )  # fmt: skip
            confirmations += [
                Confirmation(
                    **common, revision=revision, cell=cell, level=level, step=max(0, step - less),
                    confirmer=city.people[own], updated_at=now,
                )
                for level in levels.get(state, ())
            ]  # fmt: skip
        if state == _S.SENT_BACK:
            remarks.append(
                Remark(
                    **common, revision=revision, kind=Remark.Kind.SENT_BACK, text="根拠をもう少し詳しく書いてください。",
                    author=city.people[1], at=now,
                )
            )  # fmt: skip
    _bulk(Rating, ratings)
    _bulk(Confirmation, confirmations)
    _bulk(Remark, remarks)


def _drafts(city: City, sheets: list[Sheet], now) -> None:
    _bulk(
        Draft,
        (
            Draft(
                municipality=city.municipality, sheet=sheet, cell=cell, step=number % 5,
                evidence=EVIDENCE if number % 5 >= HOLDER_STEP else "", updated_at=now,
            )
            for sheet in sheets
            for number, cell in enumerate(city.cells)
        ),
    )  # fmt: skip


def _needs(city: City) -> None:
    now = timezone.now()
    common = {"municipality": city.municipality, "cycle": city.cycle, "updated_at": now}
    _bulk(
        Need,
        (
            Need(**common, department=team, cell=cell, count=number % 4)
            for team in city.teams
            for number, cell in enumerate(city.cells)
        ),
    )
    ExternalCover.objects.create(**common, department=city.sections[0], cell=city.cells[0], count=1)
    CountingRule.objects.create(**common, department=city.sections[0])
