"""`manage.py load_reference`: areas, diseases, institutions, agencies and the working calendar of the shipped files."""

from typing import Any

from django.core.management.base import BaseCommand

from regions.loading import load_reference

NAMES = {
    "areas": "地区",
    "diseases": "病种",
    "institutions": "医疗机构",
    "agencies": "经办机构",
    "calendar": "工作日历",
}


class Command(BaseCommand):
    help = "把 regions/data 中的地区、病种、医疗机构、经办机构和工作日历载入数据库；可重复运行，只写入有变化的行。"

    def handle(self, *args: Any, **options: Any) -> None:
        changed = load_reference()
        if options["verbosity"]:
            parts = "，".join(f"{NAMES[kind]}更新 {count} 行" for kind, count in changed.items())
            self.stdout.write(f"基础数据已载入：{parts}")
