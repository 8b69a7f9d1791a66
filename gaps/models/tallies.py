"""What was counted beforehand, a department at a time: for parts of the tree in which reading everybody takes too long.

Derived from postings, leaves and confirmed sheets, and from nothing else; without these rows every report is the
same, and slower (docs/adr/0073).
"""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from competency.models import Step
from competency.models.matrix import HOLDER_STEP
from lib.paths import upper_bound

# 会計年度任用 people are counted apart, for each department says for itself whether they count.
COUNTERS = tuple(f"step{step}" for step in Step.values)
APART = tuple(f"apart{step}" for step in Step.values)
# Those of who holds a cell (competency.models.matrix.HOLDER_STEP and above).
HOLDING = (*COUNTERS[HOLDER_STEP:], *APART[HOLDER_STEP:])
SOMEBODY_HOLDS = Q(*((f"{name}__gt", 0) for name in HOLDING), _connector=Q.OR)


class TallyQuerySet(models.QuerySet):
    """Reads of tallies."""

    def holding(self, cycle, day):
        """Return the queryset of tallies of a year that hold on a day: nothing they were counted from has changed."""
        return (
            self.filter(cycle=cycle, framework_version=cycle.framework_version_id, counted_on__lte=day)
            .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))
            .exclude(Exists(TallyChange.objects.filter(department=OuterRef("department"))))
        )

    def below(self, path: str):
        """Return the queryset of tallies of departments at or below a path, all of them for ""."""
        if not path:
            return self
        return self.filter(department__path__gte=path, department__path__lt=upper_bound(path))


class Tally(models.Model):
    """集計の控え: the people with their 本務 in one department, as counted on a day for a year.

    Those on leave are not among them. It holds from `counted_on` until the day before `valid_until`, on which
    something dated begins or ends, unless a TallyChange says that something was written since.
    """

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.CASCADE, verbose_name="所属")
    cycle = models.ForeignKey("assessments.Cycle", on_delete=models.CASCADE, verbose_name="年度")
    framework_version = models.ForeignKey(
        "competency.FrameworkVersion", on_delete=models.PROTECT, related_name="+", verbose_name="数えた版"
    )
    counted_on = models.DateField("数えた日")
    valid_until = models.DateField("この日から数え直す", null=True)
    people = models.PositiveIntegerField("職員数")
    rated = models.PositiveIntegerField("確定した記録がある職員数")
    apart = models.PositiveIntegerField("会計年度任用職員数")
    apart_rated = models.PositiveIntegerField("確定した記録がある会計年度任用職員数")

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = "集計の控え"
        constraints = [
            models.UniqueConstraint(fields=["department", "cycle"], name="tally_once"),
            models.CheckConstraint(
                condition=Q(rated__lte=F("people"), apart_rated__lte=F("apart")),
                name="tally_rated_are_people",
            ),
        ]
        indexes = [models.Index(fields=["municipality", "cycle"], name="tally_municipality")]

    def __str__(self) -> str:
        return f"{self.department_id} {self.cycle_id}"


class CellTally(models.Model):
    """集計の控え（項目）: how many people of a tally stand at each confirmed step of one cell, zeros included."""

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    tally = models.ForeignKey(
        Tally, on_delete=models.CASCADE, related_name="cells", verbose_name="集計の控え"
    )
    cell = models.ForeignKey(
        "competency.Cell", on_delete=models.PROTECT, related_name="+", verbose_name="項目"
    )
    step0, step1, step2, step3, step4 = (
        models.PositiveIntegerField(f"到達度{step}の職員数", default=0) for step in Step.values
    )
    apart0, apart1, apart2, apart3, apart4 = (
        models.PositiveIntegerField(f"到達度{step}の会計年度任用職員数", default=0) for step in Step.values
    )

    class Meta:
        verbose_name = "集計の控え（項目）"
        constraints = [models.UniqueConstraint(fields=["tally", "cell"], name="cell_tally_once")]
        # What a report of a large city adds up, without a look at the rows: two of three say that nobody holds the cell.
        indexes = [
            models.Index(
                fields=["municipality", "tally", "cell", *HOLDING],
                name="cell_tally_holders",
                condition=SOMEBODY_HOLDS,
            )
        ]

    def __str__(self) -> str:
        return f"{self.tally_id} {self.cell_id}"


class TallyChange(models.Model):
    """数え直し待ち: something that a department's tallies were counted from has changed since.

    Written by the database itself (gaps/guards.py), whoever writes what in whatever way, and taken away by whoever
    counts again. An insert waits for nobody, so no two writers can wait for each other over it.
    """

    municipality = models.ForeignKey(
        "organization.Municipality", on_delete=models.PROTECT, verbose_name="団体"
    )
    department = models.ForeignKey("organization.Department", on_delete=models.CASCADE, verbose_name="所属")

    class Meta:
        verbose_name = "数え直し待ち"

    def __str__(self) -> str:
        return str(self.department_id)
