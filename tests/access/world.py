"""One world for all tables: who calls, and whose objects are there. It is made once for a module and never changes.

Every object has a person of its own, so that none stands in another's way. All are the owner's (and their relative's), except
the few that the agent made.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts import registry, services
from accounts.models import Account, Enrollment, Proof, Role
from accounts.registry import RegisterRecord, as_registered
from accounts.services import vouchers
from chronic.models import Recognition
from core import clock
from filings import proofs
from filings.models import Commitment, Filing, FilingType
from policies.notices import current_notices
from referrals.models import Referral
from regions.models import CalendarYear
from reviews import services as reviewing
from reviews.models import Submission
from reviews.services import Actor
from settlements.bills import SettleInput
from settlements.models import Settlement
from settlements.services import settle
from tests import factories as make

HERE, ELSEWHERE, AWAY = "520100", "510100", "530100"
NOW = "2026-03-02 10:00"
PAID_FOR = {"insurance": "resident", "category": "adult"}
"""贵阳's file knows what residents' stays pay, which an approved claim must."""


@contextmanager
def call_that_changes_nothing() -> Iterator[None]:
    """Whatever is called within finds the world as it was made, and leaves it so."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


WRITTEN = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
KEYS = "accounts_idempotencyrecord"
"""A key is claimed before the call is looked at, and let go with it."""


def written() -> dict[str, int]:
    """By table, how often anything was written in this transaction, taken back or not."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        return {table: times for table, times in cursor.fetchall() if times and table != KEYS}


@dataclass
class World:
    """The accounts by the names of the tables' columns, and the objects they act on."""

    accounts: dict[str, Account | None] = field(default_factory=dict)
    made: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.year = CalendarYear.objects.create(year=2026)
        make.area(AWAY)
        self.hospital = make.institution("H52010000001", place=HERE, issues_referrals=True, outpatient=True)
        other = make.institution("H52010000002", place=HERE, issues_referrals=True)
        self.abroad = make.institution("H11010100001")
        self.person = make.person("测试员")
        self.enrollment = make.enrollment(self.person, code=HERE, **PAID_FOR)
        self.accounts = {
            "nobody": None,
            "owner": make.citizen(self.person),
            "relative": make.citizen(make.person()),
            "agent": make.citizen(),
            "stranger": make.citizen(make.person()),
            "hospital": make.staff(Role.HOSPITAL, institution=self.hospital),
            "hospital_b": make.staff(Role.HOSPITAL, institution=other),
            "admin": make.staff(Role.ADMIN),
        }
        for role in (Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE):
            self.accounts[role] = make.staff(role, code=HERE)
            self.accounts[f"{role}_b"] = make.staff(role, code=ELSEWHERE)
        make.mandate(self["relative"], self.person)
        self.tokens = {name: make.api(who)._credentials for name, who in self.accounts.items() if who}
        self.cookies = {name: self._signed_in(who) for name, who in self.accounts.items() if who}
        self.at_home = make.institution(
            "H52010000009", place=HERE
        )  # where the claims' bills are from; no caller is of it
        self.materials = {whose: make.material(self[whose]).pk for whose in ("owner", "agent")}
        me = self["owner"].mandates.get(person=self.person).person
        self.asked_for = make.mandate(make.citizen(), me, proof=Proof.APPROVAL, status="pending", active_from=None)
        self.message = services.tell(self["owner"], key="k", kind="test", title="标题", text="正文")
        current_notices(HERE, tuple(FilingType.values))  # written where they are first read
        self.settlement = self._settled("owner", self.person, "hospital")
        self.strangers = self._of_the_stranger()

    def __getitem__(self, caller: str) -> Account:
        account = self.accounts[caller]
        assert account is not None
        return account

    def api(self, caller: str) -> APIClient:
        """A client of the API, signed in as the caller."""
        client = APIClient(raise_request_exception=False)
        if self.accounts[caller]:
            client.credentials(**self.tokens[caller])
        return client

    def site(self, caller: str) -> Client:
        """A browser at the staff's site, signed in as the caller; each time a new one, with the same session."""
        client = Client(raise_request_exception=False)
        client.cookies.load(self.cookies.get(caller, {}))
        return client

    def _signed_in(self, account: Account) -> dict[str, str]:
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return {name: morsel.value for name, morsel in client.cookies.items()}

    # What is there

    def insured(self) -> Enrollment:
        """Somebody new, whom owner and relative act for."""
        of = make.enrollment(make.person("测试员"), code=HERE, **PAID_FOR)
        for account in (self["owner"], self["relative"]):
            make.mandate(account, of.person)
        return of

    def row(self, kind: str, state: str, caller: str) -> Any:
        """A submission of this kind in this state: the owner's, or the agent's own for the agent."""
        whose = "agent" if caller == "agent" and kind != "referrals" else "owner"
        holder = caller if state == "mine" and caller in ("reviewer", "supervisor") else "a colleague"
        key = (kind, state, whose, holder)
        if key not in self.made:
            self.made[key] = self._new(kind, state, self[whose], holder)
        return self.made[key]

    def new(self, kind: str, state: str) -> Any:
        """One more of the owner's, which no table of the API names."""
        return self._new(kind, state, self["owner"], "a colleague")

    def _new(self, kind: str, state: str, applicant: Account, holder: str) -> Any:
        of = self.insured()
        row = getattr(self, f"_{kind}")(of, applicant, state)
        return self._brought(row, state, holder)

    def _filings(self, of: Enrollment, applicant: Account, state: str) -> Filing:
        if state == "promised":
            return self._promising(of, applicant)
        return make.draft(of, account=applicant, to=ELSEWHERE)

    def _promising(self, of: Enrollment, applicant: Account) -> Filing:
        """An approved filing with a document to follow."""
        filing = make.draft(of, account=applicant, to=ELSEWHERE, type="resident")
        make.material(applicant, submission=filing)
        reviewing.submit(filing, actor=Actor(filing.applicant, filing.mandate))
        reviewing.approve(filing, reviewer=make.reviewer(HERE))
        Commitment.objects.create(
            filing=filing, kind="residence_permit", signed_name="测试员", signed_at=clock.now(), due_on=clock.today()
        )
        return Filing.objects.get(pk=filing.pk)

    def _proofs(self, of: Enrollment, applicant: Account, state: str) -> Submission:
        filing = self._promising(of, applicant)
        if state == "promised":
            return filing
        return proofs.prove(applicant, filing, [make.material(applicant).pk], draft=True).submission

    def _recognitions(self, of: Enrollment, applicant: Account, state: str) -> Recognition:
        row = make.recognition_draft(of, account=applicant)
        if state != "promised":
            return row
        self._brought(row, "approved", "")
        promise = {"commitment_kind": "test_report", "commitment_status": "open"}
        Recognition.objects.filter(pk=row.pk).update(**promise)
        return row

    def _claims(self, of: Enrollment, applicant: Account, state: str) -> Any:
        return make.claim_draft(of, account=applicant, institution=self.at_home)

    def _referrals(self, of: Enrollment, applicant: Account, state: str) -> Submission:
        referral = Referral(
            kind="referral", person=of.person, enrollment=of, area=of.area, destination=make.area(AWAY), reason="other",
            issued_on=clock.today(), issuer=self.hospital, diagnosis_code="G20", diagnosis_name="帕金森病", summary="摘要",
            doctor_name="赵明", doctor_rank="chief",
        )  # fmt: skip
        referral.valid_from = referral.valid_until = clock.today()
        return reviewing.create(referral, actor=Actor(self["hospital"]))

    def _brought(self, row: Any, state: str, holder: str) -> Any:
        """Bring a draft into a state by the verbs that lead there; what is approved in two stages, by two."""
        if state in ("draft", "promised"):
            return row
        row = reviewing.submit(row, actor=Actor(row.applicant, row.mandate))
        if state == "returned":
            reviewing.return_for_correction(row, reviewer=make.reviewer(HERE), reason="请补充")
        if state == "approved":
            while row.status == "submitted":
                row = reviewing.approve(row, reviewer=make.reviewer(HERE))
        if state in ("mine", "held"):
            reviewing.assign(row, reviewer=make.reviewer(HERE) if holder == "a colleague" else self[holder])
        return row

    def _settled(self, whose: str, person: Any, at: str) -> Settlement:
        """A bill that the hospital settled for them."""
        bill = self.bill(vouchers.issue(self[whose], person.pk).token)
        stay = {"admitted_on": "2026-02-01", "discharged_on": "2026-02-03"}
        return settle(self[at], SettleInput.of({**bill, **stay}))

    def _of_the_stranger(self) -> dict[str, Any]:
        """What the stranger has, by the name of the field that would name it."""
        stranger = self["stranger"]
        person = stranger.mandates.get().person
        of = make.enrollment(person, code=HERE, **PAID_FOR)
        referral = self._brought(self._referrals(of, stranger, "approved"), "approved", "")
        make.draft(of, account=stranger, to=AWAY)
        return {
            "enrollment": of.pk,
            "person": person.pk,
            "materials": make.material(stranger).pk,
            "authority": make.material(stranger, "letter_of_authority").pk,
            "filing": self._promising(of, stranger).pk,
            "referral": referral.number,
            "continues": self._settled("stranger", person, "hospital_b").number,
        }

    def bill(self, voucher: str) -> dict[str, Any]:
        """What a till sends."""
        return {
            "voucher": voucher, "care": "inpatient", "admitted_on": "2026-02-10", "discharged_on": "2026-02-12",
            "cost": {"total": "10000.00"}, "bill_number": uuid.uuid4().hex[:12],
        }  # fmt: skip

    def known(self, caller: str) -> dict[str, Any]:
        """What an address may name, as the table writes it: `{enrollment}`."""
        return {
            "area": HERE,
            "institution": self.hospital.pk,
            "year": 2026,
            "policy": "500000-chongqing-2025",
            "enrollment": self.enrollment.pk,
            "person": self.person.pk,
            "material": self.materials["agent" if caller == "agent" else "owner"],
            "mandate": self.asked_for.pk,
            "message": self.message.pk,
            "settlement": self.settlement.pk,
        }

    def registered(self, of: Enrollment) -> None:
        """Put somebody into the register that a hospital asks."""
        registry.store(RegisterRecord("测试员", of.person.id_number, enrollments=(as_registered(of),)))
