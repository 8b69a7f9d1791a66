"""URLs of competency."""

from django.urls import path

app_name = "competency"

urlpatterns: list = []
