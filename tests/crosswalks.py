"""The crosswalks and tags that the product ships, read without a database and stored for a test."""

import functools
from pathlib import Path

from django.conf import settings

from competency.crosswalk_file import CrosswalkFile, Line, Link, parse_crosswalk
from competency.models import Crosswalk, CrosswalkItem, CrosswalkLink

DATA = Path(settings.BASE_DIR) / "competency" / "data"
NAMES = ("crosswalk-q3-1", "tags-digital-jinzai", "tags-dss-2024")


@functools.cache
def shipped_crosswalk(name: str) -> CrosswalkFile:
    """Return a file of competency/data, read."""
    return parse_crosswalk((DATA / f"{name}.yaml").read_text("utf-8"))


def make_rule() -> Crosswalk:
    """Store the common crosswalk behind the 13 skills."""
    return make_crosswalk(shipped_crosswalk("crosswalk-q3-1"))


def tags_file(*lines: Line, code: str = "tags-x", **kwargs) -> CrosswalkFile:
    """Return a small set of tags; without lines one of two that name parts of `builders.make_version`."""
    some = (
        Line(
            "index",
            "設計する人",
            "考える",
            (Link("area", "security-policy"), Link("cell", "communication.1")),
        ),
        Line("second", "伝える人", "", (Link("area", "communication"), Link("cell", "gone.1"))),
    )
    values = {"kind": "tags", "name": "人の種類", "year": 2024, "source": "ある指針", "proposal": True}
    return CrosswalkFile(code=code, lines=lines or some, **(values | kwargs))


def make_crosswalk(file: CrosswalkFile, municipality=None, **kwargs) -> Crosswalk:
    """Return a stored crosswalk, common unless told otherwise."""
    row = Crosswalk.objects.create(
        municipality=municipality, code=file.code, kind=file.kind, name=file.name, year=file.year, source=file.source,
        note=file.note, is_proposal=file.proposal, **kwargs,
    )  # fmt: skip
    for rank, line in enumerate(file.lines):
        item = CrosswalkItem.objects.create(
            crosswalk=row, rank=rank, code=line.code, name=line.name, note=line.note
        )
        for link in line.links:
            CrosswalkLink.objects.create(item=item, target=link.target, code=link.code, note=link.note)
    return row
