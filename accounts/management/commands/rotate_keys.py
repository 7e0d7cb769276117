"""`manage.py rotate_keys`: personal data under the newest key, look-up hashes under the present one."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import rotation


class Command(BaseCommand):
    help = rotation.__doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rotation.reseal()} rows and files sealed again, {rotation.rehash()} hashes made anew.")
