"""The HTTP side of settlements: a till quotes, settles and reverses; patients and reviewers read."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import idempotency
from accounts.http import Endpoint, address_of, given
from accounts.models import Role
from accounts.services import vouchers
from core.errors import Forbidden, Invalid
from core.printing import pdf_answer
from policies.language.terms import CARES, INSURANCES
from reviews.views import as_day, as_id, one_of
from reviews.visible import Visible
from settlements import presenting, services, statement
from settlements.bills import SENTENCES, BillRequest, read_bill
from settlements.models import Settlement, SettlementQuerySet
from settlements.till.documentation import STATEMENT, describe
from settlements.till.identification import identify
from settlements.till.serializers import ReverseInput

ORDERS = ("settled_at", "admitted_on", "total")


@describe
class SettlementViewSet(Endpoint, GenericViewSet[Any]):
    """Settlements. Settling and reversing need an Idempotency-Key: the same call again gives the same answer."""

    lookup_value_converter = "uuid"
    bill: BillRequest
    person: uuid.UUID | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What the till was shown is read first, outside the keyed transaction: it stays on record whatever follows."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and self.action in ("create", "quote"):
            account = self.account
            if account.role != Role.HOSPITAL:
                raise Forbidden(_("只有医疗机构的经办账户可以结算。"))
            self.bill = bill = read_bill(request.data, quote=self.action == "quote")
            if bill.identity is None:
                vouchers.bind(bill.voucher, str(account.institution_id))
            elif not idempotency.answered(request, account):
                self.person = identify(account, bill.identity, address_of(request))

    @property
    def idempotency_required(self) -> bool:  # type: ignore[override]
        return self.action in ("create", "reverse")

    def get_queryset(self) -> SettlementQuerySet:
        """For the API's description; what is read stands in `reviews.visible` and `Settlement.objects.one`."""
        return Settlement.objects.none()

    def get_object(self) -> Settlement:
        try:
            settlement = Settlement.objects.one(self.account, uuid.UUID(str(self.kwargs["pk"])))
        except ValueError as error:
            raise Http404 from error
        if settlement is None:
            raise Http404
        return settlement

    def list(self, request: Request) -> Response:
        seen = Visible(self.account, Settlement, presenting.JOINS, self.filters(), self.ordered())
        return self.get_paginated_response(presenting.rows(self.paginate_queryset(seen) or [], self.account))

    def filters(self) -> dict[str, Any]:
        """What the query string asks of a list: lookups with their values."""
        params, lookups = self.request.query_params, dict[str, Any]()
        for name in ("person", "enrollment"):
            if text := params.get(name):
                lookups[name] = as_id(text, name)
        for name, known in CHOICES.items():
            if text := params.get(name):
                lookups[f"{name}__any"] = one_of(text, known, name)
        for name, column in (("on", "settled_on"), ("year", "year__starts_on")):
            if text := params.get(name):
                lookups[column] = as_day(text, name)
        return lookups | _texts(params)

    def ordered(self) -> tuple[str, ...]:
        """The order of a list, the newest first: by the day and then the moment, as the indexes stand."""
        text = self.request.query_params.get("ordering", "-settled_at")
        if text.removeprefix("-") not in ORDERS:
            message = _("筛选条件无效，可选：%s。") % "、".join(ORDERS)
            raise Invalid(message, code="invalid_choice", attr="ordering")
        sign = "-" if text.startswith("-") else ""
        return (f"{sign}settled_on", text, f"{sign}pk") if "settled_at" in text else (text, f"{sign}pk")

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(presenting.detail(self.get_object(), self.account))

    @action(detail=False, methods=["post"])
    def quote(self, request: Request) -> Response:
        entry = services.quote(self.account, self.bill, person=self._who(request))
        return Response(presenting.quoted(entry))

    def _who(self, request: Request) -> uuid.UUID | None:
        """Who was identified; looked up now where a known key was purged between two moments."""
        if self.bill.identity and self.person is None:
            self.person = identify(self.account, self.bill.identity, address_of(request))
        return self.person

    def create(self, request: Request) -> Response:
        person, account = self._who(request), self.account
        entry = services.settle(account, self.bill, person=person)
        return Response(presenting.detail(entry, account), status=201)

    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        settlement, body = self.get_object(), given(ReverseInput, request)
        done = services.reverse(self.account, settlement, reason=body["reason"])
        return Response(presenting.detail(done, self.account))

    @STATEMENT
    def statement(self, request: Request, pk: str) -> HttpResponse:
        """The statement (医疗费用结算单) as a PDF."""
        settlement = self.get_object()
        return pdf_answer(statement.pdf(settlement), f"settlement-{settlement.number}")


CHOICES = {"care": CARES, "status": ("settled", "reversed"), "channel": ("direct", "manual"), "insurance": INSURANCES}


def _texts(params: Any) -> dict[str, Any]:
    """The lookups by a code or number, whatever it is. Raises Invalid: no column can hold a null character."""
    # not `area`: that is whom a reviewer may see
    columns = {"insured_area": "area_id", "bill_number": "bill_number", "q": "number__startswith"}
    texts = {name: params.get(name, "").strip()[:64] for name in columns}
    for name, text in texts.items():
        if "\0" in text:
            raise Invalid(SENTENCES["text_invalid"], code="text_invalid", attr=name)
    texts["q"] = texts["q"].upper()
    return {columns[name]: text for name, text in texts.items() if text}
