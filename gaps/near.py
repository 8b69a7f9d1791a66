"""What somebody's own department lacks, in words alone: for their home page (P16, Small numbers). Two queries."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Case, CharField, F, IntegerField, Q, Subquery, Value, When
from django.db.models.functions import Cast

from access.actor import Actor
from assessments.models import Cycle
from assessments.team import Lack, Lacking
from competency.models import FrameworkVersion
from gaps.counting import holder_counts
from gaps.coverage import Rule, inherited, status
from gaps.models import CountingRule, ExternalCover, Need
from gaps.policies import may_see_words
from lib.paths import LEVEL_DIGITS, ancestors, upper_bound


@dataclass
class _Said:
    """What the departments around the own one said for the year that a report is about."""

    year: int = 0
    version: FrameworkVersion = field(default_factory=FrameworkVersion)
    needs: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    external: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    rules: dict[str, Rule] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def needed(self, path: str) -> tuple[str, dict[str, int]] | None:
        """Return the nearest department, from `path` upwards, that has 必要人数, with them; None for none.

        For the own one what is below it counts too (design, 2: Needs in the tree); of one above only its own.
        """
        for place in reversed(ancestors(path)):
            found = _inherited(place, self.needs) if place == path else self.needs.get(place)
            if found is not None:
                return place, found
        return None

    def rule_for(self, path: str) -> Rule:
        """Return the rule of the department, else of the nearest above that has one, else the default."""
        return next((self.rules[at] for at in reversed(ancestors(path)) if at in self.rules), Rule())


def lacking(actor: Actor, path: str, codes: Sequence[str]) -> Lacking | None:
    """Return which of the cells the department of the actor's 本務 lacks, worst first; None where nobody said.

    Where the own unit has no 必要人数 the nearest one above speaks for it: a 係 is measured by its 課. Words alone
    at any size, so that no count of people can follow from it.
    """
    said = _read(actor, path)
    needed = said.needed(path)
    if needed is None or not may_see_words(actor, needed[0]):
        return None
    place, needs = needed
    rule = said.rule_for(place)
    holders = holder_counts(
        municipality_id=actor.municipality_id,
        path=place,
        on=actor.today,
        year=said.year,
        version=said.version,
        fiscal_year_staff=rule.fiscal_year_staff,
    )
    external = (_inherited(place, said.external) or {}) if rule.external else {}
    found = [
        (status(needs[code], holders.get(code, 0) + external.get(code, 0)), code)
        for code in codes
        if code in needs
    ]
    gaps = sorted((one for one in found if one[0].is_gap), key=lambda one: -one[0].severity)
    return Lacking(
        said.names.get(place, actor.place), tuple(Lack(code, one.label, one.value) for one, code in gaps)
    )


def _read(actor: Actor, path: str) -> _Said:
    """Read what was said for the newest open year, else the newest closed one, at, below and above a path."""
    ahead = Case(When(state=Cycle.State.OPEN, then=0), default=1)
    cycle = (
        Cycle.objects.filter(municipality_id=actor.municipality_id)
        .exclude(state=Cycle.State.PREPARED)
        .order_by(ahead, "-fiscal_year")
        .values("pk")[:1]
    )
    there = Q(department__path__gte=path, department__path__lt=upper_bound(path))
    there |= Q(department__path__in=ancestors(path))
    valid = Q(department__valid_from__lte=actor.today) & (
        Q(department__valid_to__isnull=True) | Q(department__valid_to__gt=actor.today)
    )
    mine = Q(municipality_id=actor.municipality_id, cycle=Subquery(cycle)) & there & valid
    current = Q(cell__version=F("cycle__framework_version"))
    legs = [
        _leg(Need.objects.filter(mine, current), "need", F("cell__code"), "count"),
        _leg(ExternalCover.objects.filter(mine, current), "external", F("cell__code"), "count"),
        _leg(
            CountingRule.objects.filter(mine), "rule", _text(""), "count_fiscal_year_staff", "count_external"
        ),
    ]
    said = _Said()
    for leg, year, pk, key, state, base, place, name, code, first, second in legs[0].union(
        *legs[1:], all=True
    ):
        said.year = year
        # All that a process needs to find what it keeps of the version.
        said.version = FrameworkVersion(pk=pk, uuid=uuid.UUID(str(key)), state=state, based_on_id=base)
        said.names[place] = name
        if leg == "rule":
            said.rules[place] = Rule(bool(first), bool(second))
        else:
            (said.needs if leg == "need" else said.external)[place][code] = first
    return said


def _inherited(path: str, own: dict[str, dict[str, int]]) -> dict[str, int] | None:
    """Return what holds at a path by its own rows, else by those below it; the tree follows from the rows' paths."""
    children: dict[str, set[str]] = defaultdict(set)
    for place in own:
        for below in ancestors(place):
            children[below[:-LEVEL_DIGITS]].add(below)
    return inherited(path, own, {above: sorted(found) for above, found in children.items()})


def _leg(queryset, leg: str, code, first: str, second: str | None = None):
    """Return rows of one kind in the shape of the union."""
    columns = {
        "said_leg": _text(leg), "said_year": F("cycle__fiscal_year"),
        "said_version": F("cycle__framework_version_id"),
        "said_key": Cast("cycle__framework_version__uuid", CharField()),
        "said_state": F("cycle__framework_version__state"),
        "said_base": F("cycle__framework_version__based_on_id"), "said_path": F("department__path"),
        "said_name": F("department__name"), "said_code": code, "said_first": Cast(first, IntegerField()),
        "said_second": Cast(second or Value(0), IntegerField()),
    }  # fmt: skip
    return queryset.order_by().annotate(**columns).values_list(*columns)


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())
