"""How an area's filing section lies over its province's and the national one."""

import pickle
from datetime import date

import pytest

from policies.language import loader
from policies.language.filing_rules import RuleBook, chain
from policies.language.filing_types import Source
from policies.language.loader import (
    SHIPPED,
    Timeline,
    lay_out,
    load_folder,
    load_path,
    load_shipped,
    load_text,
    national_filing,
)
from policies.language.schema import PolicyFile
from policies.language.terms import FILING_TYPES, Span
from policies.language.text import PolicyError

DAY = date(2026, 5, 1)


def file_of(area: str, filing: str, since: str = "2020-01-01") -> PolicyFile:
    body = "\n".join(f"  {line}" for line in filing.strip("\n").split("\n"))
    return load_text(
        f'area: "{area}"\nname: x\neffective_from: {since}\n'
        f"sources: [{{id: S{area}, title: of {area}, grade: A}}, {{id: T{area}, title: other, grade: B}}]\nfiling:\n{body}\n",
        f"{area}-{since}.yaml",
    )


@pytest.fixture
def book():
    """A rule book of the national file and the given ones."""

    def build(*files: PolicyFile) -> RuleBook:
        national = load_path(SHIPPED / "national.yaml")
        by_area: dict[str, list[PolicyFile]] = {"000000": [national]}
        for file in files:
            by_area.setdefault(file.area, []).append(file)
        laid: dict[str, Timeline[PolicyFile]] = {area: lay_out(group)[0] for area, group in by_area.items()}
        return RuleBook(laid)

    return build


def test_chain_of_areas():
    assert chain("500000") == ("000000", "500000")
    assert chain("410100") == ("000000", "410000", "410100")
    assert chain("410102") == ("000000", "410000", "410100", "410102")
    assert chain("000000") == ("000000",)


def test_nothing_of_ones_own_is_national(book):
    rules = book().rules_for("410100", DAY)

    assert set(rules.types) == set(FILING_TYPES)
    assert rules.types["other"].validity.term == Span(6, "months")
    assert rules.types["retiree"].validity.term == "open_ended"
    assert rules.types["retiree"].lock.cancel == Span(6, "months")
    assert rules.emergency.mode == "deemed"
    assert rules.types["emergency"].validity.term == "single_visit"
    assert rules.claim.deadline == Span(12, "months")
    assert [rules.review.working_days(kind) for kind in ("filing", "referral", "recognition", "claim", "proof")] == [
        2,
        2,
        10,
        15,
        2,
    ]
    assert (rules.review.stages("filing"), rules.review.stages("recognition")) == (1, 2)
    assert rules.review.close_of_business == "17:00"
    assert [rules.types[name].travel for name in FILING_TYPES] == [
        "long_term",
        "long_term",
        "long_term",
        "referral",
        "emergency",
        "other",
    ]


def test_the_province_lies_between(book):
    province = file_of("410000", "claim: {deadline: 6 months, note: 省}\nreferral: {validity: 1 month}")
    city = file_of("410100", "claim: {deadline: 3 months}")

    rules = book(province, city)

    assert rules.rules_for("410100", DAY).claim.deadline == Span(3, "months")
    assert rules.rules_for("410100", DAY).claim.note == "省"
    assert rules.rules_for("410300", DAY).claim.deadline == Span(6, "months")
    assert rules.rules_for("410300", DAY).referral.validity == Span(1, "months")
    assert rules.rules_for("500000", DAY).claim.deadline == Span(12, "months")


def test_a_key_is_replaced_whole(book):
    province = file_of("410000", "types: {other: {validity: {term: 3 months, at_most: 12 months}}}")
    city = file_of("410100", "types: {other: {validity: 1 month}}")

    validity = book(province, city).rules_for("410100", DAY).types["other"].validity

    assert (validity.term, validity.at_most) == (Span(1, "months"), None)


def test_what_is_said_of_a_kind_of_visit_is_one_value_and_may_be_null(book):
    """Of vacations, injuries, newborns and childbirth the nation says little; a province's rule is replaced by its city's whole."""
    province = file_of(
        "410000",
        "vacation: {travel: local, persons: [student, minor], source: S410000}\n"
        "injury: {direct: false, statement: false, note: x, source: S410000}\n"
        "maternity: {direct: true, source: S410000}",
    )
    city = file_of("410100", "injury: {direct: true, statement: true, source: S410100}\nmaternity: null")

    nation, rules = book().rules_for("410100", DAY), book(province, city).rules_for("410100", DAY)

    assert (nation.vacation, nation.newborns, nation.maternity) == (None, None, None)
    assert (nation.injury.direct, nation.injury.statement, nation.source_of("injury").grade) == (True, True, "D")
    assert (rules.vacation.travel, rules.vacation.persons, rules.vacation.needed) == (
        "local",
        ("student", "minor"),
        True,
    )
    assert (rules.injury.direct, rules.injury.note, rules.source_of("injury").id) == (True, "", "S410100")
    assert rules.maternity is None


def test_the_narrower_name_wins_in_one_file_whatever_the_order(book):
    city = file_of(
        "410100",
        "types:\n  worker: {lock: none}\n  long_term: {lock: 60 days}\n  all: {lock: 3 months, note: 全部}",
    )

    types = book(city).rules_for("410100", DAY).types

    assert types["worker"].lock.cancel is None
    assert types["retiree"].lock.cancel == Span(60, "days")
    assert types["other"].lock.cancel == Span(3, "months")
    assert {rules.note for rules in types.values()} == {"全部"}


def test_a_group_of_a_later_layer_wins_over_a_type_of_an_earlier_one(book):
    province = file_of("410000", "types: {worker: {lock: none}}")

    city = file_of("410100", "types: {all: {lock: 60 days}}")

    assert book(province, city).rules_for("410100", DAY).types["worker"].lock.cancel == Span(60, "days")


def test_every_rule_knows_its_source(book):
    province = file_of(
        "410000", "source: S410000\nclaim: {deadline: 6 months}\nexempt: [{to: [country], source: T410000}]"
    )
    city = file_of("410100", "referral: {validity: {value: 1 month, source: S410100}}")
    rules = book(province, city).rules_for("410100", DAY)

    def source(key: str) -> Source | None:
        return rules.source_of(key)

    assert rules.referral.validity == Span(1, "months")
    assert source("referral.validity").title == "of 410100"
    assert source("claim.deadline").title == "of 410000"
    assert source("exempt.0").title == "other"
    assert source("exempt").title == "of 410000"
    assert source("types.retiree.lock").id == "N2"
    assert source("claim.documents").id == "N9"


def test_a_replaced_rule_loses_its_old_source(book):
    province = file_of("410000", "exempt: [{to: [country], source: S410000}]")

    city = file_of("410100", "exempt: []")

    assert book(province, city).rules_for("410100", DAY).source_of("exempt.0") is None


def test_no_commitment_means_no_document_may_be_promised(book):
    rules = book(file_of("410100", "commitment: {accepted: false}")).rules_for("410100", DAY)

    assert book().rules_for("410100", DAY).types["resident"].takes_commitment
    assert not any(type_rules.takes_commitment for type_rules in rules.types.values())


def test_rules_follow_the_files_periods(book):
    old = file_of("410100", "claim: {deadline: 6 months}", "2023-01-01")
    new = file_of("410100", "claim: {deadline: 3 months}", "2025-01-01")

    rules = book(old, new)

    assert rules.rules_for("410100", date(2022, 12, 31)).claim.deadline == Span(12, "months")
    assert rules.rules_for("410100", date(2024, 12, 31)).claim.deadline == Span(6, "months")
    assert rules.rules_for("410100", date(2025, 1, 1)).claim.deadline == Span(3, "months")


def test_a_national_file_has_to_be_whole():
    with pytest.raises(PolicyError) as refused:
        load_text('area: "000000"\nname: x\neffective_from: 2020-01-01\nfiling: {claim: {note: x}}\n', "n.yaml")

    assert {"filing.types", "filing.claim.deadline"} <= {problem.key for problem in refused.value.problems}


def test_national_rules_are_read_once():
    assert national_filing() is national_filing()


# What the project ships is read once for all processes


FILE, BOTH = "110000-beijing-2025.yaml", ["110000", "000000"]


@pytest.fixture
def really_read(tmp_path, monkeypatch):
    """A folder that ships one file and the nation's; lists how often it was really read."""
    times = []

    def noted(folder):
        times.append(folder)
        return load_folder(folder)

    for name in (FILE, "national.yaml"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    monkeypatch.setattr(loader, "SHIPPED", tmp_path)
    monkeypatch.setattr(loader, "load_folder", noted)
    return times


def test_shipped_files_are_read_once_for_all_processes(really_read):
    first, again = load_shipped(), load_shipped()

    assert len(really_read) == 1
    assert [*first] == [*again] == BOTH
    policy, same = first["110000"].periods[0].policy, again["110000"].periods[0].policy
    assert policy.benefits is not None
    assert (policy.name, policy.sources, policy.benefits) == (same.name, same.sources, same.benefits)
    rules = [RuleBook(each).rules_for("110000", date(2026, 1, 1)) for each in (first, again)]
    assert rules[0].types["other"] == rules[1].types["other"]


def test_a_changed_file_is_read_again_and_only_the_newest_is_kept(really_read, tmp_path):
    load_shipped()
    text = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(text.replace("\nname: ", "\nname: 新", 1))

    changed = load_shipped()

    assert changed["110000"].periods[0].policy.name.startswith("新")
    assert len(really_read) == 2
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1


@pytest.mark.parametrize("kept", [b"", b"broken off", pickle.dumps(object())[:-1]])
def test_what_was_kept_badly_is_read_again(really_read, tmp_path, kept):
    load_shipped()
    (file,) = (tmp_path / "__pycache__").iterdir()
    file.write_bytes(kept)

    assert [*load_shipped()] == BOTH
    assert len(really_read) == 2
    assert [*load_shipped()] == BOTH
    assert len(really_read) == 2


def test_what_was_half_written_goes_with_the_next(really_read, tmp_path):
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "shipped-0123.4567").write_bytes(b"half")

    load_shipped()

    (file,) = (tmp_path / "__pycache__").iterdir()
    assert file.suffix == ".pickle"


def test_where_nothing_can_be_written_nothing_is_kept(really_read, tmp_path):
    (tmp_path / "__pycache__").write_text("a file in the folder's place")

    assert [*load_shipped()] == [*load_shipped()] == BOTH
    assert len(really_read) == 2
