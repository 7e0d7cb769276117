"""What is sent and what is answered, declared once: the declaration reads the request, types what is made of it, and is what
the OpenAPI document describes (`core.http.components`).

A request's body is a `Body` and a query string a `Query`: `AreaQuery.read(request)` gives an instance, or raises Invalid with
every problem under the path of its field. An answer is a TypedDict: presenters write plain dicts, which the declaration types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Choices
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import is_naive, localtime, make_aware
from django.utils.translation import gettext_lazy as _
from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails, PydanticCustomError, core_schema
from rest_framework import serializers
from rest_framework.request import Request
from typing_extensions import TypedDict

from core.errors import Invalid, Problem

MOST_PROBLEMS = 100
LONGEST_PATH = 200
YEARS = range(2000, 2101)

Sentence = str | Promise
Sentences = Mapping[str, tuple[str, Sentence]]
"""What pydantic finds wrong (`missing`, or `missing.total` of one field): our code, and its sentence."""
Value = TypeVar("Value")
if TYPE_CHECKING:
    SentFile = UploadedFile[Any]
else:
    SentFile = UploadedFile


def _framework(field: type[serializers.Field[Any, Any, Any, Any]], code: str) -> tuple[str, Sentence]:
    """A code of the REST framework with its sentence, which it has in every language."""
    return code, field.default_error_messages[code]


SENTENCES: Sentences = {
    "missing": _framework(serializers.Field, "required"),
    "null": _framework(serializers.Field, "null"),
    "extra_forbidden": ("unknown_field", _("没有这个字段，请核对字段名。")),
    "string_type": _framework(serializers.CharField, "invalid"),
    "string_unicode": _framework(serializers.CharField, "invalid"),
    "string_too_short": _framework(serializers.CharField, "blank"),
    "string_too_long": _framework(serializers.CharField, "max_length"),
    "string_pattern_mismatch": ("null_characters_not_allowed", _("Null characters are not allowed.")),
    "bool_type": _framework(serializers.BooleanField, "invalid"),
    "bool_parsing": _framework(serializers.BooleanField, "invalid"),
    "int_type": _framework(serializers.IntegerField, "invalid"),
    "int_parsing": _framework(serializers.IntegerField, "invalid"),
    "int_parsing_size": _framework(serializers.IntegerField, "max_string_length"),
    "int_from_float": _framework(serializers.IntegerField, "invalid"),
    "finite_number": _framework(serializers.IntegerField, "invalid"),
    "greater_than_equal": _framework(serializers.IntegerField, "min_value"),
    "less_than_equal": _framework(serializers.IntegerField, "max_value"),
    "enum": _framework(serializers.ChoiceField, "invalid_choice"),
    "literal_error": _framework(serializers.ChoiceField, "invalid_choice"),
    "uuid_type": _framework(serializers.UUIDField, "invalid"),
    "uuid_parsing": _framework(serializers.UUIDField, "invalid"),
    "list_type": _framework(serializers.ListField, "not_a_list"),
    "too_short": _framework(serializers.ListField, "empty"),
    "too_long": _framework(serializers.ListField, "max_length"),
    "model_type": _framework(serializers.Serializer, "invalid"),
    "dict_type": _framework(serializers.DictField, "not_a_dict"),
}


class Body(BaseModel):
    """The base of what a request sends. A field that is not declared is not looked at."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True)
    sentences: ClassVar[Sentences] = SENTENCES

    @classmethod
    def read(cls, request: Request) -> Self:
        """The request's body. Raises Invalid with every problem of it."""
        return cls.of(request.data)

    @classmethod
    def of(cls, sent: Any) -> Self:
        """What was sent, read. Raises Invalid with every problem of it."""
        try:
            return cls.model_validate(sent.dict() if isinstance(sent, QueryDict) else sent)
        except ValidationError as error:
            raise Invalid(problems=[*_problems(error, cls.sentences)]) from None

    def given(self, *names: str) -> dict[str, Any]:
        """The fields that were sent, by name; of these, if some are named."""
        return {name: getattr(self, name) for name in self.model_fields_set if name in names or not names}


class Query(Body):
    """The base of what a query string asks for; an empty value asks for nothing."""

    @classmethod
    def read(cls, request: Request) -> Self:
        return cls.of({name: value for name, value in request.query_params.items() if value != ""})


class Strict(Body):
    """The base of what a machine sends, in which a field that is not declared is refused and nothing is guessed."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=False)
    sentences = {
        **dict.fromkeys(["missing"], ("required", _("请填写此项。"))),
        **dict.fromkeys(["model_type", "dict_type"], ("object_expected", _("此处应为一组字段（JSON 对象）。"))),
        **dict.fromkeys(["list_type"], ("list_expected", _("此处应为一个列表。"))),
        **dict.fromkeys(["bool_type"], ("flag_invalid", _("应为 true 或 false。"))),
        **dict.fromkeys(["enum", "literal_error"], ("choice_invalid", _("不在可选的范围内，请核对。"))),
        **dict.fromkeys(["uuid_type", "uuid_parsing"], ("code_invalid", _("请填写有效的编码。"))),
        "extra_forbidden": SENTENCES["extra_forbidden"],
    }


def wrong(code: str, sentence: Sentence, attr: str = "") -> PydanticCustomError:
    """What a validator of ours raises: the code and the sentence of the problem; `attr`: of which field below."""
    return PydanticCustomError(code, "{sentence}", {"sentence": str(sentence), "attr": attr})


def _problems(error: ValidationError, sentences: Sentences) -> Iterator[Problem]:
    for found in error.errors(include_url=False)[:MOST_PROBLEMS]:
        code, sentence = _said(found, sentences)
        path = [*found["loc"], *filter(None, [found.get("ctx", {}).get("attr")])]
        yield Problem(code, sentence, ".".join(map(str, path))[:LONGEST_PATH] or None)


def _said(found: ErrorDetails, sentences: Sentences) -> tuple[str, str]:
    """The code and the sentence of one error: of this field, where it has its own, else of its kind."""
    context, value = found.get("ctx", {}), found["input"]
    if "sentence" in context:
        return found["type"], str(context["sentence"])
    kinds = ["null", found["type"]] if value is None else [found["type"]]
    keys = (key for kind in kinds for key in (f"{kind}.{found['loc'][-1] if found['loc'] else ''}", kind))
    code, sentence = next(sentences[key] for key in keys if key in sentences)
    kind = type(value).__name__
    known = {"max_value": context.get("le"), "min_value": context.get("ge"), "input_type": kind, "datatype": kind}
    return code, str(sentence).format_map({**known, **context, "input": value})


@dataclass(frozen=True, slots=True, eq=False)
class Otherwise:
    """`Annotated[str, …, Otherwise("area_invalid", _("…"))]`: whatever is wrong with the value is told so."""

    code: str
    sentence: Sentence

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        said = {"sentence": self.sentence}
        return core_schema.custom_error_schema(
            handler(source), self.code, custom_error_message="", custom_error_context=said
        )


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """`Annotated[str, Text(60)]`: no longer than this, without blanks around it, and not empty unless it may be `blank`."""

    longest: int | None = None
    blank: bool = False
    trimmed: bool = True

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.chain_schema(
            [
                core_schema.str_schema(
                    strip_whitespace=self.trimmed, min_length=None if self.blank else 1, max_length=self.longest
                ),
                core_schema.str_schema(pattern=r"^[^\x00]*$"),
            ]
        )

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        bounds = {"minLength": None if self.blank else 1, "maxLength": self.longest}
        return {"type": "string", **{name: bound for name, bound in bounds.items() if bound is not None}}


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """`Annotated[str, OneOf(Relation)]`: a column's value, of these choices; of these words, or words with their labels."""

    choices: type[Choices] | Iterable[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        choices = self.choices.choices if isinstance(self.choices, type) else self.choices
        pairs = [choice if isinstance(choice, tuple) else (choice, choice) for choice in choices]
        values = core_schema.literal_schema([value for value, _label in pairs], metadata={"choices": pairs})
        return core_schema.nullable_schema(values) if handler(source)["type"] == "nullable" else values


def _not_null(schema: Any) -> core_schema.CoreSchema:
    inner: core_schema.CoreSchema = schema["schema"] if schema["type"] == "nullable" else schema
    return inner


class _LeftOut:
    """A field that may be left out, but is not null."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return _not_null(handler(source))


Maybe = Annotated[Value | None, _LeftOut()]
"""`level: Maybe[AreaLevel] = None`: may be left out; who sends it means a value."""


class _NullToo:
    """Described as a field that may be left out; null is taken for that."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.nullable_schema(_not_null(handler(source)), metadata={"null_is_left_out": True})


OrNull = Annotated[Value | None, _NullToo()]
"""`area: OrNull[str] = None`: may be left out, and null means the same."""


@dataclass(frozen=True, slots=True, eq=False)
class As:
    """`Annotated[dict[str, Any], As(Shape)]`: described by another declaration than the one that types it."""

    shape: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return handler.generate_schema(self.shape)


@dataclass(frozen=True, slots=True, eq=False)
class DescribedAs:
    """`Annotated[list[dict[str, Any]], DescribedAs(list[RowInput])]`: read as it is typed, and described otherwise."""

    shape: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.chain_schema([handler(source)], metadata={"described_as": self.shape})


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """`Annotated[SentFile, Upload(sentence)]`: a file of a form; the sentence asks for one."""

    sentence: Sentence

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._named)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}

    def _named(self, sent: Any) -> SentFile:
        if not isinstance(sent, UploadedFile):
            raise wrong("invalid", self.sentence)
        if not sent.name:
            raise wrong("no_name", _("文件没有名称，请重新选择。"))
        return sent


def keyed(name: str, fields: Mapping[str, Any], description: str = "") -> As:
    """A mapping whose keys a table gives, and no others: `Annotated[dict[str, Decimal], keyed("AmountsAnswer", …)]`."""
    typed_dict: Any = TypedDict  # of a table, which mypy cannot read
    shape = typed_dict(name, dict(fields))
    shape.__pydantic_config__ = ConfigDict(extra="forbid")
    shape.__doc__ = description
    return As(shape)


def _day(value: Any) -> date:
    try:
        day = value if type(value) is date else parse_date(value)
    except (TypeError, ValueError):
        day = None
    if day is None:
        code, sentence = _framework(serializers.DateField, "invalid")
        raise wrong(code, str(sentence).format(format="YYYY-MM-DD"))
    if day.year not in YEARS:
        raise wrong("out_of_range", _("请填写 2000 年至 2100 年之间的日期。"))
    return day


def _moment(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else parse_datetime(_with_plus(value))
    except (TypeError, ValueError, AttributeError):
        moment = None
    if moment is None:
        code, sentence = _framework(serializers.DateTimeField, "invalid")
        raise wrong(code, str(sentence).format(format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]"))
    try:
        moment = make_aware(moment) if is_naive(moment) else localtime(moment)
    except OverflowError:
        raise wrong(*_framework(serializers.DateTimeField, "overflow")) from None
    if moment.year not in YEARS:
        raise wrong("out_of_range", _("请填写 2000 年至 2100 年之间的时间。"))
    return moment


def _with_plus(text: str) -> str:
    """A `+` that arrived as a space in a query string is put back."""
    return re.sub(r" (?=\d\d:?\d\d$)", "+", text.strip()) if "T" in text else text


Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A date within the years a calendar can know."""
Moment = Annotated[datetime, PlainValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A time within the years a calendar can know."""
