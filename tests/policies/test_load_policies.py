"""The command that publishes: nothing twice, a change as a revision, all or nothing per file."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from policies import published
from policies.language.loader import SHIPPED, policy_files
from policies.models import PolicyVersion

pytestmark = pytest.mark.django_db

TEXT = """area: "{area}"
name: 某地基本医疗保险
effective_from: {since}
effective_until: {until}
benefits:
  - id: inpatient
    insurance: employee
    care: inpatient
    deductible: {{amounts: [{{amount: 800}}]}}
    share: {{measure: payable, bands: [{{upto: null, ratios: [{{ratio: {ratio}}}]}}]}}
examples:
  - {{name: x, given: {{insurance: employee, care: inpatient, cost: {{total: 10800}}}}, expect: {{pooled: {pooled}}}}}
"""


@pytest.fixture
def write(tmp_path):
    def write(name, *, area="510100", since="2024-01-01", until="null", ratio="0.85", pooled="8500"):
        path: Path = tmp_path / name
        path.write_text(TEXT.format(area=area, since=since, until=until, ratio=ratio, pooled=pooled), "utf-8")
        return path

    return write


def load(*paths):
    out = StringIO()
    try:
        call_command("load_policies", *map(str, paths), stdout=out)
    except SystemExit as ended:
        return out.getvalue().splitlines(), ended.code
    return out.getvalue().splitlines(), 0


def rows(area="510100"):
    fields = ("slug", "revision", "effective_from", "closed_on")
    versions = PolicyVersion.objects.published().filter(area=area).order_by("effective_from", "revision")
    return [
        (slug, revision, f"{since}", f"{closed}") for slug, revision, since, closed in versions.values_list(*fields)
    ]


def test_every_shipped_file_becomes_a_version_and_nothing_changes(django_assert_num_queries):
    before = published.ground()

    lines, status = load()

    files = policy_files(SHIPPED)

    assert status == 0
    assert lines[-1].endswith(" passed, 0 failed")
    assert set(lines[:-1]) == {f"published {path.stem}" for path in files}

    after = published.refresh()
    assert after.by_area == before.by_area

    row = PolicyVersion.objects.get(slug="500000-chongqing-2022")
    assert row.text.encode() == (SHIPPED / "500000-chongqing-2022.yaml").read_bytes()

    with django_assert_num_queries(0):
        assert published.in_force("500000", date(2026, 3, 2)).id == "500000-chongqing-2025"
        assert published.in_force("110000", date(2026, 3, 2)).file is before.by_id["110000-beijing-2025"].file


def test_what_is_published_is_left_alone(write):
    path = write("510100-a-2024.yaml")

    assert load(path) == (["published 510100-a-2024", "1 passed, 0 failed"], 0)
    assert load(path) == (["1 passed, 0 failed"], 0)
    assert rows() == [("510100-a-2024", 1, "2024-01-01", "None")]


def test_a_changed_file_is_a_revision_and_the_older_text_is_not_brought_back(write):
    load(write("510100-a-2024.yaml"))

    assert load(write("510100-a-2024.yaml", ratio="0.9", pooled="9000"))[0][0] == "published 510100-a-2024-r2"
    assert load(write("510100-a-2024.yaml"))[0] == ["1 passed, 0 failed"]

    published.refresh()
    counts = published.in_force("510100", date(2026, 1, 1))

    assert (counts.id, f"{counts.file.benefits[0].share.bands[0].ratios[0].ratio}") == ("510100-a-2024-r2", "0.9")

    earlier = published.by_id("510100-a-2024")
    assert f"{earlier.file.benefits[0].share.bands[0].ratios[0].ratio}" == "0.85"
    assert earlier.sha256 != counts.sha256


def test_a_later_file_closes_its_open_predecessor_and_an_earlier_one_ends_before_it(write):
    load(write("510100-b-2025.yaml", since="2025-01-01"))

    load(write("510100-a-2024.yaml"), write("510100-c-2026.yaml", since="2026-07-01"))

    assert rows() == [
        ("510100-a-2024", 1, "2024-01-01", "2025-01-01"),
        ("510100-b-2025", 1, "2025-01-01", "2026-07-01"),
        ("510100-c-2026", 1, "2026-07-01", "None"),
    ]

    published.refresh()
    days = [date(2023, 12, 31), date(2024, 12, 31), date(2025, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    policies = [published.in_force("510100", day) for day in days]

    assert [policy and policy.id for policy in policies] == [
        None, "510100-a-2024", "510100-b-2025", "510100-b-2025", "510100-c-2026",
    ]  # fmt: skip


def test_days_that_are_taken_are_refused(write):
    load(write("510100-a-2024.yaml", until="2025-01-01"))

    lines, status = load(write("510100-b.yaml", since="2024-06-01"), write("510100-c.yaml", since="2025-01-01"))

    assert status == 1
    assert "落在 510100-a-2024.yaml 的有效期内" in lines[0]
    assert lines[1:] == ["published 510100-c", "1 passed, 1 failed"]


def test_a_closed_file_may_not_reach_into_a_later_one(write):
    load(write("510100-b-2025.yaml", since="2025-01-01"))

    assert load(write("510100-a-2024.yaml", until="2025-06-01"))[1] == 1
    assert [row[0] for row in rows()] == ["510100-b-2025"]


def test_a_file_whose_example_fails_is_not_published(write, tmp_path):
    write("good.yaml", area="410100")
    write("bad.yaml", pooled="8499")
    (tmp_path / "broken.yaml").write_text("area: 1\n")

    lines, status = load(tmp_path)

    assert (status, lines[-1]) == (1, "1 passed, 2 failed")
    assert "published 410100-2024-01-01" in lines  # the name of its file does not say which area it is of
    assert list(PolicyVersion.objects.values_list("area", flat=True)) == ["410100"]


def test_a_correction_that_ends_earlier_frees_the_days_after_it(write):
    load(write("510100-a-2024.yaml"))
    load(write("510100-a-2024.yaml", until="2025-01-01"))

    published.refresh()

    assert published.in_force("510100", date(2025, 1, 1)) is None
    assert published.in_force("510100", date(2024, 12, 31)).id == "510100-a-2024-r2"
