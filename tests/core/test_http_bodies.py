"""A declared body: what it reads, and how it refuses (`core.http.bodies`)."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, NotRequired

import pytest
from django.db.models import TextChoices
from django.http import QueryDict
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from pydantic import Field, model_validator
from typing_extensions import TypedDict

from core.errors import Invalid
from core.http.bodies import Body, Query
from core.http.components import Described
from core.http.values import Day, Maybe, Moment, OneOf, Otherwise, Text, wrong


class Colour(TextChoices):
    RED = "red", "红"
    BLUE = "blue", "蓝"


class Item(Body):
    code: Annotated[str, Field(pattern=r"^[A-Z]\d$"), Otherwise("code_invalid", "请填写编码。")]
    count: int = Field(1, ge=1, le=9)


class Order(Body):
    """What is ordered."""

    name: Annotated[str, Text(6)]
    note: Annotated[str, Text(20, blank=True)] = ""
    colour: Maybe[Colour] = Field(None, description="The colour.")
    on: Maybe[Day] = None
    at: Maybe[Moment] = None
    owner: uuid.UUID | None = None
    gift: bool = False
    items: list[Item] = Field([], max_length=2)

    @model_validator(mode="after")
    def no_gift_alone(self) -> "Order":
        if self.gift and not self.items:
            raise wrong("nothing_to_give", "没有可赠送的。")
        return self


class Paint(Query):
    colour: Maybe[Colour] = None
    at: Maybe[Moment] = None
    most: int = 5


def problems_of(sent):
    with pytest.raises(Invalid) as refused:
        Order.of(sent)
    return [(p.attr, p.code, p.detail) for p in refused.value.problems]


def test_what_is_sent_is_read_and_typed():
    sent = {
        "name": " 王秀兰 ",
        "colour": "red",
        "on": "2026-11-21",
        "at": "2026-11-21T10:00:00Z",
        "items": [{"code": "A1"}],
    }

    order = Order.of(sent)

    assert order.name == "王秀兰"
    assert order.colour is Colour.RED
    assert order.on == date(2026, 11, 21)
    assert order.at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert order.items == [Item(code="A1", count=1)]
    assert order.given().keys() == sent.keys()


def test_every_problem_is_told_with_its_path_its_code_and_a_sentence():
    sent = {"note": "\0", "colour": "green", "on": "2026-02-30", "at": "soon", "owner": "x", "gift": "maybe"}

    assert problems_of(sent | {"items": [{"code": "A1", "count": 10}, {"code": "1"}]}) == [
        ("name", "required", "该字段是必填项。"),
        ("note", "null_characters_not_allowed", "不能含有空字符（U+0000），请删去后重试。"),
        ("colour", "invalid_choice", "“green” 不是合法选项。"),
        ("on", "invalid", "日期格式错误。请从这些格式中选择：YYYY-MM-DD。"),
        (
            "at",
            "invalid",
            "日期时间格式错误。请从这些格式中选择：YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]。",
        ),
        ("owner", "invalid", "必须是有效的 UUID。"),
        ("gift", "invalid", "必须是有效的布尔值。"),
        ("items.0.count", "max_value", "请确保该值小于或者等于 9。"),
        ("items.1.code", "code_invalid", "请填写编码。"),
    ]


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({"name": " "}, ("name", "blank", "该字段不能为空。")),
        ({"name": None}, ("name", "null", "该字段不能为 null。")),
        ({"name": ["王"]}, ("name", "invalid", "不是有效的字符串。")),
        ({"name": True}, ("name", "invalid", "不是有效的字符串。")),
        ({"name": "一二三四五六七"}, ("name", "max_length", "请确保这个字段不能超过 6 个字符。")),
        ({"name": "王", "colour": None}, ("colour", "null", "该字段不能为 null。")),
        ({"name": "王", "colour": ["red"]}, ("colour", "invalid_choice", "“['red']” 不是合法选项。")),
        ({"name": "王", "on": "1999-12-31"}, ("on", "out_of_range", "请填写 2000 年至 2100 年之间的日期。")),
        ({"name": "王", "on": 20261121}, ("on", "invalid", "日期格式错误。请从这些格式中选择：YYYY-MM-DD。")),
        ({"name": "王", "at": "2101-01-01T00:00"}, ("at", "out_of_range", "请填写 2000 年至 2100 年之间的时间。")),
        ({"name": "王", "items": {}}, ("items", "not_a_list", "期望为一个包含物件的列表，得到的类型是“dict”。")),
        ({"name": "王", "items": ["A1"]}, ("items.0", "invalid", "无效数据。期待为字典类型，得到的是 str 。")),
        (
            {"name": "王", "items": [{"code": "A1"}] * 3},
            ("items", "max_length", "该字段不能超过 2 个元素。"),
        ),
        ({"name": "王", "items": [{"code": "A1", "count": "x"}]}, ("items.0.count", "invalid", "请填写合法的整数值。")),
        ({"name": "王", "gift": True}, (None, "nothing_to_give", "没有可赠送的。")),
        ([], (None, "invalid", "无效数据。期待为字典类型，得到的是 list 。")),
    ],
)
def test_one_thing_wrong(sent, problem):
    assert problems_of(sent) == [problem]


def test_of_one_list_ten_errors_are_told_and_how_many_more_there_are():
    class Many(Body):
        name: int
        codes: list[int]
        more: list[int]

    with pytest.raises(Invalid) as refused:
        Many.of({"name": "x", "codes": ["x"] * 500, "more": ["x"] * 10})

    problems = [(problem.code, problem.attr) for problem in refused.value.problems]
    assert problems == [
        ("invalid", "name"),
        *(("invalid", f"codes.{at}") for at in range(10)),
        *(("invalid", f"more.{at}") for at in range(10)),
        ("more_errors", "codes"),
    ]
    assert "490" in refused.value.problems[-1].detail


def test_numbers_are_taken_for_texts_and_unknown_fields_are_not_looked_at():
    assert Order.of({"name": 12, "none": 1}).name == "12"


@pytest.mark.parametrize("text", ["colour=&at=&most=", ""])
def test_an_empty_value_in_a_query_string_asks_for_nothing(text):
    paint = Paint.read(SimpleNamespace(query_params=QueryDict(text)))

    assert (paint.colour, paint.at, paint.most, paint.given()) == (None, None, 5, {})


def test_a_plus_that_arrived_as_a_space_is_put_back():
    paint = Paint.read(SimpleNamespace(query_params=QueryDict("at=2026-11-21T10:00:00+08:00")))

    assert paint.at == datetime(2026, 11, 21, 2, tzinfo=UTC)


class Painted(TypedDict):
    """What was painted."""

    colour: Annotated[str, OneOf(Colour)]
    price: Annotated[Decimal | None, Field(description="Yuan.")]
    order: "Detail | None"
    details: list["Detail"]
    done_at: NotRequired[datetime]


class Detail(TypedDict):
    kind: Annotated[str | None, OneOf(["thin", "thick"])]


@pytest.fixture
def described():
    auto_schema = AutoSchema()
    auto_schema.registry = ComponentRegistry()

    def describe(model, direction):
        auto_schema.resolve_serializer(Described(model), direction)
        return {component.name: component.schema for component in auto_schema.registry._components.values()}

    return describe


def test_a_request_is_described_as_it_is_read(described):
    components = described(Order, "request")

    assert set(components) == {"OrderRequest", "ItemRequest"}
    assert components["ItemRequest"]["required"] == ["code"]

    order = components["OrderRequest"]
    assert (order["description"], order["required"]) == ("What is ordered.", ["name"])
    assert order["properties"]["name"] == {"type": "string", "minLength": 1, "maxLength": 6}
    assert order["properties"]["note"] == {"type": "string", "maxLength": 20, "default": ""}
    assert order["properties"]["on"] == {"type": "string", "format": "date"}
    assert order["properties"]["owner"] == {"type": ["string", "null"], "format": "uuid"}
    assert order["properties"]["items"]["items"] == {"$ref": "#/components/schemas/ItemRequest"}

    colour = order["properties"]["colour"]
    assert (colour["type"], colour["enum"]) == ("string", ["red", "blue"])
    assert colour["description"] == "The colour.\n\n* `red` - 红\n* `blue` - 蓝"


def test_an_answer_is_described_as_it_is_typed(described):
    components = described(Painted, "response")

    painted = components["Painted"]

    reference = {"$ref": "#/components/schemas/Detail"}

    assert painted["required"] == ["colour", "details", "order", "price"]
    assert painted["properties"]["price"] == {"type": ["string", "null"], "format": "decimal", "description": "Yuan."}
    assert painted["properties"]["order"] == {"oneOf": [reference, {"type": "null"}]}
    assert painted["properties"]["details"] == {"type": "array", "items": reference}
    assert painted["properties"]["done_at"] == {"type": "string", "format": "date-time"}
    assert components["Detail"]["properties"]["kind"]["enum"] == ["thin", "thick", None]
