"""URLs of competency."""

from django.urls import path

from competency import views

app_name = "competency"

urlpatterns = [
    path("framework/", views.framework, name="framework"),
    path("framework/compare/", views.framework_compare, name="framework_compare"),
    path("framework/<uuid:uuid>/", views.version, name="version"),
    path("framework/<uuid:uuid>/retire/", views.version_retire, name="version_retire"),
    path("framework/drafts/", views.drafts, name="drafts"),
    path("framework/drafts/new/", views.draft_new, name="draft_new"),
    path("framework/drafts/upload/", views.draft_upload, name="draft_upload"),
    path("framework/drafts/<uuid:uuid>/", views.draft, name="draft"),
    path("framework/drafts/<uuid:uuid>/act/", views.draft_act, name="draft_act"),
    path("framework/drafts/<uuid:uuid>/settings/", views.draft_settings, name="draft_settings"),
    path("framework/drafts/<uuid:uuid>/delete/", views.draft_delete, name="draft_delete"),
    path("framework/drafts/<uuid:uuid>/publish/", views.draft_publish, name="draft_publish"),
    path("framework/drafts/<uuid:uuid>/origins/", views.draft_origins, name="draft_origins"),
    path("framework/drafts/<uuid:uuid>/join/", views.draft_join, name="draft_join"),
    path("framework/drafts/<uuid:uuid>/comments/", views.draft_comments, name="draft_comments"),
    path(
        "framework/drafts/<uuid:uuid>/comments/<uuid:comment_uuid>/settle/",
        views.draft_comment_settle,
        name="draft_comment_settle",
    ),
    path("framework/drafts/<uuid:uuid>/categories/new/", views.draft_category_new, name="draft_category_new"),
    path(
        "framework/drafts/<uuid:uuid>/categories/<uuid:part_uuid>/",
        views.draft_category,
        name="draft_category",
    ),
    path("framework/drafts/<uuid:uuid>/areas/new/", views.draft_area_new, name="draft_area_new"),
    path("framework/drafts/<uuid:uuid>/areas/<uuid:part_uuid>/", views.draft_area, name="draft_area"),
    path("framework/drafts/<uuid:uuid>/cells/new/", views.draft_cell_new, name="draft_cell_new"),
    path("framework/drafts/<uuid:uuid>/cells/<uuid:cell_uuid>/", views.draft_cell, name="draft_cell"),
    path(
        "framework/drafts/<uuid:uuid>/cells/<uuid:cell_uuid>/origins/",
        views.draft_cell_origins,
        name="draft_cell_origins",
    ),
    path(
        "framework/drafts/<uuid:uuid>/cells/<uuid:cell_uuid>/split/",
        views.draft_cell_split,
        name="draft_cell_split",
    ),
    path(
        "framework/drafts/<uuid:uuid>/cells/<uuid:cell_uuid>/remove/",
        views.draft_cell_remove,
        name="draft_cell_remove",
    ),
    path("profiles/", views.profiles, name="profiles"),
    path("profiles/file/", views.profiles_file, name="profiles_file"),
    path("profiles/import/", views.profiles_import, name="profiles_import"),
    path("profiles/<uuid:position_uuid>/", views.profile, name="profile"),
    path("reference/", views.reference, name="reference"),
    path("reference/import/", views.survey_import, name="survey_import"),
    path("reference/<uuid:uuid>/", views.survey, name="survey"),
    path("reference/<uuid:uuid>/edit/", views.survey_edit, name="survey_edit"),
    path("reference/<uuid:uuid>/file/", views.survey_file, name="survey_file"),
    path("crosswalks/", views.crosswalks, name="crosswalks"),
    path("crosswalks/new/", views.crosswalk_new, name="crosswalk_new"),
    path("crosswalks/import/", views.crosswalk_import, name="crosswalk_import"),
    path("crosswalks/<uuid:uuid>/", views.crosswalk, name="crosswalk"),
    path("crosswalks/<uuid:uuid>/edit/", views.crosswalk_edit, name="crosswalk_edit"),
    path("crosswalks/<uuid:uuid>/line/", views.crosswalk_line, name="crosswalk_line"),
    path("crosswalks/<uuid:uuid>/file/", views.crosswalk_file, name="crosswalk_file"),
    path("qualifications/", views.qualifications, name="qualifications"),
    path("qualifications/import/", views.qualifications_import, name="qualifications_import"),
    path("qualifications.csv", views.qualifications_csv, name="qualifications_csv"),
    path("duties/", views.duties, name="duties"),
    path("duties/file/", views.duties_file, name="duties_file"),
    path("duties/import/", views.duties_import, name="duties_import"),
    path("duties/new/", views.duty_new, name="duty_new"),
    path("duties/<uuid:uuid>/", views.duty, name="duty"),
]
