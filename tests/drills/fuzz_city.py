"""The city that the drill `fuzz` asks: rows of every kind, the addresses of each URL, everybody who asks. No drill itself."""

import contextlib
from dataclasses import dataclass, field
from types import SimpleNamespace

from django.conf import settings

from access.routes import ROUTES
from assessments.models import Cycle, Sheet
from tests import builders as b
from tests.assessments.sheets import in_state
from tests.canary_world import make_canaries
from tests.drills.canaries import TARGET_MODEL
from tests.drills.fuzz_values import sound_files
from tests.routes import address

# Who sees most comes first: the walk asks them in this order until one may.
PEOPLE = (
    "jinji", "henshu", "sysadmin", "kansa", "honnin", "kacho", "kakari", "bucho", "dourei", "betsuka", "yoso",
)  # fmt: skip
NOBODY, TOKEN, NARROW = "nobody", "token", "narrow"
EVERYBODY = (*PEOPLE, NOBODY, TOKEN, NARROW)
# Another word in an address than the first one that tests/routes.py takes.
_KINDS = {
    "/entries/experience/": [f"/entries/{kind}/" for kind in ("certification", "training", "career", "handover", "none")],
    "/template/roster.csv": [f"/template/{kind}.csv" for kind in settings.IMPORT_KINDS],
    "/CFDocuments/": [f"/{kind}/" for kind in ("CFPackages", "CFItems", "CFAssociations", "CFItemTypes", "CFRubrics")],
    "/manual/index/": ["/manual/privacy/", "/manual/none/"],
}  # fmt: skip


@dataclass
class City:
    """The world, the addresses of each URL, the ids of what is there, and the tokens of those who come with one."""

    world: SimpleNamespace
    addresses: dict[str, list[str]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, bytes]] = field(default_factory=sound_files)


def build() -> City:
    """Write the city."""
    world, owners, _ = make_canaries()
    city = City(world)
    sheets = _sheets(world)
    # Not open yet, in a year that nothing else has.
    planned = b.make_cycle(world.city, world.version, fiscal_year=2031, state=Cycle.State.PREPARED)
    rows = {
        kind: [owner.rows[model] for owner in owners.values() if model in owner.rows]
        for kind, model in TARGET_MODEL.items()
        # Planted without the tables that every survey has.
        if kind != "survey"
    }
    for name, route in sorted(ROUTES.items()):
        targets = [None]
        if route.target is not None:
            ours, foreign = world.targets.get(route.target, (None, None))
            targets = [one for one in (ours, *rows.get(route.target, []), foreign) if one is not None]
            targets += {"sheet": sheets, "cycle": [planned]}.get(route.target, [])
        found = city.addresses.setdefault(name, [])
        for target in [*targets, None]:
            # A part of a draft has two ids; the world's own has them.
            with contextlib.suppress(AttributeError):
                found.append(address(name, target))
        if route.target == "export_kind":
            found += [found[0].replace(f"/{_first_export()}/", f"/{kind}/") for kind in settings.EXPORT_KINDS]
        for word, others in _KINDS.items():
            found += [found[0].replace(word, other) for other in others if word in found[0]]
        city.addresses[name] = list(dict.fromkeys(found))
    for kind in sorted(rows):
        city.keys += [str(row.uuid) for row in rows[kind] if hasattr(row, "uuid")]
    city.keys += [str(cell.uuid) for cell in world.cells[:3]] + [str(world.sheet.uuid), str(world.yoso.uuid)]
    city.tokens[TOKEN] = b.make_token(world.jinji)[1]
    city.tokens[NARROW] = b.make_token(world.jinji, scopes=["records"], department=world.kakari_dept)[1]
    return city


def _first_export() -> str:
    return next(iter(settings.EXPORT_KINDS))


def _sheets(world: SimpleNamespace) -> list[Sheet]:
    """Return sheets of the year that runs, in every state that the line meets."""
    made = []
    for name, state in (
        ("dourei", "drafting"),
        ("kakari", "submitted"),
        ("betsuka", "first_confirmed"),
        ("henshu", "confirmed"),
    ):
        staff = getattr(world, name)
        department = staff.postings.get().department
        made.append(in_state(b.make_sheet(staff, world.cycle, department), state, world.kacho))
    return made
