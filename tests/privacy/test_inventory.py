"""The inventory names every table and every column there is, and says how each is treated."""

import dataclasses
import re

import pytest
from django.apps import apps
from django.utils.module_loading import import_string

from lib.personal import Gone, Treat
from organization.models import Staff
from privacy import inventory

MODELS = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}


def unlisted(lines) -> list[str]:
    """Return what the lists leave out, name twice or name although it is not there."""
    named = [f"{line.model}.{field.name}" for line in lines for field in line.fields]
    there = {f"{label}.{field.name}" for label, model in MODELS.items() for field in model._meta.local_fields}
    twice = {name for name in named if named.count(name) > 1}
    return sorted((there ^ set(named)) | twice)


def test_every_table_and_every_column_is_listed_once():
    assert unlisted(inventory.tables()) == []


def test_a_column_that_is_left_out_is_found():
    first, *rest = inventory.tables()
    cut = dataclasses.replace(first, fields=first.fields[1:])
    assert unlisted([cut, *rest]) == [f"{first.model}.{first.fields[0].name}"]
    assert f"{first.model}.name" in unlisted(rest)


@pytest.mark.parametrize("line", inventory.tables(), ids=lambda line: line.model)
@pytest.mark.django_db
def test_a_line_is_whole(line):
    if line.people:
        labels = [inventory.label_of(line, field.name) for field in line.fields]
        assert all(re.search("[぀-ヿ一-鿿]", label) for label in labels), labels
        inventory.rows_of(line, Staff.objects.all()).first()
    else:
        assert line.gone in (Gone.STAYS, Gone.BLANK)
    if line.since:
        inventory.model_of(line).objects.values_list(line.since).first()
    if line.file:
        assert callable(import_string(line.file))


def test_whoever_is_named_by_a_second_reference_is_marked():
    for line in inventory.tables():
        for name in inventory.second_people(line):
            treats = {field.treat for field in line.fields if field.name == name}
            # What a run lists is the person's own line, though the table itself stays.
            assert Treat.OTHER in treats or line.model == "privacy.RetentionItem", (line.model, name)
