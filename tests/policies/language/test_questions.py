"""`checked_on` and `questions`: what a file says of itself is read, and what is not an answer is refused on its line."""

from datetime import date

import pytest

from policies.language.loader import load_text
from policies.language.questions import QUESTION_LABELS
from policies.language.text import PolicyError, Problem

FILE = """\
area: "370900"
name: 泰安市基本医疗保险
effective_from: 2023-09-01
checked_on: 2026-11-28
sources:
  - {id: TA1, title: 异地就医, publisher: 某市医保局, grade: A}
  - {id: TA2, title: 待遇表, publisher: 某市医保局, grade: B}
questions:
  inside_area: {says: 市内各区县视同本地，不需要备案, source: TA1}
  inside_province: {says: 省内先自付10%, source: [TA1, TA2]}
  unfiled_outside: not_known
  newborns: {not_known: 页面只写了出生90天内参保，没有写跨省}
"""


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(PolicyError) as refused:
        load_text(text, "file.yaml", shipped=True)
    return refused.value.problems


def test_answers_are_read():
    policy = load_text(FILE, "file.yaml", shipped=True)

    assert policy.checked_on == date(2026, 11, 28)
    assert {key: (answer.says, answer.not_known, answer.source) for key, answer in policy.questions.items()} == {
        "inside_area": ("市内各区县视同本地，不需要备案", "", ("TA1",)),
        "inside_province": ("省内先自付10%", "", ("TA1", "TA2")),
        "unfiled_outside": ("", "没有找到规定", ()),
        "newborns": ("", "页面只写了出生90天内参保，没有写跨省", ()),
    }


def test_a_file_need_not_say_when_it_was_checked_nor_answer():
    policy = load_text('area: "370900"\nname: x\neffective_from: 2023-09-01\n', "file.yaml")

    assert (policy.checked_on, dict(policy.questions)) == (None, {})


def test_a_date_may_be_quoted():
    policy = load_text(FILE.replace("2026-11-28", '"2026-11-28"').replace("2023-09-01", "'2023-09-01'"), "file.yaml")

    assert (policy.checked_on, policy.effective_from) == (date(2026, 11, 28), date(2023, 9, 1))


REFUSED = {
    "an unknown question": ("unfiled_outside:", "unfiled:", 11, "questions.unfiled", "value_unknown"),
    "a bare sentence": (": not_known", ": 不报销", 11, "questions.unfiled_outside", "type_wrong"),
    "nothing": (": not_known", ":", 11, "questions.unfiled_outside", "type_wrong"),
    "a list": (": not_known", ": [not_known]", 11, "questions.unfiled_outside", "type_wrong"),
    "an unknown key": (", source: TA1}", ", from: TA1, source: TA1}", 9, "questions.inside_area.from", "key_unknown"),
    "a sentence without source": (", source: TA1}", "}", 9, "questions.inside_area.source", "key_missing"),
    "an unknown source": (", source: TA1}", ", source: TA9}", 9, "questions.inside_area.source", "source_unknown"),
    "one unknown source of two": (
        "[TA1, TA2]",
        "[TA1, TA9]",
        10,
        "questions.inside_province.source[1]",
        "source_unknown",
    ),
    "both at once": ("{not_known:", "{says: 有, source: TA1, not_known:", 12, "questions.newborns", "keys_conflict"),
    "a reason with a source": (
        "没有写跨省}",
        "没有写跨省, source: TA1}",
        12,
        "questions.newborns.source",
        "keys_conflict",
    ),
    "an empty sentence": ("says: 省内先自付10%", 'says: ""', 10, "questions.inside_province.says", "type_wrong"),
    "a sentence that is not Chinese": (
        "says: 省内先自付10%",
        "says: 10%",
        10,
        "questions.inside_province.says",
        "type_wrong",
    ),
    "a day that is none": ("2026-11-28", '"2026-11-31"', 4, "checked_on", "date_invalid"),
    "a day without its zero": ("2026-11-28", '"2026-9-28"', 4, "checked_on", "date_invalid"),
    "a word for a day": ("2026-11-28", "lately", 4, "checked_on", "type_wrong"),
}


@pytest.mark.parametrize(("old", "new", "line", "key", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_answer_is_refused_on_its_line(old, new, line, key, code):
    changed = FILE.replace(old, new, 1)

    problems = problems_of(changed)

    assert changed != FILE
    assert (line, key, code) in {(problem.line, problem.key, problem.code) for problem in problems}
    assert {problem.line for problem in problems} == {line}


def test_an_unknown_question_is_told_which_there_are():
    (problem,) = problems_of(FILE.replace("unfiled_outside:", "unfiled:"))

    assert all(key in problem.expected for key in QUESTION_LABELS)
