"""The Monday morning of the filings' tests, what is asked before a visit, and areas whose policies are kept."""

import pytest

from accounts.models import Person
from regions.models import Agency, Area, Disease
from settlements import recognition_source
from settlements.recognition_source import Recognition
from tests import factories as make
from tests.filings.conftest import monday  # noqa: F401 - a fixture

HOSPITAL = "H11010100001"


class Recognitions:
    """An app of recognitions that gives the answer it was made with."""

    def __init__(self, answer):
        self.answer = answer

    def of(self, enrollment, disease, on):
        return self.answer


@pytest.fixture
def recognised():
    """Say what the insured area recognises, as the app of recognitions will."""

    def say(state="recognised", **fields):
        recognition_source.register(Recognitions(Recognition(state, **fields)))

    yield say
    recognition_source.register(None)


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
def areas(monday):  # noqa: F811
    for code in (make.CHENGDU, make.CHONGQING):
        make.area(code)
    Area.objects.filter(pk=make.CHENGDU).update(pinyin="chengdushi", initials="cds")
