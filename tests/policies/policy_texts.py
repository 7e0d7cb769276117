"""A small policy to vary, and people who keep policies."""

from accounts.models import Account
from policies.language.filing_rules import shipped
from policies.language.schema import PolicyFile

TEXT = """# 成都
area: "{area}"
name: {name}
effective_from: {since}
effective_until: {until}
sources: [{{id: S1, title: 某文件, publisher: 某局, year: 2025, grade: A}}]
benefits:
  - id: inpatient
    insurance: employee
    care: inpatient
    deductible: {{amounts: [{{when: {{level: 3}}, amount: {deductible}, source: S1}}, {{amount: 400, source: S1}}]}}
    share: {{measure: payable, bands: [{{upto: null, ratios: [{{ratio: 0.85, source: S1}}]}}]}}
examples:
  - name: ten thousand above the deductible
    given: {{insurance: employee, care: inpatient, level: 3, travel: unfiled, cost: {{total: 10800}}}}
    expect: {{pooled: {pooled}}}
"""


def policy_text(area="510100", since="2026-01-01", until="null", deductible="800", pooled="8500.00", name="成都市医保"):
    return TEXT.format(area=area, since=since, until=until, deductible=deductible, pooled=pooled, name=name)


def keeper(role="supervisor", area="510100", number=1):
    return Account.objects.create(role=role, username=f"{role}-{area}-{number}", area_id=area)


def shipped_files() -> list[PolicyFile]:
    """Every file that the project ships, by name; read once in a process."""
    periods = (period for timeline in shipped().timelines.values() for period in timeline.periods)
    return sorted((period.policy for period in periods), key=lambda policy: policy.file)
