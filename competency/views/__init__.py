"""Views of the app, one module a noun."""

from competency.views.duties import duties, duty, duty_new
from competency.views.frameworks import framework, version
from competency.views.profiles import profile, profiles
from competency.views.qualifications import qualifications, qualifications_csv, qualifications_import
from competency.views.references import reference

__all__ = [
    "duties",
    "duty",
    "duty_new",
    "framework",
    "profile",
    "profiles",
    "qualifications",
    "qualifications_csv",
    "qualifications_import",
    "reference",
    "version",
]
