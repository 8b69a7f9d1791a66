"""What `check --deploy --database default` asks of the second wall (docs/adr/0052) and of ways in (0057)."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.db import DatabaseError, connections

from lib.wall_install import faults, role_faults


@register(Tags.database, deploy=True)
def second_wall(app_configs, databases=None, **kwargs):
    """Warn where rows are not kept apart, or where this process connects as a role that passes the wall."""
    said = []
    for alias in databases or ():
        try:
            found, role = faults(connections[alias]), role_faults(connections[alias])
        except DatabaseError as failure:
            found, role = [f"{type(failure).__name__}"], []
        said += [Warning(sentence, hint="manage.py migrate", id="wall.W001") for sentence in found]
        said += [Warning(sentence, hint="docs/operations/database.md", id="wall.W002") for sentence in role]
    return said


@register(Tags.security, deploy=True)
def saml_files(app_configs, **kwargs):
    """Warn where a sign-in by SAML could not work: without xmlsec1, or without the files that its variables name."""
    said = []
    providers = [one for one in settings.SIGN_IN_PROVIDERS if one.kind == "SAML"]
    if providers and shutil.which("xmlsec1") is None:
        said.append(Warning("xmlsec1 is not installed.", hint="apt-get install xmlsec1", id="saml.W001"))
    for provider in providers:
        for name in ("METADATA_FILE", "KEY_FILE", "CERT_FILE"):
            file = provider.option(name)
            if file and not Path(file).is_file():
                said.append(
                    Warning(
                        f"{name} of {provider.slug} is no file.",
                        hint="docs/operations/signin.md",
                        id="saml.W002",
                    )
                )
    return said
