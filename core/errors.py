"""Refusals: what the domain says no to, with a code that stays and a sentence a person can act on.

The API, the admin and the tasks translate the same exception (`core.http.errors` for HTTP).
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Problem:
    """One reason of a refusal. `code` is stable; `detail` is Chinese and says what to do; `attr` names the field, if one is to blame."""

    code: str
    detail: str
    attr: str | None = None


class Refusal(Exception):
    """The domain refuses. Subclasses fix `status` (HTTP) and a default `code`.

    Several problems may be reported at once: a form is corrected in one go, not field by field.
    """

    status = 400
    code = "refused"
    retry_after: int | None = None

    def __init__(
        self,
        detail: str | Promise = "",
        *,
        code: str = "",
        attr: str | None = None,
        problems: list[Problem] | None = None,
    ):
        self.problems = problems or [Problem(code or type(self).code, str(detail), attr)]
        self.code = self.problems[0].code
        self.detail = self.problems[0].detail
        super().__init__(self.detail)


class Invalid(Refusal):
    """400: the input is wrong; the sentence says how to mend it."""

    status = 400
    code = "invalid"


class Forbidden(Refusal):
    """403: this caller may never do this, whatever the state."""

    status = 403
    code = "permission_denied"


class NotFound(Refusal):
    """404: it does not exist, or it belongs to others."""

    status = 404
    code = "not_found"


class WrongState(Refusal):
    """409: not in this state, or a rival was quicker."""

    status = 409
    code = "wrong_state"


class Stale(Refusal):
    """412: the caller acted on an older version."""

    status = 412
    code = "stale_version"


class TooMany(Refusal):
    """429: too often. `retry_after` (seconds of machine time) says when to come back."""

    status = 429
    code = "throttled"

    def __init__(self, detail: str | Promise = "", *, retry_after: int | None = None, **rest: Any):
        super().__init__(detail, **rest)
        self.retry_after = retry_after


class FilesGone(OSError):
    """The store of files does not answer, or takes nothing more: asked again later it may."""
