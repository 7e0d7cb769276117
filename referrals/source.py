"""What filings ask of referrals (`filings.referral_source`): a citizen names one when filing for themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import Invalid
from filings.filing_case import Referral as Paper
from filings.models import Filing
from referrals.models import NamedReferral, Referral
from reviews.models import Status


class Referrals:
    """The referrals of this system."""

    def of(self, filings: Sequence[Filing]) -> Mapping[Any, Paper]:
        named = NamedReferral.objects.filter(filing__in=[row.pk for row in filings]).select_related("referral")
        persons = {row.pk: row.person_id for row in filings}
        return {row.filing_id: _paper(row.referral, persons[row.filing_id]) for row in named}

    def asked(self, filings: Sequence[Filing]) -> set[Any]:
        rows = NamedReferral.objects.filter(filing__in=[row.pk for row in filings])
        return set(rows.values_list("filing_id", flat=True))

    def attach(self, filing: Filing, referral: str) -> None:
        """By number, verification code or id. Raises Invalid `referral_unknown`."""
        found = find(referral)
        if found is None:
            raise Invalid(
                _("没有找到这份转诊证明，请核对编号，或上传医院出具的转诊证明。"),
                code="referral_unknown",
                attr="referral",
            )
        NamedReferral.objects.update_or_create(filing=filing, defaults={"referral": found})


def find(text: str) -> Referral | None:
    """The referral with this number, verification code or id."""
    asked = Q(number=text.strip()) | Q(verification_code=bare(text))
    with suppress(ValueError):
        asked |= Q(pk=UUID(text))
    return Referral.objects.filter(asked).first()


def bare(code: str) -> str:
    """A verification code as it is stored, however it was typed."""
    return re.sub(r"[\s-]", "", code).upper()


def _paper(row: Referral, person: Any) -> Paper:
    return Paper(
        id=str(row.pk),
        number=row.number,
        issued_on=row.issued_on,
        valid_until=row.valid_until or row.issued_on,
        destination=row.destination_id,
        standing=row.status == Status.APPROVED,
        same_person=row.person_id == person,
    )
