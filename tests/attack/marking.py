"""Markup in every free text that is stored: what somebody could have typed wherever a text is kept and shown."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models

from core.sealing import SealedField
from tests.roles import as_owner

MARK = "<x9 y='z\">"
TAG = "<x9"
CODES = {
    "accounts.Account": {"password", "certificate_country", "openid", "id_number", "identity_hash"},
    "accounts.Authenticator": {"secret"}, "accounts.Consent": {"template"}, "accounts.IdempotencyRecord": {"key", "digest", "answer"},
    "accounts.Mandate": {"code_hash"}, "accounts.Merger": {"id_number"}, "accounts.Message": {"key", "kind", "submission_kind"},
    "accounts.Person": {"certificate_country", "id_number", "number_hash", "identity"}, "accounts.RegisterEntry": {"record"},
    "accounts.SandboxDelivery": {"channel", "key"}, "accounts.StaffSession": {"session_data"}, "accounts.Voucher": {"digest"},
    "chronic.Recognition": {"commitment_kind"}, "claims.Claim": {"entered", "corrected"},
    "filings.Commitment": {"kind"}, "filings.Filing": {"travel", "lane", "makes_up_for"},
    "filings.FilingAgent": {"certificate_country", "id_number", "id_hash"}, "policies.Notice": {"type", "sha256"},
    "policies.PolicyVersion": {"area", "sha256", "text"}, "referrals.Referral": {"diagnosis_code", "illness"},
    "regions.Institution": {"grade", "sub_class"}, "regions.MasterImport": {"table", "digest"},
    "reviews.Decision": {"code"}, "reviews.Event": {"verb", "from_status", "to_status"}, "reviews.Export": {"page", "form"},
    "reviews.Material": {"kind", "content_type", "problem"}, "reviews.Presence": {"page"}, "reviews.ReasonTemplate": {"code"},
    "reviews.SavedView": {"query"}, "reviews.Submission": {"live_key"}, "scenarios.PolicyScenario": {"baseline"},
    "scenarios.StaffingScenario": {"weekdays"},
    "settlements.Reconciliation": {"sha256", "entries_sha256"}, "settlements.YearCounter": {"counter", "disease"},
    "settlements.Settlement": {"disease", "counter", "policy", "policy_sha256", "case"},
}  # fmt: skip
"""What is no free text: codes, hashes, numbers whose form is checked, JSON. Every other text column of our tables is marked."""


def free_texts() -> dict[Any, list[str]]:
    """By model, the columns in which somebody's words are kept, and that have room for the mark."""
    found = {}
    for model in apps.get_models():
        if (
            model.__module__.partition(".")[0] not in OURS
            or model._meta.proxy
            or (model.__name__.endswith("Event") and model.__name__ != "Event")
        ):
            continue
        names = [field.name for field in model._meta.local_fields if _is_free(model, field)]
        if names:
            found[model] = names
    return found


OURS = {
    "regions",
    "policies",
    "accounts",
    "reviews",
    "filings",
    "referrals",
    "chronic",
    "settlements",
    "claims",
    "scenarios",
    "gateway",
}


def _is_free(model: Any, field: models.Field[Any, Any]) -> bool:
    if (
        not isinstance(field, (models.CharField, models.TextField, SealedField))
        or field.choices
        or field.primary_key
        or field.unique
    ):
        return False
    return field.name not in CODES.get(model._meta.label, ()) and (field.max_length or 999) > len(MARK)


def mark_everything() -> int:
    """Put the mark before every free text that is not empty, as no form would let it: as the owner. Returns how many."""
    marked = 0
    everything = [
        f"{model._meta.label}:{trigger.name}"
        for model, trigger in pgtrigger.registered()
        if not trigger.name.endswith(("_insert", "_update"))
    ]
    with as_owner(), pgtrigger.ignore(*everything):
        for model, names in free_texts().items():
            for row in model._base_manager.all()[:400]:
                changed = [name for name in names if getattr(row, name)]
                for name in changed:
                    setattr(
                        row, name, (MARK + str(getattr(row, name)))[: model._meta.get_field(name).max_length or 999]
                    )
                if changed:
                    models.Model.save(row, update_fields=changed)
                    marked += len(changed)
    return marked
