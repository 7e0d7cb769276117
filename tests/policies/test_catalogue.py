"""The national catalogues as the project ships them: figures of 医保发〔2025〕33号 and of the README's sources."""

from collections import Counter

from policies import catalogue


def test_the_drug_list_has_the_numbers_that_the_notice_states():
    parts = {row.ref: row.part for row in catalogue.drug_list() if row.ref}

    assert Counter(ref.rstrip("0123456789") for ref in parts) == {
        "W": 1_446, "NW": 399, "BW": 12, "T": 1_335, "NT": 61,
    }  # fmt: skip
    assert len(parts) == 3_253


def test_the_numbers_of_each_part_run_on():
    numbers: dict[str, set[int]] = {}
    for row in catalogue.drug_list():
        if row.ref:
            part = row.ref.rstrip("0123456789")
            numbers.setdefault(part, set()).add(int(row.ref.removeprefix(part)))

    assert [part for part, run in numbers.items() if run != set(range(1, len(run) + 1))] == []


def test_a_number_has_one_class_and_is_repeated_only_where_marked():
    rows = [row for row in catalogue.drug_list() if row.ref]

    classes = {(row.ref, row.drug_class) for row in rows}

    assert {drug_class for _ref, drug_class in classes} == {"甲", "乙"}
    assert len({ref for ref, drug_class in classes if ref.startswith("W") and drug_class == "甲"}) == 393
    assert len([row for row in rows if row.repeat]) == 3_915 - 3_253


def test_herbs_have_no_number_and_no_class():
    herbs = [row for row in catalogue.drug_list() if not row.ref]

    assert Counter(row.part for row in herbs) == {"中药饮片（可支付）": 892, "中药饮片（不予支付）": 32}
    assert {row.drug_class for row in herbs} == {""}


def test_every_product_has_a_code_of_its_own_and_the_class_of_its_line():
    rows = list(catalogue.products())
    classes = {(row.ref, row.drug_class) for row in catalogue.drug_list()}

    assert len({row.code for row in rows}) == len(rows) == 13_671
    assert {len(row.code) for row in rows} == {20, 23}
    assert [row for row in rows if bool(row.list_ref) != bool(row.drug_class)] == []
    assert [row for row in rows if row.list_ref and (row.list_ref, row.drug_class) not in classes] == []


def test_every_service_has_a_code_of_its_own():
    rows = list(catalogue.services())

    assert len({row.code for row in rows}) == len(rows) == 3_231
    assert [row.code for row in rows if len(row.code) != 15 or not row.code.startswith("00")] == []
    assert Counter(row.source for row in rows) == {"NHSA": 1_188, "rules": 2_043}
