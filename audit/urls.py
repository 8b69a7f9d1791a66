"""URLs of the app."""

from django.urls import path

from audit import views

app_name = "audit"

urlpatterns = [
    path("audit/", views.events, name="events"),
    path("audit/events.csv", views.events_csv, name="events_csv"),
    path("audit/events.xlsx", views.events_xlsx, name="events_xlsx"),
    path("audit/alarms/", views.alarms, name="alarms"),
    path("audit/alarms/<uuid:alarm_uuid>/", views.alarm, name="alarm"),
    path("audit/<uuid:event_uuid>/", views.event, name="event"),
]
