"""`manage.py load_demo [FILE]`: persons with enrolments, institutions, agencies and staff of a demo file."""

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from accounts.demo_file import DEMO_CATALOGUE, LAYOUT, PROJECT_DEMO
from accounts.demo_load import load_demo
from policies.catalogue.publishing import load
from policies.language.text import PolicyError
from regions.models import Area


class _Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's help, with the layout below it left as it is written."""


class Command(BaseCommand):
    help = "载入演示数据（YAML）；可重复运行，没有变化的条目不动；有一处错误就什么都不载入。"

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        epilog = "文件布局（每个列表都可省略，数字组成的代码要加引号）：\n\n" + LAYOUT
        return super().create_parser(prog_name, subcommand, formatter_class=_Formatter, epilog=epilog, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="FILE", help="YAML 文件；不写则载入项目自带的演示数据"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        if path is None and not settings.SANDBOX:
            raise CommandError("项目自带的演示数据含有公开的密码，只能在沙箱中载入；请写明要载入的 FILE。")
        if not Area.objects.exists():
            raise CommandError("还没有地区数据，请先运行 manage.py load_reference。")
        path = path or PROJECT_DEMO
        text = self._read(path)
        try:
            file, changed = load_demo(text, name=path.name)
        except PolicyError as refused:
            raise CommandError(f"{refused}\n共 {len(refused.problems)} 处错误，没有载入任何内容。") from refused
        if path == PROJECT_DEMO:
            load(DEMO_CATALOGUE.read_text("utf-8"), DEMO_CATALOGUE.name)
        if not options["verbosity"]:
            return
        self.stdout.write(
            f"演示数据 {path.name}：参保人 {len(file.persons)}，医疗机构 {len(file.institutions)}，"
            f"经办机构 {len(file.agencies)}，工作人员 {len(file.staff)}；新增或更新 {changed} 项"
        )

    def _read(self, path: Path) -> str:
        try:
            return path.read_text("utf-8")
        except OSError as unreadable:
            raise CommandError(f"读不到文件 {path}：{unreadable.strerror}") from unreadable
        except UnicodeDecodeError as binary:
            raise CommandError(f"{path} 不是 UTF-8 编码的文本") from binary
