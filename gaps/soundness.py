"""What must hold of needs, measures and scenarios, and of the figures of reports, as `verify` asks it."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from assessments.soundness_years import outside_the_year
from gaps import recount
from gaps.models import (
    ExternalCover,
    FourWayOverride,
    Measure,
    MeasurePerson,
    Need,
    ScenarioStep,
)
from lib.soundness import Checks, Scope, in_order, said_of
from organization.models import Municipality

CHECKS = Checks()
_MOST = {Need: 999, ExternalCover: 99}
_SKILLS = 13


@CHECKS.add("reports.cells", "必要人数・委託常駐・対応方針の項目は、年度の版のもの", "rows")
def cells(scope: Scope) -> Iterator[str]:
    """Ask for cells of versions that the year never had."""
    for model in (Need, ExternalCover, Measure):
        yield from said_of(outside_the_year(scope.of(model), "cycle"), "年度の版にない項目です。")


@CHECKS.add("reports.counts", "人数と番号は、入力できる範囲にある", "rows")
def counts(scope: Scope) -> Iterator[str]:
    """Ask for numbers that no form takes."""
    for model, most in _MOST.items():
        yield from said_of(scope.of(model).filter(count__gt=most), f"人数が{most}を超えています。")
    skills = scope.of(FourWayOverride).filter(Q(skill__lt=1) | Q(skill__gt=_SKILLS))
    yield from said_of(skills, f"スキルの番号が1から{_SKILLS}までにありません。")


@CHECKS.add("measures.people", "育成の対応方針だけに、育成する職員がいる", "state")
def people(scope: Scope) -> Iterator[str]:
    """Who is raised belongs to a 育成, and a 育成 raises somebody; every other answer says what, or why not."""
    rows = scope.of(MeasurePerson).exclude(measure__kind=Measure.Kind.TRAIN)
    yield from said_of(rows, "育成でない対応方針に、育成する職員がいます。")
    somebody = MeasurePerson.objects.filter(measure=OuterRef("pk"))
    alone = scope.of(Measure).filter(kind=Measure.Kind.TRAIN).exclude(Exists(somebody))
    yield from said_of(alone, "育成なのに、育成する職員がいません。")
    declined = Q(kind=Measure.Kind.NONE)
    yield from said_of(scope.of(Measure).filter(declined, reason=""), "行わない理由がありません。")
    yield from said_of(scope.of(Measure).filter(~declined, text=""), "することが書かれていません。")


@CHECKS.add("scenarios.steps", "異動案の到達度は、名前のない人だけにある", "state")
def steps(scope: Scope) -> Iterator[str]:
    """Somebody with a name has the steps of their own record."""
    rows = scope.of(ScenarioStep, "move__municipality").filter(move__staff__isnull=False)
    yield from said_of(rows, "名前のある人に、案の到達度が書かれています。")


@CHECKS.add("measures.times", "対応方針の日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    yield from in_order(scope, Measure, "created_at", "closed_at")


@CHECKS.add("reports.recount", "集計の数字は、確認を1つずつ数え直したとおり", "figures")
def recounted(scope: Scope) -> Iterator[str]:
    """Count holders and needs of every department once more, and compare with all the ways in which reports work."""
    for municipality in scope.of(Municipality, "pk").order_by("code"):
        yield from recount.breaches(municipality, scope.on)
