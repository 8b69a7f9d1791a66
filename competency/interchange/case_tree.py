"""A CASE package as a tree of items: tolerant of what systems really send, refused with every fault where it is none. Pure.

Taken as they come: members that CASE does not know, nulls, a package inside another member, associations in any order,
CASE 1.0 and 1.1, http and https, capital letters in identifiers, items that no association places.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from competency.framework_shape import FrameworkFileError
from competency.interchange.case_out import OURS

MOST_ITEMS, MOST_ASSOCIATIONS = 3000, 20_000
_WRAPPERS = ("CFPackage", "cfPackage", "package", "data", "result", "CFPackages")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Line ends of every kind are taken: editors of packages write them into sentences.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_FAULTS = 200


@dataclass
class Node:
    """One item: its members without nulls, where it stands among its like, and what stands below it."""

    key: str
    data: Mapping[str, Any]
    place: str
    sequence: float = 0.0
    parent: str = ""
    children: list["Node"] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a member as text without white space around it, "" where there is none."""
        return clean(self.data.get(name))

    @property
    def ours(self) -> Mapping[str, Any]:
        """Return what a system of this kind added."""
        return ours_of(self.data)


@dataclass(frozen=True)
class Link:
    """An association that is no parenthood: its type and both ends."""

    way: str
    origin: str
    destination: str


@dataclass
class Tree:
    """The document, its items from the top, all by their identifiers, and every other association; rubrics as they came."""

    document: Mapping[str, Any]
    roots: list[Node]
    nodes: dict[str, Node]
    links: list[Link]
    rubrics: list[Mapping[str, Any]]
    notes: list[str]


def unwrapped(data: Any) -> Mapping[str, Any] | None:
    """Return the package in plain data, None where there is none; resources wrapped in one member or list are unpacked."""
    for _ in range(6):
        if isinstance(data, list) and len(data) == 1:
            data = data[0]
        elif not isinstance(data, dict):
            return None
        elif "CFDocument" in data or "CFItems" in data:
            return data
        else:
            inner = [data[name] for name in _WRAPPERS if isinstance(data.get(name), dict | list)]
            if not inner:
                return None
            data = inner[0]
    return None


def ours_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a system of this kind added to a part."""
    extensions = data.get("extensions")
    found = extensions.get(OURS) if isinstance(extensions, dict) else None
    return found if isinstance(found, dict) else {}


def tree_of(data: Mapping[str, Any]) -> Tree:
    """Return the tree of a package.

    Raises FrameworkFileError with every fault: no document or no items, too many of them, identifiers that are no UUID or
    are used twice, parents that are not there or are two, circles, wrong types, characters that no screen can take.
    """
    faults: list[str] = []
    document = data.get("CFDocument")
    if not isinstance(document, dict) or not isinstance(document.get("title"), str):
        faults.append("CFDocument：title のある文書がありません。")
        document = {}
    items = _listed(data, "CFItems", MOST_ITEMS, faults)
    associations = _listed(data, "CFAssociations", MOST_ASSOCIATIONS, faults)
    rubrics = _listed(data, "CFRubrics", MOST_ITEMS, faults)
    if faults and not items:
        raise FrameworkFileError(faults)
    nodes = _nodes(items, faults)
    top = _key(document.get("identifier"))
    links = _associate(nodes, top, associations, faults)
    notes = []
    loose = [node for node in nodes.values() if not node.parent]
    if loose:
        notes.append(f"置き場所が書かれていない項目が{len(loose)}件あり、いちばん上に置きました。")
    _refuse_circles(nodes, faults)
    _refuse_controls(document, "CFDocument", faults)
    if faults:
        raise FrameworkFileError(shortened(faults))
    below: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        below[node.parent if node.parent in nodes else ""].append(node)
    for key, children in below.items():
        children.sort(key=lambda node: node.sequence)
        if key:
            nodes[key].children = children
    return Tree(document, below[""], nodes, links, rubrics, notes)


def clean(value: Any) -> str:
    """Return a text without white space around it and with line ends as ours, "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def number(value: Any, other: int) -> float:
    """Return a place in an order, `other` for what is no number that can be compared."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e15 < value < 1e15:
        return float(other)
    return float(value)


def shortened(faults: list[str]) -> list[str]:
    """Return the faults, the rest of very many by their number."""
    more = len(faults) - _MOST_FAULTS
    return faults if more <= 0 else [*faults[:_MOST_FAULTS], f"ほかに{more}件あります。"]


def _listed(data: Mapping[str, Any], name: str, most: int, faults: list[str]) -> list[Mapping[str, Any]]:
    found = data.get(name)
    if found is None:
        if name == "CFItems":
            faults.append("CFItems：項目がありません。")
        return []
    if isinstance(found, dict):
        # Some systems hand out one member of the same name inside.
        found = found.get(name, list(found.values()))
    if not isinstance(found, list):
        faults.append(f"{name}：一覧で書いてください。")
        return []
    if len(found) > most:
        raise FrameworkFileError([f"{name}：多すぎます（{len(found):,}件。{most:,}件まで）。"])
    kept = []
    for at, one in enumerate(found, start=1):
        if isinstance(one, dict):
            kept.append({key: value for key, value in one.items() if value is not None})
        else:
            faults.append(f"{name} の{at}件目：キーと値の組で書いてください。")
    if not kept and name == "CFItems" and not faults:
        faults.append("CFItems：項目がありません。")
    return kept


def _key(value: Any) -> str:
    """Return an identifier in small letters, "" for what is none."""
    key = value.strip().lower() if isinstance(value, str) else ""
    return key if _UUID.fullmatch(key) else ""


def _end(link: Any) -> str:
    """Return the identifier that one end of an association names, by itself or at the end of its address."""
    if isinstance(link, str):
        link = {"uri": link}
    if not isinstance(link, dict):
        return ""
    if key := _key(link.get("identifier")):
        return key
    found = _UUID.findall(str(link.get("uri", "")).lower())
    return found[-1] if found else ""


def _title(link: Any) -> str:
    title = link.get("title") if isinstance(link, dict) else None
    return title.strip() if isinstance(title, str) else ""


def _nodes(items: list[Mapping[str, Any]], faults: list[str]) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for at, item in enumerate(items, start=1):
        place = f"CFItems の{at}件目"
        key = _key(item.get("identifier"))
        statement = item.get("fullStatement")
        if not key:
            faults.append(f"{place}：identifier が UUID ではありません。")
        elif key in nodes:
            faults.append(f"{place}：identifier が{nodes[key].place}と同じです。")
        if not isinstance(statement, str) or not statement.strip():
            faults.append(f"{place}：fullStatement がありません。")
        _refuse_controls(item, place, faults)
        if key and key not in nodes:
            nodes[key] = Node(key, item, place)
    return nodes


def _associate(
    nodes: dict[str, Node], top: str, associations: list[Mapping[str, Any]], faults: list[str]
) -> list[Link]:
    """Place the items by their associations, and return the others."""
    links = []
    for at, one in enumerate(associations, start=1):
        place = f"CFAssociations の{at}件目"
        way = one.get("associationType")
        if not isinstance(way, str):
            faults.append(f"{place}：associationType がありません。")
            continue
        origin, destination = one.get("originNodeURI"), one.get("destinationNodeURI")
        start, end = _end(origin), _end(destination)
        if way != "isChildOf":
            links.append(Link(way, start, end))
            continue
        node = nodes.get(start)
        if node is None:
            faults.append(
                f"{place}：子の項目（{_title(origin) or start or '名前なし'}）が、CFItems にありません。"
            )
        elif end not in nodes and end != top:
            faults.append(
                f"{place}：親の項目（{_title(destination) or end or '名前なし'}）が、CFItems にありません。"
            )
        elif node.parent and node.parent != end:
            faults.append(f"{place}：{node.place}の親が2つあります。")
        else:
            node.parent = end
            node.sequence = number(one.get("sequenceNumber"), at)
    return links


def _refuse_circles(nodes: Mapping[str, Node], faults: list[str]) -> None:
    """Say where items stand below themselves; each circle once."""
    checked: set[str] = set()
    for start in nodes:
        way: list[str] = []
        at = start
        while at in nodes and at not in checked and at not in way:
            way.append(at)
            at = nodes[at].parent
        if at in way:
            faults.append(f"{nodes[at].place}：親をたどると、自分に戻ります。")
        checked.update(way)


def _refuse_controls(data: Mapping[str, Any], place: str, faults: list[str]) -> None:
    for name, text in _texts(data):
        if _CONTROL.search(text):
            faults.append(f"{place}：{name} に使えない文字があります。")


def _texts(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, str):
            yield name, value
