"""Every URL of the product and the row of the permission table that guards it.

`OPEN` needs no sign-in, `SIGNED_IN` needs only that, `TOKEN` asks no person but a token of
another system. tests/access/test_routes.py fails for a URL of the URLconf that is missing here, and walks all of them
as every role.
"""

from dataclasses import dataclass

OPEN = "open"
SIGNED_IN = "signed-in"
TOKEN = "by-token"  # noqa: S105 - a kind of guard


@dataclass(frozen=True)
class Route:
    """Guard per method. `target` names the kind of object in the URL; tests make one of each kind."""

    get: str | None = None
    post: str | None = None
    target: str | None = None


ROUTES: dict[str, Route] = {
    # config
    "healthz": Route(get=OPEN),
    "readyz": Route(get=OPEN),
    "manual": Route(get=OPEN),
    "manual_page": Route(get=OPEN, target="manual"),
    # organization, signing in
    "organization:login": Route(get=OPEN, post=OPEN),
    "organization:logout": Route(post=SIGNED_IN),
    "organization:password": Route(get="P26o", post="P26o"),
    # one's own sessions alone, whatever the role
    "organization:sessions": Route(get=SIGNED_IN, post=SIGNED_IN),
    "organization:second_step": Route(get=OPEN, post=OPEN),
    "organization:passkey_login": Route(get=OPEN, post=OPEN),
    # organization, 2段階認証: one's own alone
    "organization:factors": Route(get="P26o"),
    "organization:factor_proof": Route(get="P26o", post="P26o"),
    "organization:factor_app": Route(get="P26o", post="P26o"),
    "organization:factor_app_remove": Route(post="P26o"),
    "organization:factor_passkey_new": Route(get="P26o", post="P26o"),
    "organization:factor_passkey": Route(get="P26o", post="P26o", target="passkey"),
    "organization:factor_passkey_remove": Route(post="P26o", target="passkey"),
    "organization:factor_codes": Route(post="P26o"),
    # organization, signing in by other systems: each answer is checked against what this browser asked for
    "organization:sso": Route(get=OPEN, post=OPEN, target="provider"),
    "organization:sso_answer": Route(get=OPEN, target="oidc_provider"),
    # SAML answers from a page of another site, without our cookies: the signature is asked, no session is touched
    "organization:sso_acs": Route(post=OPEN, target="saml_provider"),
    "organization:sso_metadata": Route(get=OPEN, target="saml_provider"),
    # organization, accounts
    "organization:accounts": Route(get="P25v"),
    "organization:account_new": Route(get="P25", post="P25"),
    "organization:slips": Route(get="P26", post="P26"),
    "organization:account": Route(get="P25v", target="staff"),
    "organization:account_grant": Route(post="P25", target="staff"),
    "organization:account_withdraw": Route(post="P25", target="grant"),
    "organization:account_active": Route(post="P29", target="staff"),
    "organization:account_sessions": Route(post="P29", target="staff"),
    "organization:account_code": Route(post="P26", target="staff"),
    "organization:account_factors": Route(post="P26", target="staff"),
    # organization, files
    "organization:imports": Route(get="P21", post="P21"),
    "organization:import_template": Route(get="P21"),
    "organization:import_templates": Route(get="P21", post="P21"),
    "organization:import_preview": Route(get="P21", target="import"),
    "organization:import_map": Route(get="P21", post="P21", target="import"),
    "organization:import_apply": Route(post="P21", target="import"),
    "organization:import_check": Route(post="P21", target="import"),
    "organization:import_discard": Route(post="P21", target="import"),
    "organization:import_undo": Route(post="P21", target="import"),
    # organization, people and departments
    "organization:people": Route(get="P01"),
    "organization:people_bulk": Route(get="P02", post="P02"),
    "organization:person": Route(get="P01", target="staff"),
    "organization:person_edit": Route(get="P02", post="P02", target="staff"),
    "organization:person_posting": Route(get="P02", post="P02", target="staff"),
    "organization:departments": Route(get="P31"),
    "organization:department_new": Route(get="P31", post="P31"),
    "organization:department_edit": Route(get="P31", post="P31", target="department"),
    "organization:positions": Route(get="P31", post="P31"),
    # organization, long work: one's own orders alone, whatever the role
    "organization:jobs": Route(get=SIGNED_IN),
    "organization:job": Route(get="P20", target="job"),
    "organization:job_file": Route(get="P20", target="job"),
    # audit
    "audit:events": Route(get="P27"),
    "audit:event": Route(get="P27", target="event"),
    "audit:events_csv": Route(get="P27"),
    "audit:events_xlsx": Route(get="P27"),
    "audit:alarms": Route(get="P27a"),
    "audit:alarm": Route(get="P27a", post="P27a", target="alarm"),
    # competency: the matrix
    "competency:framework": Route(get="P23"),
    "competency:version": Route(get="P23", target="version"),
    "competency:version_export": Route(get="P23", target="version"),
    "competency:framework_compare": Route(get="P23"),
    # competency: the desk of 体系の編集
    "competency:drafts": Route(get="P24"),
    "competency:draft_new": Route(get="P24", post="P24"),
    "competency:draft_upload": Route(get="P24", post="P24"),
    "competency:draft": Route(get="P24", target="draft"),
    "competency:draft_act": Route(post="P24", target="draft"),
    "competency:draft_settings": Route(get="P24", post="P24", target="draft"),
    "competency:draft_delete": Route(get="P24", post="P24", target="draft"),
    "competency:draft_publish": Route(get="P24", post="P24", target="draft"),
    "competency:draft_origins": Route(get="P24", post="P24", target="draft"),
    "competency:draft_join": Route(get="P24", post="P24", target="draft"),
    "competency:draft_comments": Route(get="P24", post="P24", target="draft"),
    "competency:draft_comment_settle": Route(post="P24", target="draft_comment"),
    "competency:draft_category_new": Route(get="P24", post="P24", target="draft"),
    "competency:draft_category": Route(get="P24", post="P24", target="draft_category"),
    "competency:draft_area_new": Route(get="P24", post="P24", target="draft"),
    "competency:draft_area": Route(get="P24", post="P24", target="draft_area"),
    "competency:draft_cell_new": Route(get="P24", post="P24", target="draft"),
    "competency:draft_cell": Route(get="P24", post="P24", target="draft_cell"),
    "competency:draft_cell_origins": Route(get="P24", post="P24", target="draft_cell"),
    "competency:draft_cell_split": Route(get="P24", post="P24", target="draft_cell"),
    "competency:draft_cell_remove": Route(get="P24", post="P24", target="draft_cell"),
    "competency:version_retire": Route(get="P24", post="P24", target="own_version"),
    # competency: the steps expected of each 職位
    "competency:profiles": Route(get="P17c"),
    "competency:profiles_file": Route(get="P17c"),
    "competency:profiles_import": Route(get="P17c", post="P17c"),
    "competency:profile": Route(get="P17c", post="P17c", target="position"),
    # competency: published figures
    "competency:reference": Route(get="P23"),
    "competency:survey_import": Route(get="P24", post="P24"),
    "competency:survey": Route(get="P23", post="P24", target="survey"),
    "competency:survey_edit": Route(get="P24", post="P24", target="survey"),
    "competency:survey_file": Route(get="P23", target="survey"),
    # competency: tags beside the matrix, and crosswalks to other lists
    "competency:crosswalks": Route(get="P23"),
    "competency:crosswalk_new": Route(get="P24", post="P24"),
    "competency:crosswalk_import": Route(get="P24", post="P24"),
    "competency:crosswalk": Route(get="P23", target="crosswalk"),
    "competency:crosswalk_edit": Route(get="P24", post="P24", target="crosswalk"),
    "competency:crosswalk_line": Route(get="P24", post="P24", target="crosswalk"),
    "competency:crosswalk_file": Route(get="P23", target="crosswalk"),
    # competency: 資格 register
    "competency:qualifications": Route(get="P23"),
    "competency:qualifications_import": Route(get="P21t", post="P21t"),
    "competency:qualifications_csv": Route(get="P21t"),
    # competency: what departments do
    "competency:duties": Route(get="P17"),
    "competency:duties_file": Route(get="P17c"),
    "competency:duties_import": Route(get="P17c", post="P17c"),
    "competency:duty_new": Route(get="P17c", post="P17c"),
    "competency:duty": Route(get="P17", post="P17c", target="duty"),
    # assessments, the person
    "assessments:home": Route(get=SIGNED_IN),
    "assessments:my_sheet": Route(get=SIGNED_IN),
    "assessments:sheet": Route(get="P07", target="sheet"),
    "assessments:sheet_edit": Route(get="P05", post="P05", target="sheet"),
    "assessments:sheet_save": Route(post="P05", target="sheet"),
    "assessments:sheet_submit": Route(get="P06", post="P06", target="sheet"),
    "assessments:sheet_withdraw": Route(post="P08w", target="sheet"),
    "assessments:my_resume": Route(get=SIGNED_IN),
    "assessments:resume": Route(get="P04", target="staff"),
    # assessments, keeping the record
    "assessments:quick_add": Route(get="P03", post="P03"),
    "assessments:entry_new": Route(get="P03", post="P03", target="staff"),
    "assessments:entries_copy": Route(get="P03", post="P03", target="staff"),
    "assessments:entry": Route(get="P03", post="P03", target="entry"),
    "assessments:entry_remove": Route(post="P03", target="entry"),
    "assessments:entry_restore": Route(post="P03", target="entry"),
    # assessments, what ratings rest on, files, and what only some see
    "assessments:sheet_evidence": Route(get="P05", post="P05", target="sheet"),
    "assessments:file_add": Route(get="P03", post="P03", target="entry"),
    "assessments:file": Route(get="P04", target="file"),
    "assessments:file_remove": Route(get="P03", post="P03", target="file"),
    "assessments:statement": Route(get="P03s", post="P03s", target="staff"),
    "assessments:wish": Route(get="P32", post="P32e", target="staff"),
    "assessments:viewers": Route(get="P27s"),
    # assessments, the résumé on paper and as a file
    "assessments:resume_pdf": Route(get="P04", post="P04", target="staff"),
    "assessments:resume_xlsx": Route(get="P04", post="P04", target="staff"),
    "assessments:handover_sheet": Route(get="P04", target="staff"),
    # assessments, the line and 人事
    "assessments:review": Route(get="P33"),
    "assessments:sheet_confirm": Route(post="P09c", target="sheet"),
    "assessments:sheet_send_back": Route(post="P08", target="sheet"),
    "assessments:sheet_correct": Route(get="P11", post="P11", target="sheet"),
    "assessments:sheet_reply": Route(get="P12r", post="P12r", target="sheet"),
    "assessments:sheet_reconfirm": Route(get="P12d", post="P12d", target="sheet"),
    # assessments, past years in
    "assessments:past": Route(get="P21", post="P21"),
    "assessments:past_template": Route(get="P21"),
    "assessments:cycles": Route(get="P22"),
    "assessments:cycle_new": Route(get="P22", post="P22"),
    "assessments:cycle": Route(get="P22", post="P22", target="cycle"),
    "assessments:cycle_open": Route(post="P22", target="cycle"),
    "assessments:cycle_add": Route(get="P22", post="P22", target="cycle"),
    "assessments:cycle_close": Route(get="P22", post="P22", target="cycle"),
    # assessments, who takes part in a year and who has more time
    "assessments:cycle_version": Route(get="P22", post="P22", target="cycle"),
    "assessments:cycle_version_undo": Route(post="P22", target="version_change"),
    "assessments:cycle_participants": Route(get="P22", post="P22", target="cycle"),
    "assessments:cycle_extensions": Route(get="P22", post="P22", target="cycle"),
    "assessments:extension_remove": Route(post="P22", target="extension"),
    # assessments, how far a year has come and who is asked to go on
    "assessments:cycle_progress": Route(get="P33r", target="cycle"),
    "assessments:unsubmitted": Route(get="P33", target="cycle"),
    "assessments:reminders": Route(get="P33r", post="P33r", target="cycle"),
    "assessments:reminders_paper": Route(get="P33r", post="P33r", target="cycle"),
    "assessments:exports": Route(get="P20"),
    "assessments:export": Route(get="P20", post="P20", target="export_kind"),
    "assessments:saved_export": Route(get="P20", post="P20", target="saved_export"),
    "assessments:saved_export_delete": Route(post="P20", target="saved_export"),
    # assessments, what other systems read: no person passes without a token, whatever their role
    "assessments:tokens": Route(get="P20t", post="P20t"),
    "assessments:token_revoke": Route(post="P20t", target="token"),
    "assessments:api_schema": Route(get=OPEN),
    "assessments:api_kinds": Route(get=TOKEN),
    "assessments:api_rows": Route(get=TOKEN, target="export_kind"),
    "assessments:case_documents": Route(get=TOKEN),
    "assessments:case_resource": Route(get=TOKEN, target="case_document"),
    # assessments, the record that travels
    "assessments:resume_json": Route(get="P20s", post="P20s", target="staff"),
    "assessments:record_import": Route(get="P20s", post="P20s"),
    "assessments:record_remove": Route(post="P20s", target="foreign_record"),
    "assessments:badge": Route(get="P20s", target="sheet"),
    "assessments:record_schema": Route(get=OPEN),
    "assessments:issuers": Route(get="P21t", post="P21t"),
    "assessments:issuer_withdraw": Route(post="P21t", target="issuer"),
    # assessments, 研修: the catalogue, what people apply for, and the plan of a year
    "assessments:courses": Route(get=SIGNED_IN),
    "assessments:course_new": Route(get="P21t", post="P21t"),
    "assessments:course": Route(get=SIGNED_IN, post="P21t", target="course"),
    "assessments:course_apply": Route(post=SIGNED_IN, target="course"),
    "assessments:training_withdraw": Route(post="P03", target="training"),
    "assessments:training_decide": Route(get="P21t", post="P21t", target="training"),
    "assessments:training_plan": Route(get="P33t", post="P21t"),
    "assessments:training_plan_csv": Route(get="P33t", post="P33t"),
    "assessments:training_plan_xlsx": Route(get="P33t", post="P33t"),
    # assessments, the sheet for the 面談
    "assessments:interview": Route(get="P04", target="staff"),
    # assessments, 代理入力: a sheet filled in for somebody, and what they say about it
    "assessments:proxies": Route(get="P05h"),
    "assessments:sheet_proxy": Route(get="P05h", post="P05h", target="sheet"),
    "assessments:proxy_consent": Route(post="P05c", target="sheet"),
    # gaps, who can and who once could
    "gaps:experienced": Route(get="P19"),
    # gaps
    "gaps:departments": Route(get="P16"),
    "gaps:department": Route(get="P16", target="department"),
    "gaps:heatmap": Route(get="P16", target="department"),
    "gaps:trend": Route(get="P16", target="department"),
    "gaps:calibration": Route(get="P16", target="department"),
    "gaps:cell": Route(get="P16", target="cell"),
    "gaps:four_way": Route(get="P16", post="P17", target="department"),
    "gaps:four_way_csv": Route(get="P16", target="department"),
    "gaps:four_way_xlsx": Route(get="P16", target="department"),
    "gaps:summary": Route(get="P16", target="department"),
    "gaps:needs": Route(get="P17", post="P17", target="department"),
    "gaps:assignments": Route(get="P17", post="P17", target="department"),
    "gaps:assignments_import": Route(get="P17d", post="P17d", target="department"),
    "gaps:assignments_template": Route(get="P17d", target="department"),
    "gaps:duties": Route(get="P17", post="P17", target="department"),
    "gaps:training": Route(get="P17", post="P17", target="department"),
    "gaps:resumes": Route(get="P20d", post="P20d", target="department"),
    "gaps:coverage_csv": Route(get="P16", target="department"),
    "gaps:coverage_xlsx": Route(get="P16", target="department"),
    # gaps, what is done about them
    "gaps:measures": Route(get="P16", target="department"),
    "gaps:measure_new": Route(get="P17", post="P17", target="department"),
    "gaps:measure": Route(get="P17", post="P17", target="measure"),
    "gaps:department_measures_csv": Route(get="P16", target="department"),
    "gaps:department_measures_xlsx": Route(get="P16", target="department"),
    "gaps:all_measures": Route(get="P33o"),
    "gaps:all_measures_csv": Route(get="P33o"),
    "gaps:all_measures_xlsx": Route(get="P33o"),
    "gaps:scenarios": Route(get="P18"),
    "gaps:scenario_new": Route(get="P18", post="P18"),
    "gaps:scenario": Route(get="P18", post="P18", target="scenario"),
    "gaps:scenario_compare": Route(get="P18"),
    "gaps:overview": Route(get="P33o"),
    "gaps:overview_csv": Route(get="P33o"),
    "gaps:overview_xlsx": Route(get="P33o"),
    # privacy: what is asked for, kept and lost
    "privacy:purpose": Route(get=SIGNED_IN, post=SIGNED_IN),
    "privacy:purpose_edit": Route(get="P20p", post="P20p"),
    "privacy:requests": Route(get="P20p"),
    "privacy:request_new": Route(get="P20p", post="P20p"),
    "privacy:request": Route(get="P20p", post="P20p", target="rights_request"),
    "privacy:package": Route(post="P20p", target="rights_request"),
    "privacy:retention": Route(get="P20r", post="P20r"),
    "privacy:run": Route(get="P20r", target="retention_run"),
    "privacy:run_act": Route(post="P20r", target="retention_run"),
    "privacy:leak": Route(get="P27l"),
}
