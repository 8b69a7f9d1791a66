"""Every module can be the first one that a process imports: a worker starts with another than the server."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NAMED = [settings.JOB_KINDS, settings.IMPORT_KINDS, settings.EXPORT_KINDS]
# What processes start from: the task of the queue, and every kind that the settings name by where it stands.
FIRST = sorted(
    {"organization.jobs", "organization.workflow", "assessments.workflow.exporting", "config.wsgi"}
    | {where.rpartition(".")[0] for kinds in NAMED for where in kinds.values()}
)


@pytest.mark.parametrize("name", FIRST)
def test_it_can_be_imported_first(name):
    assert importlib.util.find_spec(name)
    code = "import sys, django, importlib; django.setup(); importlib.import_module(sys.argv[1])"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code, name],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-600:]


def test_a_server_starts_without_what_takes_a_second_to_import():
    """A killed server is back within seconds: what one page in a thousand needs is imported there."""
    code = "import sys, config.wsgi; print(*sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert not {"jsonschema", "rfc3987_syntax", "weasyprint"} & set(done.stdout.split())
