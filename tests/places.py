"""Places to find."""

import pytest
from rest_framework.test import APIClient

from core.text import spell
from regions.models import Area, Institution


@pytest.fixture
def api():
    return APIClient()


@pytest.fixture
def make_area(db):
    def make(code, name, level="city", parent=None, **more):
        spelled = spell(name)._asdict()
        return Area.objects.create(code=code, name=name, level=level, parent_id=parent, **spelled, **more)

    return make


@pytest.fixture
def make_institution(db):
    def make(code, name, area, level=3, **more):
        return Institution.objects.create(
            code=code, name=name, area_id=area, level=level, **spell(name)._asdict(), **more
        )

    return make


@pytest.fixture
def areas(make_area):
    """A province that pools by city with two of its cities and its provincial pool, and a city-province."""
    make_area("500000", "重庆市", "province", pools_at="province")
    make_area("510000", "四川省", "province")
    make_area("510100", "成都市", parent="510000")
    make_area("511600", "广安市", parent="510000", local_to=["500000"])
    make_area("519900", "四川省本级", "pool", parent="510000", local_to=["510100"])
