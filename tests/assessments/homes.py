"""The home page of somebody, and what it is made of, for its tests."""

from django.urls import reverse
from django.utils import timezone

from assessments.models import Cycle, Draft, Sheet, TransferWish
from lib.fiscal import fiscal_year
from tests import builders as b
from tests.assessments.sheets import steps_of, submitted

URL = "/"


def text(response):
    return response.content.decode()


def home(sign_in, name="honnin"):
    response = sign_in(name).get(URL)
    assert response.status_code == 200
    page = text(response)
    assert page.count('class="button primary') <= 1
    return page


def url(name, sheet):
    return reverse(f"assessments:{name}", args=[sheet.uuid])


def draft(sheet, *ranks, step=2, evidence=""):
    for cell in sheet.cycle.framework_version.cells.filter(rank__in=ranks):
        Draft.objects.create(
            municipality=sheet.municipality,
            sheet=sheet,
            cell=cell,
            step=step,
            evidence=evidence,
            updated_at=timezone.now(),
        )
    Sheet.objects.filter(pk=sheet.pk).update(state=Sheet.State.DRAFTING)


def last_year_of(world, step=2):
    cycle = b.make_cycle(world.city, world.version, fiscal_year=2025, state=Cycle.State.CLOSED)
    return submitted(b.make_sheet(world.honnin, cycle, world.kakari_dept), steps_of(world.sheet, step))


def wished(staff):
    """Write this year's 異動希望, so that the home page need not say that it may be written."""
    TransferWish.objects.create(
        municipality=staff.municipality, staff=staff, fiscal_year=fiscal_year(timezone.localdate()), wish="stay",
        updated_at=timezone.now(),
    )  # fmt: skip
