"""The small municipality of an interleaving, and the people in it with a browser each. No drill itself."""

import datetime
from collections.abc import Mapping

from django.test import Client

from access.actor import Role
from assessments.models import Sheet
from competency.models import FrameworkVersion
from organization.models import Staff
from organization.models.position import LineRole
from tests import builders as b

_BACKEND = "organization.backends.StaffBackend"


class Town:
    """課 A with a 係長 and a 所属長, 課 B with a 所属長 alone, one person with a sheet, 人事, and a year after this one."""

    def __init__(self, code: str = "011002"):
        version = FrameworkVersion.objects.filter(state="published").first() or b.make_version()
        self.codes = list(version.cells.order_by("rank").values_list("code", flat=True))
        city = b.make_municipality(code=code)
        first, second = b.make_department(city, "第一課"), b.make_department(city, "第二課")
        self.places = {"A": str(first.uuid), "B": str(second.uuid)}
        people = {
            "person": (first, LineRole.NONE),
            "kakari": (first, LineRole.FIRST),
            "kacho": (first, LineRole.HEAD),
            "head_b": (second, LineRole.HEAD),
            "hr": (b.make_department(city, "人事課"), LineRole.NONE),
        }
        self.staff: dict[str, Staff] = {}
        for name, (department, role) in people.items():
            staff = b.make_staff(city, name)
            b.make_posting(staff, department, line_role=role)
            if name == "hr":
                b.make_grant(staff, Role.HR)
            if name == "person":
                person = staff
            self.staff[name] = staff
        cycle = b.make_cycle(city, version)
        later = b.make_cycle(
            city, version, fiscal_year=cycle.fiscal_year + 1, state="prepared",
            reference_date=datetime.date(cycle.fiscal_year, 4, 1),
        )  # fmt: skip
        sheet = b.make_sheet(person, cycle, first)
        self.sheet, self.sheet_pk, self.person = str(sheet.uuid), sheet.pk, str(person.uuid)
        self.cycle, self.next_cycle, self.next_cycle_pk = str(cycle.uuid), str(later.uuid), later.pk
        self.sign_in()

    def sign_in(self) -> None:
        """Give everybody a browser in which they are signed in: what is taken back takes the use of a session with it, and
        an hour later it would be idle.
        """
        self.clients: dict[str, Client] = {}
        for name, staff in self.staff.items():
            self.clients[name] = Client(raise_request_exception=False)
            self.clients[name].force_login(staff, backend=_BACKEND)

    def send(self, who: str, path: str, body: Mapping[str, str] | None, *, json: bool):
        """Send one request as somebody, and return Django's answer."""
        client = self.clients[who]
        # What a page would have shown and taken away; nobody reads it here.
        client.cookies.pop("messages", None)
        headers = {"Accept": "application/json" if json else "text/html"}
        got = (
            client.get(path, headers=headers)
            if body is None
            else client.post(path, dict(body), headers=headers)
        )
        if got.status_code == 401 or got.headers.get("Location", "").startswith("/login/"):
            raise AssertionError(f"{who} is no longer signed in: nothing that follows would be judged")
        return got

    def of_next_year(self) -> bool:
        """Say whether everybody has exactly one sheet of the next year."""
        return Sheet.objects.filter(cycle=self.next_cycle_pk).count() == len(self.staff)
