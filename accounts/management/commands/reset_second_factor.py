"""`manage.py reset_second_factor NAME`: for the last administrator, who has no colleague to ask. On record."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import STAFF_ROLES, Account
from accounts.security import factor


class Command(BaseCommand):
    help = "Takes away the second factor of an account and ends what it is signed in with; it is set up anew at the next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(username=options["username"], role__in=STAFF_ROLES).first()
        if account is None:
            raise CommandError(f"There is no member of staff called {options['username']}.")
        done = factor.reset(account, by=account, from_the_machine=True)
        self.stdout.write("Done." if done else "There was none.")
