#!/usr/bin/env python
"""Django's command line for Yidi. Commands that need the database find or start the embedded services."""

import os
import sys

OFFLINE = {
    "help",
    "version",
    "check",
    "collectstatic",
    "compilemessages",
    "makemessages",
    "spectacular",
    "diffsettings",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.embedded import Unavailable, lent
    from config.environment import DATA_DIR, PRODUCTION
    from config.production import NotFit

    asked_for_help = not sys.argv[1:] or sys.argv[1] in OFFLINE or bool({"-h", "--help", "--version"} & set(sys.argv))
    try:
        with lent(DATA_DIR, wanted=not (asked_for_help or PRODUCTION)):
            execute_from_command_line(sys.argv)
    except (Unavailable, NotFit) as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
