"""The command that proves policy files: well written, and their examples come out to the fen."""

from io import StringIO

import pytest
from django.core.management import call_command

from policies.engine.resolving import choose
from policies.language.loader import SHIPPED, policy_files, read_reports
from regions.reference import diseases
from tests.policies.policy_texts import shipped_files

GOOD = 'area: "{area}"\nname: x\neffective_from: {since}\neffective_until: {until}\n'


def run(*paths) -> tuple[list[str], int]:
    out = StringIO()
    status = 0
    try:
        call_command("check_policies", *map(str, paths), stdout=out)
    except SystemExit as ended:
        status = ended.code
    return out.getvalue().splitlines(), status


@pytest.fixture
def write(tmp_path):
    def write(name: str, area: str = "500000", since: str = "2022-01-01", until: str = "null", extra: str = ""):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(GOOD.format(area=area, since=since, until=until) + extra, encoding="utf-8")
        return path

    return write


def test_everything_shipped_passes():
    examples = sum(len(report.policy.examples) for report in read_reports(policy_files(SHIPPED)))

    assert run() == ([f"{examples} passed, 0 failed"], 0)
    assert examples >= 260


PERSONS = {"employee": ("active", "retired"), "resident": ("minor", "student", "adult", "elder")}


@pytest.mark.parametrize("policy", [policy for policy in shipped_files() if policy.benefits])
def test_no_shipped_file_refuses_by_silence(policy):
    """An area that says what it pays says so of all care: "not covered" is a rule, what was not found is "not known"."""
    cases = [
        {"insurance": insurance, "person": person, "care": care, "disease": disease.code}
        for insurance, persons in PERSONS.items()
        for person in persons
        for care in ("inpatient", "outpatient", "chronic")
        for disease in diseases()
    ]

    assert [case for case in cases if choose(policy, case) is None] == []


def test_shipped_files_are_read_by_the_stricter_rule(monkeypatch, write, tmp_path):
    bare = "supplements: [{id: a, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{ratio: 0.9}]}]\n"

    path = write("bare.yaml", extra=bare)

    assert run(path)[1] == 0

    monkeypatch.setattr("policies.language.loader.SHIPPED", tmp_path)
    (tmp_path / "national.yaml").write_bytes((SHIPPED / "national.yaml").read_bytes())

    assert [problem.code for problem in read_reports([path])[0].problems] == ["source_missing"]


def test_files_and_folders_together(write, tmp_path):
    write("a/one.yaml")
    write("a/two.yml", area="410100")
    write("a/notes.txt")
    bad = write("bad.yaml", extra="colour: red\n")

    lines, status = run(tmp_path / "a", bad)

    assert status == 1
    assert lines[0].startswith(f"{bad}:5: colour: ")
    assert lines[1:] == ["0 passed, 1 failed"]  # the two good files have no examples


def test_overlapping_files_fail(write, tmp_path):
    write("old.yaml", since="2022-01-01", until="2025-01-01")
    write("new.yaml", since="2024-06-01")

    lines, status = run(tmp_path)

    assert status == 1
    assert lines[0].startswith(f"{tmp_path / 'new.yaml'}:")
    assert "period_overlaps" in lines[0]
    assert lines[-1] == "0 passed, 1 failed"


def test_a_later_file_may_close_an_open_one(write, tmp_path):
    write("old.yaml", since="2022-01-01")

    write("new.yaml", since="2024-06-01")

    assert run(tmp_path) == (["0 passed, 0 failed"], 0)


def test_a_missing_file_and_an_empty_folder_fail(tmp_path):
    (tmp_path / "empty").mkdir()

    lines, status = run(tmp_path / "empty", tmp_path / "missing.yaml")

    assert status == 1
    assert lines[-1] == "0 passed, 2 failed"


def test_text_that_is_not_utf_8(tmp_path):
    path = tmp_path / "gbk.yaml"
    path.write_bytes("name: 重庆".encode("gbk"))

    lines, status = run(path)

    assert (status, lines[-1]) == (1, "0 passed, 1 failed")
    assert "[encoding]" in lines[0]


BENEFIT = """
benefits:
  - id: inpatient
    insurance: employee
    care: inpatient
    not_known: [{when: {travel: unfiled}, reason: 没有依据}]
    deductible: {amounts: [{amount: 800}]}
    share: {measure: payable, bands: [{upto: null, ratios: [{ratio: 0.85}]}]}
examples:
"""
CASE = "  - {{name: {name}, given: {{insurance: {insurance}, care: inpatient, travel: {travel}, cost: {cost}}}, expect: {expect}}}\n"


def case(name, expect, *, insurance="employee", travel="local", cost="{total: 10800}"):
    return CASE.format(name=name, expect=expect, insurance=insurance, travel=travel, cost=cost)


def test_examples_are_settled_and_compared_as_numbers(write):
    examples = [
        case("ten thousand above the deductible", "{deductible: 800, pooled: 8500.0, own: 2300.00}"),
        case("the sources are silent", "{refused: not_known}", travel="unfiled"),
        case("nothing for residents", "{refused: not_covered}", insurance="resident"),
    ]

    assert run(write("a.yaml", extra=BENEFIT + "".join(examples))) == (["3 passed, 0 failed"], 0)


def test_a_line_for_each_wrong_amount(write):
    examples = [
        case("wrong twice", "{deductible: 800, pooled: 8500.01, own: 2299.99}"),
        case("right", "{pooled: 8500}"),
        case("paid after all", "{refused: not_covered}"),
        case("refused after all", "{pooled: 0}", travel="unfiled"),
        case("refused otherwise", "{refused: not_covered}", travel="unfiled"),
        case("a bill that contradicts itself", "{pooled: 1}", cost="{total: 1, excluded: 2}"),
    ]
    path = write("a.yaml", extra=BENEFIT + "".join(examples))

    lines, status = run(path)

    assert status == 1
    assert lines[:5] == [
        f"{path}:14: wrong twice: pooled: 应为 8500.01，算得 8500.00 [example_wrong]",
        f"{path}:14: wrong twice: own: 应为 2299.99，算得 2300.00 [example_wrong]",
        f"{path}:16: paid after all: refused: 应为 not_covered，算得 fund 8500.00 [example_wrong]",
        f"{path}:17: refused after all: pooled: 应为 0，算得 not_known（没有依据） [example_wrong]",
        f"{path}:18: refused otherwise: refused: 应为 not_covered，算得 not_known（没有依据） [example_wrong]",
    ]
    assert lines[5].startswith(f"{path}:19: a bill that contradicts itself: pooled: 应为 1，算得 ")
    assert lines[6:] == ["1 passed, 5 failed"]


def test_an_invalid_file_beside_a_failing_and_a_passing_one(write, tmp_path):
    write("invalid.yaml", extra=BENEFIT + case("never run", "{pooled: 8500}") + "colour: red\n")
    write("failing.yaml", area="410100", extra=BENEFIT + case("x", "{pooled: 1}") + case("z", "{pooled: 8500}"))
    write("passing.yaml", area="510100", extra=BENEFIT + case("x", "{pooled: 8500}"))

    lines, status = run(tmp_path)

    assert (status, lines[-1]) == (1, "2 passed, 2 failed")
    assert len(lines) == 3
