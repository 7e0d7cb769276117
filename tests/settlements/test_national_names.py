"""The national platform's names: one table, of which the API document and docs/hospitals.md both speak."""

from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from settlements import national
from settlements.models import AMOUNTS

PAGE = (Path(__file__).parents[2] / "docs/hospitals.md").read_text()
WITHOUT_A_NAME = {"travel_first_pay", "eligible", "payable", "beyond", "burden"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


def test_every_amount_has_a_national_name_or_is_known_to_have_none():
    assert set(AMOUNTS) == national.AMOUNTS.keys() | WITHOUT_A_NAME

    names = [name.national for name in national.AMOUNTS.values()]
    assert len(set(names)) == len(names) == 16


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [  # RULES.md §3.9, settlement output
        ("total", "medfee_sumamt"), ("excluded", "fulamt_ownpay_amt"), ("over_limit", "overlmt_selfpay"),
        ("first_copay", "preselfpay_amt"), ("scope", "inscp_scp_amt"), ("deductible", "act_pay_dedc"),
        ("pooled", "hifp_pay"), ("large_amount", "hifob_pay"), ("serious_illness", "hifmi_pay"),
        ("assistance", "maf_pay"), ("civil_servant", "cvlserv_pay"), ("enterprise", "hifes_pay"),
        ("fund", "fund_pay_sumamt"), ("own", "psn_part_amt"), ("account", "acct_pay"), ("cash", "psn_cash_pay"),
    ],
)  # fmt: skip
def test_the_document_says_the_national_name_of_every_amount(schema, ours, theirs):
    described = schema["components"]["schemas"]["SettledAmounts"]["properties"][ours]["description"]

    assert theirs in described
    assert national.AMOUNTS[ours].meaning in described


@pytest.mark.parametrize("field", sorted(national.FIELDS))
def test_the_other_fields_carry_theirs(schema, field):
    components = [
        schema["components"]["schemas"][name]["properties"] for name in ("QuoteInputRequest", "SettlementDetail")
    ]

    named = [properties[field] for properties in components if field in properties]

    assert named
    assert all(national.FIELDS[field].national in each["description"] for each in named)


def test_the_sums_of_a_bill_carry_theirs(schema):
    components = schema["components"]["schemas"]

    fields = components["BillCostRequest"]["properties"]

    for name in ("total", "excluded", "over_limit", "first_copay"):
        assert national.AMOUNTS[name].national in fields[name]["description"]
    assert set(components["SettledAmounts"]["properties"]) == set(AMOUNTS)


def rows(*cells):
    return "| " + " | ".join(cells) + " |\n"


def test_the_page_for_hospitals_says_the_same():
    for ours, name in national.AMOUNTS.items():
        assert rows(f"`{ours}`", name.meaning, name.national, national.FUND_TYPES.get(ours, ""), name.note) in PAGE
    for ours, name in (national.FIELDS | national.TRANSACTIONS).items():
        assert rows(f"`{ours}`", name.meaning, name.national, name.note) in PAGE


def test_the_page_speaks_of_calls_that_exist(schema):
    served = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}"
        for path, methods in schema["paths"].items()
        for method in methods
    }

    assert set(national.TRANSACTIONS) <= served
