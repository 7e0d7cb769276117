"""The values that bodies are declared with (`core.http.bodies`): how each is read, what is said of a wrong one, how the
OpenAPI document describes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Choices
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.timezone import is_naive, localtime, make_aware
from django.utils.translation import gettext_lazy as _
from pydantic import ConfigDict, GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema
from rest_framework import serializers
from typing_extensions import TypedDict

from core.text import LINE, Form

YEARS = range(2000, 2101)
NO_NULL = _("不能含有空字符（U+0000），请删去后重试。")

Sentence = str | Promise
Value = TypeVar("Value")
if TYPE_CHECKING:
    SentFile = UploadedFile[Any]
else:
    SentFile = UploadedFile


def framework(kind: type[serializers.Field[Any, Any, Any, Any]], code: str) -> tuple[str, Sentence]:
    """A code of the REST framework with its sentence, which it has in every language."""
    return code, kind.default_error_messages[code]


def wrong(code: str, sentence: Sentence, attr: str = "", *, instead: str = "") -> PydanticCustomError:
    """What a validator of ours raises: the code and the sentence of the problem.

    `attr`: of which field below; `instead`: of which other field of the body.
    """
    return PydanticCustomError(code, "{sentence}", {"sentence": str(sentence), "attr": attr, "instead": instead})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Otherwise:
    """`Annotated[str, …, Otherwise("area_invalid", _("…"))]`: whatever is wrong with the value is told so.

    An error carries this itself, not its sentence, which pydantic would have translated for each of a hundred thousand.
    """

    code: str
    sentence: Sentence

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.custom_error_schema(
            handler(source), self.code, custom_error_message="", custom_error_context={"otherwise": self}
        )


def mended(form: Form) -> core_schema.CoreSchema:
    """A text as the form has it; what is tidy already is let through without a call."""
    tidy = core_schema.str_schema(pattern=form.tidy)
    return core_schema.union_schema(
        [tidy, core_schema.no_info_plain_validator_function(form.mend)], mode="left_to_right"
    )


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """`Annotated[str, Text(60, form=NAME)]`: mended as it was typed (`core.text`), then no longer than this, and not empty
    unless it may be `blank`. `form` None: kept letter by letter, as a password.
    """

    longest: int | None = None
    blank: bool = False
    form: Form | None = LINE

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.chain_schema(
            [
                core_schema.str_schema(),
                core_schema.str_schema(pattern=r"^[^\x00]*$"),
                *([mended(self.form)] if self.form else []),
                core_schema.str_schema(min_length=None if self.blank else 1, max_length=self.longest),
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


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """`Annotated[date, Read(a_function)]`: read by a function of ours, and described as said."""

    function: Callable[[Any], Any]
    described: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.function)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return dict(self.described)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """`Annotated[Cost, Made(CostInput, cost_of)]`: declared by a body, and handed on as what is made of it."""

    shape: Any
    make: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.make, handler.generate_schema(self.shape))


def Several(words: Iterable[str]) -> Read:  # noqa: N802 (stands where the classes above stand)
    """`Annotated[list[str], Several(Status.values)]`: one or more of these words, separated by commas."""
    known = tuple(words)

    def read(text: str) -> list[str]:
        wanted = text.split(",")
        if not set(wanted) <= set(known):
            raise _no_filter(known)
        return wanted

    return Read(read)


def Ordering(*names: str) -> Read:  # noqa: N802
    """`Annotated[str, Ordering("created_at")]`: one of these, or `-` before it."""

    def read(text: str) -> str:
        if text.removeprefix("-") not in names:
            raise _no_filter(names)
        return text

    return Read(read)


def _no_filter(known: Iterable[str]) -> PydanticCustomError:
    return wrong("invalid_choice", _("筛选条件无效，可选：%s。") % "、".join(known))


def Named(find: Callable[[str], Any], sentence: Sentence, *, blank: bool = False) -> Read:  # noqa: N802
    """`Annotated[Area, Named(area_of, sentence)]`: a row by its code; the sentence says that there is none.

    `blank`: an empty text is taken for null.
    """

    def read(code: Any) -> Any:
        if code == "" and blank:
            return None
        if code == "":
            raise wrong(*framework(serializers.Field, "null"))
        row = find(code) if isinstance(code, str) and "\0" not in code else None
        if row is None:
            raise wrong("does_not_exist", sentence)
        return row

    return Read(read)


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


def date_of(value: Any) -> date:
    """A date as JSON writes it. Raises what a validator raises."""
    try:
        day = value if type(value) is date else parse_date(value)
    except (TypeError, ValueError):
        day = None
    if day is None:
        code, sentence = framework(serializers.DateField, "invalid")
        raise wrong(code, str(sentence).format(format="YYYY-MM-DD"))
    return day


def _day(value: Any) -> date:
    day = date_of(value)
    if day.year not in YEARS:
        raise wrong("out_of_range", _("请填写 2000 年至 2100 年之间的日期。"))
    return day


def _moment(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else parse_datetime(_with_plus(value))
    except (TypeError, ValueError, AttributeError):
        moment = None
    if moment is None:
        code, sentence = framework(serializers.DateTimeField, "invalid")
        raise wrong(code, str(sentence).format(format="YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]"))
    try:
        moment = make_aware(moment) if is_naive(moment) else localtime(moment)
    except OverflowError:
        raise wrong(*framework(serializers.DateTimeField, "overflow")) from None
    if moment.year not in YEARS:
        raise wrong("out_of_range", _("请填写 2000 年至 2100 年之间的时间。"))
    return moment


def _with_plus(text: str) -> str:
    """A `+` that arrived as a space in a query string is put back."""
    return re.sub(r" (?=\d\d:?\d\d$)", "+", text.strip()) if "T" in text else text


Day = Annotated[date, Read(_day, {"type": "string", "format": "date"})]
"""A date within the years a calendar can know."""
Moment = Annotated[datetime, Read(_moment, {"type": "string", "format": "date-time"})]
"""A time within the years a calendar can know."""
