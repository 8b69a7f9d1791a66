"""Who uses a cell or a version now, asked of whoever knows: `gaps` answers (docs/adr/0043).

Ratings lie in `assessments` and 必要人数 in `gaps`, which this app may not import. What comes back is made for the eyes
of the 体系の編集: numbers of people are words already, and none under five stands among them (docs/adr/0014).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from competency.models import FrameworkVersion


@dataclass(frozen=True)
class CellUse:
    """Who uses a cell: people with a 記入 and with a 確認 as words, 業務 that ask for it, 所属 that need it."""

    people: str = ""
    confirmed: str = ""
    duties: int = 0
    needs: int = 0


@dataclass(frozen=True)
class Impact:
    """Whom the successor of a version concerns. Numbers of people are words; `years` are those in progress.

    `people` and `departments` have a sheet in such a year; `again` had written a cell that is to be written again
    or is gone; `recorded` have a confirmed record under the version.
    """

    years: tuple[str, ...] = ()
    people: str = ""
    departments: int = 0
    again: str = ""
    recorded: str = ""


class Watcher(Protocol):
    """Whoever knows."""

    def cells(self, municipality_id: int, version: FrameworkVersion, people: bool) -> Mapping[str, CellUse]:
        """Return who uses which cell of a version in a municipality, by code; no row for a cell nobody uses.

        Without `people` only what 業務 and 所属 ask for.
        """
        ...

    def impact(self, municipality_id: int, version: FrameworkVersion, again: Collection[str]) -> Impact:
        """Return whom a successor of the version concerns that asks for these of its cells again."""
        ...

    def years(self, municipality_id: int, version: FrameworkVersion) -> list[str]:
        """Return the names of the years that are not over and use the version."""
        ...


_watchers: list[Watcher] = []


def watch_with(watcher: Watcher) -> None:
    """Let this object answer; called once, when the apps are ready."""
    _watchers[:] = [watcher]


def cells(
    municipality_id: int, version: FrameworkVersion | None, *, people: bool = True
) -> Mapping[str, CellUse]:
    """Return who uses which cell of a version, by code; {} without a version or where nobody knows.

    Without `people` only what 業務 and 所属 ask for, which is two queries less.
    """
    return _watchers[0].cells(municipality_id, version, people) if _watchers and version else {}


def impact(municipality_id: int, version: FrameworkVersion | None, again: Collection[str]) -> Impact:
    """Return whom a successor of the version concerns; an empty Impact without a version or where nobody knows."""
    return _watchers[0].impact(municipality_id, version, again) if _watchers and version else Impact()


def years(municipality_id: int, version: FrameworkVersion) -> list[str]:
    """Return the names of the years that are not over and use the version."""
    return _watchers[0].years(municipality_id, version) if _watchers else []
