"""Prove that the events of every submission give its status."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reviews.history import disagreements


class Command(BaseCommand):
    help = "Replay the events of every submission and compare with what is stored. Exit status 1 if any disagrees."

    def handle(self, *args: Any, **options: Any) -> None:
        checked, wrong = disagreements()
        for line in wrong:
            self.stdout.write(line)
        self.stdout.write(f"{checked} submissions checked, {len(wrong)} disagree")
        if wrong:
            raise CommandError("the event log does not give the stored state")
