"""The OpenAPI document: what every operation shares, said once (errors, headers), and a short way to describe one.

`Schema` is the REST framework's default schema class. It reads four attributes of a view:
`idempotent` (POST accepts an Idempotency-Key), `idempotency_required`, `versioned` (actions accept If-Match); and `roles`
(not for everybody who signed in).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import permissions

from core.errors import Problem
from core.http.components import described
from core.http.errors import SENTENCES, body

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")

ERROR = {
    "type": "object",
    "required": ["type", "errors"],
    "properties": {
        "type": {"type": "string", "enum": ["validation_error", "client_error", "server_error"]},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "detail", "attr"],
                "properties": {
                    "code": {"type": "string", "description": "Stable."},
                    "detail": {"type": "string", "description": "A Chinese sentence that says what to do."},
                    "attr": {"type": ["string", "null"], "description": "The field to blame, as a dotted path."},
                },
            },
        },
    },
}

IDEMPOTENCY_KEY = "A string of the client's own; the same key and body replays the first successful answer."
IF_MATCH = 'The `version` the caller has seen, quoted (`"3"`); 412 when the submission has moved on.'

STANDARD: dict[int, tuple[str, str]] = {
    400: ("invalid", "输入有误，请按提示修改后重新提交。"),
    401: ("not_authenticated", str(SENTENCES["not_authenticated"])),
    403: ("permission_denied", str(SENTENCES["permission_denied"])),
    404: ("not_found", str(SENTENCES["not_found"])),
    409: ("wrong_state", "事项的状态已变化，请刷新后再操作。"),
    412: ("stale_version", "事项已被更新，请刷新后再操作。"),
    415: ("unsupported_media_type", str(SENTENCES["unsupported_media_type"])),
    429: ("throttled", str(SENTENCES["throttled"])),
}

View = TypeVar("View", bound=Callable[..., Any])
Refusals = Mapping[int, Mapping[str, str]]


def operation(
    summary: str,
    *,
    answer: Any = None,
    example: Any = None,
    status: int = 200,
    request: Any = None,
    sent: Any = None,
    parameters: Iterable[Any] = (),
    refusals: Refusals | None = None,
    **more: Any,
) -> Callable[[View], View]:
    """Describe one operation: what it answers with an example, what is sent with an example, what it refuses.

    `answer` and `request` are what `core.http.bodies` declares (or schema dicts); of a list, `list[Item]` with the example
    of one item. `parameters` are a `Query`, or `query(…)`; `refusals` maps a status to `{code: sentence}`.
    """
    examples = [] if sent is None else [OpenApiExample("请求", value=sent, request_only=True)]
    if example is not None:
        examples.append(OpenApiExample("回答", value=example, response_only=True, status_codes=[str(status)]))
    responses = {status: described(answer)} | {
        code: refusal_response(code, why) for code, why in (refusals or {}).items()
    }
    return extend_schema(
        summary=summary,
        request=described(request),
        responses=responses,
        examples=examples,
        parameters=[described(parameter) for parameter in parameters],
        **more,
    )


def refusal_response(status: int, reasons: Mapping[str, str]) -> OpenApiResponse:
    """Describe the answers of one error status: one example for each code."""
    examples = [
        OpenApiExample(code, value=body(status, [Problem(code, sentence)])) for code, sentence in reasons.items()
    ]
    return OpenApiResponse(ERROR, description="、".join(reasons), examples=examples)


def query(name: str, description: str, kind: Any = OpenApiTypes.STR, **more: Any) -> OpenApiParameter:
    """Describe one parameter of the query string."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **more)


class Schema(AutoSchema):
    """The framework's description of an operation, with the headers and the errors of API.md's conventions."""

    def get_summary(self) -> str | None:
        """The first line of the docstring, where no summary was given."""
        first = (self.get_description() or "").strip().split("\n")[0]
        return first.rstrip(".") or None

    def get_override_parameters(self) -> list[Any]:
        parameters = [*super().get_override_parameters()]
        if self.method == "POST" and getattr(self.view, "idempotent", False):
            needed = bool(getattr(self.view, "idempotency_required", False))
            parameters.append(_header("Idempotency-Key", IDEMPOTENCY_KEY, required=needed))
        if self._versioned():
            parameters.append(_header("If-Match", IF_MATCH))
        return parameters

    def _versioned(self) -> bool:
        return self.method in UNSAFE and bool(getattr(self.view, "versioned", False)) and "{" in self.path

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        for status in self._statuses():
            code, sentence = STANDARD[status]
            if str(status) not in responses:
                described = refusal_response(status, {code: sentence})
                responses[str(status)] = self._get_response_for_code(described, str(status))  # type: ignore[no-untyped-call]
        return dict(sorted(responses.items()))

    def _statuses(self) -> list[int]:
        """The errors this operation can answer by its nature, whatever its own refusals."""
        open_to_all = any(isinstance(p, permissions.AllowAny) for p in self.view.get_permissions())
        writes = self.method in UNSAFE
        for_some = getattr(self.view, "roles", None) is not None
        wanted = {
            400: writes or bool(self._get_parameters_in("query")),
            401: not open_to_all,
            403: (writes or for_some) and not open_to_all,
            404: "{" in self.path or self._is_list_view(),
            409: writes and not open_to_all,
            412: self._versioned(),
            415: self.method in ("POST", "PUT", "PATCH"),
            429: bool(self.view.get_throttles()),
        }
        return [status for status, applies in wanted.items() if applies]

    def _get_parameters_in(self, place: str) -> list[dict[str, Any]]:
        return [parameter for parameter in self._get_parameters() if parameter["in"] == place]


def _header(name: str, description: str, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, required=required)


def add_error_component(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: name the error body once, and let every error answer refer to it."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    for path in result.get("paths", {}).values():
        for one in path.values():
            _refer_to_error(one.get("responses", {}))
    return result


def _refer_to_error(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status >= "400":
            for media in response.get("content", {}).values():
                media["schema"] = {"$ref": "#/components/schemas/Error"}
