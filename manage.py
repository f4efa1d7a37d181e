#!/usr/bin/env python
"""Django's command line for Smart Academy."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
    from django.core.management import execute_from_command_line

    from academy.env import WrongSetting

    try:
        execute_from_command_line(sys.argv)
    except WrongSetting as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(os.EX_CONFIG)


if __name__ == "__main__":
    main()
