"""What contradicts itself in years, sheets, submissions, confirmations, and between them and the trail."""

from django.utils import timezone

from assessments.models import Sheet
from audit.models import Event, Receipt
from tests.drills.corruptions.plant import World, on_postgres, plant, run, without

_S, _R = "UPDATE assessments_sheet SET ", "UPDATE assessments_rating SET "
_RATINGS = "DELETE FROM assessments_rating WHERE revision_id = "
_EVIDENCE = "DELETE FROM assessments_ratingevidence WHERE revision_id = "
_COPY = (
    "INSERT INTO assessments_confirmation (municipality_id, revision_id, cell_id, level, step, comment, visibility, "
    "confirmer_id, updated_at, version) SELECT municipality_id, revision_id, {cell_id}, level, step, comment, visibility, "
    "confirmer_id, updated_at, version FROM assessments_confirmation WHERE revision_id = {revision} AND level = 'final' "
    "AND cell_id = {cell}"
)
_REVISION = (
    "INSERT INTO assessments_revision (uuid, municipality_id, sheet_id, number, kind, reason, submitted_at, submitted_by_id) "
    "SELECT '{uuid}', municipality_id, id, {number}, 'submission', '', updated_at, staff_id FROM assessments_sheet "
    "WHERE id = {sheet}"
)


def _revision(which: str, number: int):
    text = _REVISION.replace("{number}", str(number)).replace("{sheet}", f"{{{which}}}")
    return lambda world: run(text, world)


def _forget(*actions: str):
    """Return a step that takes the events of the confirmed sheet out of the trail."""

    def forget(world: World) -> None:
        sheet = Sheet.objects.get(pk=world["confirmed"])
        rows = Event.objects.filter(object_uuid=sheet.uuid, action__in=actions)
        assert rows._raw_delete("default")

    return forget


def _acknowledged(action: str, result: dict):
    """Return a step after which somebody was told that an act on the submitted sheet is done."""

    def write(world: World) -> None:
        sheet = Sheet.objects.select_related("staff").get(pk=world["submitted"])
        Receipt.objects.create(
            municipality_id=sheet.municipality_id, actor_uuid=sheet.staff.uuid, action=action, key=world["uuid"],
            object_uuid=sheet.uuid, result=result, at=timezone.now(),
        )  # fmt: skip

    return write


PLANTS = (
    # --- years
    plant(
        "year that uses a draft", "years.version",
        "UPDATE assessments_cycle SET framework_version_id = {draft} WHERE id = {cycle}",
    ),
    plant(
        "year that is not where it was moved", "years.version",
        "UPDATE assessments_versionchange SET undone_at = NULL, undone_by_id = NULL",
    ),
    plant(
        "open year with a closing time", "rows.conditions",
        without("assessments_cycle", "cycle_closed_when"),
        "UPDATE assessments_cycle SET closed_at = opened_at WHERE id = {cycle}",
    ),
    plant(
        "deadlines out of order", "rows.conditions",
        without("assessments_cycle", "cycle_dates_in_order"),
        "UPDATE assessments_cycle SET confirm_by = '2001-04-01' WHERE id = {cycle}",
    ),
    plant(
        "year closed before it was opened", "years.times",
        "UPDATE assessments_cycle SET closed_at = '2001-04-01 00:00:00+00' WHERE id = {closed}",
    ),
    plant("sheet left without a decision", "years.leftovers", "DELETE FROM assessments_leftover"),
    plant(
        "decision about another year's sheet", "years.leftovers",
        "UPDATE assessments_leftover SET cycle_id = {cycle}",
    ),
    plant(
        "decision that does not fit", "years.leftovers",
        "UPDATE assessments_leftover SET decision = 'unconfirmed'",
    ),
    plant(
        "代理入力 open after the submission", "years.proxies",
        "UPDATE assessments_proxy SET closed_at = NULL, revision_id = NULL",
    ),
    plant(
        "代理入力 of another sheet's revision", "years.proxies",
        "UPDATE assessments_proxy SET revision_id = {revision}",
    ),
    plant(
        "answer to a 代理入力 by nobody", "years.proxies",
        "UPDATE assessments_proxy SET consent = 'agreed', consent_at = closed_at",
    ),
    plant("お願い sent at no time", "years.reminders", "UPDATE assessments_reminder SET sent_at = NULL"),
    # --- sheets
    plant(
        "sheet of another year than its year", "sheets.year",
        _S + "fiscal_year = 1999 WHERE id = {confirmed}",
    ),
    plant(
        "sheet in another place than its department", "sheets.year",
        _S + "department_path = '00000001' WHERE id = {confirmed}",
    ),
    plant(
        "sheet in a year that is not open yet", "sheets.prepared",
        "UPDATE assessments_cycle SET state = 'prepared', opened_at = NULL WHERE id = {cycle}",
    ),
    plant(
        "unknown state of a sheet", "rows.choices",
        without("assessments_sheet", "sheet_submitted_when"),
        _S + "state = 'lost' WHERE id = {submitted}",
    ),
    plant(
        "確定 without its time", "rows.conditions",
        without("assessments_sheet", "sheet_confirmed_when"),
        _S + "confirmed_at = NULL WHERE id = {confirmed}",
    ),
    plant(
        "提出 without a revision", "rows.conditions",
        without("assessments_sheet", "sheet_submitted_when"),
        _S + "current_revision_id = NULL WHERE id = {submitted}",
    ),
    plant(
        "記入中 although submitted", "rows.conditions",
        without("assessments_sheet", "sheet_submitted_when"),
        _S + "state = 'drafting' WHERE id = {submitted}",
    ),
    plant("submission that the sheet does not know of", "sheets.current", _revision("drafting", 1)),
    plant(
        "sheet on another sheet's revision", "sheets.current",
        _S + "current_revision_id = {revision} WHERE id = {submitted}",
    ),
    plant("newer revision left behind", "sheets.current", _revision("submitted", 2)),
    plant(
        "未着手 with a revision", "sheets.current",
        _S + "state = 'not_started', submitted_at = NULL WHERE id = {submitted}",
    ),
    plant("差戻し without a revision", "sheets.current", _S + "state = 'sent_back' WHERE id = {not_started}"),
    plant(
        "revision in the middle gone", "sheets.numbers",
        "UPDATE assessments_revision SET number = 3 WHERE id = {revision}",
    ),
    plant(
        "time of submission changed", "sheets.submitted",
        _S + "submitted_at = '2001-04-01 00:00:00+00' WHERE id = {confirmed}",
    ),
    plant(
        "確定 before the submission", "sheets.times",
        _S + "confirmed_at = '2001-04-01 00:00:00+00' WHERE id = {confirmed}",
    ),
    on_postgres(
        "two sheets of one person in one year", "rows.duplicates",
        without("assessments_sheet", "sheet_once"),
        _S + "staff_id = (SELECT staff_id FROM assessments_sheet WHERE id = {confirmed}) WHERE id = "
        "{not_started}",
    ),
    # --- what was submitted
    plant("revision without a rating", "sheets.whole", _EVIDENCE + "{revision}", _RATINGS + "{revision}"),
    plant("one rating of a revision gone", "sheets.whole", _RATINGS + "{revision} AND cell_id = {cell}"),
    plant(
        "rating of a cell that the year has not", "years.cells",
        _R + "cell_id = {foreign_cell} WHERE revision_id = {revision} AND cell_id = {cell}",
    ),
    plant(
        "revision of two versions", "sheets.whole",
        _R + "cell_id = {foreign_cell} WHERE revision_id = {revision} AND cell_id = {cell}",
    ),
    plant(
        "draft of a cell that the year has not", "years.cells",
        "UPDATE assessments_draft SET cell_id = {foreign_cell} WHERE sheet_id = {drafting} AND cell_id "
        "= {cell}",
    ),
    plant(
        "target of a cell that the year has not", "years.cells",
        "UPDATE assessments_target SET cell_id = {foreign_cell} WHERE id = {target}",
    ),
    plant(
        "step beyond 4", "rows.conditions",
        without("assessments_rating", "rating_step"),
        _R + "step = 5 WHERE revision_id = {revision}",
    ),
    plant(
        "rating of a revision that is gone", "rows.references",
        "DELETE FROM assessments_revision WHERE id = {revision}",
    ),
    plant(
        "correction that lost a cell", "sheets.whole",
        "UPDATE assessments_revision SET kind = 'correction', reason = 'x' WHERE id = {revision}",
    ),
    plant(
        "drafts of a sheet that was not begun", "sheets.drafts",
        "UPDATE assessments_draft SET sheet_id = {not_started} WHERE sheet_id = {drafting}",
    ),
    # --- what was confirmed
    plant(
        "確定 without one confirmation", "sheets.confirmed",
        "DELETE FROM assessments_confirmation WHERE revision_id = {revision} AND level = 'final' AND "
        "cell_id = {cell}",
    ),
    plant(
        "一次確認 without confirmations", "sheets.confirmed",
        "DELETE FROM assessments_confirmation WHERE revision_id = (SELECT current_revision_id FROM "
        "assessments_sheet WHERE id = {first})",
    ),
    plant(
        "confirmation of what nobody submitted", "sheets.unasked",
        _COPY.replace("{cell_id}", "{foreign_cell}"),
    ),
    plant(
        "person who confirmed themselves", "sheets.own",
        "UPDATE assessments_confirmation SET confirmer_id = (SELECT staff_id FROM assessments_sheet "
        "WHERE id = {confirmed}) WHERE revision_id = {revision}",
    ),
    plant(
        "unknown 確認 level", "rows.choices",
        "UPDATE assessments_confirmation SET level = 'half' WHERE revision_id = {revision} AND level = "
        "'final'",
    ),
    plant(
        "targets before the 確定", "sheets.targets",
        _S + "state = 'submitted', confirmed_at = NULL WHERE id = {confirmed}",
    ),
    plant(
        "mark of nobody to confirm on an open sheet", "sheets.own",
        _S + "without_confirmer = {true} WHERE id = {submitted}",
    ),
    plant(
        "差戻し without a reason", "sheets.sent_back",
        "DELETE FROM assessments_remark WHERE kind = 'sent_back'",
    ),
    # --- the trail
    # --- replies
    plant(
        "reply to what is not settled", "replies.settled",
        _S + "state = 'submitted', confirmed_at = NULL WHERE id = (SELECT MIN(sheet_id) FROM assessments_reconfirmation)",
    ),
    plant(
        "reply about a cell that nobody confirmed", "replies.settled",
        "DELETE FROM assessments_confirmation WHERE revision_id IN (SELECT revision_id FROM assessments_reply)"
        " AND cell_id IN (SELECT cell_id FROM assessments_reply)",
    ),
    plant("再確認 of nothing", "replies.asked", "UPDATE assessments_reply SET again = {false}"),
    plant(
        "再確認 of another sheet's revision", "replies.asked",
        "UPDATE assessments_reconfirmation SET revision_id = {revision}",
    ),
    plant("再確認 that is lost", "replies.asked", "DELETE FROM assessments_reconfirmation"),
    plant(
        "再確認 that ended with no 訂正", "replies.ended",
        "UPDATE assessments_reconfirmation SET state = 'corrected', decided_at = asked_at,"
        " decided_by_id = (SELECT staff_id FROM assessments_sheet WHERE id = {confirmed})",
    ),
    plant(
        "再確認 answered before it was asked", "replies.times",
        "UPDATE assessments_reconfirmation SET state = 'kept', decided_at = '2001-04-01 00:00:00+00',"
        " decided_by_id = (SELECT staff_id FROM assessments_sheet WHERE id = {confirmed})",
    ),
    plant("acknowledged reply that is not there", "replies.kept", "DELETE FROM assessments_reply"),
    plant("acknowledged answer that is not there", "replies.kept", _acknowledged("sheet.reconfirm", {})),
    plant(
        "acknowledged submission that is not there", "trail.submissions",
        _acknowledged("sheet.submit", {"number": 7}),
    ),
    plant(
        "submission in the trail that is not there", "trail.submissions",
        _RATINGS + "{revision}",
        "DELETE FROM assessments_revision WHERE id = {revision}",
    ),
    plant(
        "acknowledged 確定 that was taken back", "trail.decisions",
        _S + "state = 'submitted', confirmed_at = NULL WHERE id = {confirmed}",
    ),
    plant(
        "acknowledged 差戻し that is not there", "trail.decisions",
        "DELETE FROM assessments_remark WHERE kind = 'sent_back'",
    ),
    plant("acknowledged 訂正 that is not there", "trail.decisions", _acknowledged("sheet.correct", {})),
    plant("submission that the trail does not know", "trail.written", _forget("sheet.submit")),
    plant("確定 that the trail does not know", "trail.written", _forget("sheet.confirm")),
    on_postgres(
        "one key for two answers", "rows.duplicates",
        without("audit_receipt", "receipt_once"),
        "INSERT INTO audit_receipt (municipality_id, actor_uuid, action, key, object_uuid, result, at) "
        "SELECT municipality_id, actor_uuid, action, key, '{uuid}', result, at FROM audit_receipt "
        "WHERE action = 'sheet.submit' LIMIT 1",
    ),
)  # fmt: skip
