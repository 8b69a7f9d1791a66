"""`generate`: what it writes is accepted by `verify` whole, the same every time, and goes into an empty database alone."""

import datetime
import io
from itertools import pairwise

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef
from django.utils import timezone

from access.actor import Role
from assessments.models import Confirmation, Cycle, Draft, Leftover, Rating, Remark, Revision, Sheet
from audit.models import Event
from bench.data import load_lasdec
from config.generating import Refused, generate
from config.generating.loading import CopyLoader, InsertLoader
from config.generating.rows import COLUMNS
from config.management.commands import generate as command
from lib import fiscal, guards
from lib.paths import keys
from organization.models import Department, Grant, Leave, Municipality, Posting, Staff
from tests import builders as b

TODAY = datetime.date(2026, 11, 2)
SMALL = {"municipalities": 3, "staff": 300, "years": 3, "seed": 7}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def lasdec(db):
    return load_lasdec()


@pytest.fixture
def made(lasdec):
    return generate(**SMALL)


def verified() -> None:
    out = io.StringIO()
    try:
        call_command("verify", stdout=out)
    except CommandError as error:
        error.add_note(out.getvalue())
        raise


def content() -> dict[str, list[tuple]]:
    """Return every row of every table that is written, with keys counted from the first of their table."""
    models = {model._meta.db_table: model for model in apps.get_models()}
    first = {
        table: models[table].objects.order_by("pk").values_list("pk", flat=True).first() for table in COLUMNS
    }

    def told(model) -> list[tuple]:
        names = [field.attname for field in model._meta.local_concrete_fields if field.attname != "password"]
        tables = {
            field.attname: field.related_model._meta.db_table
            for field in model._meta.local_concrete_fields
            if field.related_model
        } | {"id": model._meta.db_table}
        found = []
        for row in model.objects.order_by("pk").values_list(*names):
            values = []
            for name, value in zip(names, row, strict=True):
                if name in ("path", "department_path"):
                    value = tuple(key - first["organization_department"] for key in keys(value))
                elif value is not None and first.get(tables.get(name)):
                    value -= first[tables[name]]
                values.append(value)
            found.append(tuple(values))
        return found

    return {table: told(models[table]) for table in COLUMNS}


def undone(**arguments) -> dict[str, list[tuple]]:
    """Generate, return what was written, and take it back."""
    with transaction.atomic():
        generate(**{**SMALL, "today": TODAY} | arguments)
        found = content()
        transaction.set_rollback(True)
    assert not Municipality.objects.exists()
    return found


# --- what is written --------------------------------------------------------------------------------------------------


def test_everything_is_accepted_by_verify(made):
    verified()
    assert made.total == sum(made.rows.values())
    assert made.rows["assessments_rating"] == Rating.objects.count()
    assert made.rows["assessments_rating"] == 17 * Revision.objects.count()


def test_the_smallest_there_can_be_is_accepted_too(lasdec):
    generate(municipalities=2, staff=16, years=1, seed=1)
    verified()
    assert Staff.objects.count() == 16


def test_on_the_first_day_of_a_year_nothing_lies_in_the_future(lasdec):
    generate(**SMALL, today=datetime.date(2026, 4, 1))
    assert Sheet.objects.order_by("-updated_at").first().updated_at <= timezone.now()
    assert (
        Cycle.objects.get(
            state=Cycle.State.OPEN, municipality__code=Municipality.objects.first().code
        ).fiscal_year
        == 2026
    )


def test_the_sizes_add_up(made):
    assert Municipality.objects.count() == 3
    assert Staff.objects.count() == 300
    sizes = Staff.objects.values("municipality").annotate(there=Count("pk")).values_list("there", flat=True)
    assert max(sizes) > 2 * min(sizes)
    newest = fiscal.first_day(fiscal.fiscal_year(timezone.localdate()))
    for municipality in Municipality.objects.all():
        here = Department.objects.get(municipality=municipality, name="デジタル推進課")
        mains = Posting.objects.active_on(newest).in_or_below(here.path).filter(kind="main")
        assert 1 <= mains.count() <= 40


def test_people_have_histories(made):
    newest = fiscal.fiscal_year(timezone.localdate())
    moved = Staff.objects.filter(postings__kind="main").annotate(seats=Count("postings")).filter(seats__gt=1)
    assert moved.count() > 30
    for person in moved[:20]:
        mains = person.postings.filter(kind="main").order_by("start")
        assert all(before.end == after.start for before, after in pairwise(mains))
    assert Posting.objects.filter(kind=Posting.Kind.ADDITIONAL, end__isnull=True).exists()
    left = Staff.objects.filter(left_on__isnull=False)
    assert left.exists()
    assert not left.filter(sheets__fiscal_year__gte=newest, left_on__lte=fiscal.first_day(newest)).exists()
    assert Leave.objects.exists()
    assert Staff.objects.filter(employment=Staff.Employment.FISCAL_YEAR).exists()
    # Everybody of the running year has a sheet in the department of that day.
    mains = Posting.objects.active_on(fiscal.first_day(newest)).filter(kind="main", staff=OuterRef("staff"))
    sheets = Sheet.objects.filter(fiscal_year=newest)
    assert sheets.count() == Posting.objects.active_on(fiscal.first_day(newest)).filter(kind="main").count()
    assert sheets.filter(Exists(mains.filter(department=OuterRef("department")))).count() == sheets.count()


def test_years_are_closed_and_this_one_is_in_every_state(made):
    assert set(Sheet.objects.filter(cycle__state="open").values_list("state", flat=True)) == set(
        Sheet.State.values
    )
    past = Sheet.objects.filter(cycle__state="closed")
    assert past.filter(state="confirmed").count() > 0.9 * past.count()
    assert Leftover.objects.count() == past.exclude(state="confirmed").count()
    assert Cycle.objects.filter(state="open").count() == 3
    assert Cycle.objects.filter(state="closed").count() == 6
    # Whoever is above: 一次確認 by a 係長, 確定 by a 所属長, and nobody by themselves.
    first = Confirmation.objects.filter(level="first")
    assert first.exists()
    leading = Posting.objects.filter(staff=OuterRef("confirmer"), line_role="first")
    assert first.filter(Exists(leading)).count() == first.count()
    assert not Confirmation.objects.filter(confirmer=F("revision__sheet__staff")).exists()
    assert Revision.objects.filter(number=2).exists()
    assert Remark.objects.filter(kind="sent_back").exists()
    kept = (
        Draft.objects.values("sheet__state")
        .annotate(there=Count("pk"))
        .values_list("sheet__state", flat=True)
    )
    assert set(kept) == {"drafting", "submitted", "first_confirmed", "sent_back"}


def test_somebody_holds_every_role_and_nobody_a_password(made):
    for municipality in Municipality.objects.all():
        roles = Grant.objects.filter(municipality=municipality).values_list("role", flat=True)
        assert set(roles) == {role.value for role in (Role.HR, Role.EDITOR, Role.AUDITOR, Role.SYSADMIN)}
        assert roles.get(staff__username=f"{municipality.code}-0000001") == Role.HR.value
    assert not any(person.has_usable_password() for person in Staff.objects.all())
    assert Event.objects.filter(action="system.generate", data__seed=7).count() == 1


# --- always the same --------------------------------------------------------------------------------------------------


def test_the_same_arguments_write_the_same_rows(lasdec):
    first = undone()
    assert undone() == first
    other = undone(seed=8)
    assert {table for table in COLUMNS if other[table] == first[table]} <= {"assessments_cycle"}


def test_rows_that_are_inserted_past_every_guard_are_those_that_are_loaded(lasdec):
    # With every guard, key and index in place: what `loading` takes down had nothing to refuse.
    assert undone(loader=lambda: InsertLoader(connection)) == undone()


# --- into an empty database alone -------------------------------------------------------------------------------------


def test_a_filled_database_is_refused(lasdec):
    b.make_municipality()
    with pytest.raises(CommandError, match="すでに団体"):
        call_command("generate", staff=100)
    assert Municipality.objects.count() == 1


def test_a_database_without_the_framework_is_refused(db):
    with pytest.raises(CommandError, match="load_framework"):
        call_command("generate", staff=100)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"municipalities": 1789}, "1788まで"), ({"municipalities": 0}, "1から"), ({"staff": 23}, "24人以上"),
        ({"years": 0}, "年度の数"), ({"years": 21}, "20まで"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_with_a_sentence(lasdec, asked, words):
    with pytest.raises(Refused, match=words):
        generate(**SMALL | asked)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no roles")
def test_the_plain_role_is_refused(lasdec, monkeypatch):
    monkeypatch.setattr("config.generating.running.sees_everything", lambda connection: False)
    with pytest.raises(Refused, match="所有者"):
        generate(**SMALL)


def test_what_breaks_in_the_middle_leaves_nothing_behind(lasdec, monkeypatch):
    loaded = []

    def breaking(load):
        def broken(self, batch):
            loaded.append(batch)
            if len(loaded) == 2:
                raise OSError("no space left")
            load(self, batch)

        return broken

    monkeypatch.setattr("config.generating.running._BATCH", 2000)
    monkeypatch.setattr(CopyLoader, "_copy", breaking(CopyLoader._copy))
    monkeypatch.setattr(InsertLoader, "load", breaking(InsertLoader.load))
    with pytest.raises(OSError, match="no space"):
        generate(**SMALL)
    assert not Municipality.objects.exists()
    assert guards.missing(connection, guards.installed_here()) == []
    monkeypatch.undo()
    generate(**SMALL)
    verified()


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_made_and_how_far_it_came(lasdec, monkeypatch):
    monkeypatch.setattr("config.generating.running._SPEAK", 0.0)
    out, err = io.StringIO(), io.StringIO()
    call_command("generate", municipalities=2, staff=40, years=1, seed=3, stdout=out, stderr=err)
    assert out.getvalue().startswith("2団体、40人、年度票")
    assert "2/2団体、40/40人" in err.getvalue()


def test_a_password_is_taken_from_a_file_and_must_be_a_good_one(lasdec, tmp_path, monkeypatch):
    file = tmp_path / "password"
    file.write_text("short\n", encoding="utf-8")
    with pytest.raises(CommandError, match="使えません"):
        call_command("generate", staff=20, password_file=file)
    with pytest.raises(CommandError, match="読めません"):
        call_command("generate", staff=20, password_file=tmp_path / "nothing")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="使えません"):
        call_command("generate", staff=20, password_file="-")
    file.write_text("いくつもの言葉を並べた合言葉\n", encoding="utf-8")
    call_command("generate", staff=20, password_file=file, stdout=io.StringIO())
    assert Staff.objects.first().check_password("いくつもの言葉を並べた合言葉")
    assert "合計" in command.Command.help
