"""The HTTP side of referrals: input in, one domain call, the submission out; verification and the list of diagnoses are open."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import address_of
from accounts.limits import Limit
from core import printing
from core.errors import NotFound
from core.http.fields import asked as asked_for
from core.http.open import OpenList
from referrals import certificate, diagnoses, presenting, services
from referrals.documentation import CERTIFICATE, DIAGNOSES, VERIFY, describe
from referrals.models import Referral, bare
from referrals.serializers import AmendReferral, DiagnosisQuery, ReferralInput, RevokeInput
from reviews.presenting import present
from reviews.views import ORDERS, SubmissionViewSet

VERIFYING = Limit("verify")


@describe
class ReferralViewSet(SubmissionViewSet):
    """Referrals (转诊): issued by hospitals, seen by the patient, reviewed by the insured area where it reviews them."""

    model = Referral
    joins = ("destination", "issuer", "receiver", "made_filing")
    hand_in_again = staticmethod(services.resubmit)
    orders = (*ORDERS, "issued_on", "valid_until")
    versioned = True

    def filters(self) -> dict[str, Any]:
        found = super().filters()
        if destination := self.request.query_params.get("destination"):
            found["destination"] = destination if destination.isdigit() else ""
        return found

    def presented(self, row: Any) -> dict[str, Any]:
        url = verify_url(self.request, row)
        return {**present(row, self.account), **presenting.detail(row, self.account, url)}

    def create(self, request: Request) -> Response:
        given = ReferralInput(data=request.data)
        given.is_valid(raise_exception=True)
        referral = services.issue(self.account, dict(given.validated_data), address=address_of(request))
        return self.shown(referral, 201)

    def partial_update(self, request: Request, pk: str) -> Response:
        given = AmendReferral(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return self.act(request, services.amend, asked=dict(given.validated_data))

    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        given = RevokeInput(data=request.data)
        given.is_valid(raise_exception=True)
        return self.act(request, services.revoke, **given.validated_data)

    @CERTIFICATE
    def certificate(self, request: Request, pk: str) -> HttpResponse:
        """The certificate (转诊转院证明) as a PDF."""
        referral = self.get_object()
        return pdf_answer(referral, verify_url(request, referral))


def verify_url(request: Any, referral: Referral) -> str:
    """The address of the public page that verifies a referral."""
    return str(request.build_absolute_uri(reverse("verify-referral", args=[referral.verification_code])))


def pdf_answer(referral: Referral, url: str) -> HttpResponse:
    """The certificate, to be kept by nobody on the way. Raises WrongState `no_certificate`."""
    return printing.pdf_answer(certificate.pdf(referral, url), f"referral-{referral.number}")


def verified(code: str, address: str) -> Referral:
    """The referral with this verification code, for whoever holds it. Raises NotFound, TooMany."""
    VERIFYING.spend(address)
    rows = Referral.objects.exclude(submitted_at=None).select_related("person", "issuer", "receiver", "destination")
    found: Referral | None = rows.filter(verification_code=bare(code)).first()
    if found is None:
        raise NotFound(_("没有这个验证码的转诊证明，请核对后重试。"))
    return found


class Verify(APIView):
    """Whether a referral is good: for any hospital that is shown one."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @VERIFY
    def get(self, request: Request, code: str) -> Response:
        shown = presenting.public(verified(code, address_of(request)))
        return Response(shown, headers={"Cache-Control": "no-store"})


class Diagnoses(OpenList):
    """Common diagnoses by ICD-10."""

    @DIAGNOSES
    def get(self, request: Request) -> Response:
        wanted = asked_for(DiagnosisQuery, request.query_params)
        return self.page(request, diagnoses.search(wanted.get("q", "")), _diagnosis)


def _diagnosis(row: diagnoses.Diagnosis) -> dict[str, str]:
    return {"code": row.code, "name": row.name}
