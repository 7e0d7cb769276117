"""Two hundred tills at once over real HTTP, for the same eight patients: afterwards the books agree, and nothing is twice.

Pairs of callers want the same thing: one bill at two tills, one call sent twice, one code for two bills, one settlement to
reverse. Who wins is the machine's affair; that one wins and everything adds up is not.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from knox.models import AuthToken

from accounts.models import Enrollment, Role
from accounts.services import vouchers
from settlements.accumulators import OF_YEAR
from settlements.models import COUNTED, InsuranceYear, Settlement, YearCounter
from tests import factories as make
from tests.settlements.proving import assert_books_hold, deadlocks
from tests.settlements.served import Served, served, stand_still

pytestmark = pytest.mark.django_db(transaction=True)

NOW, PATIENTS, THREADS = "2026-03-02 10:00", 8, 200
MAY_BE_REFUSED = {"bill_settled", "voucher_used", "stay_overlaps", "later_settlement_exists", "already_reversed"}

Act = Callable[[Served], list[tuple[int, Any]]]


class Crowd:
    """Two hospitals with two tills each, eight patients with little on their personal accounts, and what they do at once."""

    def __init__(self) -> None:
        places = [make.institution(f"H5001010000{i}", place=make.CHONGQING, outpatient=True) for i in (1, 2)]
        staff = [make.staff(Role.HOSPITAL, institution=place) for place in places for _till in "ab"]
        self.tills = [
            AuthToken.objects.create(one)[1] for one in staff
        ]  # 0 and 1 are of one hospital, 2 and 3 of another
        self.patients = [make.enrollment(code=make.BEIJING, account_balance=Decimal(500)) for _ in range(PATIENTS)]
        self.phones = [make.citizen(one.person) for one in self.patients]
        self.serial = itertools.count(1)

    def code(self, patient: int) -> str:
        return vouchers.issue(self.phones[patient], self.patients[patient].person_id).token

    def bill(self, patient: int, **given: Any) -> dict[str, Any]:
        serial = next(self.serial)
        return {
            "voucher": self.code(patient),
            "care": "outpatient",
            "admitted_on": "2026-03-01",
            "emergency": True,
            "use_account": serial % 3 == 0,
            "cost": {"total": f"{100 + 7 * serial}.{serial % 100:02d}"},
            "bill_number": f"B{serial}",
            **given,
        }

    def stay(self, patient: int, day: int, **given: Any) -> dict[str, Any]:
        """Three days from a day of February on: stays of neighbouring days overlap."""
        first, last = f"2026-02-{day:02d}", f"2026-02-{day + 3:02d}"
        return self.bill(patient, care="inpatient", admitted_on=first, discharged_on=last, **given)

    def settles(self, till: int, body: dict[str, Any], key: str = "") -> Act:
        key = key or f"settle {next(self.serial)}"
        return lambda server: [server.post("settlements/", self.tills[till], body, key)]

    def reverses(self, till: int, body: dict[str, Any]) -> Act:
        """Settles, then reverses twice by different keys, whoever has settled in between."""
        key = f"reverse {next(self.serial)}"

        def act(server: Served) -> list[tuple[int, Any]]:
            answers = [server.post("settlements/", self.tills[till], body, key)]
            url = f"settlements/{answers[0][1]['id']}/reverse/" if answers[0][0] == 201 else ""
            for again in ("1", "2") if url else ():
                answers.append(server.post(url, self.tills[till], {"reason": "录错"}, key + again))
            return answers

        return act

    def undoes(self, settlement: Any) -> Act:
        key = f"undo {next(self.serial)}"
        return lambda server: [
            server.post(f"settlements/{settlement}/reverse/", self.tills[0], {"reason": "录错"}, key)
        ]


def everything_at_once(crowd: Crowd, before: list[Any]) -> tuple[list[Act], list[tuple[int, int]]]:
    """The acts of all threads; and which of them are the same call sent twice."""
    acts, resent = [], []
    for patient in range(PATIENTS):
        acts += [crowd.settles(serial % 4, crowd.bill(patient)) for serial in range(5)]
        acts += [crowd.settles(serial % 4, crowd.stay(patient, 2 + 2 * serial)) for serial in range(6)]
        one = crowd.bill(patient, bill_number=f"same-{patient}")
        acts += [crowd.settles(till, {**one, "voucher": crowd.code(patient)}) for till in (0, 1)]
        for again in range(2):
            body = crowd.bill(patient) if again else crowd.stay(patient, 20)
            resent.append((len(acts), len(acts) + 1))
            acts += [crowd.settles(0, body, f"resent-{patient}-{again}") for _ in "ab"]
        code = crowd.code(patient)
        acts += [crowd.settles(0, crowd.bill(patient, voucher=code)) for _ in "ab"]
        acts += [crowd.undoes(before[patient]) for _ in "abc"]
        acts += [crowd.reverses(till, crowd.bill(patient)) for till in (0, 1, 2)]
    return acts, resent


def at_once(acts: list[Act], server: Served) -> list[list[tuple[int, Any]]]:
    """A thread for each act, let go together; what each was answered."""
    gate, answers = threading.Barrier(len(acts)), [[(599, "no answer")]] * len(acts)

    def run(index: int) -> None:
        gate.wait(30)
        answers[index] = acts[index](server)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def undoing(crowd: Crowd, bodies: list[dict[str, Any]], key: str) -> Act:
    """Reverses the settlements of one patient, the latest first."""
    latest_first = sorted(bodies, key=lambda body: str(body["number"]), reverse=True)
    tills = {body["id"]: crowd.tills[0 if body["institution"].endswith("1") else 2] for body in bodies}

    def act(server: Served) -> list[tuple[int, Any]]:
        paths = [(f"settlements/{body['id']}/reverse/", tills[body["id"]]) for body in latest_first]
        return [server.post(path, token, {"reason": "全部重算"}, f"{key} {path}"[:128]) for path, token in paths]

    return act


@pytest.fixture
def crowd():
    stand_still(NOW)
    return Crowd()


def test_two_hundred_threads_settle_and_reverse_for_the_same_persons(crowd):
    quarrels = deadlocks()
    with served(NOW) as server:
        first = [crowd.settles(0, crowd.bill(patient))(server)[0] for patient in range(PATIENTS)]
        acts, resent = everything_at_once(crowd, [body["id"] for _status, body in first])
        assert len(acts) == THREADS
        answers = at_once(acts, server)
        said = [*first, *(answer for each in answers for answer in each)]
        _assert_one_winner_each(said, resent, answers)
        assert_books_hold()

        undone = at_once([undoing(crowd, bodies, key) for bodies in _by_patient(said) for key in "ab"], server)

    _assert_nothing_is_left([answer for each in undone for answer in each])

    assert_books_hold()
    assert deadlocks() == quarrels


def _assert_one_winner_each(said: list[Any], resent: list[tuple[int, int]], answers: list[Any]) -> None:
    """What was answered with success is what is stored, each once; the same call had the same answer; every quarrel one winner."""
    assert {status for status, _body in said} <= {200, 201, 409}, Counter(status for status, _body in said)
    codes = {error["code"] for status, body in said if status == 409 for error in body["errors"]}
    assert {"bill_settled", "voucher_used", "stay_overlaps"} <= codes <= MAY_BE_REFUSED
    assert {body["id"] for status, body in said if status == 201} == _ids(Settlement.objects.bills())
    undone = [body["id"] for status, body in said if status == 200]
    assert len(undone) == len(set(undone))
    assert set(undone) == _ids(Settlement.objects.filter(status="reversed"))
    assert all(answers[one] == answers[other] and answers[one][0][0] == 201 for one, other in resent)
    for patient in range(PATIENTS):
        assert Settlement.objects.bills().filter(bill_number=f"same-{patient}").count() == 1


def _by_patient(said: list[Any]) -> list[list[dict[str, Any]]]:
    bodies = {body["id"]: body for status, body in said if status == 201}
    persons = {body["person"] for body in bodies.values()}
    return [[body for body in bodies.values() if body["person"] == person] for person in persons]


def _assert_nothing_is_left(undone: list[tuple[int, Any]]) -> None:
    """Two undid each settlement and one was told so; all sums are back where they began."""
    codes = Counter(body["errors"][0]["code"] if status != 200 else "done" for status, body in undone)
    assert codes.keys() == {"done", "already_reversed"}
    assert not Settlement.objects.standing().exists()
    assert all(not getattr(year, name) for year in InsuranceYear.objects.all() for name in OF_YEAR)
    assert set(YearCounter.objects.values_list(*COUNTED)) == {(0,) * len(COUNTED)}
    assert set(Enrollment.objects.values_list("account_spent", flat=True)) == {0}


def _ids(rows: Any) -> set[str]:
    return {str(pk) for pk in rows.values_list("pk", flat=True)}
