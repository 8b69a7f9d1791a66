"""What must hold of the スキル履歴書: entries, evidence, files and what was brought along, as `verify` asks it."""

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, F, OuterRef

from assessments.files import path_of
from assessments.models import (
    Attachment,
    Entry,
    ForeignRecord,
    Rating,
    RatingEvidence,
    SigningKey,
    TrustedIssuer,
)
from assessments.travel.keys import KeyUnreadable, Signer
from competency.models import HOLDER_STEP
from lib.soundness import Checks, Scope, in_order, said_of, say
from organization.soundness_work import LEFT_LYING, old_files

CHECKS = Checks()


@CHECKS.add("entries.kinds", "記録には、その種類の内容が1つある", "state")
def kinds(scope: Scope) -> Iterator[str]:
    """An entry has exactly the row of its kind."""
    for kind in Entry.Kind.values:
        of_kind = scope.of(Entry).filter(kind=kind)
        yield from said_of(of_kind.filter(**{f"{kind}__isnull": True}), f"種類「{kind}」の内容がありません。")
        for other in sorted(set(Entry.Kind.values) - {kind}):
            odd = of_kind.filter(**{f"{other}__isnull": False})
            yield from said_of(odd, f"種類「{kind}」なのに「{other}」の内容があります。")


@CHECKS.add("entries.evidence", "根拠は、本人の、根拠になる種類の記録で、到達度3以上の項目に付く", "state")
def evidence(scope: Scope) -> Iterator[str]:
    """Evidence is the person's own, of a kind that counts, and behind a step of 3 or 4 of the same revision."""
    rows = scope.of(RatingEvidence)
    foreign = rows.exclude(entry__staff=F("revision__sheet__staff"))
    yield from said_of(foreign, "ほかの職員の記録を指しています。")
    yield from said_of(
        rows.exclude(entry__kind__in=Entry.EVIDENCE), "根拠にならない種類の記録を指しています。"
    )
    able = Rating.objects.filter(revision=OuterRef("revision"), cell=OuterRef("cell"), step__gte=HOLDER_STEP)
    yield from said_of(rows.exclude(Exists(able)), f"到達度が{HOLDER_STEP}に届かない項目に付いています。")


@CHECKS.add("entries.brought", "持ち込んだ記録からの記録は、持ち込んだ本人のもの", "rows")
def brought(scope: Scope) -> Iterator[str]:
    """Ask for entries that came with somebody else's record."""
    rows = scope.of(Entry).filter(foreign_record__isnull=False)
    yield from said_of(
        rows.exclude(foreign_record__staff=F("staff")), "ほかの職員が持ち込んだ記録からのものです。"
    )


@CHECKS.add("files.bytes", "添付ファイルの中身は、受け取ったときのまま", "files", outside=True)
def file_bytes(scope: Scope) -> Iterator[str]:
    """The bytes of every file are there and are those that were taken; removed ones too, for ratings rest on them."""
    rows = scope.of(Attachment).order_by("pk")
    for pk, key, size, digest in list(rows.values_list("pk", "uuid", "size", "sha256")):
        words = _wrong(path_of(key), size, digest)
        # Asked again: it may have been erased since the list was read.
        if words and rows.filter(pk=pk).exists():
            yield say(Attachment, pk, words)


def _wrong(path: Path, size: int, digest: str) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        return "ファイルが読めません。"
    if len(content) == size and hashlib.sha256(content).hexdigest() == digest:
        return ""
    return "ファイルの中身が、受け取ったときと違います。"


@CHECKS.add("files.left", "添付のファイルには、記録がある", "files", outside=True, whole=True)
def files_left(scope: Scope) -> Iterator[str]:
    """Ask for files of nobody: left by an upload that was stopped half-way."""
    names = old_files(Path(settings.FILES_DIR) / "attachments", scope.now - LEFT_LYING)
    known: set[str] = set()
    for at in range(0, len(names), 500):
        keys = [uuid.UUID(hex=name) for name in names[at : at + 500] if len(name) == 32 and name.isalnum()]
        known |= {key.hex for key in Attachment.objects.filter(uuid__in=keys).values_list("uuid", flat=True)}
    for name in sorted(set(names) - known):
        yield f"ファイル attachments/{name[:2]}/{name} には、記録がありません。"


@CHECKS.add("travel.keys", "署名の鍵は、いまの鍵で開けて、公開鍵と組になっている", "secrets")
def keys(scope: Scope) -> Iterator[str]:
    """Open every key that signs records, and make its public half anew."""
    rows = scope.of(SigningKey).order_by("pk").values_list("pk", "public_key", "private_key")
    for pk, public, private in rows:
        try:
            made = Signer.unseal(bytes(private)).key
        except KeyUnreadable:
            yield say(SigningKey, pk, "署名の鍵を、どの鍵でも開けません。")
            continue
        if made != public:
            yield say(SigningKey, pk, "署名の鍵が、公開鍵と組になっていません。")


@CHECKS.add("entries.times", "記録などの日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    for model, earlier, later in (
        (Entry, "created_at", "updated_at"),
        (Entry, "created_at", "removed_at"),
        (Attachment, "added_at", "removed_at"),
        (ForeignRecord, "imported_at", "removed_at"),
        (SigningKey, "created_at", "retired_at"),
        (TrustedIssuer, "added_at", "withdrawn_at"),
    ):
        yield from in_order(scope, model, earlier, later)
