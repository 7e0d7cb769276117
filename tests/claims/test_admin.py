"""Claims in the reviewers' site: what stands beside the case, the page of the cost, the payment files."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from claims.models import PaymentBatch, PaymentDownload
from core import clock
from reviews import services as queue
from tests import factories as make
from tests.claims.claiming import CARD, approved, claimed, fresh

pytestmark = pytest.mark.usefixtures("human")
BATCHES = reverse("admin:claims_paymentbatch_changelist")


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def case(claim):
    return reverse("admin:reviews_submission_change", args=[claim.pk])


def cost(claim):
    return reverse("admin:claims_claim_correct", args=[claim.pk])


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_result_stands_beside_the_case(account, enrolled):
    claim = claimed(account, enrolled)

    text = page(signed_in(make.reviewer()), case(claim))

    for said in ("未备案", "15,260.80", "924.00", "4,739.20", "录入或核定费用", "****3446", "住院前没有备案。"):
        assert said in text
    assert CARD not in text


def test_what_approving_pays_stands_first(account, enrolled):
    """重庆, unfiled: 20000 − (20000 − 880 × 1.05) × 0.80 stays with the patient."""
    claim = claimed(account, enrolled)

    effect = signed_in(make.reviewer()).get(case(claim)).context["effect"]

    assert (effect.before.own, effect.after.own, effect.saves) == (
        Decimal("20000.00"),
        Decimal("4739.20"),
        Decimal("15260.80"),
    )


def test_so_does_the_reason_why_nothing_can_be_paid(account, enrolled):
    claim = claimed(account, enrolled, care="outpatient", discharged_on=None)

    text = page(signed_in(make.reviewer()), case(claim))

    assert "没有找到重庆市职工医保普通门诊的待遇" in text

    answer = signed_in(make.reviewer()).post(case(claim), {"action": "approve", "version": claim.version})

    assert answer.status_code == 409
    assert "请以此理由作出不予通过的决定" in answer.content.decode()


def test_the_full_account_is_shown_on_record(account, enrolled):
    claim = claimed(account, enrolled)

    answer = signed_in(make.reviewer()).post(case(claim), {"unmask": "1"})

    assert CARD in answer.content.decode()
    assert claim.events.filter(verb="unmask").count() == 1


def items(*rows):
    names = ("name", "class", "amount", "first_copay_ratio", "limit")
    return {f"item_{name}": [row[order] for row in rows] for order, name in enumerate(names)}


def test_the_cost_is_corrected_line_by_line(account, enrolled):
    """15 000 of A, 5 000 of C: scope 15 000; (15 000 − 924) × 80 % = 11 260.80."""
    claim, client = claimed(account, enrolled), signed_in(make.reviewer())

    assert 'value="20000.00"' in page(client, cost(claim))

    rows = items(("西药", "A", "15000", "", ""), ("陪护", "C", "5000.00", "", ""), ("", "A", "", "", ""))
    answer = client.post(cost(claim), {"version": claim.version, "total": "20000.00", **rows})

    assert (answer.status_code, answer.url) == (302, case(claim))

    done = fresh(claim)
    assert [(item.name, item.catalogue, item.amount) for item in done.cost.items] == [
        ("西药", "A", Decimal("15000")), ("陪护", "C", Decimal("5000.00")),
    ]  # fmt: skip

    text = page(client, case(claim))
    assert "11,260.80" in text
    assert "费用已由审核员核定" in text
    assert "西药" in page(client, cost(claim))


def test_many_lines_are_pasted(account, enrolled):
    claim, client = claimed(account, enrolled), signed_in(make.reviewer())

    pasted = "\n".join(f"药品{row}\tB\t10.00\t0.1\t" for row in range(400))

    assert client.post(cost(claim), {"version": claim.version, "pasted": pasted}).status_code == 302
    assert (fresh(claim).total, len(fresh(claim).cost.items)) == (Decimal("4000.00"), 400)
    assert "药品399\tB\t10.00\t0.1" in page(client, cost(claim))


def test_what_is_wrong_in_a_line_is_said(account, enrolled):
    claim, client = claimed(account, enrolled), signed_in(make.reviewer())

    answer = client.post(cost(claim), {"version": claim.version, **items(("西药", "A", "1" * 12, "", ""))})

    assert answer.status_code == 400
    assert "第 1 行：" in answer.content.decode()
    assert "西药" in answer.content.decode()

    stale = client.post(cost(claim), {"version": claim.version - 1, "total": "1"})
    assert stale.status_code == 412
    assert fresh(claim).corrected == ""


def test_the_page_of_the_cost_is_for_the_reviewers_of_the_area(account, enrolled):
    claim = claimed(account, enrolled)

    assert signed_in(make.reviewer("510100")).get(cost(claim)).status_code == 404
    assert signed_in(make.staff(Role.ADMIN)).get(cost(claim)).status_code == 403


def test_nobody_fills_in_a_page_of_the_cost_that_would_be_refused(account, enrolled):
    """Who approved the first stage is told before they type; so is everybody once it is decided."""
    claim, first = claimed(account, enrolled), make.reviewer()
    queue.approve(claim, reviewer=first)

    said = signed_in(first).get(cost(claim), follow=True).content.decode()

    assert "您办理了前一阶段" in said

    second = make.reviewer()
    assert "保存并重新计算" in page(signed_in(second), cost(claim))

    queue.approve(claim, reviewer=second)

    assert signed_in(make.reviewer()).get(cost(claim)).status_code == 302


def test_a_paid_claim_leads_to_its_bill(account, enrolled):
    claim = approved(claimed(account, enrolled))

    bill = reverse("admin:settlements_settlement_change", args=[claim.settlement_id])

    assert bill in page(signed_in(make.reviewer()), case(claim))


def test_the_lists(account, enrolled):
    claim = approved(claimed(account, enrolled))

    listed = page(signed_in(make.reviewer()), reverse("admin:claims_claim_changelist"))

    assert claim.number in listed
    assert "待支付" in listed

    elsewhere = page(signed_in(make.reviewer("510100")), reverse("admin:claims_claim_changelist"))
    assert claim.number not in elsewhere


def test_a_payment_file_is_made_fetched_and_paid(account, enrolled):
    claim, client = approved(claimed(account, enrolled)), signed_in(make.finance())

    assert "待支付 1 笔，基金 15,260.80 元" in page(client, BATCHES)

    answer = client.post(reverse("admin:export_claims"))
    batch = PaymentBatch.objects.get()
    shown = reverse("admin:claims_paymentbatch_change", args=[batch.pk])

    assert (answer.status_code, answer.url) == (302, shown)
    assert claim.number in page(client, shown)
    assert CARD not in page(client, shown)

    address = reverse("admin:payment_file", args=[batch.pk])
    assert client.get(address).status_code == 405

    file = client.post(address)
    assert file["Content-Disposition"] == f'attachment; filename="payment-{batch.number}.csv"'
    assert CARD in file.content.decode("utf-8-sig")
    assert PaymentDownload.objects.count() == 1

    client.post(shown, {"paid_on": "2026-03-02"})

    assert fresh(claim).payment_status == "paid"
    assert "没有待支付的报销" in page(client, BATCHES)


def test_a_payment_file_of_another_area_does_not_exist(account, enrolled):
    approved(claimed(account, enrolled))
    signed_in(make.finance()).post(reverse("admin:export_claims"))
    batch = PaymentBatch.objects.get()

    elsewhere = signed_in(make.finance("510100"))

    assert elsewhere.post(reverse("admin:payment_file", args=[batch.pk])).status_code == 404
    assert batch.number not in page(elsewhere, BATCHES)

    admin = signed_in(make.staff(Role.ADMIN))
    assert batch.number in page(admin, BATCHES)

    admin.post(reverse("admin:payment_file", args=[batch.pk]))

    assert PaymentDownload.objects.count() == 0


def test_who_decided_is_told_why_not(account, enrolled):
    first = make.reviewer(identity_hash="a" * 64)
    approved(claimed(account, enrolled), first, make.reviewer())
    client = signed_in(make.finance(identity_hash=first.identity_hash))

    answer = client.post(reverse("admin:export_claims"), follow=True)

    assert "请由没有参与审核的人员生成支付文件" in answer.content.decode()
    assert PaymentBatch.objects.count() == 0


def test_a_supervisor_revokes_on_the_case_page(account, enrolled):
    claim, client = approved(claimed(account, enrolled)), signed_in(make.supervisor())

    assert "撤销并冲正结算" in page(client, case(claim))
    assert "撤销并冲正结算" not in page(signed_in(make.reviewer()), case(claim))

    address = reverse("admin:claims_claim_revoke", args=[claim.pk])
    stale = client.post(address, {"version": claim.version - 1, "reason": "误批"})

    assert (stale.status_code, fresh(claim).status) == (412, "approved")
    assert "误批</textarea>" in stale.content.decode()

    client.post(address, {"version": claim.version, "reason": "误批"})

    assert (fresh(claim).status, fresh(claim).settlement.status) == ("revoked", "reversed")


@pytest.mark.parametrize("count", [10, 1000])
def test_the_list_of_batches_asks_the_same_whatever_its_length(enrolled, django_assert_num_queries, count):
    payer = make.finance()
    client = signed_in(payer)
    PaymentBatch.objects.bulk_create(
        PaymentBatch(number=f"B{index}", area_id=payer.area_id, made_by=payer, made_at=clock.now(), count=1, total=1)
        for index in range(count)
    )
    client.get(BATCHES)

    with django_assert_num_queries(7):  # the session, too
        assert client.get(BATCHES).status_code == 200
