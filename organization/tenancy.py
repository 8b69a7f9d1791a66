"""Whose request it is, before anything of a municipality can be read (docs/adr/0052).

Each question is one query: on PostgreSQL to a function that looks past the wall (walls.DOORS) and gives away no
more than its answer, on SQLite to the table itself.
"""

from collections.abc import Collection
from typing import Any

from django.db import connection

from organization.models import ApiToken, Municipality, Passkey, Staff

# In the session: written at sign-in, so that the person is loaded for their own municipality already.
SESSION_KEY = "municipality"


def municipality_of_username(name: str) -> int | None:
    """Return the municipality in which somebody signs in by this name, None for nobody."""
    if connection.vendor == "postgresql":
        return _ask("SELECT skill_municipality_of_username(%s)", name)
    return Staff.objects.filter(username=name).values_list("municipality_id", flat=True).first()


def municipalities_of_person(name: str, *, by_number: bool) -> list[int]:
    """Return in which municipalities, ten at most, somebody has this sign-in name or 職員番号, in capitals or not."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT skill_municipalities_of_person(%s, %s)", [name, by_number])
            return sorted(row[0] for row in cursor.fetchall())
    field = "staff_number__iexact" if by_number else "username__iexact"
    found = Staff.objects.filter(**{field: name}).values_list("municipality_id", flat=True)
    return sorted(set(found[:10]))


def municipality_of_staff(staff_id: int) -> int | None:
    """Return the municipality of a person, None for nobody."""
    if connection.vendor == "postgresql":
        return _ask("SELECT skill_municipality_of_staff(%s)", staff_id)
    return Staff.objects.filter(pk=staff_id).values_list("municipality_id", flat=True).first()


def municipality_of_passkey(credential_id: str) -> int | None:
    """Return the municipality of whoever has the passkey of this id, None for nobody."""
    if connection.vendor == "postgresql":
        return _ask("SELECT skill_municipality_of_passkey(%s)", credential_id)
    found = Passkey.objects.filter(credential_id=credential_id)
    return found.values_list("municipality_id", flat=True).first()


def municipality_of_token(token_hash: str) -> int | None:
    """Return the municipality that issued the token of this hash, None where none did."""
    if connection.vendor == "postgresql":
        return _ask("SELECT skill_municipality_of_token(%s)", token_hash)
    return ApiToken.objects.filter(token_hash=token_hash).values_list("municipality_id", flat=True).first()


def taken_usernames(names: Collection[str]) -> set[str]:
    """Return which of these sign-in names somebody in the installation has."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT skill_taken_usernames(%s::text[])", [list(names)])
            return {row[0] for row in cursor.fetchall()}
    return set(Staff.objects.filter(username__in=names).values_list("username", flat=True))


def several_municipalities() -> bool:
    """Say whether the installation serves more than one municipality."""
    if connection.vendor == "postgresql":
        return bool(_ask("SELECT skill_several_municipalities()"))
    return Municipality.objects.count() > 1


def _ask(query: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]
