"""A person of a drill against the views themselves, for the tests of drills; answers can be cut off. No drill itself."""

from collections.abc import Callable, Mapping

from django.test import Client

from assessments.models import Sheet
from competency.models import FrameworkVersion
from organization.models import Staff
from tests import builders as b
from tests.drills.browser import Answer, Seen
from tests.drills.person import Person


class Wire:
    """Sends to the views, for one person; `cut` says which answers are lost on their way back."""

    def __init__(
        self,
        who: Staff,
        seen: Seen,
        cut: Callable[[str, str], bool] = lambda method, path: False,
    ):
        self.client = Client(raise_request_exception=False)
        self._who = who
        self.sign_in()
        self.seen, self._cut = seen, cut

    def sign_in(self) -> None:
        """Begin a new session, whatever became of the one before."""
        self.client.force_login(self._who)

    def __call__(
        self, method: str, path: str, body: Mapping[str, str] | None = None, *, json: bool = False
    ) -> Answer | None:
        """Send one request; the server has done what was asked even where nothing comes back."""
        headers = {"Accept": "application/json" if json else "text/html"}
        send = self.client.post if method == "POST" else self.client.get
        got = send(path, dict(body or {}), headers=headers)
        answer = Answer(
            got.status_code,
            got.content.decode(),
            got.headers.get("Location", ""),
            got.headers.get("Retry-After", ""),
        )
        answer = None if self._cut(method, path) else answer
        self.seen.note(answer, reading=method == "GET", began=0.0)
        return answer


def make_person(
    *, cut: Callable[[str, str], bool] = lambda method, path: False, key_of: Callable[[str], str] = str
) -> Person:
    """Return a person with a sheet of a small matrix, signed in; the form is not open yet."""
    city = b.make_municipality()
    department = b.make_department(city)
    staff = b.make_staff(city)
    b.make_posting(staff, department)
    version = FrameworkVersion.objects.first() or b.make_version()
    sheet: Sheet = b.make_sheet(staff, b.make_cycle(city, version), department)
    seen = Seen()
    return Person("職員001", str(staff.uuid), str(sheet.uuid), Wire(staff, seen, cut), seen, key_of=key_of)


def every(number: int, method: str = "POST") -> Callable[[str, str], bool]:
    """Return what cuts off every so many answers to a method."""
    count = 0

    def cut(asked: str, path: str) -> bool:
        nonlocal count
        count += asked == method
        return asked == method and count % number == 0

    return cut
