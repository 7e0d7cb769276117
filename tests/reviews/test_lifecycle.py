"""The handlers of the kinds: every kind has one, and runs every check that its app has."""

import inspect

import pytest

from chronic import checks as chronic_checks
from claims import checks as claim_checks
from filings import checks as filing_checks
from filings import proofs
from filings.checks import application, care
from referrals import checks as referral_checks
from reviews.lifecycle import LIFECYCLES
from reviews.models import Kind

LISTED = {
    "filings": (filing_checks.CHECKS + proofs.PROOF_CHECKS, (care, application, proofs)),
    "referrals": (referral_checks.CHECKS, (referral_checks,)),
    "chronic": (chronic_checks.CHECKS, (chronic_checks,)),
    "claims": (claim_checks.CHECKS, (claim_checks,)),
}


def test_every_kind_has_its_handler():
    assert list(LIFECYCLES) == [Kind.FILING, Kind.PROOF, Kind.REFERRAL, Kind.RECOGNITION, Kind.CLAIM]
    assert all(lifecycle.kind == kind for kind, lifecycle in LIFECYCLES.items())


def is_check(function):
    """Public, of one case, and it finds something or nothing."""
    takes = list(inspect.signature(function).parameters)
    gives = inspect.signature(function).return_annotation
    return takes == ["case"] and gives == "Finding | None" and not function.__name__.startswith("_")


@pytest.mark.parametrize("app", LISTED)
def test_every_check_is_listed(app):
    listed, modules = LISTED[app]

    written = {
        function
        for module in modules
        for _name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and is_check(function)
    }

    assert written == set(listed)
