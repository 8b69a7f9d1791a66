"""What every page shows around its content."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from access.actor import Actor, Role
from access.table import may_at_all


@dataclass(frozen=True)
class NavItem:
    """One entry of the main menu."""

    label: str
    url: str
    current: str
    count: int | None = None


# Pages that an entry of the navigation leads to by tabs, not by its address.
_TABS = {"privacy:requests": ("privacy:retention", "privacy:purpose")}


def chrome(request) -> dict:
    """Return `actor`, `nav`, `demo` and the page's frame; costs at most two queries (what waits for the line)."""
    actor: Actor | None = getattr(request, "actor", None)
    quiet = getattr(request, "chrome_without_database", False)
    return {
        "actor": actor,
        "nav": []
        if actor is None or getattr(request, "second_factor_due", False)
        else _nav(request, actor, quiet),
        "demo": settings.DEMO,
        "municipality_name": actor.municipality_name if actor else "",
        "contact": getattr(getattr(request, "user", None), "municipality", None).contact
        if actor and not quiet
        else "",
        "request_id": getattr(request, "request_id", "-"),
    }


def _nav(request, actor: Actor, quiet: bool) -> list[NavItem]:
    entries: list[tuple[str, str, int | None]] = [("ホーム", "assessments:home", None)]
    entries.append(("記入", "assessments:my_sheet", None))
    entries.append(("スキル履歴書", "assessments:my_resume", None))
    entries.append(("研修", "assessments:courses", None))
    if actor.has(Role.LINE) or actor.has(Role.HR):
        from assessments.lookups import waiting_count

        # A page that has asked already lends its answer.
        lent = getattr(request, "waiting", None)
        count = None if quiet else lent.count() if lent is not None else waiting_count(actor)
        entries.append(("確認", "assessments:review", count))
    if actor.own_paths or actor.has(Role.HR) or actor.has(Role.EDITOR) or actor.has(Role.AUDITOR):
        entries.append(("スキルギャップ", "gaps:departments", None))
    if actor.has(Role.LINE) or actor.has(Role.HR):
        entries.append(("異動", "gaps:scenarios", None))
    if actor.has(Role.HR):
        entries.append(("全庁のようす", "gaps:overview", None))
        entries.append(("取込み", "organization:imports", None))
        entries.append(("年度と締切", "assessments:cycles", None))
        entries.append(("個人情報", "privacy:requests", None))
    if actor.has(Role.LINE) or actor.has(Role.HR) or actor.has(Role.AUDITOR):
        entries.append(("職員", "organization:people", None))
    if actor.has(Role.LINE) or actor.has(Role.HR):
        entries.append(("出力", "assessments:exports", None))
    if actor.has(Role.SYSADMIN) or actor.has(Role.AUDITOR):
        entries.append(("アカウント", "organization:accounts", None))
    if may_at_all(actor, "P27"):
        entries.append(("操作の記録", "audit:events", None))
    if actor.has(Role.AUDITOR):
        entries.append(("漏えい等の範囲", "privacy:leak", None))
    if actor.has(Role.EDITOR):
        entries.append(("体系", "competency:framework", None))
    return [
        NavItem(label, reverse(name), _place(request.path, name), count) for label, name, count in entries
    ]


def _place(path: str, name: str) -> str:
    """Return the value of aria-current: the page itself, something below it or beside it in its tabs, or neither."""
    if path == reverse(name):
        return "page"
    urls = [reverse(one) for one in (name, *_TABS.get(name, ()))]
    return "true" if any(url != "/" and path.startswith(url) for url in urls) else ""
