"""`manage.py load_demo_bills`: a handful of settled bills, so that the demo's pages are not empty."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from settlements.demo import load_bills


class Command(BaseCommand):
    help = "结算演示账单（参保人和医院须已由 load_demo 载入）；可重复运行，已有的不动。"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("演示账单只能在沙箱中载入。")
        made = load_bills()
        if options["verbosity"]:
            self.stdout.write(f"演示账单：新结算 {made} 笔")
