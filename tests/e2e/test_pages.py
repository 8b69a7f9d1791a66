"""Every page that the table lists, opened as somebody who may, at a desk and on a phone: looks for what everyone needs."""

import pytest

from access.actor import Role
from access.routes import OPEN, ROUTES, SIGNED_IN
from access.table import may_at_all, reach
from tests import builders as b
from tests.e2e.conftest import DESKTOP, PHONE, session_cookie
from tests.routes import address, groups

pytestmark = pytest.mark.django_db(transaction=True)

# Answers a file, plain text or a redirect: nothing to look at.
NO_PAGE = {
    "healthz", "readyz", "organization:sso_answer", "organization:sso_metadata", "organization:import_template",
    "assessments:my_sheet", "gaps:coverage_csv",
    "gaps:coverage_xlsx", "gaps:overview_csv", "gaps:overview_xlsx", "gaps:four_way_csv",
    "gaps:four_way_xlsx", "gaps:assignments_template",
    "gaps:department_measures_csv", "gaps:department_measures_xlsx", "gaps:all_measures_csv",
    "gaps:all_measures_xlsx", "organization:job_file", "competency:qualifications_csv", "assessments:file",
    "competency:survey_file", "competency:duties_file", "competency:profiles_file", "competency:crosswalk_file",
    "assessments:resume_pdf", "assessments:resume_xlsx", "assessments:badge", "assessments:record_schema",
    "assessments:training_plan_csv", "assessments:training_plan_xlsx",
    "assessments:api_schema", "assessments:api_kinds", "assessments:api_rows", "assessments:past_template",
    "audit:events_csv", "audit:events_xlsx",
    "assessments:case_documents", "assessments:case_resource", "competency:version_export",
}  # fmt: skip
OTHER_STATE = {
    "assessments:sheet_correct", "assessments:sheet_submit", "assessments:sheet_reply", "assessments:sheet_reconfirm",
}  # fmt: skip
NARROW = {"width": 320, "height": 700}
VIEWPORTS = {"1366": DESKTOP, "390": PHONE}
PAGES = sorted(name for name, route in ROUTES.items() if route.get and name not in NO_PAGE)

SMALLEST_TEXT = """() => {
  const small = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility() || parent.closest(".hidden, svg.icons")) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < 13.99) small.push(`${size}px ${node.data.trim().slice(0, 30)}`);
  }
  return small;
}"""


def persona_for(name, world):
    """Return somebody who may open the page for the target of ours: the first of these that the table allows."""
    route = ROUTES[name]
    if route.get in (OPEN, SIGNED_IN):
        return world.honnin
    order = [world.honnin, world.kacho, world.jinji, world.henshu, world.kansa, world.sysadmin]
    # What the line may not reach at all is for the person.
    if route.target in ("staff", "sheet") and reach(route.get, Role.LINE) is not None:
        order = [world.kacho, *order]
    for staff in order:
        if may_at_all(b.actor_of(staff), route.get):
            return staff
    raise AssertionError(name)


def sign_in(live, live_server, staff):
    live.context.add_cookies([session_cookie(staff, live_server.url)])


def look(live, axe):
    """Open every <details>, then ask: WCAG, no sideways scroll, nothing under 14 px."""
    live.evaluate("document.querySelectorAll('details:not(.user-menu)').forEach(d => d.open = true)")
    axe(live)
    assert live.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"
    assert live.evaluate(SMALLEST_TEXT) == []
    assert live.evaluate("document.querySelectorAll('h1').length") == 1


@pytest.mark.parametrize("names", groups(PAGES))
def test_page(names, world, targets, live, live_server, axe):
    problems = []
    for name in names:
        try:
            open_and_look(name, world, targets, live, live_server, axe)
        except AssertionError as problem:
            problems.append(f"{name}: {problem}")
    assert not problems, "\n".join(problems)


def open_and_look(name, world, targets, live, live_server, axe):
    """Open a page as somebody who may, and look at it at every width. AssertionError with what is wrong."""
    live.context.clear_cookies()
    if ROUTES[name].get != OPEN:
        sign_in(live, live_server, persona_for(name, world))
    url = address(name, targets.get(ROUTES[name].target, (None, None))[0])
    # A page about a state that the sheet of the world is not in says so with 409; it is looked at all the same.
    allowed = {200, 409} if name in OTHER_STATE else {200}
    if name in OTHER_STATE:
        live.seen.expect("409")
    live.set_viewport_size(DESKTOP)
    response = live.go(url)
    assert "text/html" in response.headers["content-type"], "is no page: list it in NO_PAGE"
    assert response.status in allowed, response.status
    for label, viewport in VIEWPORTS.items():
        live.set_viewport_size(viewport)
        look(live, axe)
        live.shot(f"page-{name.replace(':', '-')}-{label}")
    live.set_viewport_size(NARROW)
    assert live.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
        "scrolls sideways at 320"
    )


@pytest.mark.parametrize(("path", "status"), [("/nowhere/", 404), ("/cycles/", 403), ("/login/", 200)])
def test_error_pages(path, status, world, live, live_server, axe):
    live.seen.expect(str(status))
    sign_in(live, live_server, world.honnin)
    if path == "/login/":
        live.context.clear_cookies()
    assert live.go(path).status == status
    for viewport in VIEWPORTS.values():
        live.set_viewport_size(viewport)
        look(live, axe)
