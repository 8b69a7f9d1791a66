"""Which SECRET_KEY may start the product: chance passes, whatever somebody typed or copied does not."""

import os
import secrets
import string
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management.utils import get_random_secret_key
from hypothesis import given
from hypothesis import strategies as st

from config.keys import SHORTEST, weakness_of

TYPED = string.ascii_letters + string.digits + "-_!"


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "missing"),
        ("short", "at least 50"),
        ("a" * 60, "different characters"),
        (secrets.token_hex(8) * 5, "repeated|different"),
        ("django-insecure-" + secrets.token_urlsafe(50), "django-insecure"),
        ("change-me-" + secrets.token_urlsafe(50), "change"),
        ("mihon-shi-2026-demo" + secrets.token_urlsafe(50), "mihon-shi"),
        ("kQ8_" + string.ascii_lowercase + secrets.token_urlsafe(30), "order"),
        ("uiop[]asdfghjkl;'1qazxsw2#edcvfr4%tgbnhy6&ujm,ki8(ol.", "order"),
        ("kQ8_98765432101" + secrets.token_urlsafe(40), "order"),
    ],
    # The keys are made anew in each process: without names, several processes would not agree on which tests there are.
    ids=["none", "short", "same", "repeated", "insecure", "change", "demo", "alphabet", "keyboard", "digits"],
)
def test_what_is_typed_or_copied_is_weak(key, why):
    assert any(word in weakness_of(key) for word in why.split("|")), weakness_of(key)


def test_chance_is_strong():
    """By chance a word, a run or a repeat does come up: about once in a hundred thousand keys."""
    made = [secrets.token_urlsafe(50) for _ in range(2000)]
    made += [secrets.token_urlsafe(64) for _ in range(1000)]
    made += [get_random_secret_key() for _ in range(2000)]
    assert sum(bool(weakness_of(key)) for key in made) <= 1


@given(st.text(TYPED, min_size=4, max_size=24), st.integers(3, 20))
def test_whatever_is_repeated_is_weak(part, times):
    assert weakness_of((part * times * 20)[: max(SHORTEST, len(part) * times)])


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
def test_a_weak_key_stops_the_start_with_what_to_do(name):
    good = secrets.token_urlsafe(50)
    env = {**os.environ, "SECRET_KEY": good, "DJANGO_SETTINGS_MODULE": "config.settings", name: "a" * 60}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert f"{name} is missing or weak" in done.stderr
    assert "secrets.token_urlsafe(50)" in done.stderr
    assert "a" * 60 not in done.stderr
