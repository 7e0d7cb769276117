"""`manage.py give_enrolment_code NAME`: for the first administrator, to whom nobody else can give one. On record."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import STAFF_ROLES, Account
from accounts.security import enrolment
from core.errors import Refusal


class Command(BaseCommand):
    help = "Prints a one-time code with which an account sets up its first second factor within a day; an earlier one is void."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(username=options["username"], role__in=STAFF_ROLES).first()
        if account is None:
            raise CommandError(f"There is no member of staff called {options['username']}.")
        try:
            self.stdout.write(enrolment.give_code(account, by=account, from_the_machine=True))
        except Refusal as refusal:
            raise CommandError(f"{options['username']} has a second factor, or needs none.") from refusal
