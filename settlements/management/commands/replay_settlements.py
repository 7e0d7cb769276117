"""`manage.py replay_settlements`: proves that every stored settlement comes out again, to the fen."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from settlements.models import Settlement
from settlements.verification import replay


class Command(BaseCommand):
    help = "Compute every stored settlement again from its stored input and policy; exit status 1 where one differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", help="only those of a business day, such as 2026-11-21")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Settlement.objects.filter(settled_on=options["on"]) if options["on"] else Settlement.objects.all()
        outcome = replay(rows)
        for problem in outcome.different:
            self.stderr.write(problem)
        self.stdout.write(f"{outcome.equal} settlements computed again, equal to the fen")
        if outcome.different:
            raise CommandError(f"{len(outcome.different)} differences")
