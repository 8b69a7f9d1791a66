"""URLs of gaps."""

from django.urls import path

app_name = "gaps"

urlpatterns: list = []
