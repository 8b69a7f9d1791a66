"""What the line and 人事 do with the sheet of an interleaving: confirm, send back, correct, move, close. No drill itself."""

import uuid

from django.utils import timezone

from organization.models import Posting
from tests.drills.interleaving_acts import Scene
from tests.drills.interleaving_model import EDITABLE, WAITING, Value, decision_of
from tests.drills.interleaving_pages import LineTab, fields_of


def read(scene: Scene, tab: LineTab) -> None:
    """Open the sheet as its confirmer."""
    got = scene.ask(tab.who, "assessments:sheet")
    if got.status == 200 and 'name="version"' in got.text:
        tab.load(got.text, scene.page_of(got.text))


def confirm(scene: Scene, tab: LineTab, action: str) -> None:
    """Save some answers, or make the act that the page asks for with all of them."""
    if tab.shown is None or not tab.level:
        return
    model, level, page = scene.model, tab.level, tab.shown
    if action != "save":
        action = level
    values: dict[str, Value] = dict(tab.seen)
    for code in tab.seen:
        if (action != "save" and values[code][0] is None) or scene.chance.random() < 0.4:
            scene.typed += 1
            values[code] = (scene.chance.randint(0, 4), f"{tab.name}{scene.typed}")
    sent = {code: value for code, value in values.items() if value[0] is not None}
    body = {"version": page.version, "key": page.key, "level": level, "action": action}
    for code, (step, comment) in values.items():
        body |= {f"version-{code}": tab.versions[code], f"comment-{code}": comment}
        if step is not None:
            body[f"step-{code}"] = str(step)
    legal = model.level_of(tab.who) == level
    stored = model.confirmations.get(level, {})
    fresh = (page.moves, page.written) == (model.moves, model.written)
    got = scene.ask(tab.who, "assessments:sheet_confirm", body)
    if scene.repeated(page):
        return
    if scene.judged(got.status == 302, legal=legal, fresh=fresh, what=action):
        if page.revision != len(model.revisions):
            model.verdict.unseen.append(f"{action}: another revision than the page showed: {scene.said()}")
        for code, value in sent.items():
            now = stored.get(code, (None, ""))
            if now != tab.seen[code] and now != value:
                model.verdict.unseen.append(f"{action} {tab.name}: {code} was {now}, shown {tab.seen[code]}")
        model.confirmations[level].update(sent)
        model.written += 1
        if action != "save":
            scene.pressed.append((tab.who, "assessments:sheet_confirm", body))
            if any(code not in model.confirmations[level] for code in model.codes):
                model.verdict.illegal.append(f"{action} of a part: {scene.said()}")
            model.moved("first_confirmed" if level == "first" else "confirmed")
    elif got.status in (409, 422) and 'name="version"' in got.text:
        tab.load(got.text, scene.page_of(got.text))
    if got.status == 302 and action == "save":
        read(scene, tab)


def send_back(scene: Scene, tab: LineTab) -> None:
    """Give the sheet back with a reason."""
    page, model = tab.shown, scene.model
    if page is None:
        return
    legal = model.may_send_back(tab.who)
    body = {"version": page.version, "key": page.key, "reason": "書き直してください"}
    got = scene.ask(tab.who, "assessments:sheet_send_back", body)
    if scene.repeated(page):
        return
    if scene.judged(got.status == 302, legal=legal, fresh=page.moves == model.moves, what="send back"):
        if page.revision != len(model.revisions):
            model.verdict.unseen.append(f"sent back what the page did not show: {scene.said()}")
        scene.pressed.append((tab.who, "assessments:sheet_send_back", body))
        model.moved("sent_back")


def look_to_correct(scene: Scene) -> None:
    """Open the page of a correction."""
    got = scene.ask("hr", "assessments:sheet_correct")
    if got.status == 200:
        scene.correcting = (fields_of(got.text), len(scene.model.revisions))


def correct(scene: Scene) -> None:
    """Put one cell right after 確定; allowed in a closed year too."""
    if scene.correcting is None:
        return
    model, (fields, revision) = scene.model, scene.correcting
    code = scene.chance.choice(model.codes)
    step = scene.chance.randint(0, 4)
    final = scene.chance.randint(0, 4)
    body = {"version": fields["version"], "key": fields["key"], "reason": "聞き違い",
            f"own-{code}": str(step), f"final-{code}": str(final)}  # fmt: skip
    legal = model.state == "confirmed"
    got = scene.ask("hr", "assessments:sheet_correct", body)
    if any(sent.get("key") == fields["key"] for _, _, sent in scene.pressed):
        return
    # One that corrects nothing is turned away; only what came about is judged.
    if scene.judged(got.status == 302, legal=legal, fresh=False, what="correct"):
        if revision != len(model.revisions):
            model.verdict.unseen.append(f"corrected what the page did not show: {scene.said()}")
        scene.pressed.append(("hr", "assessments:sheet_correct", body))
        words = model.revisions[-1][code][1]
        model.revisions.append(model.revisions[-1] | {code: (step, words)})
        finals = model.confirmations["final"]
        comment = finals[code][1]
        model.confirmations = {"first": {}, "final": finals | {code: (final, comment)}}
        model.moves += 1


def transfer(scene: Scene) -> None:
    """Give the person another 本務 from today: the posting of before ends."""
    town, model = scene.town, scene.model
    page = scene.ask("hr", "organization:person_posting", of="person")
    to = "B" if model.place == "A" else "A"
    body = {
        "version": fields_of(page.text)["version"], "kind": "本務", "department": town.places[to],
        "start": timezone.localdate().isoformat(),
    }  # fmt: skip
    got = scene.ask("hr", "organization:person_posting", body, of="person")
    if got.status == 302:
        model.verdict.acknowledged += 1
        model.place = to
    now = Posting.objects.active_on(timezone.localdate()).filter(staff__uuid=town.person, kind="main")
    if [str(one) for one in now.values_list("department__uuid", flat=True)] != [town.places[model.place]]:
        model.verdict.lost.append(f"the 本務 is another than was acknowledged: {scene.said()}")


def look_to_close(scene: Scene) -> None:
    """Open the page on which a year is ended."""
    got = scene.ask("hr", "assessments:cycle_close", of="cycle")
    if got.status == 200:
        scene.closing = (fields_of(got.text), scene.model.moves)


def decide(scene: Scene) -> None:
    """Decide about all that is left as proposed."""
    if scene.closing is None or "undecided" not in scene.closing[0]:
        return
    model = scene.model
    body = {"action": "rest", "undecided": scene.closing[0]["undecided"]}
    got = scene.ask("hr", "assessments:cycle_close", body, of="cycle")
    if scene.judged(got.status == 302, legal=model.year_open, fresh=False, what="decide"):
        wanted = "unconfirmed" if model.state in WAITING else "unsubmitted"
        model.decision, model.decided_since = decision_of(scene.town.sheet_pk), True
        if model.state in (*EDITABLE, *WAITING) and model.decision != wanted:
            model.verdict.illegal.append(f"decided {model.decision}: {scene.said()}")
        look_to_close(scene)


def decide_otherwise(scene: Scene) -> None:
    """Decide about the sheet by hand: left because of a leave, whatever was decided before."""
    body = {"action": "decide", f"decision-{scene.town.sheet}": "absent"}
    got = scene.ask("hr", "assessments:cycle_close", body, of="cycle")
    if scene.judged(got.status == 302, legal=scene.model.year_open, fresh=False, what="decide"):
        scene.model.decision, scene.model.decided_since = decision_of(scene.town.sheet_pk), True


def close(scene: Scene) -> None:
    """End the year for good."""
    if scene.closing is None:
        return
    model, (fields, moves) = scene.model, scene.closing
    body = {"action": "close", "version": fields.get("version", "0"), "accept": "1",
            "unfinished": fields.get("unfinished", "0")}  # fmt: skip
    legal = model.year_open and model.decision_fits()
    fresh = moves == model.moves and "version" in fields
    got = scene.ask("hr", "assessments:cycle_close", body, of="cycle")
    if scene.judged(got.status == 302, legal=legal, fresh=fresh, what="close"):
        model.year_open = False


def open_next_year(scene: Scene) -> None:
    """Open the year after: everybody gets a sheet of it, once, whatever this one is at."""
    model = scene.model
    body = {"version": "1", "seen": "1"}
    got = scene.ask("hr", "assessments:cycle_open", body, of="next_cycle")
    if scene.judged(got.status == 302, legal=not model.next_year, fresh=True, what="open the next year"):
        model.next_year = True


def begin_proxy(scene: Scene) -> None:
    """Begin to fill in for the person."""
    model = scene.model
    legal = model.editable and not model.proxy and not model.own_words
    body = {"action": "open", "ground": "no_pc", "key": str(uuid.uuid4())}
    got = scene.ask("hr", "assessments:sheet_proxy", body)
    if scene.judged(got.status == 302, legal=legal, fresh=True, what="begin 代理入力"):
        model.proxy = True


def look_to_end_proxy(scene: Scene) -> None:
    """Open the page of the 代理入力."""
    got = scene.ask("hr", "assessments:sheet_proxy")
    scene.proxying = fields_of(got.text) if got.status == 200 and scene.model.proxy else None


def end_proxy(scene: Scene) -> None:
    """Give the 代理入力 up."""
    if not scene.proxying or "version" not in scene.proxying:
        return
    model = scene.model
    got = scene.ask("hr", "assessments:sheet_proxy", {"action": "end", "version": scene.proxying["version"]})
    if scene.judged(got.status == 302, legal=model.proxy, fresh=False, what="end 代理入力"):
        model.proxy = False
