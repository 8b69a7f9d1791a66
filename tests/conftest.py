"""What every test stands on."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import override_settings
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["tests.standing", "tests.world", "tests.routes", "tests.network"]

E2E = Path(__file__).parent / "e2e"
DRILLS = Path(__file__).parent / "drills"
FEW = 4

# The same examples on every run, so that a red build can be looked into; HYPOTHESIS_PROFILE=explore looks further.
# No deadline: machines are shared and a slow one is no bug.
hypothesis_settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
hypothesis_settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_configure(config: pytest.Config) -> None:
    """Tell a run of browser tests from one of unit tests; they never share a process."""
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    if asked and all(path.is_relative_to(E2E) for path in asked):
        config.option.markexpr = "e2e"
    if config.option.markexpr == "e2e":
        # Playwright's sync API keeps an event loop on the main thread, where the ORM would refuse to work.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything in tests/e2e as a browser test; with DATABASE_TESTS leave out what no engine can change.

    The second engine's run asks again only what reaches a database: arithmetic and parsing were asked by the first. `some`
    asks of a test with many cases a sample, for its statements are the same; `all` asks each of them.
    """
    for item in items:
        if item.path.is_relative_to(E2E):
            item.add_marker(pytest.mark.e2e)
    if wanted := os.environ.get("DATABASE_TESTS"):
        asked = [item for item in items if _reaches_a_database(item)]
        if wanted == "some":
            asked = _sample(asked)
        kept = set(asked)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = asked


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end anyway: a run makes and drops millions of objects beside it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _sample(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return all cases of a test that has up to four, the first, the last and every fourth of one that has more."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.split("[")[0], []).append(item)
    left_out: set[pytest.Item] = set()
    for each in cases.values():
        if len(each) > FEW:
            left_out.update(set(each[:-1]) - set(each[::4]))
    return [item for item in items if item not in left_out]


def _reaches_a_database(item: pytest.Item) -> bool:
    """Say whether a test asked for a database, by a fixture or by its mark: no other can get at one.

    The tests of the drills are asked once: the drills themselves run on both engines.
    """
    if item.path.is_relative_to(DRILLS):
        return False
    asked = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}
    return item.get_closest_marker("django_db") is not None or bool(
        asked & set(getattr(item, "fixturenames", ()))
    )


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Serve static files under their own names: hashed ones would need collectstatic before every run.

    Files that a test attaches or makes lie in a folder of the run.
    """
    with override_settings(
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        FILES_DIR=tmp_path_factory.mktemp("files"),
        MAINTENANCE_FILE=tmp_path_factory.mktemp("maintenance") / "maintenance.json",
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _emptying_passes_immutability() -> Iterator[None]:
    """Let the emptying of the database between transactional tests pass the triggers that guard history.

    Only the emptying: whatever a test itself does meets them.
    """
    unguarded = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        connection = self.connection
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
            drop = [f"DROP TRIGGER {connection.ops.quote_name(name)}" for name, _ in triggers]
            unguarded(self, [*drop, *sql_list, *(sql for _, sql in triggers)])
        else:
            replica = "SET session_replication_role = 'replica'"
            unguarded(self, [replica, *sql_list, "SET session_replication_role = 'origin'"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield
