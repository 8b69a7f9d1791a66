"""What the commands of this app share: finding the municipality and its year."""

from django.core.management.base import CommandError, CommandParser

from assessments.models import Cycle
from organization.models import Municipality


def add_arguments(parser: CommandParser) -> None:
    """Take --municipality and --year."""
    parser.add_argument("--municipality", metavar="CODE", help="6桁の団体コード。団体が1つだけなら省けます")
    parser.add_argument("--year", type=int, required=True, help="年度（西暦）。例 2026")


def municipality_of(code: str | None) -> Municipality:
    """Return the municipality with this code, or the only one there is. Raises CommandError."""
    found = list(Municipality.objects.filter(code=code) if code else Municipality.objects.all()[:2])
    if len(found) == 1:
        return found[0]
    if code:
        raise CommandError(f"団体コード {code} の団体はありません。")
    raise CommandError("団体が1つではありません。--municipality に6桁の団体コードを付けてください。")


def cycle_of(municipality: Municipality, year: int) -> Cycle | None:
    """Return the year with its version, None where there is none."""
    return (
        Cycle.objects.filter(municipality=municipality, fiscal_year=year)
        .select_related("framework_version__framework", "municipality")
        .first()
    )
