"""A prepared query gives what the query itself gives, at every call for the values of that call."""

import pytest

from regions.models import Area
from regions.prepared import Prepared
from tests import factories as make

pytestmark = pytest.mark.django_db
FIELDS = ("code", "name", "parent_id", "parent__code", "parent__name")


def within(province, *, but="?"):
    return Area.objects.filter(parent=province).exclude(code=but).order_by("code")


def test_rows_with_what_they_join(django_assert_num_queries):
    for code in ("510100", "530100", "532900"):
        make.area(code)
    cities = Prepared(within, *FIELDS, province="?province", but="?but")
    cities.rows(province="", but="")

    with django_assert_num_queries(2):
        yunnan = cities.rows(province="530000", but="532900")
        sichuan = cities.rows(province="510000", but="")
        named = [(row.name, row.parent.name) for row in (*yunnan, *sichuan)]

    assert named == [("昆明市", "云南省"), ("成都市", "四川省")]
    assert yunnan == list(within("530000", but="532900"))


def test_a_join_that_leads_nowhere(django_assert_num_queries):
    make.area("510000")
    areas = Prepared(lambda code: Area.objects.filter(code=code), *FIELDS, code="?code")

    assert areas.first(code="510000").parent is None
    assert areas.first(code="520000") is None


def test_what_was_not_named_loads_when_it_is_asked_for(django_assert_num_queries):
    make.area("510100")
    area = Prepared(lambda code: Area.objects.filter(code=code), "code", "name", code="?code").first(code="510100")

    with django_assert_num_queries(1):
        assert area.pools_at == "city"


def test_a_value_that_the_query_does_not_use_is_a_mistake():
    with pytest.raises(AssertionError, match="stand nowhere"):
        Prepared(lambda code, other: Area.objects.filter(code=code), "code", code="?c", other="?o").rows(
            code="", other=""
        )
