"""What must hold of the tree, of 発令 and of people, as `verify` asks it."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q

from lib.localgov import is_valid
from lib.paths import child_path
from lib.soundness import CHUNK, Checks, Scope, in_order, said_of, say
from organization.departments_file import DEEPEST
from organization.models import ComingChange, Department, Grant, Leave, Municipality, Posting, Staff
from organization.roster import PERSON_FIELDS
from organization.search import search_text

CHECKS = Checks()
Tree = dict[int, tuple[int | None, str, int | None]]


@CHECKS.add("organization.codes", "団体コードは検査数字に合う", "rows")
def codes(scope: Scope) -> Iterator[str]:
    """Ask for 団体コード that were never given out."""
    for pk, code in scope.of(Municipality, "pk").order_by("pk").values_list("pk", "code"):
        if not is_valid(code):
            yield say(Municipality, pk, "団体コードの検査数字が合いません。")


def _tree(scope: Scope) -> Tree:
    """Return (parent, path, successor) of every department by its key; a city has some hundreds."""
    rows = scope.of(Department).order_by("pk").values_list("pk", "parent_id", "path", "successor_id")
    return {pk: (parent, path, successor) for pk, parent, path, successor in rows}


def _comes_back(tree: Tree, pk: int, which: int) -> bool:
    """Say whether following the parent (0) or the successor (2) of a department leads back to it."""
    seen: set[int] = set()
    at = tree[pk][which]
    while at in tree and at not in seen:
        if at == pk:
            return True
        seen.add(int(at))  # type: ignore[arg-type]  # a key of the tree
        at = tree[int(at)][which]  # type: ignore[arg-type, assignment]
    return False


@CHECKS.add("organization.circles", "所属の上位をたどると、いちばん上に着く", "state")
def circles(scope: Scope) -> Iterator[str]:
    """Ask for departments that stand below themselves."""
    tree = _tree(scope)
    for pk in tree:
        if _comes_back(tree, pk, 0):
            yield say(Department, pk, "上位の所属をたどると、自分に戻ります。")


@CHECKS.add("organization.paths", "所属の位置（path）は、上位の所属のとおり", "state")
def paths(scope: Scope) -> Iterator[str]:
    """Compare each path with that of the parent: reports of a part of the tree go by it."""
    tree = _tree(scope)
    for pk, (parent, path, _) in tree.items():
        above = tree[parent][1] if parent in tree else ""
        if path != _child(above, pk):
            yield say(Department, pk, "位置（path）が、上位の所属と合いません。")
        elif len(path) // 8 > DEEPEST:
            yield say(Department, pk, f"{DEEPEST}段より深いところにあります。")


def _child(above: str, pk: int) -> str | None:
    try:
        return child_path(above, pk)
    except ValueError:
        return None


@CHECKS.add("organization.successors", "引き継いだ所属をたどっても、元に戻らない", "state")
def successors(scope: Scope) -> Iterator[str]:
    """Ask for trails of succession that come back."""
    tree = _tree(scope)
    for pk in tree:
        if _comes_back(tree, pk, 2):
            yield say(Department, pk, "引き継いだ所属をたどると、自分に戻ります。")


def _overlapping(rows, *alike: str):
    """Return the queryset of rows that share a day with a later one of the same person, equal in some columns too."""
    same = {name: OuterRef(name) for name in ("staff", *alike)}
    later = rows.model._base_manager.filter(**same).filter(
        Q(start__gt=OuterRef("start")) | Q(start=OuterRef("start"), pk__gt=OuterRef("pk"))
    )
    shares = later.filter(start__lt=OuterRef("end"))
    return rows.filter(Q(end__isnull=True) & Exists(later) | Q(end__isnull=False) & Exists(shares))


@CHECKS.add("organization.main", "本務の発令は、同じ日に2つない", "state")
def one_main(scope: Scope) -> Iterator[str]:
    """Ask for two 本務 on one day: the person would be counted, and confirmed, in two places."""
    rows = _overlapping(scope.of(Posting).filter(kind=Posting.Kind.MAIN), "kind")
    yield from said_of(rows, "本務の発令が、ほかの本務の発令と重なっています。")


@CHECKS.add("organization.postings", "同じ所属の同じ種別の発令は重ならない", "state")
def postings(scope: Scope) -> Iterator[str]:
    """Ask for the same posting twice on one day."""
    rows = _overlapping(scope.of(Posting).exclude(kind=Posting.Kind.MAIN), "department", "kind")
    yield from said_of(rows, "同じ所属の同じ種別の発令と重なっています。")


@CHECKS.add("organization.leaves", "休職・育休の期間は重ならない", "state")
def leaves(scope: Scope) -> Iterator[str]:
    """Ask for two leaves on one day."""
    yield from said_of(_overlapping(scope.of(Leave)), "ほかの休職・育休の期間と重なっています。")


@CHECKS.add("organization.left", "退職日より後に、発令も休職も続かない", "state")
def left(scope: Scope) -> Iterator[str]:
    """Ask for rows that go on after the person has left: the person would still be counted."""
    for model in (Posting, Leave):
        rows = scope.of(model).filter(staff__left_on__isnull=False)
        yield from said_of(
            rows.filter(Q(end__isnull=True) | Q(end__gt=F("staff__left_on"))),
            "退職日より後まで続いています。",
        )


@CHECKS.add("organization.search", "職員をさがす鍵は、氏名から作ったとおり", "figures")
def search_keys(scope: Scope) -> Iterator[str]:
    """Make every search key once more: with another one nobody finds the person."""
    rows = scope.of(Staff).order_by("pk").values_list("pk", "name", "kana", "former_name", "search")
    for pk, name, kana, former_name, search in rows.iterator(chunk_size=CHUNK):
        if search != search_text(name, kana, former_name):
            yield say(Staff, pk, "さがす鍵が、氏名と合いません。")


@CHECKS.add(
    "organization.coming", "先の日付の変更は、反映か取消しの一方だけで、知っている項目だけを変える", "state"
)
def coming(scope: Scope) -> Iterator[str]:
    """Ask for changes that were both applied and called off, and for values that name no column of a person."""
    both = scope.of(ComingChange).filter(applied_at__isnull=False, cancelled_at__isnull=False)
    yield from said_of(both, "反映した後で取り消したことになっています。")
    known = {field for _, field, _ in PERSON_FIELDS}
    for pk, values in scope.of(ComingChange).order_by("pk").values_list("pk", "values").iterator(CHUNK):
        if not isinstance(values, dict) or set(values) - known:
            yield say(ComingChange, pk, "知らない項目を変えることになっています。")


@CHECKS.add("organization.times", "発令などの日時は、前後が正しい", "times")
def times(scope: Scope) -> Iterator[str]:
    """Ask for what ended before it began."""
    yield from in_order(scope, Grant, "granted_at", "withdrawn_at")
    yield from in_order(scope, ComingChange, "created_at", "applied_at")
    yield from in_order(scope, ComingChange, "created_at", "cancelled_at")
