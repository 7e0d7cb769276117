"""The list of diagnoses (医保版 ICD-10 2.0), and how people find one in it."""

import pytest

import tests.factories as make
from core.text import plain, spell
from referrals import diagnoses
from referrals.models import DIAGNOSIS_CODE

pytestmark = pytest.mark.django_db

ROWS = [line.split("\t") for line in (diagnoses.DATA / "diagnoses.tsv").read_text(encoding="utf-8").splitlines()][1:]


def found(text):
    return [row.code for row in diagnoses.search(text)]


@pytest.mark.usefixtures("monday")
@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("C34", "C34.1"),
        ("帕金森", "G20"),
        ("pajinsen", "G20"),
        ("pjsb", "G20"),
        ("高血压", "I11.9"),
        ("tang niao", "E10.9"),
    ],
)
def test_diagnoses_are_found_by_code_name_and_spelling(asked, first):
    rows = make.api().get("/api/v1/diagnoses/", {"q": asked}).json()["results"]

    assert first in {row["code"] for row in rows}


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("肺癌", ["C34.9"]),
        ("中风", ["I63.9", "I61.9", "I64"]),
        ("心梗", ["I21.9"]),
        ("糖尿病足", ["E14.5", "E11.5", "E14.500x050"]),  # the words first, then the official name that is it
        ("脑出血", ["I61.9", "I61.900x002"]),
        ("尿毒症", ["N18.5"]),
        ("乳腺癌", ["C50.9"]),
        ("股骨头坏死", ["M87.0", "M87.9"]),
        ("阑尾炎", ["K37", "K35.8"]),
        ("急性阑尾炎", ["K35.8", "K35"]),
        ("白内障", ["H26.9", "H25.9"]),
        ("肾结石", ["N20.0"]),
        ("feiai", ["C34.9"]),
        ("xg", ["I21.9"]),
    ],
)
def test_everyday_words_lead_to_their_codes_first(said, codes):
    assert found(said)[: len(codes)] == codes


def test_what_it_is_comes_before_what_begins_with_it_before_what_has_it_within():
    codes = found("肺炎")

    names = [row.name for row in diagnoses.search("肺炎")]

    assert codes[0] == "J18.9"
    assert names.index("肺炎恢复期") < names.index("大叶性肺炎")


def test_a_code_finds_its_category_then_its_subcategories_then_the_rest():
    assert found("g20")[:3] == ["G20", "G20.x00", "G20.x00x006"]
    assert found("C34")[:8] == ["C34", "C34.0", "C34.1", "C34.2", "C34.3", "C34.8", "C34.9", "C34.000"]


@pytest.mark.parametrize("gone", ["K35.9", "N18.0"])
def test_codes_that_the_national_edition_does_not_have_are_gone(gone):
    assert found(gone) == []


def test_signs_and_blanks_that_keyboards_write_otherwise_make_no_difference():
    assert found("特发性(原发性) 高血压") == found("特发性（原发性）高血压") == ["I10", "I10.x00"]


def test_without_a_text_what_everyday_words_mean_is_listed_by_code():
    codes = found("")

    assert codes == sorted(codes)
    assert set(codes) == {code for row in diagnoses.words() for code in row.codes}


@pytest.mark.parametrize("nothing", ["怪病", "zzzzzz", "%", "\\", "|"])
def test_what_is_not_there_is_not_found(nothing):
    assert found(nothing) == []


def test_the_list_is_the_whole_national_list_each_code_once():
    codes = [code for code, *_rest in ROWS]

    assert len(codes) == len(set(codes)) == 44_543
    assert [sum(low <= len(code) <= high for code in codes) for low, high in ((3, 3), (4, 5), (6, 18))] == [
        1_965, 9_274, 33_304,
    ]  # fmt: skip
    assert [code for code in codes if not DIAGNOSIS_CODE.fullmatch(code.upper())] == []


def test_the_shortest_names_stand_first_then_categories_then_by_code():
    assert sorted(ROWS, key=lambda row: (len(row[1]), min(len(row[0]), 6), row[0])) == ROWS


def test_names_are_found_as_they_are_typed():
    missing = [name for _code, name, also, *_rest in ROWS if plain(name).casefold() not in {name, *also.split("|")}]

    assert missing == []


def test_spellings_are_those_of_the_names():
    some = ROWS[::25]  # all take seconds

    assert [name for _code, name, _also, *spelled in some if tuple(spelled) != spell(name)] == []


def test_every_word_is_spelled_and_means_what_is_in_the_list():
    codes = {code for code, *_rest in ROWS}

    rows = diagnoses.words()

    assert len({row.word for row in rows}) == len(rows)
    assert {code for row in rows for code in row.codes} <= codes
    assert [row.word for row in rows if (row.pinyin, row.initials) != spell(row.word)] == []


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({"code": "c34.9"}, ("C34.9", "支气管或肺恶性肿瘤")),
        ({"code": "N18.5"}, ("N18.5", "慢性肾脏病5期")),
        ({"code": "G20.x02+F02.3*"}, ("G20.x02+F02.3*", "帕金森病性痴呆")),
        ({"name": "帕金森病"}, ("G20", "帕金森病")),
        ({"name": "急性阑尾炎"}, ("K35.8", "急性阑尾炎")),
        ({"name": "肺癌"}, ("C34.9", "肺癌")),
        ({"code": "I10", "name": "高血压"}, ("I10", "高血压")),
        ({"code": "C34.900X777", "name": "肺癌"}, ("C34.900x777", "肺癌")),
    ],
)
def test_one_of_code_and_name_is_enough(given, means):
    assert diagnoses.complete(**given) == means
