"""What files know is a table anyone can read, and what they leave unsaid fails (`check_policies --questions`, `--stale`)."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from policies.files import wide
from policies.language.completeness import unsaid
from policies.language.loader import load_text
from policies.language.questions import OF_BENEFITS, QUESTION_LABELS
from tests.policies.policy_texts import shipped_files

HEAD = 'area: "{area}"\nname: x\neffective_from: 2022-01-01\n'
SOURCES = "sources: [{id: A1, title: x, grade: A}]\n"
STAY = """\
  - id: {insurance}-inpatient
    insurance: {insurance}
    care: inpatient
    share: {{bands: [{{upto: null, ratios: [{{ratio: 0.85}}]}}]}}
"""
CAP = "    annual_cap: {of: pooled, amount: 100000}\n"


def run(*arguments) -> tuple[list[str], int]:
    out = StringIO()
    status = 0
    try:
        call_command("check_policies", *map(str, arguments), stdout=out)
    except SystemExit as ended:
        status = ended.code
    return out.getvalue().splitlines(), status


def answers(*, without=(), **given) -> str:
    """All questions not known, but for some."""
    lines = {question: "not_known" for question in QUESTION_LABELS if question not in without} | given
    return "questions:\n" + "".join(f"  {question}: {answer}\n" for question, answer in lines.items())


def said(extra: str, *, area: str = "370900", checked_on: str = "2026-11-28") -> list[tuple[int, str]]:
    """What a file leaves unsaid: line and key."""
    text = HEAD.format(area=area) + f"checked_on: {checked_on}\n" + extra
    return [(problem.line, problem.key) for problem in unsaid(load_text(text, "file.yaml"))]


@pytest.fixture
def write(tmp_path):
    def write(name: str, extra: str = "", area: str = "370900"):
        path = tmp_path / name
        path.write_text(HEAD.format(area=area) + extra, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("policy", shipped_files(), ids=lambda policy: policy.file)
def test_no_shipped_file_leaves_anything_unsaid(policy):
    assert [str(problem) for problem in unsaid(policy)] == []


def test_a_file_of_filing_rules_is_not_asked_of_benefits():
    assert said(answers(without=OF_BENEFITS)) == []


def test_a_file_with_benefits_is_asked_everything():
    benefits = "benefits: []\n"

    assert said(benefits + answers()) == []
    assert said(benefits + answers(without=OF_BENEFITS)) == [
        (1, f"questions.{question}") for question in QUESTION_LABELS if question in OF_BENEFITS
    ]


def test_a_stay_that_is_paid_for_says_its_cap():
    stay = "benefits:\n" + STAY.format(insurance="employee")
    refused = stay + "    not_known: [{reason: 没有找到}]\n"

    assert (6, "benefits[0].annual_cap") in said(stay + answers())
    assert not [key for _, key in said(stay + CAP + answers()) if key.endswith("annual_cap")]
    assert not [key for _, key in said(refused + answers()) if key.endswith("annual_cap")]


def funds(stays: str, **given) -> list[str]:
    """The funds that a file with these stays leaves unsaid."""
    found = said(SOURCES + stays + answers(**given))
    return [key.removeprefix("supplements.") for _, key in found if key.startswith("supplements.")]


EMPLOYEE = "benefits:\n" + STAY.format(insurance="employee")
RESIDENT = "benefits:\n" + STAY.format(insurance="resident")
CEILING = (
    "supplements: [{id: more, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{ratio: 0.9}]}]\n"
)


def test_every_further_fund_of_an_insurance_that_pays_for_stays_is_spoken_of():
    assert funds(EMPLOYEE) == ["large_amount", "assistance"]
    assert funds(RESIDENT) == ["serious_illness", "assistance"]
    assert funds(EMPLOYEE + "    not_known: [{reason: 没有找到}]\n") == []


def test_a_fund_is_spoken_of_by_a_supplement_an_omission_or_a_sentence_that_there_is_none():
    missing = "not_included: [{kind: fund, fund: assistance, reason: 没有找到医疗救助的标准}]\n"

    assert funds(EMPLOYEE + CEILING) == ["assistance"]
    assert funds(RESIDENT + missing) == ["serious_illness"]
    assert funds(EMPLOYEE, large_amount="{says: 大额补助已并入职工大病保险, source: A1}") == ["assistance"]
    assert funds(RESIDENT, serious_illness="{says: 超过1万元的部分按60%支付, source: A1}") == [
        "serious_illness",
        "assistance",
    ]


def test_what_one_insurance_says_of_a_fund_does_not_speak_for_the_other():
    missing = "not_included: [{kind: fund, fund: assistance, insurance: resident, reason: 没有找到居民的标准}]\n"

    assert "assistance" in funds(EMPLOYEE + STAY.format(insurance="resident") + missing)


def test_the_national_file_is_asked_when_it_was_checked_and_nothing_else():
    assert said("", area="000000") == []
    assert said("", area="000000", checked_on="null") == [(1, "checked_on")]


def test_the_table_shows_each_answer_in_its_column(write):
    known = "{says: 视同本地, source: A1}"
    path = write("a.yaml", SOURCES + answers(inside_area=known, inside_region="{not_known: 没有写}", without=["locks"]))

    lines, status = run("--questions", path)

    (row,) = [line for line in lines if line.startswith(f"{path} ")]
    head = lines[: lines.index(row)]
    column = wide(str(path)) + 1
    assert [line[column : column + 1] for line in head[:5]] == list("统筹区内就")
    assert row.split()[1:] == ["已知", "不详", "不详", *["不详"] * 6, "未答", *["不详"] * 18]
    assert status == 1


def test_columns_stand_below_each_other(write):
    path = write("a.yaml", SOURCES + answers())

    lines, _ = run("--questions", path)

    row = next(line for line in lines if line.startswith(f"{path} "))
    first = lines[0]
    assert [wide(first[:at]) for at, character in enumerate(first) if character != " "] == [
        wide(row[:at]) for at in range(len(row)) if row[at : at + 2] == "不详"
    ]


def test_each_question_is_counted_over_the_files(write):
    known = "{says: 视同本地, source: A1}"
    one = write("a.yaml", SOURCES + answers(locks=known))
    two = write("b.yaml", answers(without=["locks"]), area="370800")
    three = write("c.yaml", answers(), area="370700")

    lines, _ = run("--questions", one, two, three)

    assert [line.split() for line in lines if line.startswith("locks ")] == [["locks", "变更和取消时限", "1", "1", "1"]]


def test_what_is_unsaid_has_a_line_each_and_fails(write):
    path = write("a.yaml", answers(without=["locks"]))

    lines, status = run("--questions", path)

    assert status == 1
    assert [line.split(":")[2] for line in lines if line.startswith(f"{path}:")] == [" checked_on", " questions.locks"]
    assert lines[-1] == "1 files, 2 left unsaid"


def test_a_file_that_cannot_be_read_fails_too(write):
    path = write("a.yaml", "colour: red\n")

    lines, status = run("--questions", path)

    assert (status, lines[-1]) == (1, "1 files, 1 left unsaid")


def test_complete_files_pass(write):
    path = write("a.yaml", "checked_on: 2026-11-28\n" + answers())

    lines, status = run("--questions", path)

    assert (status, lines[-1]) == (0, "1 files, 0 left unsaid")


def test_files_checked_longer_ago_or_never_are_stale(write, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 11, 28))
    old = write("a.yaml", "checked_on: 2025-05-27\n")
    fresh = write("b.yaml", "checked_on: 2025-05-28\n", area="370800")
    never = write("c.yaml", area="370700")

    assert run("--stale", 18, old, fresh, never) == ([f"{old}: 2025-05-27", f"{never}: 没有写核对日期"], 0)
    assert run("--stale", 19, old, fresh) == ([], 0)


def test_questions_and_age_are_asked_one_at_a_time():
    with pytest.raises(CommandError):
        run("--questions", "--stale", 18)
