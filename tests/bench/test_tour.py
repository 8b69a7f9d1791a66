"""The bench opens every page of the product: a page whose object no city holds would be called fast unseen."""

import pytest
from django.core.handlers.wsgi import WSGIHandler

from bench import data, pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(settings, tmp_path, one_connection):
    settings.ROOT_URLCONF = "bench.urls"
    settings.FILES_DIR = tmp_path
    return data.build_city


def test_the_smallest_city_opens_every_page(city):
    made = city(data.load_lasdec(), number=1, people=8)
    assert pages.tour(made, WSGIHandler(), few=True).unopened() == []


def test_a_page_that_nobody_can_open_is_told(city, monkeypatch):
    asked = "assessments:sheet_reconfirm"
    every = pages.pages_of
    monkeypatch.setattr(
        pages, "pages_of", lambda *args, **more: (one for one in every(*args, **more) if one.name == asked)
    )
    version, handler = data.load_lasdec(), WSGIHandler()
    with monkeypatch.context() as without:
        without.setattr(data, "write_replies", lambda city: None)
        bare = city(version, number=1, people=8)
    assert asked in pages.tour(bare, handler, few=True).unopened()
    assert asked not in pages.tour(city(version, number=2, people=8), handler, few=True).unopened()
