"""異動シミュレーション: tried without a trace, kept under a name, compared (P18)."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from access.actor import Actor, Role
from access.refusals import Forbidden, Invalid, NotVisible
from access.table import may_at_all
from assessments.models import Cycle
from gaps import scenario_page
from gaps.coverage import DepartmentCoverage
from gaps.lookups import report_cycle
from gaps.models import Scenario
from gaps.policies import Sight, may_simulate
from gaps.report_page import apart_notes, stage_names
from gaps.reports import Snapshot, snapshot
from gaps.scenario_form import (
    NOBODY,
    ScenarioForm,
    Slot,
    known_moves,
    next_first_of_april,
    read_moves,
    read_slots,
    sent_uuids,
    stored_slots,
)
from gaps.scenario_reads import MOST_FOUND, Kept, Mover, held_by, kept, movers
from gaps.workflow import (
    MoveValues,
    ScenarioValues,
    StaleScenario,
    change_scenario,
    delete_scenario,
    save_scenario,
)
from lib.dates import format_wareki
from lib.paths import is_within
from lib.replica import from_replica
from organization.department_field import filtered_by, is_uuid
from organization.lookups import department_for
from organization.models import Department
from organization.tree import in_order

SCENARIOS_A_PAGE = 50
MOST_COMPARED = 3


@dataclass(frozen=True)
class _Desk:
    """What is read for one department before anybody moves."""

    actor: Actor
    place: Department
    cycle: Cycle
    picture: Snapshot
    report: DepartmentCoverage
    movers: dict[int, Mover]

    @property
    def here(self) -> set[int]:
        """Return the ids of those who could leave."""
        return {person.id for person in self.report.people + self.report.apart}


@require_safe
def scenarios(request):
    """List the actor's own scenarios and those shared with them, and where a new one may be started."""
    actor = request.actor
    _check_function(actor)
    found = Scenario.objects.visible_to(actor).select_related("department", "author").with_numbers()
    page = Paginator(found.order_by("-updated_at", "-pk"), SCENARIOS_A_PAGE).get_page(request.GET.get("page"))
    ctx = {
        "page_obj": page,
        "rows": [(one, format_wareki(one.on)) for one in page],
        "place": filtered_by(request.GET.get("department", ""), _places(actor)),
        "actor_id": actor.staff_id,
        "day": scenario_page.day_label(next_first_of_april(actor.today)),
        "most": MOST_COMPARED,
    }
    return render(request, "gaps/scenarios.html", ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def scenario_new(request):
    """Try moves without keeping anything; 「案として保存する」 keeps them under a name."""
    actor = request.actor
    _check_function(actor)
    if "department" not in request.GET:
        return redirect("gaps:scenarios")
    if not is_uuid(request.GET["department"]):
        asked = filtered_by(request.GET["department"], _places(actor))
        # Written where there are too many to choose from: on with the one it means, or back with why there is none.
        if asked.one is not None:
            return redirect(f"{reverse('gaps:scenario_new')}?department={asked.one.uuid}")
        if asked.problem:
            return redirect(f"{reverse('gaps:scenarios')}?{urlencode({'department': asked.written})}")
    place = department_for(actor, _public_id(request.GET["department"]))
    if not may_simulate(actor, place.path):
        raise Forbidden
    cycle = report_cycle(actor)
    if cycle is None:
        return _no_year(request, place)
    if request.method != "POST":
        first = next_first_of_april(actor.today)
        form = ScenarioForm(initial={"on": first, "key": uuid.uuid4()}, today=actor.today)
        desk = _desk(actor, place, cycle, form)
        leave = request.GET.get("leave")
        moves = known_moves(desk.movers, desk.here, _public_id(leave) if leave else None)
        return _page(request, desk, form, moves, stored_slots(moves, desk.picture.cells))
    saving = request.POST.get("do") == "save"
    form, desk, moves, slots, problems = _sent(request, place, cycle, saving=saving)
    if saving and not problems:
        values = _values(form, moves)
        key = form.cleaned_data["key"] or uuid.uuid4()
        made = save_scenario(department=place, values=values, by=actor, now=timezone.now(), key=key)
        messages.success(request, f"案「{made.name}」を保存しました。")
        return redirect("gaps:scenario", made.uuid)
    return _page(request, desk, form, moves, slots, problems=problems)


@require_http_methods(["GET", "HEAD", "POST"])
def scenario(request, scenario_uuid: uuid.UUID):
    """Show a kept scenario and let whoever made it change, share or delete it. An old version comes back with 409."""
    actor = request.actor
    _check_function(actor)
    one = kept(actor, [scenario_uuid])[0]
    place = one.scenario.department
    cycle = report_cycle(actor)
    if cycle is None:
        return _no_year(request, place)
    do = request.POST.get("do")
    if do == "delete":
        return _delete(request, one, cycle)
    if request.method != "POST":
        return _stored(request, one, cycle)
    if do == "save" and one.scenario.author_id != actor.staff_id:
        raise Forbidden
    form, desk, moves, slots, problems = _sent(request, place, cycle, saving=do == "save")
    if do != "save" or problems:
        return _page(request, desk, form, moves, slots, problems=problems, one=one)
    version = form.cleaned_data["version"]
    if version is None:
        raise Invalid
    try:
        changed = change_scenario(
            scenario=one.scenario, values=_values(form, moves), version=version, by=actor, now=timezone.now()
        )
    except StaleScenario as refusal:
        form = _with_version(request, actor, refusal.stored.version)
        return _page(request, desk, form, moves, slots, one=one, refusal=refusal)
    messages.success(request, f"案「{changed.name}」を保存しました。")
    return redirect("gaps:scenario", changed.uuid)


@require_safe
@from_replica
def scenario_compare(request):
    """Put two or three scenarios of one department side by side."""
    actor = request.actor
    _check_function(actor)
    wanted = [_public_id(text) for text in dict.fromkeys(request.GET.getlist("s"))]
    found = kept(actor, wanted) if 2 <= len(wanted) <= MOST_COMPARED else []
    problem = ""
    if not found:
        problem = f"比べる案を、2つか{MOST_COMPARED}つ選んでください。一覧に戻ると選び直せます。"
    elif len({each.scenario.department_id for each in found}) > 1:
        problem = "同じ所属の案だけを比べられます。一覧に戻って、同じ所属の案を選んでください。"
    cycle = report_cycle(actor)
    if problem or cycle is None:
        ctx = {"problem": problem or "受付を始めた年度がまだないため、比べられません。", "trail": _trail()}
        return render(request, "gaps/scenario_compare.html", ctx, status=422 if wanted and problem else 200)
    place = found[0].scenario.department
    ids = {staff_id for each in found for staff_id in each.staff_ids}
    day = max(each.scenario.on for each in found)
    people = movers(actor, place.path, max(day, actor.today), ids=ids)
    picture, report = _report(actor, place, cycle, people)
    tried = [scenario_page.trial(report, picture, people, each.moves) for each in found]
    ctx = scenario_page.compared([each.scenario for each in found], tried)
    return render(
        request, "gaps/scenario_compare.html", {**ctx, "problem": "", "place": place, "trail": _trail()}
    )


def _check_function(actor: Actor) -> None:
    if not may_at_all(actor, "P18"):
        raise Forbidden


def _places(actor: Actor) -> list[Department]:
    """Return the departments for which the actor may try moves, parents first; a list. One query."""
    departments = in_order(Department.objects.visible_to(actor).valid_on(actor.today))
    return [each for each in departments if may_simulate(actor, each.path)]


def _public_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotVisible from None


def _report(actor: Actor, place: Department, cycle: Cycle, people) -> tuple[Snapshot, DepartmentCoverage]:
    """Read the department as it is today, and the steps of those who could come."""
    picture = snapshot(
        municipality_id=actor.municipality_id,
        cycle=cycle,
        on=actor.today,
        path=place.path,
        also=[mover.id for mover in people.values() if mover.nameable and not mover.here],
    )
    return picture, picture.coverage(place.path, place.name)


def _desk(actor: Actor, place: Department, cycle: Cycle, form: ScenarioForm, ids=(), uuids=()) -> _Desk:
    words: str | None = form.words
    if actor.has(Role.HR):
        # They may name everybody, which is nothing to choose from: they look for somebody by name first.
        words = words or None
    elif all(is_within(root, place.path) for root in actor.line_paths):
        words = None  # nobody of theirs is anywhere else
    people = movers(actor, place.path, max(form.day, actor.today), ids=ids, uuids=uuids, words=words)
    picture, report = _report(actor, place, cycle, people)
    return _Desk(actor, place, cycle, picture, report, people)


def _sent(request, place: Department, cycle: Cycle, *, saving: bool):
    """Return the form, the desk, the moves, the nameless people and what is wrong with what was sent."""
    form = ScenarioForm(request.POST, today=request.actor.today, saving=saving)
    form.is_valid()
    joining, _ = sent_uuids(request.POST, "join")
    desk = _desk(request.actor, place, cycle, form, uuids=joining)
    slots = read_slots(request.POST, desk.picture.cells)
    moves, wrong = read_moves(request.POST, desk.movers, desk.here, slots)
    problems = [
        {"target": form[name].id_for_label, "text": error}
        for name, errors in form.errors.items()
        for error in errors
    ]
    if wrong:
        text = f"選んだ職員のうち{wrong}人は、いま選べません。表示されている職員から選び直してください。"
        problems.append({"target": "leavers", "text": text})
    if saving and not moves:
        problems.append({"target": "leavers", "text": NOBODY})
    return form, desk, moves, slots, problems


def _values(form: ScenarioForm, moves: tuple[MoveValues, ...]) -> ScenarioValues:
    sent = form.cleaned_data
    return ScenarioValues(sent["name"], sent["on"], sent["shared"], sent["note"], moves)


def _with_version(request, actor: Actor, version: int) -> ScenarioForm:
    """Return what was sent, so that the next save is of the new version."""
    data = request.POST.copy()
    data["version"] = str(version)
    form = ScenarioForm(data, today=actor.today)
    form.is_valid()
    return form


def _stored(request, one: Kept, cycle: Cycle, *, refusal: StaleScenario | None = None):
    actor, stored = request.actor, one.scenario
    initial = {
        "on": stored.on, "name": stored.name, "note": stored.note, "shared": stored.shared,
        "version": stored.version, "key": uuid.uuid4(),
    }  # fmt: skip
    form = ScenarioForm(initial=initial, today=actor.today)
    desk = _desk(actor, stored.department, cycle, form, ids=one.staff_ids)
    slots = stored_slots(one.moves, desk.picture.cells)
    return _page(request, desk, form, one.moves, slots, one=one, refusal=refusal)


def _delete(request, one: Kept, cycle: Cycle):
    try:
        version = int(request.POST.get("version", ""))
    except ValueError:
        raise Invalid from None
    try:
        delete_scenario(scenario=one.scenario, version=version, by=request.actor, now=timezone.now())
    except StaleScenario as refusal:
        return _stored(request, one, cycle, refusal=refusal)
    messages.success(request, f"案「{one.scenario.name}」を消しました。")
    return redirect("gaps:scenarios")


def _no_year(request, place: Department):
    trail = [{"label": "スキルギャップ", "url": reverse("gaps:departments")}]
    return render(request, "gaps/department_none.html", {"place": place, "trail": trail})


def _page(
    request, desk: _Desk, form: ScenarioForm, moves: tuple[MoveValues, ...], slots: list[Slot], *,
    problems=(), one: Kept | None = None, refusal: StaleScenario | None = None,
):  # fmt: skip
    actor, place, report = desk.actor, desk.place, desk.report
    tried = scenario_page.trial(report, desk.picture, desk.movers, moves)
    leavers = [person.id for person in tried.outcome.leavers]
    held = held_by(actor.municipality_id, place.path, desk.cycle.fiscal_year, leavers)
    stages = stage_names(desk.picture.cells)
    leaver_rows = scenario_page.leaver_rows(report, desk.movers, moves)
    joiner_rows = scenario_page.joiner_rows(report, desk.picture, desk.movers, moves)
    found = sum(mover.found for mover in desk.movers.values())
    mine = one is None or one.scenario.author_id == actor.staff_id
    ctx = {
        "place": place,
        "cycle": desk.cycle,
        "at": timezone.localtime(),
        "scenario": one.scenario if one else None,
        "mine": mine,
        "form": form,
        "day": form.day,
        "day_text": format_wareki(form.day),
        "refusal_day": format_wareki(refusal.stored.on) if refusal else "",
        "day_label": scenario_page.day_label(form.day),
        "sentence": scenario_page.sentence(tried.outcome),
        "leavers": leaver_rows,
        "known_leavers": [row for row in leaver_rows if row.known],
        "joiners": joiner_rows,
        "known_joiners": [row for row in joiner_rows if row.known],
        "more_found": found > MOST_FOUND,
        "nothing_found": bool(form.words) and not found,
        "looks_by_name": actor.has(Role.HR),
        # One more than are used: each brings a select for every cell.
        "slots": slots[: max((slot.number for slot in slots if slot.checked), default=0) + 1],
        "result": scenario_page.result(tried, stages, held.measures, held.duties)
        if tried.moves_anybody
        else None,
        "notes": apart_notes(report, Sight.NAMES),
        "unseen": tried.unseen,
        "gone": tried.gone,
        "unconfirmed": any(not cell.placement_confirmed for cell in desk.picture.cells),
        "problems": problems,
        "refusal": refusal,
        "trail": _trail() if one else _trail(place),
    }
    status = 422 if problems else 409 if refusal else 200
    return render(request, "gaps/scenario.html", ctx, status=status)


def _trail(place: Department | None = None) -> list[dict[str, str]]:
    trail = [{"label": "異動シミュレーション", "url": reverse("gaps:scenarios")}]
    if place is None:
        return trail
    return [
        {"label": f"{place.name}のスキルギャップ", "url": reverse("gaps:department", args=[place.uuid])},
        *trail,
    ]
