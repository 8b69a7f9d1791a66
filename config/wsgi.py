"""The WSGI application that gunicorn serves."""

import logging
import os

import django
from django.conf import settings
from django.urls import get_resolver

from config import transport
from config.requests import Handler
from lib import tenant

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Whatever a process of the web does outside a request, it does for nobody.
tenant.set_outside(tenant.NOBODY)
django.setup(set_prefix=False)
application = Handler()
# Every page is imported now: a worker that took its first request only to begin importing would let somebody wait, and
# one that cannot import a page must not start.
get_resolver().url_patterns  # noqa: B018
# gunicorn runs no system checks: the log of every start says it.
if settings.PLAIN_HTTP:
    logging.getLogger(__name__).warning(transport.WARNING)
