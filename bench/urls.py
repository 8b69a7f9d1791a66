"""The product's URLs and one page more: the yardstick of every page, a signed-in page with nothing on it."""

from django.shortcuts import render
from django.urls import include, path

from config.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

EMPTY = "/bench/empty/"


def empty(request):
    """Show the frame alone: header, menu, footer."""
    return render(request, "base.html")


urlpatterns = [path(EMPTY.lstrip("/"), empty), path("", include("config.urls"))]
