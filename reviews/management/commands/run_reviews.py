"""Run the review queue without Celery."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from reviews import queue


class Command(BaseCommand):
    help = "Do everything that is due in the review queue, once, or every few seconds with --watch. Needs no Celery and no Redis."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", type=float, metavar="SECONDS", help="sweep again every SECONDS until stopped")

    def handle(self, *args: Any, watch: float | None, **options: Any) -> None:
        self._say(queue.drain())
        try:
            while watch is not None:
                time.sleep(watch)
                close_old_connections()
                self._say(queue.drain())
        except KeyboardInterrupt:
            self.stdout.write("stopped")

    def _say(self, count: int) -> None:
        self.stdout.write(f"{count} submissions worked on")
