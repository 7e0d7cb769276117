"""Monday, 2 March 2026, ten o'clock; an employee of 太原 with diabetes, and areas that renew or trust."""

from dataclasses import replace
from datetime import date

import pytest

from chronic import services
from chronic.bodies import RecognitionFields, RenewInput
from chronic.lifecycle import RecognitionLifecycle
from chronic.models import Recognition
from policies.language import filing_rules
from policies.language.filing_schema import ChronicRules
from policies.language.terms import Span
from reviews import services as queue
from reviews.services import Actor
from tests import factories as make
from tests.monday import at, monday, sweep_until  # noqa: F401 - fixtures and what is said often

TAIYUAN, HOSPITAL, AWAY = "140100", "H14010000001", "H11010100001"
DIABETES, HYPERTENSION = "M01600", "M03900"


@pytest.fixture
def enrolled(monday):  # noqa: F811
    make.diseases()
    make.institution(HOSPITAL, place=TAIYUAN, level=2, name="太原示范医院")
    make.institution(AWAY, chronic=[DIABETES], name="北京示范医院")
    return make.enrollment(make.person("王秀兰"), code=TAIYUAN)


@pytest.fixture
def account(enrolled):
    return make.citizen(enrolled.person)


@pytest.fixture
def human(settings):
    settings.REVIEW_MODE = "human"


@pytest.fixture
def rules(monkeypatch):
    """Change what the area says of chronic diseases: no shipped area states a period or takes a promise."""

    def change(*, correction=None, commitment=None, **chronic):
        real = filing_rules.rules_for

        def changed(area, on):
            found = real(area, on)
            rules: ChronicRules = replace(found.chronic, **chronic)
            more = {"commitment": replace(found.commitment, **commitment)} if commitment else {}
            return replace(found, chronic=rules, **more)

        for module in ("reviews.models.submission", "chronic.services", "chronic.options", "reviews.lifecycle"):
            monkeypatch.setattr(f"{module}.rules_for", changed)

    return change


@pytest.fixture
def quarterly(rules):
    rules(renewal=Span(3, "months"))


@pytest.fixture
def trusting(rules):
    """A test report may follow within 30 days; a broken promise bars for 24 months."""
    documents = filing_rules.rules_for(TAIYUAN, date(2026, 3, 2)).chronic.documents
    changed = tuple(replace(each, commitment=each.kind == "test_report") for each in documents)
    rules(documents=changed, commitment={"supply": Span(30, "days"), "bar": Span(24, "months")})


def papers(account, *kinds):
    return [str(make.material(account, kind).pk) for kind in kinds or ("discharge_record", "test_report")]


def asked(account, disease=DIABETES, **fields):
    """What a person fills in, as `chronic.services` takes it."""
    from regions.models import Disease, Institution

    return RecognitionFields.model_construct(
        **{
            "disease": Disease.objects.get(pk=disease),
            "diagnosed_on": date(2026, 1, 12),
            "diagnosing_institution": Institution.objects.get(pk=HOSPITAL),
            "materials": papers(account),
            **fields,
        }
    )


def applied(account, of, disease=DIABETES, *, draft=False, **fields):
    return services.apply(account, of, asked(account, disease, **fields), draft=draft).submission


def approved(recognition):
    """Both reviews, by two people."""
    queue.approve(recognition, reviewer=make.reviewer(recognition.area_id))
    queue.approve(recognition, reviewer=make.reviewer(recognition.area_id))
    return fresh(recognition)


def renewed(recognition, account, **fields):
    given = RenewInput.model_construct(**{"materials": papers(account), **fields})
    return services.renew(recognition, given, actor=Actor.of(account, recognition.person_id)).submission


def fresh(recognition):
    return Recognition.objects.select_related(*RecognitionLifecycle.joins).get(pk=recognition.pk)


def body(account, of, **fields):
    """The same over HTTP."""
    return {
        "enrollment": str(of.pk), "disease": DIABETES, "diagnosed_on": "2026-01-12", "diagnosing_institution": HOSPITAL,
        "materials": papers(account), **fields,
    }  # fmt: skip
