"""Run the review queue without Celery."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from regions import clock
from reviews import queue


class Command(BaseCommand):
    help = "Do everything that is due in the review queue, once, or every few seconds with --watch. Needs no Celery and no Redis."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", type=float, metavar="SECONDS", help="sweep again every SECONDS until stopped")

    def handle(self, *args: Any, watch: float | None, **options: Any) -> None:
        while True:
            with clock.standing_at(clock.now()):
                count = queue.drain()
            self.stdout.write(f"{count} submissions worked on")
            if watch is None:
                return
            time.sleep(watch)
