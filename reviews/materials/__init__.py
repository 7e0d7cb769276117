"""Uploaded documents (材料): received, made safe, shown to who may see the case, let go (DESIGN.md §9)."""

from reviews.materials.intake import receive, wake_worker
from reviews.materials.links import account_of, present, signed_url
from reviews.materials.processing import lag, process, process_next, process_waiting
from reviews.materials.storage import discard, purge

__all__ = [
    "account_of",
    "discard",
    "lag",
    "present",
    "process",
    "process_next",
    "process_waiting",
    "purge",
    "receive",
    "signed_url",
    "wake_worker",
]
