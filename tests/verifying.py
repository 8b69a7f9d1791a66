"""Asking the checks of `verify` in a test, without the command."""

from django.utils import timezone

from lib.soundness import Check, Scope, all_checks


def scope_of_today(municipality=None) -> Scope:
    """Return what `verify` asks about today: the installation, or one municipality."""
    return Scope(timezone.localdate(), timezone.now(), municipality.pk if municipality else None)


def told(*names: str, municipality=None) -> list[str]:
    """Return what the checks of these names, or beginning so, say; all checks without a name."""
    return [
        sentence
        for check in chosen(*names)
        for sentence in check.ask(scope_of_today(municipality))
        if municipality is None or not check.whole
    ]


def chosen(*names: str) -> list[Check]:
    """Return the checks of these names, or beginning so; all of them without a name."""
    found = [check for check in all_checks() if not names or check.name.startswith(names)]
    assert found, names
    return found
