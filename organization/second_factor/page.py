"""The forms with which somebody proves a second factor: the same at sign-in and before the factors are changed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from organization import attempts
from organization.factor_forms import CodeForm, PasskeyAnswerForm, ProofPasswordForm, RecoveryForm
from organization.models import Staff
from organization.second_factor import passkeys, proving, reads

PASSWORD = "password"  # noqa: S105 - a way, no password
_HELD = "続けて違う答えだったため、{}まで試せません。{}になったら、もう一度入力してください。"
_FORMS = {
    proving.APP: CodeForm,
    proving.RECOVERY: RecoveryForm,
    proving.PASSKEY: PasskeyAnswerForm,
    PASSWORD: ProofPasswordForm,
}


class Proof:
    """One page of ways to prove who somebody is, and the answer that was sent, if any.

    Whoever has a second factor proves that; with `allow_password` whoever has none gives the present password.
    """

    def __init__(self, request, staff: Staff, *, allow_password: bool = False) -> None:
        self.request, self.staff = request, staff
        self.place = passkeys.place_of(request)
        self.keys = reads.passkeys_of(staff)
        self.here = [key for key in self.keys if self.place and key.rp_id == self.place.rp_id]
        self.codes = reads.codes_left(staff)
        app = reads.app_of(staff) is not None
        self.ways = [
            way
            for way, there in (
                (proving.APP, app),
                (proving.PASSKEY, bool(self.here)),
                (proving.RECOVERY, bool(self.codes)),
            )
            if there
        ]
        if allow_password and not app and not self.keys:
            self.ways = [PASSWORD]
        sent = request.POST.get("way", "") if request.method == "POST" else ""
        self.way = sent if sent in self.ways else ""
        self.form = _FORMS[self.way](request.POST, auto_id=f"id_{self.way}_%s") if self.way else None
        self.is_wrong = False
        self.held: attempts.Held | None = None

    @property
    def errors(self) -> bool:
        """Say whether the page has to say what was wrong."""
        return self.form is not None and bool(self.form.errors)

    def is_right(self) -> bool:
        """Say whether the answer that was sent is right, and use it up; the form says it otherwise."""
        if self.form is None or not self.form.is_valid():
            return False
        given, now, trial = self.form.cleaned_data["given"], timezone.now(), None
        # Nobody guesses the signature of a passkey: its owner is not held up by what others type.
        if self.way != proving.PASSKEY:
            try:
                trial = attempts.begin_second_step(
                    staff_uuid=self.staff.uuid, name=self.staff.username, now=now
                )
            except attempts.Held as held:
                self.held = held
                self.form.add_error("given", _HELD.format(held.words, held.words))
                return False
        if self.way == PASSWORD:
            right, words = self.staff.check_password(given), "いまのパスワードが違います。"
        else:
            right, words = proving.prove(self.request, self.staff, self.way, given), proving.WRONG[self.way]
        if right and trial is not None:
            attempts.succeeded(trial, now=now)
        if not right:
            self.is_wrong = True
            self.form.add_error("given" if self.way != proving.PASSKEY else None, words)
        return right

    def answer(self, template: str, ctx: dict) -> HttpResponse:
        """Return the page: 422 with what was wrong, 429 with how long to wait."""
        if self.held is not None:
            return self.held.answered(render(self.request, template, ctx, status=429))
        return render(self.request, template, ctx, status=422 if self.errors else 200)

    def context(self) -> dict:
        """Return what partials/_proof.html takes; the device is asked anew each time."""
        forms = {way: _FORMS[way](auto_id=f"id_{way}_%s") for way in self.ways}
        if self.form is not None:
            forms[self.way] = self.form
        asks = proving.PASSKEY in forms
        return {
            "form": self.form or {},
            "app": forms.get(proving.APP),
            "recovery": forms.get(proving.RECOVERY),
            "passkey": forms.get(proving.PASSKEY),
            "password": forms.get(PASSWORD),
            "options": passkeys.ask(self.request, self.place, passkeys.STEP, self.here) if asks else "",
            "elsewhere": bool(self.keys) and not self.here,
            "ways": self.ways,
        }
