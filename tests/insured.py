"""The Monday morning of the filings' tests, what is asked before a visit, and areas whose policies are kept."""

from datetime import date

import pytest

from accounts.models import Enrollment, Person
from chronic.models import Recognition
from core import clock
from regions.models import Agency, Area, Disease
from tests import factories as make
from tests.monday import monday  # noqa: F401 - a fixture

HOSPITAL = "H11010100001"


@pytest.fixture
def recognised(account):
    """Put on record what the insured areas recognise: both diseases, for every enrolment of the person."""
    statuses = {"recognised": "approved", "future": "approved", "pending": "submitted", "ended": "expired"}

    def say(state="recognised", *, valid_from=date(2026, 1, 1), valid_until=None, institutions=()):
        chosen = [make.institution(code) for code in institutions]
        for of in Enrollment.objects.all():
            for disease in Disease.objects.all():
                row = make.recognition_draft(of, disease.code, account=account)
                dates = {} if state == "pending" else {"valid_from": valid_from, "valid_until": valid_until}
                now = {"status": statuses[state], "submitted_at": clock.now(), "due_at": clock.now(), **dates}
                Recognition.objects.filter(pk=row.pk).update(**now)
                row.institutions.set(chosen)

    return say


@pytest.fixture
def enrolled(monday):  # noqa: F811
    """An employee of 重庆, 56 years old, with an agency to call and a hospital in 北京 that is open for all but outpatients."""
    Disease.objects.create(code="M03900", name="高血压", since=2022)
    Disease.objects.create(code="M01600", name="糖尿病", since=2022)
    of = make.enrollment(make.person("王秀兰"))
    Agency.objects.create(area_id=make.CHONGQING, name="重庆市医疗保障事务中心", phone="023-00000000")
    make.institution(HOSPITAL, chronic=["M03900"])
    return of


@pytest.fixture
def account(enrolled):
    return make.citizen(Person.objects.get(pk=enrolled.person_id))


@pytest.fixture
def client(account):
    return make.api(account)


@pytest.fixture
def two_areas(monday):  # noqa: F811
    for code in (make.CHENGDU, make.CHONGQING):
        make.area(code)
    Area.objects.filter(pk=make.CHENGDU).update(pinyin="chengdushi", initials="cds")
