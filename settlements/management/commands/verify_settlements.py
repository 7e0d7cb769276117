"""`manage.py verify_settlements`: proves that every stored sum is the sum of the entries."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from settlements.verification import Finding, prove


class Command(BaseCommand):
    help = "Compare years, counters, reversals, accounts, clearings and days with the entries; exit status 1 where one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [self._told(finding) for finding in prove()]
        wrong = sum(finding.wrong for finding in findings)
        if wrong:
            raise CommandError(f"{wrong} differences")

    def _told(self, finding: Finding) -> Finding:
        self.stdout.write(f"{finding.title}: {finding.checked} checked, {finding.wrong} differ")
        for line in finding.named:
            self.stderr.write(f"  {line}")
        if finding.wrong > len(finding.named):
            self.stderr.write(f"  … and {finding.wrong - len(finding.named)} more")
        return finding
