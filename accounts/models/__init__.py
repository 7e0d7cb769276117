"""Who: accounts of citizens and staff, insured persons and their enrolments, mandates, vouchers, the inbox."""

from accounts.models.accounts import (
    OF_AN_AGENCY,
    STAFF_ROLES,
    Account,
    AccountManager,
    Mandate,
    MandateQuerySet,
    MandateStatus,
    Proof,
    Relation,
    Role,
)
from accounts.models.deliveries import Channel, Consent, Delivery, DeliveryStatus
from accounts.models.inbox import IdempotencyRecord, LimitCount, Message, PushStatus, SandboxDelivery
from accounts.models.merging import Merger
from accounts.models.persons import (
    Category,
    Certified,
    Enrollment,
    EnrollmentQuerySet,
    EnrollmentStatus,
    Insurance,
    Person,
    PersonQuerySet,
    RegisterEntry,
    Sex,
    hash_sought,
    hidden_number,
    id_hash,
)
from accounts.models.staff import StaffChange
from accounts.models.vouchers import Voucher

__all__ = [
    "OF_AN_AGENCY",
    "STAFF_ROLES",
    "Account",
    "AccountManager",
    "Category",
    "Certified",
    "Channel",
    "Consent",
    "Delivery",
    "DeliveryStatus",
    "Enrollment",
    "EnrollmentQuerySet",
    "EnrollmentStatus",
    "IdempotencyRecord",
    "Insurance",
    "LimitCount",
    "Mandate",
    "MandateQuerySet",
    "MandateStatus",
    "Merger",
    "Message",
    "Person",
    "PersonQuerySet",
    "Proof",
    "PushStatus",
    "RegisterEntry",
    "Relation",
    "Role",
    "SandboxDelivery",
    "Sex",
    "StaffChange",
    "Voucher",
    "hash_sought",
    "hidden_number",
    "id_hash",
]
