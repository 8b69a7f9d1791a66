"""Which comments of the line a reader may read: after a transfer the new line sees levels and entries, not these."""

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from access.actor import Actor, Role
from lib.paths import upper_bound
from organization.models import Posting


def heard(comments: QuerySet, *, actor: Actor, staff_id: int, author: str, at) -> QuerySet:
    """Return the queryset with `heard`: whether the actor may read what somebody said about one person. No query.

    That is what was said since the person came into the actor's present scope without a break, what the actor said,
    and for 人事 all of it. `author` names the column of who said it, `at` is the column or the instant of when. The
    caller has the person in scope; what the person themselves reads is decided elsewhere.
    """
    if actor.has(Role.HR):
        return comments.annotate(heard=Value(True))
    scope = Q(pk__in=[])
    for root in actor.line_paths:
        scope |= Q(department__path__gte=root, department__path__lt=upper_bound(root))
    mine = Posting.objects.filter(scope, staff_id=staff_id, start__lte=actor.today)
    there = mine.active_on(OuterRef("said_on"))
    # A break: a posting ended since, and on that day no other one was in force.
    goes_on = mine.active_on(OuterRef("end"))
    broken = mine.filter(~Exists(goes_on), end__gt=OuterRef("said_on"), end__lte=actor.today)
    allowed = Q(**{author: actor.staff_id}) | (Q(Exists(there)) & ~Q(Exists(broken)))
    said_on = TruncDate(F(at) if isinstance(at, str) else Value(at))
    return comments.annotate(said_on=said_on).annotate(heard=ExpressionWrapper(allowed, BooleanField()))
