"""URLs of competency."""

from django.urls import path

from competency import views

app_name = "competency"

urlpatterns = [
    path("framework/", views.framework, name="framework"),
    path("framework/<uuid:uuid>/", views.version, name="version"),
]
