"""What a session keeps about how its person was recognised: who waits for the second step, what was proven, and when."""

import time
from dataclasses import asdict, dataclass

from organization.backends import StaffBackend
from organization.models import Staff

# Of a session that nobody is signed in to yet: whose first step was right.
PENDING = "second_step"
# Of a session of somebody: by what the second factor was proven, and when anything was proven last.
SECOND_FACTOR = "second_factor"
PROVEN_AT = "proven_at"
# Wrong answers at the proof page of this session.
FAILED = "second_factor_failed"
LIFETIME = 600
# After so many wrong answers the first step is asked for again.
MOST_WRONG = 5


@dataclass
class Pending:
    """Somebody whose password was right, for ten minutes; `code` is the one-time code that it was, if any."""

    staff: int
    municipality: int
    how: str
    wanted: str
    at: int
    code: int | None = None
    failed: int = 0
    # Of the password that was right: with another one the first step is asked for again.
    password: str = ""

    def keep(self, request) -> None:
        """Write it into the session."""
        request.session[PENDING] = asdict(self)

    def person(self) -> Staff | None:
        """Return whom it is about; None once the account is closed or has another password. Ask inside their municipality."""
        staff = StaffBackend().get_user(self.staff)
        return staff if staff is not None and staff.get_session_auth_hash() == self.password else None


def pending_of(request) -> Pending | None:
    """Return who waits in this session for the second step, None for nobody and once the ten minutes are over."""
    kept = request.session.get(PENDING)
    if kept is None:
        return None
    pending = Pending(**kept)
    return pending if 0 <= time.time() - pending.at <= LIFETIME else None


def mark(request, *, factor: str = "") -> None:
    """Note that the person of this session has just proven who they are; `factor` says by which second factor."""
    request.session[PROVEN_AT] = int(time.time())
    request.session.pop(FAILED, None)
    if factor:
        request.session[SECOND_FACTOR] = factor


def is_fresh(request) -> bool:
    """Say whether something was proven in this session within the last ten minutes."""
    return 0 <= time.time() - request.session.get(PROVEN_AT, 0) <= LIFETIME


def has_proven(request) -> bool:
    """Say whether a second factor was proven in this session."""
    return bool(request.session.get(SECOND_FACTOR))


def forget_factor(request) -> None:
    """Note that nothing of ours was proven beside the password; what another system vouched for stays."""
    if request.session.get(SECOND_FACTOR) != "provider":
        request.session.pop(SECOND_FACTOR, None)


def count_wrong(request) -> int:
    """Count a wrong answer of the person of this session; return how many there were in a row."""
    request.session[FAILED] = request.session.get(FAILED, 0) + 1
    return request.session[FAILED]
