"""Views of the app, one module a noun."""

from competency.views.comparison import framework_compare
from competency.views.crosswalk_files import crosswalk_file, crosswalk_import
from competency.views.crosswalks import (
    crosswalk,
    crosswalk_edit,
    crosswalk_line,
    crosswalk_new,
    crosswalks,
)
from competency.views.draft_cells import draft_cell, draft_cell_new, draft_cell_remove
from competency.views.draft_comments import draft_comment_settle, draft_comments
from competency.views.draft_lineage import draft_cell_origins, draft_cell_split, draft_join, draft_origins
from competency.views.draft_parts import draft_area, draft_area_new, draft_category, draft_category_new
from competency.views.draft_publishing import draft_publish, version_retire
from competency.views.drafts import (
    draft,
    draft_act,
    draft_delete,
    draft_new,
    draft_settings,
    draft_upload,
    drafts,
)
from competency.views.duties import duties, duty, duty_new
from competency.views.duty_files import duties_file, duties_import
from competency.views.frameworks import framework, version
from competency.views.interchange import version_export
from competency.views.profile_files import profiles_file, profiles_import
from competency.views.profiles import profile, profiles
from competency.views.qualifications import qualifications, qualifications_csv, qualifications_import
from competency.views.references import reference, survey, survey_file
from competency.views.survey_edit import survey_edit
from competency.views.survey_files import survey_import

__all__ = [
    "crosswalk",
    "crosswalk_edit",
    "crosswalk_file",
    "crosswalk_import",
    "crosswalk_line",
    "crosswalk_new",
    "crosswalks",
    "draft",
    "draft_act",
    "draft_area",
    "draft_area_new",
    "draft_category",
    "draft_category_new",
    "draft_cell",
    "draft_cell_new",
    "draft_cell_origins",
    "draft_cell_remove",
    "draft_cell_split",
    "draft_comment_settle",
    "draft_comments",
    "draft_delete",
    "draft_join",
    "draft_new",
    "draft_origins",
    "draft_publish",
    "draft_settings",
    "draft_upload",
    "drafts",
    "duties",
    "duties_file",
    "duties_import",
    "duty",
    "duty_new",
    "framework",
    "framework_compare",
    "profile",
    "profiles",
    "profiles_file",
    "profiles_import",
    "qualifications",
    "qualifications_csv",
    "qualifications_import",
    "reference",
    "survey",
    "survey_edit",
    "survey_file",
    "survey_import",
    "version",
    "version_export",
    "version_retire",
]
