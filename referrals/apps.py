"""Referral certificates (转诊)."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = _("转诊")

    def ready(self) -> None:
        """Register what referrals are to the queue; the illness's hash, and the key made of it, change with the hash key."""
        from accounts.rotation import Hashed, hash_key_changed, rehash_column
        from referrals.lifecycle import ReferralLifecycle
        from referrals.models import Referral, illness_hash
        from reviews.lifecycle import register

        lifecycle = ReferralLifecycle()
        register(lifecycle)
        illness = Hashed(Referral, "illness", lambda row: illness_hash(row.diagnosis_code))
        key = Hashed(Referral, "live_key", lifecycle.live_key)
        for column in (illness, key):
            hash_key_changed.follow(partial(rehash_column, column))
