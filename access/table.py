"""The permission table (permissions.md) as data. Policies read it; tests check them against it.

A cell says how far a role reaches for that row:
OWN      the person's own record
SCOPE    people and departments below one that the actor leads today (係長級 or 所属長)
HEAD     the same, but only as 所属長
FIRST    the same, but only as 係長級
ALL      the whole municipality
COUNTS   the whole municipality, figures without names, none under five
"""

from dataclasses import dataclass
from enum import StrEnum

from access.actor import Actor, Role
from lib.paths import is_within


class Reach(StrEnum):
    """How far a permission reaches."""

    OWN = "own"
    SCOPE = "scope"
    HEAD = "head"
    FIRST = "first"
    ALL = "all"
    COUNTS = "counts"


@dataclass(frozen=True)
class Rule:
    """One row: its number, what it is about, and the reach per role. A missing role means refused."""

    number: str
    subject: str
    reach: dict[Role, Reach]


def _rule(number: str, subject: str, **cells: Reach) -> tuple[str, Rule]:
    return number, Rule(number, subject, {Role(key): value for key, value in cells.items()})


_R = Reach
RULES: dict[str, Rule] = dict(
    [
        _rule("P01", "職員 card · view", S=_R.OWN, M=_R.SCOPE, H=_R.ALL, A=_R.ALL),
        _rule("P02", "氏名, 職員番号, 所属, 職位 · edit", H=_R.ALL),
        _rule("P03", "résumé entries · edit", S=_R.OWN, H=_R.ALL),
        _rule("P03s", "得意・学びたいこと · edit", S=_R.OWN),
        _rule("P04", "résumé · view, print, PDF, Excel", S=_R.OWN, M=_R.SCOPE, H=_R.ALL),
        _rule("P05", "draft sheet · view, autosave", S=_R.OWN),
        _rule("P05h", "代理入力 (P05, P06 on behalf) · open, fill in, submit", H=_R.ALL),
        _rule("P05c", "代理入力 · 本人の確認", S=_R.OWN),
        _rule("P06", "sheet · submit", S=_R.OWN),
        _rule("P07", "submitted sheet · view", S=_R.OWN, M=_R.SCOPE, H=_R.ALL),
        _rule("P08", "差戻し", M=_R.SCOPE, H=_R.ALL),
        _rule("P08w", "withdraw", S=_R.OWN),
        _rule("P09", "一次確認", M=_R.FIRST),
        _rule("P09c", "一次確認か確定のどちらか (P09, P10)", M=_R.SCOPE, H=_R.ALL),
        _rule("P10", "確定", M=_R.HEAD, H=_R.ALL),
        _rule("P11", "confirmed sheet · correct by a new revision", H=_R.ALL),
        _rule("P12", "確認者コメント「本人に見える」", S=_R.OWN, M=_R.SCOPE, H=_R.ALL),
        _rule("P12r", "確認への返事、再確認の依頼 (P12)", S=_R.OWN),
        _rule("P12d", "再確認 (P12 by who makes the 確定)", M=_R.HEAD, H=_R.ALL),
        _rule("P13", "確認者コメント「管理メモ」", M=_R.SCOPE, H=_R.ALL),
        _rule("P14", "earlier years of people in scope", S=_R.OWN, M=_R.SCOPE, H=_R.ALL),
        _rule("P15", "former subordinate", H=_R.ALL),
        _rule(
            "P16", "gap report, coverage, heatmap", S=_R.OWN, M=_R.SCOPE, H=_R.ALL, F=_R.COUNTS, A=_R.COUNTS
        ),
        _rule("P17", "必要人数, 事務分掌, 対応方針 · edit", M=_R.HEAD, H=_R.ALL),
        _rule("P17c", "業務の一覧と期待像 (P17 of the whole municipality) · edit", H=_R.ALL),
        _rule("P17d", "import 事務分掌 of the own department (P21)", M=_R.HEAD, H=_R.ALL),
        _rule("P18", "異動シミュレーション", M=_R.SCOPE, H=_R.ALL),
        _rule("P19", "経験者さがし", M=_R.SCOPE, H=_R.ALL),
        _rule("P20", "export records", S=_R.OWN, M=_R.SCOPE, H=_R.ALL),
        _rule("P20s", "own record that travels: signed export, import, badges", S=_R.OWN),
        _rule("P20d", "スキル履歴書をまとめて (P20 of the people of a department)", M=_R.SCOPE, H=_R.ALL),
        _rule("P20t", "連携トークン (P20 by another system) · issue, revoke", H=_R.ALL),
        _rule("P20p", "開示などの請求 (P20 of one person, with reason), 利用目的 · edit", H=_R.ALL),
        _rule("P20r", "保存期間と消去の予定 (P20p) · propose, agree, hold", H=_R.ALL),
        _rule("P21", "import organisation, roster, records", H=_R.ALL),
        _rule(
            "P21t",
            "研修と資格の登録表, 研修の申込みの結果, 信頼する発行元 (P21 of the whole municipality)",
            H=_R.ALL,
        ),
        _rule("P22", "cycle · open, change dates, close", H=_R.ALL),
        _rule(
            "P23", "framework · view published", S=_R.ALL, M=_R.ALL, H=_R.ALL, F=_R.ALL, A=_R.ALL, Y=_R.ALL
        ),
        _rule("P24", "framework · edit draft, publish", F=_R.ALL),
        _rule("P25", "accounts, grants", Y=_R.ALL),
        _rule("P25v", "accounts, grants · view", A=_R.ALL, Y=_R.ALL),
        _rule("P26", "password, second factor · reset", H=_R.ALL, Y=_R.ALL),
        _rule("P26o", "own password, second factor · change", S=_R.OWN),
        _rule("P27", "audit trail · search", H=_R.ALL, A=_R.ALL, Y=_R.ALL),
        _rule("P27a", "audit trail · 知らせ (P27 of what looks unusual)", A=_R.ALL, Y=_R.ALL),
        _rule("P27l", "漏えい等の範囲 (P27 over people)", A=_R.ALL),
        _rule("P27s", "自分の情報を見た人", S=_R.OWN),
        _rule("P28", "audit trail · edit, delete"),
        _rule("P29", "leaver's account · disable", Y=_R.ALL),
        _rule("P30", "Django admin"),
        _rule("P31", "組織, 職位 → line role table · edit", H=_R.ALL),
        _rule("P32", "異動希望 · view", S=_R.OWN, H=_R.ALL),
        _rule("P32e", "異動希望 · edit", S=_R.OWN),
        _rule("P33", "who in my department has not submitted", M=_R.SCOPE, H=_R.ALL),
        _rule("P33r", "提出と確認のお願い (P33 of the whole municipality)", H=_R.ALL),
        _rule("P33t", "研修計画 (P20 of people in scope)", M=_R.SCOPE, H=_R.ALL),
        _rule("P33o", "全庁のようす (P16, P33 of the whole municipality)", H=_R.ALL),
    ]
)


def reach(number: str, role: Role) -> Reach | None:
    """Return how far `role` reaches in row `number`, or None where it is refused. KeyError for no such row."""
    return RULES[number].reach.get(role)


def may(actor: Actor, number: str, *, own: bool = False, path: str | None = None) -> bool:
    """Decide one row for one object of the actor's own municipality.

    `own` says that the object is the actor's; `path` is the department path it belongs to today (None where
    it has none). The caller has loaded the object inside the municipality already. COUNTS never satisfies
    this question: a page that shows figures only asks `reach`.
    """
    for role in actor.roles:
        far = reach(number, role)
        if far is Reach.ALL:
            return True
        if far is Reach.OWN and own:
            return True
        if path is None or (own and far in (Reach.FIRST, Reach.HEAD)):
            continue  # nobody confirms their own
        if far is Reach.SCOPE and actor.leads(path):
            return True
        if far is Reach.HEAD and actor.heads(path):
            return True
        if far is Reach.FIRST and any(is_within(path, root) for root in actor.first_paths):
            return True
    return False


def may_at_all(actor: Actor, number: str) -> bool:
    """Say whether any role of the actor reaches anywhere in this row: for menus and 403-or-404."""
    return any(reach(number, role) is not None for role in actor.roles)
