"""Areas whose policies are kept."""

import pytest

from regions.models import Area


@pytest.fixture
def areas(db):
    Area.objects.create(code="510000", name="四川省", level="province")
    Area.objects.create(
        code="510100", name="成都市", level="city", parent_id="510000", pinyin="chengdushi", initials="cds"
    )
    Area.objects.create(code="500000", name="重庆市", level="province", pools_at="province")
