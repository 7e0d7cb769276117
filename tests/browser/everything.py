"""An account with something of everything, so that no page of the phone is empty: what stands in each state, by whom it is decided."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.models import Account, Enrollment, Person
from chronic.models import Recognition
from claims import payments, refusals
from claims.models import Claim
from core import clock
from core.text import spell
from filings import proofs
from filings.models import Filing
from policies import published
from regions.models import Agency
from reviews import services
from reviews.services import Actor
from settlements.models import Settlement
from settlements.services import reverse
from tests import factories as make
from tests.referrals.issuing import insured, issued
from tests.settlements.till import till

SHANGHAI, TIANJIN, ZHENGZHOU = "310000", "120000", "410100"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}
HOSPITAL = "北京大学第三附属示范医院"
Found = dict[str, str]


def patient() -> Person:
    """An employee of 重庆, who is in the register; the places and hospitals there are."""
    make.diseases()
    for code in (make.CHONGQING, SHANGHAI, make.CHENGDU):
        make.area(code)
    make.institution(
        name=HOSPITAL, outpatient=True, chronic=["M01600"], address="北京市示范路1号（演示地址）", phone="010-00000000",
        invented_contact=True, **spell(HOSPITAL)._asdict(),
    )  # fmt: skip
    make.institution("H50010000001", place=make.CHONGQING, name="重庆示范医院")
    for area, phone in ((make.CHONGQING, ""), (make.CHENGDU, "028-00000000")):
        Agency.objects.create(
            area_id=area, name="医疗保障事务中心", phone=phone, address="蜀绣西路1号", demo=bool(phone)
        )
    return insured(make.CHONGQING)


def furnish(account: Account, owner: Person) -> Found:
    """What the account has, by the name that the addresses of pages call it."""
    of = owner.enrollments.get()
    return {
        "enrollment": str(of.pk),
        "policy": published.ground().by_area[make.CHONGQING][0].id,
        **_family(account, owner),
        **_filings(account, of),
        **_recognitions(account, of),
        **_claims(account, of),
        **_bills(of),
        "referral": str(issued(owner, to=make.TIANJIN).pk),
    }


def _family(account: Account, owner: Person) -> Found:
    """A child by the register, a husband to be confirmed by code, a mother at the counter; a daughter who asks, one who may."""
    child, husband, mother = (make.person(name) for name in ("李子涵", "李国强", "赵桂芳"))
    make.enrollment(child, insurance="resident", category="student")
    make.mandate(account, child, relation="child", proof="register")
    waiting: dict[str, Any] = {"status": "pending", "active_from": None}
    make.mandate(account, husband, relation="spouse", proof="code", **waiting)
    make.mandate(account, mother, relation="parent", proof="counter", **waiting)
    for name, fields in (("王晓梅", waiting), ("王晓兰", {})):
        make.mandate(make.citizen(make.person(name)), owner, relation="parent", proof="approval", **fields)
    return {"husband": str(husband.pk), "child": str(child.pk)}


def _filings(account: Account, of: Enrollment) -> Found:
    """One in each state: drafted, waiting, returned, refused, in force by a promise, in force under a lock."""
    reviewer = make.reviewer()
    make.draft(of, account=account, to=make.CHENGDU)
    waiting = make.submitted(of, account=account)
    returned = make.submitted(of, account=account, to=TIANJIN)
    fields = ["contact_phone", "ends_on"]
    services.return_for_correction(returned, reviewer=reviewer, reason="电话打不通，请写明返回日期。", fields=fields)
    refused = make.submitted(of, account=account, to=ZHENGZHOU)
    services.reject(refused, reviewer=reviewer, reason="不是本人的申请。")
    promised = make.approved(of, account, to=SHANGHAI, filing_type="resident", commitment=PROMISE)
    paper = proofs.prove(account, Filing.objects.get(pk=promised.pk), [make.material(account).pk]).submission
    services.reject(paper, reviewer=reviewer, reason="不是本人的居住证。")
    found = {"waiting": waiting, "returned": returned, "promised": promised, "proof": paper, "locked": _locked(account)}
    return {name: str(one.pk) for name, one in found.items()}


def _locked(account: Account) -> Filing:
    """A long-term filing of an uncle's in 郑州, whose lock documents lift."""
    there = make.enrollment(make.person("刘建国"), code=ZHENGZHOU)
    make.mandate(account, there.person)
    filing = make.draft(there, account=account, type="resident")
    make.material(account, submission=filing)
    services.submit(filing, actor=Actor.of(account, there.person))
    services.approve(filing, reviewer=make.reviewer(ZHENGZHOU))
    until = date(2027, 5, 20)
    Filing.objects.filter(pk=filing.pk).update(change_locked_until=until, cancel_locked_until=until)
    return filing


def _recognitions(account: Account, of: Enrollment) -> Found:
    """One in force that ends soon, one returned."""
    actor = Actor.of(account, of.person)
    ending = services.submit(make.recognition_draft(of, account=account), actor=actor)
    for _stage in range(2):
        services.approve(ending, reviewer=make.reviewer())
    days = {"valid_from": date(2026, 9, 1), "renew_by": date(2026, 11, 30)}
    Recognition.objects.filter(pk=ending.pk).update(**days)
    mended = services.submit(make.recognition_draft(of, "M03900", account=account), actor=actor)
    reason = "确诊日期与病历不符。"
    services.return_for_correction(mended, reviewer=make.reviewer(), reason=reason, fields=["diagnosed_on"])
    return {"recognition": str(ending.pk), "returned_recognition": str(mended.pk)}


def _claims(account: Account, of: Enrollment) -> Found:
    """One whose payment the bank sent back, one returned, one drafted."""
    actor = Actor.of(account, of.person)
    refused = services.submit(make.claim_draft(of, account=account), actor=actor)
    for _stage in range(2):
        services.approve(refused, reviewer=make.reviewer())
    payer = make.finance()
    batch = payments.mark_paid(payments.export(payer), payer, paid_on=clock.today())
    refusals.refuse(batch, payer, line=batch.lines.get().pk, code="account_closed", on=clock.today())
    mended = services.submit(_earlier(account, of), actor=actor)
    services.return_for_correction(mended, reviewer=make.reviewer(), reason="请补充费用清单。", fields=["cost"])
    make.claim_draft(of, account=account)
    return {"claim": str(refused.pk), "returned_claim": str(mended.pk)}


def _earlier(account: Account, of: Enrollment) -> Claim:
    """For another stay, in October."""
    today = clock.today()
    stay = {"admitted_on": today - timedelta(days=50), "discharged_on": today - timedelta(days=40)}
    return make.claim_draft(of, account=account, **stay)


def _bills(of: Enrollment) -> Found:
    """A long bill, and one that was undone."""
    stay = {"admitted_on": "2026-09-01", "discharged_on": "2026-09-12"}
    at = till(of)
    undone: Settlement = at.settle(cost={"total": "1234567.89", "excluded": "34567.89"}, **stay)
    reverse(at.staff, undone, reason="漏录一笔材料费")
    kept = at.settle(cost={"total": "1234567.89", "first_copay": "34567.89"}, **stay)
    return {"bill": str(kept.pk), "undone": str(undone.pk)}
