"""A browser in words."""

import pytest

from lib.user_agents import UNKNOWN, device_words

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0",
            "Windows の Edge",
        ),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/130.0 Safari/537.36", "Windows の Chrome"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Linux の Firefox"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) {WEBKIT} Version/17 Safari/605.1", "Mac の Safari"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) {WEBKIT} CriOS/130 Safari/604",
            "iPhone の Chrome",
        ),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/130.0 Mobile Safari/537.36", "Android の Chrome"),
        ("Windows", "Windows"),
        ("curl/8.0", UNKNOWN),
        ("", UNKNOWN),
        ("<script>alert(1)</script>", UNKNOWN),
    ],
)
def test_device_words(said, words):
    assert device_words(said) == words
