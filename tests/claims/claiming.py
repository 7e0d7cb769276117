"""Monday, 2 March 2026, ten o'clock: an employee of 重庆 who paid a stay in 北京 (level 3, not filed) and claims it."""

from datetime import date

import pytest

from claims import services
from claims.bodies import ClaimFields, read_cost
from claims.lifecycle import ClaimLifecycle
from claims.models import Claim
from policies.language.examples import Cost
from regions.models import Institution
from reviews import services as queue
from tests import factories as make
from tests.monday import at, monday, sweep_until  # noqa: F401 - fixtures and what is said often

HOSPITAL, HYPERTENSION = "H11010100001", "M03900"
CARD = "6222020200112233446"  # its last digit is the Luhn check digit
KINDS = ("invoice", "cost_list", "discharge_record")


@pytest.fixture
def enrolled(monday):  # noqa: F811
    make.diseases()
    make.institution(HOSPITAL, name="北京示范医院")
    return make.enrollment(make.person("王秀兰"))


@pytest.fixture
def account(enrolled):
    return make.citizen(enrolled.person)


@pytest.fixture
def human(settings):
    settings.REVIEW_MODE = "human"


def papers(account, *kinds):
    return [str(make.material(account, kind).pk) for kind in kinds or KINDS]


def costs(total="20000.00", **sums) -> Cost:
    return read_cost({"total": total, **sums})


def asked(account, **fields):
    """What a person fills in, as `claims.services` takes it."""
    return ClaimFields.model_construct(
        **{
            "institution": Institution.objects.select_related("area__parent").get(pk=HOSPITAL),
            "care": "inpatient",
            "emergency": False,
            "admitted_on": date(2026, 2, 1),
            "discharged_on": date(2026, 2, 10),
            "invoice_code": "11060126",
            "invoice_number": "0012345678",
            "cost": costs(),
            "bank_account": CARD,
            "reason": "住院前没有备案。",
            "materials": papers(account),
            **fields,
        }
    )


def claimed(account, of, *, draft=False, **fields) -> Claim:
    return fresh(services.apply(account, of, asked(account, **fields), draft=draft).submission)


def approved(claim, *reviewers) -> Claim:
    """Both reviews, by two people."""
    first, second = reviewers or (make.reviewer(claim.area_id), make.reviewer(claim.area_id))
    queue.approve(claim, reviewer=first)
    queue.approve(claim, reviewer=second)
    return fresh(claim)


def fresh(claim) -> Claim:
    return Claim.objects.select_related(*ClaimLifecycle.joins).get(pk=claim.pk)


def body(account, of, **fields):
    """The same over HTTP."""
    return {
        "enrollment": str(of.pk), "institution": HOSPITAL, "care": "inpatient", "emergency": False,
        "admitted_on": "2026-02-01", "discharged_on": "2026-02-10", "invoice_code": "11060126",
        "invoice_number": "0012345678", "cost": {"total": "20000.00"}, "materials": papers(account),
        "bank_account": CARD, "reason": "住院前没有备案。", **fields,
    }  # fmt: skip
