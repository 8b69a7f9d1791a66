"""Print yes where the database holds no municipality, else no: `make run` fills only an empty one."""

import os

import django


def main() -> None:
    """Ask the configured database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from organization.models import Municipality

    print("no" if Municipality.objects.exists() else "yes")


if __name__ == "__main__":
    main()
