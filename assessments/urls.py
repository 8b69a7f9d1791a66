"""URLs of the app, one group a noun."""

from django.urls import path

from assessments.views import (
    api,
    case,
    closing,
    confirming,
    correction,
    courses,
    cycle_participants,
    cycles,
    entries,
    entries_copy,
    evidence,
    exports,
    extensions,
    files,
    handover,
    home,
    interview,
    issuers,
    past,
    progress,
    proxies,
    quick_add,
    reconfirming,
    reminders,
    replies,
    resume,
    resume_files,
    review,
    saved_exports,
    sheets,
    statements,
    tokens,
    training,
    training_plan,
    travel,
    version_change,
    viewers,
)

app_name = "assessments"

# /, /sheet/, /sheets/: one's own year
sheet_urls = [
    path("", home.home, name="home"),
    path("sheet/", sheets.my_sheet, name="my_sheet"),
    path("sheets/<uuid:sheet_uuid>/", sheets.sheet, name="sheet"),
    path("sheets/<uuid:sheet_uuid>/edit/", sheets.sheet_edit, name="sheet_edit"),
    path("sheets/<uuid:sheet_uuid>/save/", sheets.sheet_save, name="sheet_save"),
    path("sheets/<uuid:sheet_uuid>/submit/", sheets.sheet_submit, name="sheet_submit"),
    path("sheets/<uuid:sheet_uuid>/withdraw/", sheets.sheet_withdraw, name="sheet_withdraw"),
    path("sheets/<uuid:sheet_uuid>/reply/", replies.sheet_reply, name="sheet_reply"),
]

# /imports/past/
past_urls = [
    path("imports/past/", past.past, name="past"),
    path("imports/past/template.xlsx", past.past_template, name="past_template"),
]

# /resume/
resume_urls = [
    path("resume/", resume.my_resume, name="my_resume"),
    path("resume/<uuid:staff_uuid>/", resume.resume, name="resume"),
    path("resume/<uuid:staff_uuid>/interview/", interview.interview, name="interview"),
]

# /resume/…: keeping the record
entry_urls = [
    path("resume/add/", quick_add.quick_add, name="quick_add"),
    path("resume/<uuid:staff_uuid>/entries/<str:entry_kind>/new/", entries.entry_new, name="entry_new"),
    path("resume/<uuid:staff_uuid>/copy/", entries_copy.entries_copy, name="entries_copy"),
    path("resume/entries/<uuid:entry_uuid>/", entries.entry, name="entry"),
    path("resume/entries/<uuid:entry_uuid>/remove/", entries.entry_remove, name="entry_remove"),
    path("resume/entries/<uuid:entry_uuid>/restore/", entries.entry_restore, name="entry_restore"),
]

# /resume/….pdf, .xlsx, …/handover/: on paper and as a file
paper_urls = [
    path("resume/<uuid:staff_uuid>.pdf", resume_files.resume_pdf, name="resume_pdf"),
    path("resume/<uuid:staff_uuid>.xlsx", resume_files.resume_xlsx, name="resume_xlsx"),
    path("resume/<uuid:staff_uuid>/handover/", handover.handover_sheet, name="handover_sheet"),
]

# /resume/…: files with an entry, what only some see, who looked
own_urls = [
    path(
        "sheets/<uuid:sheet_uuid>/evidence/<str:cell_code>/", evidence.sheet_evidence, name="sheet_evidence"
    ),
    path("resume/entries/<uuid:entry_uuid>/files/", files.file_add, name="file_add"),
    path("resume/files/<uuid:file_uuid>/", files.file, name="file"),
    path("resume/files/<uuid:file_uuid>/remove/", files.file_remove, name="file_remove"),
    path("resume/<uuid:staff_uuid>/statement/", statements.statement, name="statement"),
    path("resume/<uuid:staff_uuid>/wish/", statements.wish, name="wish"),
    path("resume/viewers/", viewers.viewers, name="viewers"),
]

# /review/ and what the line does with a sheet
review_urls = [
    path("review/", review.review, name="review"),
    path("sheets/<uuid:sheet_uuid>/confirm/", confirming.sheet_confirm, name="sheet_confirm"),
    path("sheets/<uuid:sheet_uuid>/send-back/", confirming.sheet_send_back, name="sheet_send_back"),
    path("sheets/<uuid:sheet_uuid>/correct/", correction.sheet_correct, name="sheet_correct"),
    path("sheets/<uuid:sheet_uuid>/reconfirm/", reconfirming.sheet_reconfirm, name="sheet_reconfirm"),
]

# /cycles/
cycle_urls = [
    path("cycles/", cycles.cycles, name="cycles"),
    path("cycles/new/", cycles.cycle_new, name="cycle_new"),
    path("cycles/<uuid:cycle_uuid>/", cycles.cycle, name="cycle"),
    path("cycles/<uuid:cycle_uuid>/open/", cycles.cycle_open, name="cycle_open"),
    path("cycles/<uuid:cycle_uuid>/add/", cycles.cycle_add, name="cycle_add"),
    path("cycles/<uuid:cycle_uuid>/close/", closing.cycle_close, name="cycle_close"),
    path(
        "cycles/<uuid:cycle_uuid>/participants/",
        cycle_participants.cycle_participants,
        name="cycle_participants",
    ),
    path("cycles/<uuid:cycle_uuid>/version/", version_change.cycle_version, name="cycle_version"),
    path(
        "cycles/version-changes/<uuid:change_uuid>/undo/",
        version_change.cycle_version_undo,
        name="cycle_version_undo",
    ),
    path("cycles/<uuid:cycle_uuid>/extensions/", extensions.cycle_extensions, name="cycle_extensions"),
    path("cycles/<uuid:cycle_uuid>/progress/", progress.cycle_progress, name="cycle_progress"),
    path("cycles/<uuid:cycle_uuid>/unsubmitted/", progress.unsubmitted, name="unsubmitted"),
    path("cycles/<uuid:cycle_uuid>/reminders/", reminders.reminders, name="reminders"),
    path("cycles/<uuid:cycle_uuid>/reminders/paper/", reminders.reminders_paper, name="reminders_paper"),
    path("extensions/<uuid:extension_uuid>/remove/", extensions.extension_remove, name="extension_remove"),
]

# the record that travels
travel_urls = [
    path("resume/<uuid:staff_uuid>.json", travel.resume_json, name="resume_json"),
    path("resume/import/", travel.record_import, name="record_import"),
    path("resume/records/<uuid:record_uuid>/remove/", travel.record_remove, name="record_remove"),
    path("sheets/<uuid:sheet_uuid>/badges/<str:cell_code>.json", travel.badge, name="badge"),
    path("record-schema.json", travel.record_schema, name="record_schema"),
    path("issuers/", issuers.issuers, name="issuers"),
    path("issuers/<uuid:issuer_uuid>/withdraw/", issuers.issuer_withdraw, name="issuer_withdraw"),
]

# /proxies/, /sheets/…: filled in for somebody
proxy_urls = [
    path("proxies/", proxies.proxies, name="proxies"),
    path("sheets/<uuid:sheet_uuid>/proxy/", proxies.sheet_proxy, name="sheet_proxy"),
    path("sheets/<uuid:sheet_uuid>/consent/", proxies.proxy_consent, name="proxy_consent"),
]

# /exports/
export_urls = [
    path("exports/", exports.exports, name="exports"),
    path("exports/saved/<uuid:saved_uuid>/", saved_exports.saved_export, name="saved_export"),
    path(
        "exports/saved/<uuid:saved_uuid>/delete/",
        saved_exports.saved_export_delete,
        name="saved_export_delete",
    ),
    path("exports/<slug:export_kind>/", exports.export, name="export"),
]

# /api-tokens/ and /api/v1/: what other systems read
api_urls = [
    path("api-tokens/", tokens.tokens, name="tokens"),
    path("api-tokens/<uuid:token_uuid>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("api/v1/openapi.json", api.api_schema, name="api_schema"),
    *api.token_patterns(),
]

# /ims/case/v1p1/: frameworks for other systems
case_urls = [
    path("ims/case/v1p1/CFDocuments", case.case_documents, name="case_documents"),
    path("ims/case/v1p1/<slug:resource>/<str:sourced_id>", case.case_resource, name="case_resource"),
]

# /training/: the catalogue, what people apply for, and the plan of a year
training_urls = [
    path("training/", courses.courses, name="courses"),
    path("training/courses/new/", courses.course_new, name="course_new"),
    path("training/courses/<uuid:course_uuid>/", courses.course, name="course"),
    path("training/courses/<uuid:course_uuid>/apply/", training.course_apply, name="course_apply"),
    path("training/<uuid:entry_uuid>/withdraw/", training.training_withdraw, name="training_withdraw"),
    path("training/<uuid:entry_uuid>/decide/", training.training_decide, name="training_decide"),
    path("training/plan/", training_plan.training_plan, name="training_plan"),
    path("training/plan.csv", training_plan.training_plan_csv, name="training_plan_csv"),
    path("training/plan.xlsx", training_plan.training_plan_xlsx, name="training_plan_xlsx"),
]

urlpatterns = [
    *sheet_urls,
    *past_urls,
    *resume_urls,
    *paper_urls,
    *entry_urls,
    *own_urls,
    *review_urls,
    *proxy_urls,
    *cycle_urls,
    *export_urls,
    *api_urls,
    *case_urls,
    *travel_urls,
    *training_urls,
]
