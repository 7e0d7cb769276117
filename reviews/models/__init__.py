"""The queue: what every submission has, its materials, decisions, events and notes.

Children (`filings.Filing`, …) inherit from `Submission` (multi-table): one queue, one index, real foreign keys.
Only `reviews.services` and the children's own services write here.
"""

from reviews.models.counter import CounterStep, PersonLookup
from reviews.models.material import Material, MaterialQuerySet, private_storage
from reviews.models.record import AuditLook, Decision, Event, Export, Note, Outcome, ReasonTemplate, SavedView
from reviews.models.second import SecondReview, SecondReviewRule, Verdict, Why
from reviews.models.staff import Absence, AbsenceReason, Presence
from reviews.models.submission import DRAFT_KEPT, ENTERED, LIVE, Channel, Kind, Status, Submission, SubmissionQuerySet

__all__ = [
    "DRAFT_KEPT",
    "ENTERED",
    "LIVE",
    "Absence",
    "AbsenceReason",
    "AuditLook",
    "Channel",
    "CounterStep",
    "Decision",
    "Event",
    "Export",
    "Kind",
    "Material",
    "MaterialQuerySet",
    "Note",
    "Outcome",
    "PersonLookup",
    "Presence",
    "ReasonTemplate",
    "SavedView",
    "SecondReview",
    "SecondReviewRule",
    "Status",
    "Submission",
    "SubmissionQuerySet",
    "Verdict",
    "Why",
    "private_storage",
]
