"""Who takes part: invented patients insured in 北京, two tills of a hospital in 重庆, two reviewers; signed in over HTTP."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx
from stdnum.iso7064.mod_11_2 import calc_check_digit

from tests.chaos.house import House

HOME, HOSPITAL, PASSWORD, NAME = "110000", "H50000000001", "of-the-chaos-run-2026", "混沌"
TILLS, REVIEWERS = ("chaos-till-1", "chaos-till-2"), ("chaos-reviewer-1", "chaos-reviewer-2")
HOT = 6
"""So many patients are drawn again and again: their bills, claims and accounts collide."""


@dataclass(frozen=True)
class Person:
    """A patient with a telephone: one account, one person, one enrolment."""

    token: str
    id: str
    enrollment: str


@dataclass
class Town:
    """All who take part; `journeys` are the pairs of a person and a destination that nobody has filed for yet."""

    people: list[Person]
    tills: list[str]
    reviewers: list[str]
    notice: str
    today: str
    journeys: list[tuple[Person, str]] = field(default_factory=list)
    serial: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def later(self) -> str:
        """A day on which a filing may still begin, however far the clock jumps meanwhile."""
        return str(date.fromisoformat(self.today) + timedelta(days=60))


def id_number(serial: int) -> str:
    """An invented number of nobody: no real one begins with a province's code alone."""
    digits = f"{HOME}1970{1 + serial // 1000 % 12:02d}01{serial % 1000:03d}"
    return digits + calc_check_digit(digits)


def entries(people: int) -> dict[str, Any]:
    """The demo file (API.md)."""
    enrolled = {"area": HOME, "insurance": "employee", "category": "active", "tier": 1, "from": "2015-01-01",
                "until": None, "account_balance": 900}  # fmt: skip
    persons = [
        {"name": NAME, "id_number": id_number(number), "phone": f"139{number:08d}", "enrollments": [enrolled]}
        for number in range(people)
    ]
    staff = [{"username": name, "password": PASSWORD, "role": "hospital", "institution": HOSPITAL} for name in TILLS]
    staff += [
        {"username": name, "password": PASSWORD, "role": "reviewer", "area": HOME, "name": "审核",
         "id_number": id_number(9000 + number)}
        for number, name in enumerate(REVIEWERS)
    ]  # fmt: skip
    return {"persons": persons, "staff": staff}


def settle_in(house: House, *, people: int, places: int, seed: int) -> Town:
    """Load them, sign them in, bind each person, and find places that need a filing."""
    house.load(entries(people))
    with httpx.Client(base_url=f"http://{house.host}:{house.port}/api/v1/", timeout=60, trust_env=False) as line:
        bound = [_bound(line, number) for number in range(people)]
        destinations, notice = _destinations(line, bound[0], places)
        town = Town(
            people=bound,
            tills=[_staff(line, name) for name in TILLS],
            reviewers=[_staff(line, name) for name in REVIEWERS],
            notice=notice,
            today=line.get("clock/").json()["now"][:10],
            journeys=list(itertools.product(bound, destinations)),
        )
    random.Random(seed).shuffle(town.journeys)
    return town


def _staff(line: httpx.Client, name: str) -> str:
    return str(_said(line.post("auth/password/", json={"username": name, "password": PASSWORD}))["token"])


def _bound(line: httpx.Client, number: int) -> Person:
    token = _said(line.post("auth/wechat/", json={"code": f"sandbox:chaos-{number}"}))["token"]
    whose = {"Authorization": f"Bearer {token}"}
    asked = {"name": NAME, "id_number": id_number(number), "relation": "self", "consent": True}
    person = _said(line.post("persons/", headers=whose, json=asked))
    proved = _said(line.post(f"persons/{person['id']}/verify/", headers=whose, json={"code": "000000"}))
    return Person(token, person["id"], proved["enrollments"][0]["id"])


def _destinations(line: httpx.Client, person: Person, places: int) -> tuple[list[str], str]:
    """Cities to which a temporary filing can be made, and the notice to be read before."""
    found, notice = [], ""
    for area in _cities(line):
        asked = {"enrollment": person.enrollment, "destination": area}
        said = line.get("filing-options/", headers={"Authorization": f"Bearer {person.token}"}, params=asked).json()
        options = [each for each in said.get("options", ()) if each["type"] == "other" and each["open"]]
        if options and said["needed"]:
            found.append(area)
            notice = options[0]["notice"]["id"]
        if len(found) == places:
            break
    return found, notice


def _cities(line: httpx.Client) -> list[str]:
    pages = (line.get("areas/", params={"level": "city", "page_size": 100, "page": page}).json() for page in (1, 2, 3))
    rows = [row for page in pages for row in page.get("results", ())]
    return [row["code"] for row in rows if row["pools_at"] == "city"]


def _said(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
    return answer.json()
