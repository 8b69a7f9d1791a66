"""The inventory as one: every app's list (settings.PERSONAL_DATA), and the ways from a person to their rows."""

import functools
import operator
import re

from django.apps import apps
from django.conf import settings
from django.db.models import Field, Model, Q, QuerySet, UUIDField
from django.utils.module_loading import import_string

from lib.personal import Table
from organization.models import Staff

# What a column without a Japanese name is called.
LABELS = {
    "id": "内部の番号", "uuid": "公開用の番号", "version": "更新の回数", "lock": "更新の回数", "search": "検索用の文字",
    "department_path": "所属の位置", "path": "所属の位置", "code_hash": "番号のハッシュ値", "content": "ファイルの中身",
    "token_hash": "トークンのハッシュ値", "undo": "元に戻す内容", "preview": "確認の内容", "entry_ptr": "記録の番号",
    "group": "グループ", "app_label": "アプリの名前", "payload_digest": "前後の値の要約", "mac": "改ざんを見つける値",
    "salt": "要約の塩", "event": "操作の記録",
}  # fmt: skip
_JAPANESE = re.compile(r"[぀-ヿ一-鿿]")


@functools.cache
def tables() -> tuple[Table, ...]:
    """Return every line of every app's list, in the order of settings.PERSONAL_DATA."""
    return tuple(line for name in settings.PERSONAL_DATA for line in import_string(name))


def about_people() -> list[Table]:
    """Return the tables whose rows are somebody's."""
    return [line for line in tables() if line.people]


def line_of(model: str) -> Table:
    """Return the line of a model by its label. StopIteration for none."""
    return next(line for line in tables() if line.model == model)


def model_of(line: Table) -> type[Model]:
    """Return the model of a line. LookupError for none."""
    return apps.get_model(line.model)


def column(line: Table, name: str) -> Field:
    """Return one column of a line's model."""
    return model_of(line)._meta.get_field(name)


def label_of(line: Table, name: str) -> str:
    """Return what a column is called in plain Japanese."""
    words = str(column(line, name).verbose_name)
    return words if _JAPANESE.search(words) else LABELS.get(name, words)


def rows_of(line: Table, people: QuerySet[Staff]) -> QuerySet:
    """Return the queryset of a table's rows that are about any of the people (a queryset of Staff)."""
    found = functools.reduce(
        operator.or_, (Q(**{f"{way}__in": _key(line, way, people)}) for way in line.people)
    )
    return model_of(line)._base_manager.filter(found).order_by("pk").distinct()


def second_people(line: Table) -> list[str]:
    """Return the columns that name a second person: they show the stub once that person is erased."""
    return [
        field.name
        for field in model_of(line)._meta.local_fields
        if field.related_model is Staff and field.name not in line.people
    ]


def _key(line: Table, way: str, people: QuerySet[Staff]) -> QuerySet:
    model = model_of(line)
    *steps, last = way.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model
    uuids = last != "pk" and isinstance(model._meta.get_field(last), UUIDField)
    return people.values("uuid") if uuids else people.values("pk")
