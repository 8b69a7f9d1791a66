"""Refused requests of people who are signed in go into the trail: who tries doors is what an auditor asks first."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from access.refusals import Forbidden, NotVisible
from audit.models import Event, record

REFUSED = "access.refused"
_STATUS = {Forbidden: 403, PermissionDenied: 403, NotVisible: 404, Http404: 404}


class RefusalTrailMiddleware:
    """Writes one event for each 403 and 404 that a view raises. It answers nothing itself.

    Foreign, out of scope and nonexistent are written alike: the trail must not tell what the answer hides.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Note a refusal, after the view's own transaction was rolled back; None lets the others answer."""
        status = next((code for kind, code in _STATUS.items() if isinstance(exception, kind)), None)
        actor = getattr(request, "actor", None)
        if status is None or actor is None:
            return
        match = request.resolver_match
        wanted = next((str(value) for value in match.kwargs.values() if isinstance(value, uuid.UUID)), "")
        with transaction.atomic():
            record(
                by=actor,
                action=REFUSED,
                now=timezone.now(),
                kind=Event.Kind.TECHNICAL,
                data={"status": status, "view": match.view_name, "method": request.method, "wanted": wanted},
            )
        return
