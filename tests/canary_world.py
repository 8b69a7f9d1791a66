"""The world in which canaries are planted: みほん市 with its people, and three owners of words."""

from types import SimpleNamespace

from assessments.models import Cycle
from competency.models import VersionComment
from organization.models import Municipality
from tests import builders as b
from tests.canaries import Canary, Owner, plant, word
from tests.routes import make_targets
from tests.world import make_world

# Whose words: of another municipality, of another department, of the department in which half of the personas work.
FOREIGN, ELSEWHERE, OWN = "foreign", "elsewhere", "own"


def make_canaries() -> tuple[SimpleNamespace, dict[str, Owner], list[Canary]]:
    """Return the world, the owners with their rows, and every word; the sheets are as far as they can be."""
    world = make_world()
    world.targets = make_targets(world)
    # What rows of a year lead to; the versions and cells that are planted are drafts of the owner's municipality.
    common = {
        "cell of a year": world.cells[0],
        "version of a year": world.version,
        "earlier": world.version,
        "later": b.make_version(code="later", name="次の版"),
    }
    city_words = {"name": word(), "contact": word()}
    Municipality.objects.filter(pk=world.other_city.pk).update(**city_words)
    owners = {}
    for name, city, department, staff, year in (
        (FOREIGN, world.other_city, world.foreign_department, world.yoso, 2024),
        (ELSEWHERE, world.city, world.jinjika, world.betsuka, 2024),
        (OWN, world.city, world.kakari_dept, world.honnin, 2025),
    ):
        closed = b.make_cycle(city, world.version, fiscal_year=year, state=Cycle.State.CLOSED)
        rows = {
            **common,
            "organization.Municipality": city, "organization.Department": department, "organization.Staff": staff,
            "organization.Posting": staff.postings.get(), "assessments.Cycle": closed,
            "assessments.Sheet": b.make_sheet(staff, closed, department, position="係員"),
        }  # fmt: skip
        owners[name] = Owner(name, rows)
    canaries = [
        Canary(text, FOREIGN, "organization.Municipality", field) for field, text in city_words.items()
    ]
    for owner in owners.values():
        canaries += plant(owner)
        # The desk belongs to editors: whoever comments there is one, and may be named to the others.
        VersionComment.objects.filter(pk=owner.rows["competency.VersionComment"].pk).update(
            author=owner.rows["organization.Staff"] if owner.name == FOREIGN else world.henshu
        )
    return world, owners, canaries
