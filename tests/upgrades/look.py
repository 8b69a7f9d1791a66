"""Open the main pages as every sample account, in a process of its own on the database of DATABASE_URL.

Usage: python -m tests.upgrades.look      (prints {"asked": N, "wrong": ["GET /… as …: 500", …]})
"""

import json
import os
import sys

import django

PAGES = (
    "/",
    "/sheet/",
    "/resume/",
    "/review/",
    "/departments/",
    "/people/",
    "/overview/",
    "/cycles/",
    "/exports/",
    "/audit/",
)


def main() -> int:
    """Print what was asked and what was answered with an error of the server; returns 0."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.test import Client, override_settings

    from config.demo import story
    from organization.models import Staff

    asked, wrong = 0, []
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain):
        for name, *_ in story.ACCOUNTS:
            client = Client(raise_request_exception=False)
            answer = client.post("/login/", {"username": name, "password": story.PASSWORD})
            if answer.status_code != 302:
                wrong.append(f"{name} does not come in: {answer.status_code}")
            people = Staff.objects.filter(username=name).values_list("uuid", flat=True)
            for page in (*PAGES, *(f"/resume/{uuid}/" for uuid in people)):
                status = client.get(page, follow=True).status_code
                asked += 1
                if status >= 500:
                    wrong.append(f"GET {page} as {name}: {status}")
    sys.stdout.write(json.dumps({"asked": asked, "wrong": wrong}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
