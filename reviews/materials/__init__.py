"""Uploaded documents (材料): received, made safe, shown to who may see the case, attached, let go (DESIGN.md §9)."""

from reviews.materials.attach import attach
from reviews.materials.discard import discard, purge
from reviews.materials.links import account_of, signed_url
from reviews.materials.present import present
from reviews.materials.process import process, process_waiting
from reviews.materials.receive import receive, wake_worker

__all__ = [
    "account_of",
    "attach",
    "discard",
    "present",
    "process",
    "process_waiting",
    "purge",
    "receive",
    "signed_url",
    "wake_worker",
]
