"""`manage.py simulate_queue`: how many reviewers keep every case of an area in time."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from core.errors import Refusal
from scenarios.models import StaffingScenario
from scenarios.staffing.planning import plan

AROUND = 2


class Command(BaseCommand):
    help = "模拟一个地区的审核队列：多少名审核人员能让每件都按时办结，长假有什么影响。只读取，不写入。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--area", required=True, help="地区代码")
        parser.add_argument("--reviewers", default="3", help="人数，如 5（比较3至7人）或 3-8")
        parser.add_argument("--start", help="第一天，如 2026-09-20；不写：今天")
        parser.add_argument("--days", default=60, help="天数")
        parser.add_argument("--per-day", help="每个工作日的申请数；不写：按近半年的申请")
        parser.add_argument("--weekdays", help="周一到周日的申请数（%%），如 100,100,100,100,100,30,20")
        parser.add_argument("--holiday", help="落在周一至周五的节假日的申请数（%%）")
        parser.add_argument("--minutes", help="每件用时（分钟）；不写：按近半年的决定")
        parser.add_argument("--absence", help="病假（%%）")
        parser.add_argument("--runs", help="重复次数")
        parser.add_argument("--seed", help="随机种子：相同的种子得到相同的结果")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("start", "days", "per_day", "weekdays", "holiday", "minutes", "absence", "runs", "seed")
        given = {name: options[name] for name in names if options[name] is not None}
        fewest, most = _numbers(options["reviewers"])
        scenario = StaffingScenario(area_id=options["area"], fewest=fewest, most=most, **given)
        try:
            scenario.full_clean(exclude=["requested_by", "requested_at"])
            result = plan(scenario)
        except ValidationError as invalid:
            raise CommandError("；".join(invalid.messages)) from invalid
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write("\n".join(_lines(scenario, result)))


def _numbers(text: str) -> tuple[int, int]:
    """The fewest and the most reviewers: "3-8", or a few around one number."""
    try:
        first, dash, last = text.partition("-")
        return (int(first), int(last)) if dash else (max(1, int(first) - AROUND), int(first) + AROUND)
    except ValueError as error:
        raise CommandError("--reviewers 请填写人数，如 5 或 3-8") from error


def _lines(scenario: StaffingScenario, result: dict[str, Any]) -> list[str]:
    needed = f"{result['needed']} 人" if result["needed"] else f"多于 {scenario.most} 人"
    return [
        f"{scenario.area.name}，{scenario.start} 起 {scenario.days} 天，重复 {scenario.runs} 次，种子 {scenario.seed}",
        f"每个工作日 {result['per_day']:g} 件，每件 {result['minutes']:g} 分钟，病假 {scenario.absence}%，"
        f"平均工作量 {result['load']:g} 人" + ("；放假安排有未公布的，结果暂定" if result["provisional"] else ""),
        "人数  按时办结（最差–最好）  无一超时  超时件数（中位/最多）  九成办结用时（小时）  最多未办",
        *(_line(row, scenario.runs) for row in result["table"]),
        *(line for row in result["table"] for line in _holidays(row)),
        f"每件都按时办结需要：{needed}",
    ]


def _line(row: dict[str, Any], runs: int) -> str:
    share, worst, best = row["in_time"]
    return (
        f"{row['reviewers']:>4}  {share:g}%（{worst:g}%–{best:g}%）  {row['runs_in_time']}/{runs}  "
        f"{row['late'][0]}/{row['late'][1]}  {row['hours'][1]:g}  {row['peak']}"
    )


def _holidays(row: dict[str, Any]) -> list[str]:
    return [
        f"长假 {holiday['from']} 至 {holiday['to']}，{row['reviewers']} 人：未办 {holiday['before']} → {holiday['after']} 件，"
        + (f"{holiday['normal']} 恢复到假前" if holiday["normal"] else "到结束时没有恢复到假前")
        for holiday in row["holidays"]
    ]
