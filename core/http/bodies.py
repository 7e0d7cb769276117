"""What is sent and what is answered, declared once: the declaration reads the request, types what is made of it, and is what
the OpenAPI document describes (`core.http.components`).

A request's body is a `Body` and a query string a `Query`: `AreaQuery.read(request)` gives an instance, or raises Invalid with
every problem under the path of its field. An answer is a TypedDict: presenters write plain dicts, which the declaration types.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar, Self

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from rest_framework import serializers
from rest_framework.request import Request

from core.errors import Invalid, Problem
from core.http.values import NO_NULL, YEARS, Sentence, framework

MOST_OF_A_LIST = 10
LONGEST_PATH = 200
UNFORESEEN = ("invalid", _("填写有误，请核对后重试。"))

Sentences = Mapping[str, tuple[str, Sentence]]
"""What pydantic finds wrong (`missing`, or `missing.total` of one field): our code, and its sentence."""

SENTENCES: Sentences = {
    "missing": framework(serializers.Field, "required"),
    "null": framework(serializers.Field, "null"),
    "extra_forbidden": ("unknown_field", _("没有这个字段，请核对字段名。")),
    "string_type": framework(serializers.CharField, "invalid"),
    "string_unicode": framework(serializers.CharField, "invalid"),
    "string_too_short": framework(serializers.CharField, "blank"),
    "string_too_long": framework(serializers.CharField, "max_length"),
    "string_pattern_mismatch": ("null_characters_not_allowed", NO_NULL),
    "bool_type": framework(serializers.BooleanField, "invalid"),
    "bool_parsing": framework(serializers.BooleanField, "invalid"),
    "int_type": framework(serializers.IntegerField, "invalid"),
    "int_parsing": framework(serializers.IntegerField, "invalid"),
    "int_parsing_size": framework(serializers.IntegerField, "max_string_length"),
    "int_from_float": framework(serializers.IntegerField, "invalid"),
    "finite_number": framework(serializers.IntegerField, "invalid"),
    "greater_than_equal": framework(serializers.IntegerField, "min_value"),
    "less_than_equal": framework(serializers.IntegerField, "max_value"),
    "enum": framework(serializers.ChoiceField, "invalid_choice"),
    "literal_error": framework(serializers.ChoiceField, "invalid_choice"),
    "uuid_type": framework(serializers.UUIDField, "invalid"),
    "uuid_parsing": framework(serializers.UUIDField, "invalid"),
    "list_type": framework(serializers.ListField, "not_a_list"),
    "too_short": framework(serializers.ListField, "empty"),
    "too_long": framework(serializers.ListField, "max_length"),
    "model_type": framework(serializers.Serializer, "invalid"),
    "dict_type": framework(serializers.DictField, "not_a_dict"),
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
            body = cls.model_validate(sent.dict() if isinstance(sent, QueryDict) else sent)
        except ValidationError as error:
            raise Invalid(problems=[*_problems(error, cls.sentences)]) from None
        if problems := [*body.problems()]:
            raise Invalid(problems=problems)
        return body

    def problems(self) -> Iterable[Problem]:
        """What is wrong with the whole, where every field is right."""
        return ()

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
        "missing": ("required", _("请填写此项。")),
        **dict.fromkeys(["model_type", "dict_type"], ("object_expected", _("此处应为一组字段（JSON 对象）。"))),
        "list_type": ("list_expected", _("此处应为一个列表。")),
        "bool_type": ("flag_invalid", _("应为 true 或 false。")),
        **dict.fromkeys(["enum", "literal_error"], ("choice_invalid", _("不在可选的范围内，请核对。"))),
        **dict.fromkeys(["uuid_type", "uuid_parsing"], ("code_invalid", _("请填写有效的编码。"))),
        "extra_forbidden": SENTENCES["extra_forbidden"],
    }


def read_day(text: str, attr: str) -> date:
    """A day as a form of the staff's site sends it. Raises Invalid `date_invalid`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise Invalid(_("请填写2000年至2100年之间的日期，如 2026-11-21。"), code="date_invalid", attr=attr)
    return day


def _problems(error: ValidationError, sentences: Sentences) -> Iterator[Problem]:
    """What is wrong, in order; of the elements of one list the first ten, and how many more there are."""
    of_list: Counter[tuple[int | str, ...]] = Counter()
    for detail in error.errors(include_url=False):
        place = _list_of(detail["loc"])
        of_list[place] += bool(place)
        if of_list[place] <= MOST_OF_A_LIST:
            yield _problem(detail, sentences)
    for place, count in of_list.items():
        if count > MOST_OF_A_LIST:
            sentence = _("此列表还有 %d 处错误，请先改正以上各处。") % (count - MOST_OF_A_LIST)
            yield Problem("more_errors", sentence, ".".join(map(str, place)))


def _list_of(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The path of the outermost list that a path leads through; empty: none."""
    return next((place[:at] for at, part in enumerate(place) if isinstance(part, int)), ())


def _problem(detail: ErrorDetails, sentences: Sentences) -> Problem:
    code, sentence = _code_and_sentence(detail, sentences)
    context = detail.get("ctx", {})
    path = [context["instead"]] if context.get("instead") else [*detail["loc"], *filter(None, [context.get("attr")])]
    return Problem(code, sentence, ".".join(map(str, path))[:LONGEST_PATH] or None)


def _code_and_sentence(detail: ErrorDetails, sentences: Sentences) -> tuple[str, str]:
    """The code and the sentence of one error: of this field, where it has its own, else of its kind."""
    context, value = detail.get("ctx", {}), detail["input"]
    told = context["otherwise"].sentence if "otherwise" in context else context.get("sentence")
    if told is not None and not (value is None and "null" in sentences):
        return detail["type"], str(told)
    kinds = ["null", detail["type"]] if value is None else [detail["type"]]
    field = next((part for part in reversed(detail["loc"]) if isinstance(part, str)), "")
    keys = (key for kind in kinds for key in (f"{kind}.{field}", kind))
    code, sentence = next((sentences[key] for key in keys if key in sentences), UNFORESEEN)
    kind = type(value).__name__
    known = {"max_value": context.get("le"), "min_value": context.get("ge"), "input_type": kind, "datatype": kind}
    return code, str(sentence).format_map({**known, **context, "input": str(value)[:LONGEST_PATH]})
