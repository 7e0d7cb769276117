"""JSON out: money as text with two decimals, times with Shanghai's offset, and nothing rounded on the way."""

import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest
from django.utils.translation import gettext_lazy as _

from core.http.json import JSONRenderer, dumps

ID = uuid.UUID("01936f5e-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("15260.80"), '"15260.80"'),
        (Decimal("15260.8"), '"15260.80"'),
        (Decimal("0"), '"0.00"'),
        (Decimal("1E+3"), '"1000.00"'),
        (Decimal("-0.5"), '"-0.50"'),
        (Decimal("0.125"), '"0.125"'),
        (datetime(2026, 11, 21, 2, 0, tzinfo=UTC), '"2026-11-21T10:00:00+08:00"'),
        (date(2026, 11, 21), '"2026-11-21"'),
        (ID, '"01936f5e-0000-7000-8000-000000000001"'),
        (_("地区"), '"地区"'),
        (MappingProxyType({"a": 1}), '{"a":1}'),
        ({1: "x"}, '{"1":"x"}'),
        ((n for n in (1, 2)), "[1,2]"),
        ({"empty": None, "true": True}, '{"empty":null,"true":true}'),
    ],
)
def test_values(value, written):
    assert dumps(value).decode() == written


def test_what_is_no_data_is_a_defect():
    with pytest.raises(TypeError):
        dumps(object())


def test_no_content_is_no_body():
    assert JSONRenderer().render(None) == b""
    assert json.loads(JSONRenderer().render({"code": "500000"})) == {"code": "500000"}


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [("areas/?format=xml", "*/*", 200), ("areas/", "text/html,*/*;q=0.8", 200), ("areas/", "image/png", 406)],
)
def test_every_answer_is_json(api, db, path, accept, status):
    response = api.get(f"/api/v1/{path}", headers={"Accept": accept})

    assert (response.status_code, response["Content-Type"]) == (status, "application/json")


def test_what_a_view_offers_is_told(api, db):
    assert api.options("/api/v1/areas/").json()["renders"] == ["application/json"]
