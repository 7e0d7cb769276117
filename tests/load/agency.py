"""What the agency's staff ask of their site: the worklist, a case, a decision."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string

from accounts.models import Account, Role
from reviews.models import Submission
from tests.load.generator import PORT, Ask
from tests.load.population import AREA

SECRET = "b" * 32
REVIEWERS = 8


@cache
def _cookies() -> list[str]:
    """Cookies of reviewers of the population's area who are signed in."""
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    names = [f"yidi_session_{PORT}", f"yidi_csrf_{PORT}"]
    signed_in = []
    for number in range(REVIEWERS):
        who, _made = Account.objects.get_or_create(
            username=f"bench-{number}", defaults={"role": Role.REVIEWER, "area_id": AREA, "password": "!"}
        )
        request = HttpRequest()
        request.session = store()
        login(request, who, backend="django.contrib.auth.backends.ModelBackend")
        request.session.save()
        values = (request.session.session_key, SECRET)
        signed_in.append("; ".join(f"{name}={value}" for name, value in zip(names, values, strict=True)))
    return signed_in


def worklists(count: int) -> list[Ask]:
    page = reverse("admin:reviews_submission_changelist")
    return [Ask("GET", page, {"Cookie": random.choice(_cookies())}) for _ in range(count)]


def cases(count: int) -> list[Ask]:
    return [
        Ask("GET", _page(pk), {"Cookie": random.choice(_cookies())})
        for pk, _version in (_one(again=True) for _ in range(count))
    ]


def decisions(count: int) -> list[Ask]:
    """An approval of a case that waits, each once."""
    return [_decision(*_one()) for _ in range(count)]


def _decision(pk: Any, version: int) -> Ask:
    said = {"action": "approve", "version": version, "reason": "", "csrfmiddlewaretoken": SECRET}
    headers = {"Cookie": random.choice(_cookies()), "Content-Type": "application/x-www-form-urlencoded"}
    return Ask("POST", _page(pk), headers, urlencode(said).encode())


def _page(pk: Any) -> str:
    return reverse("admin:reviews_submission_change", args=[pk])


def _one(*, again: bool = False) -> tuple[Any, int]:
    """A case that waits; not given out before, unless it is only looked at."""
    return random.choice(_waiting()) if again else next(_left())


@cache
def _waiting() -> list[tuple[Any, int]]:
    return [*Submission.objects.filter(status="submitted", area=AREA).order_by("pk").values_list("pk", "version")]


@cache
def _left() -> Iterator[tuple[Any, int]]:
    return iter(_waiting())
