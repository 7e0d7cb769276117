"""Referral certificates (转诊)."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = _("转诊")

    def ready(self) -> None:
        """Filings may name a referral; the hash of the illness, and the key made of it, change with the hash key."""
        from accounts.rotation import HASHED, Hashed
        from filings import referral_source
        from referrals.models import Referral, illness_hash
        from referrals.source import Referrals

        referral_source.register(Referrals())
        HASHED.append(Hashed(Referral, "illness", lambda row: illness_hash(row.diagnosis_code)))
        HASHED.append(Hashed(Referral, "live_key", lambda row: row.live_key_now()))
