"""URLs of competency."""

from django.urls import path

from competency import views

app_name = "competency"

urlpatterns = [
    path("framework/", views.framework, name="framework"),
    path("framework/<uuid:uuid>/", views.version, name="version"),
    path("profiles/", views.profiles, name="profiles"),
    path("profiles/<uuid:position_uuid>/", views.profile, name="profile"),
    path("reference/", views.reference, name="reference"),
    path("qualifications/", views.qualifications, name="qualifications"),
    path("qualifications/import/", views.qualifications_import, name="qualifications_import"),
    path("qualifications.csv", views.qualifications_csv, name="qualifications_csv"),
    path("duties/", views.duties, name="duties"),
    path("duties/new/", views.duty_new, name="duty_new"),
    path("duties/<uuid:uuid>/", views.duty, name="duty"),
]
