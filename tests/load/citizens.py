"""What citizens ask: each function makes so many requests, as a phone sends them. What is filed can be filed: nothing drawn is refused."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any, NamedTuple

from knox.models import AuthToken
from PIL import Image

from accounts.models import Account, Enrollment, Message
from accounts.services import sign_in_wechat
from core import clock
from filings.models import Filing
from regions.models import Area, Institution
from tests.load.floor import asked
from tests.load.generator import Ask
from tests.load.population import copy

API = "/api/v1"
AREAS = ["110000", "320100", "330100", "370900", "440100", "500000", "510100"]
CARD = "6222020200112233446"
MESSAGES, PLACES = 30, 40


class Citizen(NamedTuple):
    """Somebody signed in, with what is theirs."""

    account: Account
    token: str
    filings: list[str]
    enrollments: list[str]


@cache
def citizens() -> list[Citizen]:
    """Two hundred accounts of the population."""
    return [
        _citizen(account) for account in Account.objects.filter(nickname__startswith="load-").order_by("nickname")[:200]
    ]


def _citizen(account: Account) -> Citizen:
    filings = Filing.objects.filter(applicant=account).values_list("pk", flat=True)[:50]
    enrollments = Enrollment.objects.filter(person__mandates__account=account).values_list("pk", flat=True)
    return Citizen(account, AuthToken.objects.create(account)[1], [*map(str, filings)], [*map(str, enrollments)])


@cache
def places() -> list[str]:
    """The cities that can be filed for."""
    return [*Area.objects.filter(level="city", parent__pools_at="city").order_by("code").values_list("code", flat=True)]


def get(path: str, token: str) -> Ask:
    """A read by whoever has this token."""
    return Ask("GET", API + path, {"Authorization": f"Bearer {token}"})


def post(path: str, token: str, body: Any) -> Ask:
    """A write, with a key of its own."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": uuid.uuid4().hex,
        "Content-Type": "application/json",
    }
    return Ask("POST", API + path, headers, json.dumps(body).encode())


def sign_ins(count: int) -> list[Ask]:
    """Of people who were here before; each makes a token of its own, so it is another's for each server."""
    codes = [f"sandbox:bench-{number}" for number in range(count)]
    for code in codes:
        sign_in_wechat(code)
    kind = {"Content-Type": "application/json"}
    return [Ask("POST", f"{API}/auth/wechat/", kind, json.dumps({"code": code}).encode()) for code in codes]


def lists(count: int) -> list[Ask]:
    return [get("/filings/?page_size=20", drawn().token) for _ in range(count)]


def plain_lists(count: int) -> list[Ask]:
    return [ask._replace(path="/plain/filings/") for ask in lists(count)]


def details(count: int) -> list[Ask]:
    return [get(f"/filings/{random.choice(who.filings)}/", who.token) for who in map(drawn, range(count))]


def plain_details(count: int) -> list[Ask]:
    return [ask._replace(path=ask.path.replace(API, "/plain")) for ask in details(count)]


def drawn(_number: int = 0) -> Citizen:
    return random.choice(citizens())


def options(count: int) -> list[Ask]:
    return [
        get(f"/filing-options/?enrollment={random.choice(who.enrollments)}&destination={random.choice(places())}", who.token)
        for who in map(drawn, range(count))
    ]  # fmt: skip


def eligibilities(count: int) -> list[Ask]:
    hospitals = [*Institution.objects.values_list("code", flat=True)]
    return [
        get(
            f"/eligibility/?enrollment={random.choice(who.enrollments)}&institution={random.choice(hospitals)}&care=inpatient",
            who.token,
        )
        for who in map(drawn, range(count))
    ]


def estimates(count: int) -> list[Ask]:
    """A bill of another sum each time, in one of the areas whose policy is shipped."""
    return [post("/estimates/", drawn().token, _estimate()) for _ in range(count)]


def _estimate() -> dict[str, Any]:
    return {
        "area": random.choice(AREAS), "insurance": "employee", "person": random.choice(["active", "retired"]),
        "age": random.randint(20, 90), "care": "inpatient", "level": random.choice([1, 2, 3]),
        "cost": {"total": f"{random.randint(500, 200_000)}.00"},
    }  # fmt: skip


def submits(count: int) -> list[Ask]:
    return [post("/filings/", token, {**_form(), **chosen}) for token, chosen in _not_filed(count)]


def plain_submits(count: int) -> list[Ask]:
    """The same columns to the plain viewset, which has no notice and no key."""
    today = clock.today().isoformat()
    form = {
        "type": "other",
        "starts_on": today,
        "contact_name": "测试",
        "contact_phone": "13900000000",
        "travel": "other",
    }
    asks = [post("/filings/", token, {**form, **chosen}) for token, chosen in _not_filed(count)]
    return [ask._replace(path="/plain/filings/") for ask in asks]


@cache
def _form() -> dict[str, Any]:
    """A filing as a phone sends it, with the notice that the options name."""
    today = clock.today().isoformat()
    return {
        "type": "other", "starts_on": today, "contact_name": "测试", "contact_phone": "13900000000",
        "notice": next(filter(None, map(_notice, places()))), "materials": [],
    }  # fmt: skip


def _notice(place: str) -> str:
    """The notice of a filing for this place; none where nothing need be filed."""
    who = citizens()[0]
    _answer, body = asked(get(f"/filing-options/?enrollment={who.enrollments[0]}&destination={place}", who.token))
    found = [each["notice"] for each in json.loads(body)["options"] if each["type"] == "other"]
    return found[0]["id"] if found and found[0] else ""


def _not_filed(count: int) -> list[tuple[str, dict[str, str]]]:
    """Tokens with an enrolment and a place that nobody filed for with it yet, each pair given once in this process."""
    return [next(_left()) for _ in range(count)]


@cache
def _left() -> Iterator[tuple[str, dict[str, str]]]:
    taken = defaultdict(set)
    for enrollment, place in Filing.objects.filter(applicant__in=[who.account for who in citizens()]).values_list(
        "enrollment", "destination"
    ):
        taken[str(enrollment)].add(place)
    wanted = [place for place in random.sample(places(), PLACES) if _notice(place)]
    pairs = [
        (who.token, {"enrollment": enrollment, "destination": place})
        for who in citizens()
        for enrollment in who.enrollments
        for place in wanted
        if place not in taken[enrollment]
    ]
    random.shuffle(pairs)
    return iter(pairs)


def messages(count: int) -> list[Ask]:
    """The inbox, of those who have thirty messages."""
    for who in citizens():
        there = Message.objects.filter(account=who.account).count()
        copy([_message(who) for _ in range(MESSAGES - there)])
    return [get("/messages/?page_size=20", drawn().token) for _ in range(count)]


def _message(who: Citizen) -> Message:
    return Message(
        account=who.account, key=uuid.uuid4().hex, kind="decided", title="备案已通过", text="测试消息：备案已通过。",
        created_at=clock.now(), push="none",
    )  # fmt: skip


def claims(count: int) -> list[Ask]:
    """A stay paid by oneself, claimed back."""
    hospital = (
        Institution.objects.filter(level=3, area__code="110000").order_by("code").values_list("code", flat=True)[0]
    )
    return [post("/claims/", who.token, _claim(who, hospital)) for who in map(drawn, range(count))]


def _claim(who: Citizen, hospital: str) -> dict[str, Any]:
    today = clock.today()
    admitted = today.replace(day=1).fromordinal(today.toordinal() - random.randint(20, 60))
    return {
        "enrollment": random.choice(who.enrollments), "institution": hospital, "care": "inpatient", "emergency": False,
        "admitted_on": str(admitted), "discharged_on": str(admitted.fromordinal(admitted.toordinal() + 5)),
        "invoice_code": f"{random.randrange(10**8):08d}", "invoice_number": f"{random.randrange(10**10):010d}",
        "cost": {"total": f"{random.randint(2_000, 60_000)}.00"}, "bank_account": CARD, "reason": "测试",
        "materials": [], "draft": True,
    }  # fmt: skip


def uploads(count: int) -> list[Ask]:
    """A photo of 200 kB. What makes it safe is a worker's and not measured here."""
    photo = BytesIO()
    Image.effect_noise((640, 480), 60).save(photo, "JPEG", quality=90)
    border = "bench-border"
    part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = b"".join(
        [
            f"--{border}\r\n{part.format('kind', '')}residence_permit\r\n".encode(),
            f"--{border}\r\nContent-Type: image/jpeg\r\n{part.format('file', '; filename=photo.jpg')}".encode(),
            photo.getvalue(),
            f"\r\n--{border}--\r\n".encode(),
        ]
    )
    kind = f"multipart/form-data; boundary={border}"
    return [
        Ask("POST", f"{API}/materials/", {"Authorization": f"Bearer {drawn().token}", "Content-Type": kind}, body)
        for _ in range(count)
    ]


def first_pages(count: int) -> list[Ask]:
    """What a phone that has nothing yet asks for, one after the other: the page, its style sheet and scripts, the overview."""
    page = asked(Ask("GET", "/", {}))[1].decode()
    paths = [*dict.fromkeys(re.findall(r'"(/(?:shell\.|release/|pages/|worker\.)[^"]+)"', page))]
    packed = {"Accept-Encoding": "gzip"}
    visit = [Ask("GET", path, packed) for path in ("/", *paths)]
    return [
        ask
        for who in map(drawn, range(count // (len(visit) + 1) + 1))
        for ask in (*visit, get("/overview/", who.token))
    ]
