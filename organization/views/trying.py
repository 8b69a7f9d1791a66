"""What the forms of sign-in share: count before the password is looked at, say how long to wait, write down what failed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from access.client import address_of
from audit.models import Event, record
from lib import tenant
from organization import attempts
from organization.devices import device_of
from organization.models import Staff
from organization.tenancy import municipality_of_username

HELD = "違うパスワードが続けて入力されたため、{}まで、この端末からは試せません。{}になったら、もう一度入力してください。"
# Where the form takes one.
CODE = "急ぐときは、人事かシステム管理の担当に、1回だけ使える番号を頼んでください。"


def begin(request, name: str) -> attempts.Trial:
    """Count the attempt; raises attempts.Held."""
    return attempts.begin(
        name=name, address=address_of(request), device=device_of(request, name), now=timezone.now()
    )


def failed(request, name: str, trial: attempts.Trial) -> None:
    """Write down a failure after which the next one waits, the same for a name that nobody has."""
    if trial.holds:
        _note(request, "account.held", name=name, failures=trial.failures)
    if trial.crowded:
        _note(request, "account.many_failures", failures=attempts.BURST)


def answer_held(
    request, template: str, ctx: dict[str, Any], held: attempts.Held, *, code: bool = True
) -> HttpResponse:
    """Return the form with the time from which to try again, 429; the password is not kept."""
    ctx["form"].add_error(None, HELD.format(held.words, held.words) + (CODE if code else ""))
    return held.answered(render(request, template, ctx, status=429))


def answer_wait(request, held: attempts.Held) -> HttpResponse:
    """Answer 429 in place of a form that must not be looked at; says nothing of what was typed."""
    message = f"違うパスワードが続けて入力されました。{held.words}になったら、もう一度入力してください。"
    return held.answered(render(request, "errors/429.html", {"message": message}, status=429))


def _note(request, action: str, *, name: str = "", failures: int) -> None:
    municipality_id = municipality_of_username(name)
    known = tenant.as_nobody() if municipality_id is None else tenant.as_tenant(municipality_id)
    with known:
        staff = Staff.objects.filter(username=name).only("pk", "uuid").first()
        record(
            by=None, action=action, now=timezone.now(), kind=Event.Kind.TECHNICAL, municipality_id=municipality_id,
            subject_uuid=staff.uuid if staff else None, data={"failures": failures}, address=address_of(request),
            request_id=request.request_id,
        )  # fmt: skip
