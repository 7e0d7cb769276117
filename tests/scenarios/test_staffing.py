"""How many reviewers an area needs: the workload from history or as given, the command, the page and who may see it."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Role
from core import clock
from core.errors import Forbidden, Invalid
from regions import calendar
from reviews.models import Decision, Submission
from scenarios import running, services
from scenarios.models import StaffingScenario
from scenarios.staffing.planning import plan
from scenarios.staffing.workload import HOURS, Arrivals, Handling, arrivals_of, handling_of
from tests import factories as make

pytestmark = pytest.mark.django_db
ADD = reverse("admin:scenarios_staffingscenario_add")
PAGE = "admin:scenarios_staffingscenario_change"
LIST = reverse("admin:scenarios_staffingscenario_changelist")
FORM = {
    "area": make.CHONGQING, "start": "2026-09-14", "days": 28, "fewest": 1, "most": 3, "per_day": 60,
    "weekdays": "100,100,100,100,100,30,20", "holiday": 30, "minutes": 10, "absence": 0, "runs": 3, "seed": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_chongqing(monday):
    make.area(make.CHONGQING)


def scenario(**fields) -> StaffingScenario:
    given = {**FORM, "area": make.area(make.CHONGQING), "start": date(2026, 9, 14), **fields}
    return StaffingScenario(**given)


def rows(result) -> dict[int, dict]:
    return {row["reviewers"]: row for row in result["table"]}


def test_same_seed_gives_the_same_answer_and_another_one_another():
    first, again, other = (plan(scenario(days=7, absence=10, seed=seed)) for seed in (5, 5, 6))

    assert first == again
    assert first != other


def test_nothing_submitted_needs_nobody_more_than_the_fewest():
    result = plan(scenario(per_day=0, fewest=2))

    assert (result["needed"], result["cases"], result["load"]) == (2, 0, 0)
    assert rows(result)[2]["in_time"] == [100, 100, 100]
    assert {tuple(band) for band in rows(result)[2]["waiting"]} == {(0, 0, 0)}


def test_load_is_the_work_by_the_office_hours():
    """Five working days of 96 cases of ten minutes are 4 800 minutes; one reviewer is there for 5 × 480 = 2 400."""
    week = {"start": date(2026, 9, 7), "days": 5, "per_day": 96, "runs": 1}

    full, ill = plan(scenario(**week)), plan(scenario(**week, absence=50))

    assert (full["load"], ill["load"], full["cases"]) == (2, 4, 480)


def test_one_who_has_too_much_to_do_falls_behind_by_the_difference():
    """Until Friday 17:00 come 1 500 − 300 × 35/131 = 1 420 cases (35 of the 131 parts of HOURS come later); 5 × 48 are decided."""
    result = plan(
        scenario(start=date(2026, 9, 7), days=5, weekdays="100,100,100,100,100,0,0", runs=10, per_day=300, most=1)
    )

    assert result["needed"] is None
    low, middle, high = rows(result)[1]["waiting"][-1]
    assert middle == pytest.approx(1_180, abs=38)  # one deviation of 1 420 arrivals
    assert low <= middle <= high


def test_enough_reviewers_keep_every_case_in_time_and_national_day_piles_work_up_for_a_while():
    result = plan(scenario(days=35))

    assert result["needed"] == 2
    assert rows(result)[1]["runs_in_time"] == 0
    assert rows(result)[2]["late"] == [0, 0]

    autumn, national = rows(result)[2]["holidays"]
    assert (autumn["from"], autumn["to"]) == ("2026-09-25", "2026-09-27")
    assert (national["from"], national["to"]) == ("2026-10-01", "2026-10-07")
    # five weekdays at 30 %, a Saturday at 30 % and a Sunday at 20 % of 60: 120 more in the mean, less what comes till 17:00
    assert 80 <= national["after"] - national["before"] <= 140
    # that is 1 200 minutes, with 2 × 480 − 600 = 360 to spare each day (8, 9, 10, 12 and 13 October): on the fourth
    assert "2026-10-10" <= national["normal"] <= "2026-10-13"


def test_sick_leave_takes_the_share_that_is_said():
    """With nine of ten days away, two reviewers are no longer enough."""
    result = plan(scenario(absence=90, most=2))

    assert result["needed"] is None


def test_rate_follows_weekdays_holidays_and_weekends_that_are_worked():
    arrivals = Arrivals(100, (1, 1, 1, 1, 0.9, 0.3, 0.2), 0.4)
    days = ["2026-09-14", "2026-09-18", "2026-09-19", "2026-09-20", "2026-10-01", "2026-10-03", "2026-10-04"]

    expected = [arrivals.expected(date.fromisoformat(day), calendar.current(), make.CHONGQING) for day in days]

    # Monday, Friday, Saturday, the worked Sunday (调休), a holiday on Thursday, its Saturday and Sunday
    assert expected == pytest.approx([100, 90, 30, 100, 40, 30, 20])


def test_drawn_submissions_keep_the_rate_and_the_hours():
    """50 working days of 400: 20 000 in the mean, with a deviation of 141; half of HOURS lie before 13:00, nearly."""
    days = [date(2026, 3, 2)] * 50
    arrivals = Arrivals(400)

    drawn = [*arrivals.draw(days, calendar.current(), make.CHONGQING, Random(1))]

    assert abs(len(drawn) - 20_000) < 3 * 141
    mornings = sum(at.hour < 12 for at in drawn) / len(drawn)
    assert mornings == pytest.approx(sum(HOURS[:12]) / sum(HOURS), abs=0.02)
    assert Counter(at.date() for at in drawn) == {date(2026, 3, 2): len(drawn)}


def test_supposed_handling_keeps_its_mean():
    """The sum of four exponential steps has a deviation of half its mean: of 10 000 the mean deviates by 0.5 %."""
    random = Random(1)

    drawn = [Handling(8).draw(random) for _number in range(10_000)]

    assert sum(drawn) / len(drawn) == pytest.approx(480, rel=0.015)


def test_closed_day_of_the_area_is_no_working_day():
    make.area(make.CHONGQING).closed_days.create(date=date(2026, 9, 15), reason="搬迁")

    result = plan(scenario(days=2, runs=1))

    assert [day["open"] for day in result["days"]] == [True, False]


def history(count: int, first: str, *, every: timedelta) -> list[Submission]:
    """Filings of one person after another: only when they were submitted counts."""
    filing = make.submitted()
    at, made = make.moment(first), []
    for number in range(count):
        copy = Submission(
            number=f"H{number:09}", kind="filing", status="withdrawn", applicant=filing.applicant, person=filing.person,
            enrollment=filing.enrollment, area=filing.area, created_at=at, submitted_at=at + number * every, due_at=at,
        )  # fmt: skip
        made.append(copy)
    return Submission.objects.bulk_create(made)


def test_arrivals_of_history_are_the_means_of_its_days():
    """23 to 27 February, 40 on Monday at nine, then none until Sunday but for the worked Saturday, 28 February."""
    history(40, "2026-02-24 09:00", every=timedelta(minutes=1))

    arrivals = arrivals_of(make.CHONGQING, date(2026, 3, 1), calendar.current())

    # Tuesday 24 (40), Wednesday to Friday (0), Saturday 28 (worked, 0): five working days
    assert arrivals.per_day == 8
    assert list(arrivals.weekdays[1:5]) == [5, 0, 0, 0]
    assert arrivals.hours[9] == 40
    assert sum(arrivals.hours) == 40


def test_handling_of_history_are_the_gaps_within_the_hour():
    made = history(24, "2026-02-24 09:00", every=timedelta(0))
    first, second = make.reviewer(), make.reviewer()
    for number, submission in enumerate(made):
        # twelve each; each one's sixth comes two hours after the fifth
        who, turn = (first, second)[number % 2], number // 2
        at = make.moment("2026-02-24 09:00") + timedelta(minutes=6 * turn + (120 if turn > 4 else 0))
        Decision.objects.create(
            submission=submission, round=1, stage=1, reviewer=who, outcome="approved", decided_at=at
        )

    handling = handling_of(make.CHONGQING, date(2026, 3, 1))

    assert handling.minutes == 6
    assert set(handling.observed) == {360}
    assert len(handling.observed) == 20


def test_without_history_the_figures_are_asked_for():
    with pytest.raises(Invalid) as no_arrivals:
        plan(scenario(per_day=None))
    with pytest.raises(Invalid) as no_handling:
        plan(scenario(minutes=None))

    assert (no_arrivals.value.problems[0].attr, no_handling.value.problems[0].attr) == ("per_day", "minutes")


def command(**options) -> str:
    out = StringIO()
    given = {"area": make.CHONGQING, "start": "2026-09-14", "days": "28", "per_day": "60", "minutes": "10", "runs": "3"}
    call_command("simulate_queue", stdout=out, **{**given, "absence": "0", "reviewers": "1-3", **options})
    return out.getvalue()


def test_command_says_the_table_the_holiday_and_the_number():
    text = command()

    assert "重庆市，2026-09-14 起 28 天，重复 3 次，种子 1" in text
    assert "每个工作日 60 件，每件 10 分钟，病假 0%" in text
    assert "长假 2026-10-01 至 2026-10-07，2 人：未办" in text
    assert text.rstrip().endswith("每件都按时办结需要：2 人")
    assert command() == text
    assert not StaffingScenario.objects.exists()


def test_command_compares_a_few_around_one_number():
    lines = command(reviewers="3", days="2", runs="1").splitlines()

    assert [line.split()[0] for line in lines[3:8]] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"area": "999999"}, {"days": "0"}, {"days": "x"}, {"reviewers": "many"}, {"reviewers": "5-2"}, {"weekdays": "100,50"},
        {"per_day": None}, {"runs": "200", "per_day": "5000"},
    ],
)  # fmt: skip
def test_command_refuses_what_cannot_be_simulated(wrong):
    with pytest.raises(CommandError):
        command(**wrong)


def test_supervisor_asks_follows_and_reads(client):
    client.force_login(make.supervisor())

    answer = client.post(ADD, FORM)

    run = StaffingScenario.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse(PAGE, args=[run.pk]))
    assert "正在测算" in client.get(answer["Location"]).content.decode()

    assert running.work() == 1

    run.refresh_from_db()
    assert (run.status, run.percent, run.done) == ("done", 100, 9)

    page = client.get(answer["Location"]).content.decode()
    assert "长假 2026-10-01 至 2026-10-07" in page
    assert "2 人时每天下班后未办的件数" in page
    assert page.count("<polyline") == 2
    assert 'style="' not in page[page.index("yd-scenario") :]


def test_form_asks_for_what_history_does_not_know(client):
    client.force_login(make.supervisor())

    answer = client.post(ADD, {**FORM, "per_day": ""})

    assert "请填写每个工作日的申请数" in answer.content.decode()
    assert not StaffingScenario.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"days": 0}, {"most": 13}, {"fewest": 4}, {"weekdays": "1"}, {"minutes": 0}, {"runs": 201}]
)
def test_form_refuses_what_is_out_of_bounds(client, wrong):
    client.force_login(make.supervisor())

    answer = client.post(ADD, {**FORM, **wrong})

    assert answer.status_code == 200
    assert not StaffingScenario.objects.exists()


def test_supervisors_have_their_own_area_administrators_every_one(client):
    make.area(make.CHENGDU)
    run = services.request_staffing(make.supervisor(), scenario())
    page = reverse(PAGE, args=[run.pk])

    client.force_login(make.staff(Role.ADMIN))
    assert client.get(page).status_code == 200
    assert client.post(ADD, {**FORM, "area": make.CHENGDU}).status_code == 302

    client.force_login(make.supervisor(make.CHENGDU))
    assert client.get(page).status_code == 302
    assert "2026-09-14" in client.get(LIST).content.decode() or "2026年9月14日" in client.get(LIST).content.decode()
    assert str(run.pk) not in client.get(LIST).content.decode()
    assert client.post(ADD, FORM).status_code == 200

    client.force_login(make.reviewer())
    assert [client.get(address).status_code for address in (page, ADD, LIST)] == [403, 403, 403]
    assert StaffingScenario.objects.count() == 2


def test_service_refuses_another_area():
    with pytest.raises(Forbidden):
        services.request_staffing(make.supervisor(make.CHENGDU), scenario())
    with pytest.raises(Forbidden):
        services.request_staffing(make.reviewer(), scenario())


def test_default_first_day_is_today():
    assert StaffingScenario().start == clock.today() == date(2026, 3, 2)
