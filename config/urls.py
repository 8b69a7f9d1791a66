"""The URL tree: one include per app, public ids are UUIDs, 職員番号 is never in a URL."""

from django.urls import include, path

from config import health, manual

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("manual/", manual.index, name="manual"),
    path("manual/<slug:slug>/", manual.page, name="manual_page"),
    path("", include("organization.urls")),
    path("", include("audit.urls")),
    path("", include("competency.urls")),
    path("", include("assessments.urls")),
    path("", include("gaps.urls")),
    path("", include("privacy.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
