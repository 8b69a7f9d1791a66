"""URLs of the app."""

from django.urls import path

from privacy.views import leak, purpose, retention, rights

app_name = "privacy"

urlpatterns = [
    path("privacy/purpose/", purpose.purpose, name="purpose"),
    path("privacy/purpose/edit/", purpose.purpose_edit, name="purpose_edit"),
    path("privacy/requests/", rights.requests, name="requests"),
    path("privacy/requests/new/", rights.request_new, name="request_new"),
    path("privacy/requests/<uuid:request_uuid>/", rights.request_page, name="request"),
    path("privacy/requests/<uuid:request_uuid>/package/", rights.package, name="package"),
    path("privacy/retention/", retention.retention, name="retention"),
    path("privacy/retention/<uuid:run_uuid>/", retention.run_page, name="run"),
    path("privacy/retention/<uuid:run_uuid>/act/", retention.act, name="run_act"),
    path("privacy/leak/", leak.leak, name="leak"),
]
