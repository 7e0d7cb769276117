"""`manage.py clock`: tell the business time, or move the simulated one forward (DESIGN.md §4)."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.errors import Refusal


def moment(text: str) -> datetime:
    """Read a time, in Asia/Shanghai where no offset is given."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("时间请写成 2026-11-24T17:00 的样子。") from error
    return read if read.tzinfo else read.replace(tzinfo=clock.SHANGHAI)


class Command(BaseCommand):
    help = "显示业务时间；在模拟环境中可向前拨动：--next 拨到下一个到期事项，--to 拨到指定时间。"

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--next", action="store_true", help="拨到下一个到期事项")
        choice.add_argument("--to", type=moment, metavar="TIME", help="拨到这一时间，例如 2026-11-24T17:00")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["next"] or options["to"]:
            try:
                worked = clock.move(options["to"])
            except Refusal as refusal:
                raise CommandError(refusal.detail) from refusal
            self.stdout.write(f"已办理 {worked} 件到期事项。")
        self.stdout.write(f"业务时间：{clock.now():%Y-%m-%d %H:%M:%S}（{'模拟' if settings.SIMULATION else '真实'}）")
