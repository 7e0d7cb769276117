"""The scans of a case: what the viewer is given, and the pictures behind it, to whoever may see the case.

Every opening in full is on record, thumbnails are not: a picture each time it is fetched, a PDF once a sitting however many of
its pages are read, and each time the file itself is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from core.errors import NotFound, Refusal
from policies.language.terms import DOCUMENT_LABELS
from reviews import services
from reviews.admin.scope import account_of, once_a_sitting
from reviews.materials import pages
from reviews.materials.api import hand_out, kept_private
from reviews.materials.bodies import SENTENCES
from reviews.models import Material

DOCUMENTS: dict[str, str] = {str(kind): label for kind, label in DOCUMENT_LABELS.items()}
PURPOSES = {"url": "file", "thumbnail": "thumbnail"}

View = Callable[..., HttpResponseBase]


def urls(guarded: Callable[[View], View]) -> list[URLPattern]:
    """The addresses of what is stored of a scan."""
    return [
        *[
            path(f"material/<uuid:id>/{purpose}/", guarded(stored), {"purpose": purpose}, f"material_{purpose}")
            for purpose in PURPOSES.values()
        ],
        path("material/<uuid:id>/page/<int:number>/", guarded(page), name="material_page"),
        path("material/<uuid:id>/turn/", guarded(turn), name="material_turn"),
    ]


def stored(request: HttpRequest, id: UUID, purpose: str) -> HttpResponseBase:
    """A file or its thumbnail: no link to pass on, nothing that runs out while one reads."""
    scan = _scan(request, id)
    try:
        answer = hand_out(scan, purpose)
    except NotFound as nothing:
        raise Http404(nothing.detail) from nothing
    if purpose == "file":
        services.open_material(scan, reviewer=account_of(request))
    return answer


def page(request: HttpRequest, id: UUID, number: int) -> HttpResponseBase:
    """A page as a picture."""
    scan = _scan(request, id)
    try:
        picture = pages.picture(scan, number)
    except NotFound as nothing:
        raise Http404(nothing.detail) from nothing
    _on_record(request, scan)
    return kept_private(FileResponse(picture, content_type="image/jpeg"))


def _on_record(request: HttpRequest, scan: Material) -> None:
    def opened() -> None:
        services.open_material(scan, reviewer=account_of(request))

    if scan.pages > 1:
        once_a_sitting(request, "opened", scan.pk, opened)
    else:
        opened()


@require_POST
def turn(request: HttpRequest, id: UUID) -> HttpResponse:
    """Remember how far a page is turned; for everybody who reads it."""
    scan = _scan(request, id)
    number, degrees = (request.POST.get(name, "")[:3] for name in ("page", "degrees"))
    try:
        pages.turn(scan, *(int(value) if value.isdecimal() else -1 for value in (number, degrees)))
    except Refusal as refusal:
        return JsonResponse({"detail": refusal.detail}, status=refusal.status)
    return HttpResponse(status=204)


def _scan(request: HttpRequest, id: UUID) -> Material:
    rows = Material.objects.visible_to(account_of(request)).filter(submission__isnull=False)
    return get_object_or_404(rows, pk=id)


def shown(rows: Sequence[Material]) -> list[dict[str, Any]]:
    """The scans as the case page lists them; what is not ready says how far it is."""
    return [_shown(row) for row in rows]


def _shown(row: Material) -> dict[str, Any]:
    ready = row.status == Material.State.READY
    return {
        "id": str(row.pk),
        "label": DOCUMENTS.get(row.kind, row.kind),
        "filename": row.filename,
        "state": Material.State(row.status).label,
        "detail": str(SENTENCES.get(row.problem, "")),
        "ready": ready,
        "file": reverse("admin:material_file", args=[row.pk]),
        "thumbnail": reverse("admin:material_thumbnail", args=[row.pk]),
        "pages": [reverse("admin:material_page", args=[row.pk, number + 1]) for number in range(row.pages * ready)],
        "turns": row.turns,
        "turn": reverse("admin:material_turn", args=[row.pk]),
    }
