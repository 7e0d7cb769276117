"""A comparison asked for in the admin, worked off by a worker, and shown; killed in the middle, it is begun again."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from core import clock
from core.errors import Invalid
from policies.language.loader import SHIPPED, load_text
from policies.models import PolicyVersion
from scenarios import running, services
from scenarios.models import PolicyScenario
from settlements.models import Settlement
from settlements.services import reverse as reverse_settlement
from tests import factories
from tests.settlements.till import till

pytestmark = pytest.mark.django_db
TEXT = (SHIPPED / "500000-chongqing-2025.yaml").read_text("utf-8").partition("\nexamples:")[0]
LEVEL_3 = "amount: 880"
BETTER = TEXT.replace(LEVEL_3, "amount: 780").replace("2025-01-01", "2027-01-01")
ADD, PAGES = reverse("admin:scenarios_policyscenario_add"), "admin:scenarios_policyscenario_change"


def draft(account, text: str = BETTER, **fields) -> PolicyVersion:
    file = load_text(text, "draft.yaml")
    given = {
        "area": file.area,
        "name": file.name,
        "effective_from": file.effective_from,
        "file": "draft.yaml",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "text": text,
        "uploaded_at": timezone.now(),
        "uploaded_by": account,
        **fields,
    }
    return PolicyVersion.objects.create(**given)


@pytest.fixture
def supervisor():
    return factories.supervisor()


def test_lower_deductible_costs_the_fund_and_nobody_loses(supervisor):
    assert LEVEL_3 in TEXT

    run = services.request(supervisor, draft(supervisor), size=2000, seed=3)
    assert (run.baseline, run.status) == ("500000-chongqing-2025", "queued")

    assert running.work() == 1

    run.refresh_from_db()

    assert (run.status, run.percent, run.error) == ("done", 100, "")

    result = run.result
    assert result["losers"]["bills"] == 0
    assert result["winners"]["bills"] > 0
    # each winner pays at most 100 yuan less, the fund pays exactly what they save
    assert Decimal(result["winners"]["yuan"]) <= 100 * result["winners"]["bills"]
    assert result["funds"][0]["change"] == result["winners"]["yuan"]

    apart = result["refused"] + result["newly_paid"]["bills"] + result["no_longer_paid"]["bills"]
    assert (result["bills"], result["compared"] + apart) == (2000, 2000)

    changed = {row["label"] for row in result["groups"] if row["fact"] == "level" and row["winners"]}
    assert changed == {"三级医院"}


def test_same_seed_gives_the_same_result(supervisor):
    of = draft(supervisor)

    runs = [services.request(supervisor, of, size=1000, seed=9) for _ in range(2)]

    assert running.work() == 2

    first, second = (PolicyScenario.objects.get(pk=run.pk).result for run in runs)
    assert first == second


def test_area_without_a_policy_has_nothing_to_compare_with(supervisor):
    of = draft(supervisor, BETTER.replace('area: "500000"', 'area: "810000"'))

    with pytest.raises(Invalid) as refused:
        services.request(supervisor, of, size=1000, seed=1)

    assert refused.value.code == "baseline_missing"


def test_run_whose_worker_died_is_begun_again_and_one_at_work_is_left_alone(supervisor):
    of = draft(supervisor)
    lost, busy = (services.request(supervisor, of, size=1000, seed=1) for _ in range(2))
    now = timezone.now()
    PolicyScenario.objects.filter(pk=lost.pk).update(status="running", done=700, claimed_at=now - timedelta(minutes=3))

    PolicyScenario.objects.filter(pk=busy.pk).update(status="running", done=700, claimed_at=now)

    assert running.work() == 1

    assert PolicyScenario.objects.get(pk=lost.pk).status == "done"
    assert PolicyScenario.objects.get(pk=busy.pk).status == "running"


def test_what_goes_wrong_is_said_and_ends_the_run(supervisor):
    run = services.request(supervisor, draft(supervisor), size=1000, seed=1)
    PolicyScenario.objects.filter(pk=run.pk).update(baseline="gone")

    running.work()

    run.refresh_from_db()

    assert run.status == "failed"
    assert "gone" in run.error


def test_supervisor_asks_follows_and_reads_in_the_admin(client, supervisor):
    client.force_login(supervisor)
    of = draft(supervisor)

    answer = client.post(ADD, {"draft": of.pk, "bills": "generated", "size": 1000, "seed": 4})

    run = PolicyScenario.objects.get()

    assert (answer.status_code, answer["Location"]) == (302, reverse(PAGES, args=[run.pk]))

    waiting = client.get(answer["Location"]).content.decode()
    assert "正在测算" in waiting

    running.work()
    page = client.get(answer["Location"]).content.decode()

    assert "个人负担变化的分布" in page

    result = PolicyScenario.objects.get().result
    assert f"{Decimal(result['funds'][0]['after']):,.2f}" in page
    assert f"另有 {result['refused']:,} 份账单两份政策都不支付" in page


@pytest.mark.parametrize(("size", "seed"), [(999, 1), (1_000_001, 1), (1000, -1), (1000, 2**31)])
def test_form_refuses_sizes_and_seeds_out_of_bounds(client, supervisor, size, seed):
    client.force_login(supervisor)

    answer = client.post(ADD, {"draft": draft(supervisor).pk, "bills": "generated", "size": size, "seed": seed})

    assert answer.status_code == 200
    assert not PolicyScenario.objects.exists()


def test_form_says_when_there_is_nothing_to_compare_with(client):
    admin = factories.staff(Role.ADMIN)
    client.force_login(admin)
    of = draft(admin, BETTER.replace('area: "500000"', 'area: "810000"'))

    answer = client.post(ADD, {"draft": of.pk, "bills": "generated", "size": 1000, "seed": 1})

    assert "没有已发布的待遇政策" in answer.content.decode()
    assert not PolicyScenario.objects.exists()


def test_other_areas_and_reviewers_see_nothing(client, supervisor):
    run = services.request(supervisor, draft(supervisor), size=1000, seed=1)
    page = reverse(PAGES, args=[run.pk])

    client.force_login(factories.supervisor(factories.CHENGDU))

    assert client.get(page).status_code == 302  # to the index, with a message that there is no such row
    assert run.draft.name not in client.get(reverse("admin:scenarios_policyscenario_changelist")).content.decode()

    form = client.get(ADD).content.decode()
    assert str(run.draft_id) not in form

    client.force_login(factories.reviewer())

    assert client.get(page).status_code == 403
    assert client.get(ADD).status_code == 403


def test_only_drafts_are_offered(client, supervisor):
    client.force_login(supervisor)
    withdrawn = draft(supervisor, status="withdrawn", effective_from=date(2028, 1, 1))

    answer = client.post(ADD, {"draft": withdrawn.pk, "bills": "generated", "size": 1000, "seed": 1})

    assert answer.status_code == 200
    assert not PolicyScenario.objects.exists()


def test_the_bills_that_were_settled_are_compared_one_by_one(supervisor):
    """重庆, level 3, an emergency: 880 of deductible becomes 780, so 85 % of 100 more is paid on each bill."""
    with clock.standing_at(factories.moment("2026-03-02 10:00")):
        cashier = till()
        cashier.settle(admitted_on="2026-02-01", discharged_on="2026-02-02")
        undone = cashier.settle(admitted_on="2026-02-11", discharged_on="2026-02-12")
        reverse_settlement(cashier.staff, undone, reason="错")
        run = services.request(supervisor, draft(supervisor), size=1000, seed=1, bills="stored")
    running.work()

    run.refresh_from_db()

    assert (run.status, run.size, run.percent) == ("done", 1, 100)
    assert run.result["bills"] == run.result["winners"]["bills"] == 1

    settled = Settlement.objects.get(status="settled")
    assert run.result["funds"][0]["before"] == str(settled.fund)


def test_without_settled_bills_there_is_nothing_to_compare(client, supervisor):
    with pytest.raises(Invalid) as refused:
        services.request(supervisor, draft(supervisor), size=1000, seed=1, bills="stored")

    assert refused.value.code == "bills_missing"
