#!/usr/bin/env python
"""Entry point of every management command."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.logs import say_type_and_place

    sys.excepthook = say_type_and_place
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
