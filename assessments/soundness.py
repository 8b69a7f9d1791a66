"""What must hold between entries and what hangs on them: what `verify` asks. Takes no request.

The database keeps each row right; these are the ties between rows that no constraint of both engines can say.
"""

import hashlib
from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from assessments.files import path_of
from assessments.history import STANDING
from assessments.models import (
    Attachment,
    Draft,
    Entry,
    Rating,
    RatingEvidence,
    Statement,
    Training,
    TransferWish,
)
from competency.models import HOLDER_STEP, Cell, CellOrigin
from organization.models import Municipality


def breaches(municipality: Municipality) -> Iterator[str]:
    """Yield a sentence for every broken tie, with the number of the row and without any word of a person."""
    here = Q(municipality=municipality)
    for pk in (
        Entry.objects.filter(here).exclude(staff__municipality=municipality).values_list("pk", flat=True)
    ):
        yield f"{municipality.code} 記録{pk}: 職員の団体と違います。"
    for model, words in ((Statement, "得意・学びたいこと"), (TransferWish, "異動希望")):
        strangers = model.objects.filter(here).exclude(staff__municipality=municipality)
        for pk in strangers.values_list("pk", flat=True):
            yield f"{municipality.code} {words}{pk}: 職員の団体と違います。"
    yield from _kinds(municipality)
    strange = Training.objects.filter(here, course__isnull=False).exclude(course__municipality=municipality)
    for pk in strange.values_list("pk", flat=True):
        yield f"{municipality.code} 研修{pk}: ほかの団体の講座を指しています。"
    for pk in (
        Attachment.objects.filter(here).exclude(entry__municipality=municipality).values_list("pk", flat=True)
    ):
        yield f"{municipality.code} 添付{pk}: ほかの団体の記録に付いています。"
    yield from _bytes(municipality)
    yield from _evidence(municipality)
    yield from _versions(municipality)


def _versions(municipality: Municipality) -> Iterator[str]:
    """What stands was answered in the version that its sheet says, and every cell leads back to a cell of the base."""
    answered = Coalesce(
        F("revision__sheet__framework_version"), F("revision__sheet__cycle__framework_version")
    )
    standing = Q(revision__sheet__current_revision=F("revision"), revision__sheet__state__in=STANDING)
    strange = Rating.objects.filter(standing, municipality=municipality).exclude(cell__version=answered)
    for pk in strange.values_list("revision", flat=True).order_by("revision").distinct():
        yield f"{municipality.code} 提出版{pk}: 年度票の版と違う版の項目が書かれています。"
    foreign = Draft.objects.filter(municipality=municipality).exclude(
        Q(cell__version__framework__municipality__isnull=True)
        | Q(cell__version__framework__municipality=municipality)
    )
    for pk in foreign.values_list("pk", flat=True):
        yield f"{municipality.code} 下書き{pk}: ほかの団体の版の項目です。"
    based = CellOrigin.objects.filter(
        cell__version__framework__municipality=municipality, cell__version__based_on__isnull=False
    )
    there = Cell.objects.filter(version=OuterRef("cell__version__based_on"), code=OuterRef("code"))
    for pk in based.exclude(Exists(there)).values_list("pk", flat=True):
        yield f"{municipality.code} 項目のもと{pk}: もとの版にない項目です。"


def _bytes(municipality: Municipality) -> Iterator[str]:
    """The bytes of every file are there and are those that were taken; removed ones too, for ratings rest on them."""
    rows = Attachment.objects.filter(municipality=municipality).order_by("pk")
    for pk, key, size, digest in rows.values_list("pk", "uuid", "size", "sha256").iterator():
        try:
            content = path_of(key).read_bytes()
        except OSError:
            yield f"{municipality.code} 添付{pk}: ファイルが読めません。"
            continue
        if len(content) != size or hashlib.sha256(content).hexdigest() != digest:
            yield f"{municipality.code} 添付{pk}: ファイルの中身が、受け取ったときと違います。"


def _kinds(municipality: Municipality) -> Iterator[str]:
    """An entry has exactly the row of its kind."""
    for kind in Entry.Kind.values:
        of_kind = Entry.objects.filter(municipality=municipality, kind=kind)
        for pk in of_kind.filter(**{f"{kind}__isnull": True}).values_list("pk", flat=True):
            yield f"{municipality.code} 記録{pk}: 種類「{kind}」の内容がありません。"
        for other in set(Entry.Kind.values) - {kind}:
            for pk in of_kind.filter(**{f"{other}__isnull": False}).values_list("pk", flat=True):
                yield f"{municipality.code} 記録{pk}: 種類「{kind}」なのに「{other}」の内容があります。"


def _evidence(municipality: Municipality) -> Iterator[str]:
    """Evidence is the person's own, of a kind that counts, and behind a step of 3 or 4 of the same revision."""
    rows = RatingEvidence.objects.filter(municipality=municipality)
    for pk in rows.exclude(entry__staff=F("revision__sheet__staff")).values_list("pk", flat=True):
        yield f"{municipality.code} 根拠{pk}: ほかの職員の記録を指しています。"
    for pk in rows.exclude(entry__kind__in=Entry.EVIDENCE).values_list("pk", flat=True):
        yield f"{municipality.code} 根拠{pk}: 根拠にならない種類の記録を指しています。"
    able = Rating.objects.filter(revision=OuterRef("revision"), cell=OuterRef("cell"), step__gte=HOLDER_STEP)
    for pk in rows.exclude(Exists(able)).values_list("pk", flat=True):
        yield f"{municipality.code} 根拠{pk}: 到達度が{HOLDER_STEP}に届かない項目に付いています。"
