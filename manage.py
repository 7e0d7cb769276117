#!/usr/bin/env python
"""Django's command line for Yidi. Commands that need the database find or start PostgreSQL and Redis."""

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

    from config.environment import DATA_DIR, PRODUCTION
    from config.production import NotFit
    from devservices.services import missing_services, running_services
    from devservices.state import Unavailable

    asked_for_help = not sys.argv[1:] or sys.argv[1] in OFFLINE or bool({"-h", "--help", "--version"} & set(sys.argv))
    needed = [] if asked_for_help or PRODUCTION else missing_services()
    try:
        with running_services(DATA_DIR, needed) as services:
            os.environ.update(services.environment)
            execute_from_command_line(sys.argv)
    except (Unavailable, NotFit) as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
