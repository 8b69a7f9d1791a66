"""The drill of the canaries goes red for one word too many, and every text of every model is planted."""

import io
import zipfile
from unittest.mock import patch

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone

from organization.models.staff import StaffQuerySet
from organization.scope import actor_for
from tests import canaries
from tests.canary_oracle import may_read, sight_of
from tests.canary_world import make_canaries
from tests.drills import canaries as drill

pytestmark = pytest.mark.django_db


@pytest.fixture
def planted(db):
    return make_canaries()


def test_every_text_of_every_model_carries_a_word(planted):
    _, owners, words = planted
    found = {(one.owner, one.model, one.field) for one in words}
    wanted = {
        (owner, model._meta.label, field.name)
        for owner in owners
        for model in canaries.planted_models()
        for field in canaries.texts_of(model)
        if not any(field.name in values for values in canaries.VARIANTS.get(model._meta.label, []))
    }
    assert wanted <= found
    assert len({one.word for one in words}) == len(words)
    assert len(wanted) > 300
    for one in words:
        assert sight_of(one)


def test_no_reason_is_left_over():
    """An exception that no field has any more would hide the next field of that name."""
    names = {
        field.name
        for model in canaries.planted_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
    }
    assert set(canaries.NO_WORD) - {"action", "request_id", "object_type", "data"} <= names


def test_a_queryset_without_its_municipality_is_found(planted):
    world, owners, words = planted
    watch = drill.Watch(owners, words)
    client, actor = Client(), actor_for(world.jinji, timezone.localdate())
    client.force_login(world.jinji, backend="organization.backends.StaffBackend")
    drill.ask(watch, client, "jinji", actor, "GET", "/people/")
    assert watch.hits == []
    assert watch.seen, "人事 reads words of their own municipality: the pages are looked into"
    with patch.object(StaffQuerySet, "of", lambda self, actor: self.all()):
        drill.ask(watch, client, "jinji", actor, "GET", "/people/")
    assert {hit.canary.owner for hit in watch.hits} == {"foreign"}
    assert watch.probes == 2


def test_a_word_that_the_request_said_is_no_hit(planted):
    _, owners, words = planted
    watch = drill.Watch(owners, words)
    one = next(one for one in words if one.owner == "foreign")
    watch.read("x", None, f"GET /people/?q={one.word}", one.word.encode())
    assert watch.hits == []
    watch.read("x", None, "GET /people/", one.word.encode())
    assert len(watch.hits) == 1


def test_packed_answers_are_unpacked():
    said, package = canaries.word(), io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr(f"{said}.txt", "x" * 1000)
        inner.writestr("sheet.xml", f"<t>{said.upper()}</t>" * 100)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("a.xlsx", package.getvalue())
    assert drill.words_in(outer.getvalue()) == {said}


def test_the_sensitive_words_of_the_own_department(planted):
    """The oracle says what permissions.md says: the rows that are easiest to get wrong."""
    world, owners, words = planted
    own = owners["own"]

    def readers(model, field, variant=""):
        one = next(
            w for w in words if (w.owner, w.model, w.field, w.variant) == ("own", model, field, variant)
        )
        return {
            name
            for name in drill.PERSONAS
            if may_read(actor_for(getattr(world, name), timezone.localdate()), one, own)
        }

    line = {"kakari", "kacho", "bucho"}
    assert readers("assessments.Draft", "evidence") == {"honnin"}
    assert readers("assessments.TransferWish", "reason") == {"honnin", "jinji"}
    assert readers("assessments.Remark", "text", "memo") == line | {"jinji"}
    assert readers("assessments.Remark", "text", "person") == line | {"jinji", "honnin"}
    assert readers("assessments.Experience", "text") == line | {"jinji", "honnin"}
    assert readers("organization.Staff", "name") == line | {"jinji", "honnin", "kansa", "sysadmin"}
