"""The benchmark's users, for locust: each class does one thing, again and again, without pause.

What they need (tokens, enrolments, notices) stands in the JSON file that `BENCH_FILE` names.
"""

import datetime
import json
import os
import random
import uuid
from pathlib import Path

from locust import FastHttpUser, task

KNOWN = json.loads(Path(os.environ["BENCH_FILE"]).read_text()) if "BENCH_FILE" in os.environ else {}
API = "/api/v1"


class Citizen(FastHttpUser):
    """Somebody signed in, on a connection that stays open."""

    abstract = True
    draw = random.Random()

    def on_start(self) -> None:
        self.known = self.draw.choice(KNOWN["citizens"])
        self.headers = {"Authorization": f"Bearer {self.known['token']}"}

    def read(self, path: str, name: str) -> None:
        self.client.get(API + path, headers=self.headers, name=name)


class SignIn(FastHttpUser):
    @task
    def sign_in(self) -> None:
        name = f"sandbox:bench-{random.randrange(500)}"
        self.client.post(f"{API}/auth/wechat/", json={"code": name}, name="sign-in")


class List(Citizen):
    @task
    def listed(self) -> None:
        self.read("/filings/?page_size=20", "list")


class Detail(Citizen):
    @task
    def detail(self) -> None:
        self.read(f"/filings/{self.draw.choice(self.known['filings'])}/", "detail")


class Options(Citizen):
    @task
    def options(self) -> None:
        enrollment, city = self.draw.choice(self.known["enrollments"]), self.draw.choice(KNOWN["cities"])
        self.read(f"/filing-options/?enrollment={enrollment}&destination={city}", "options")


class Eligibility(Citizen):
    @task
    def eligibility(self) -> None:
        enrollment, hospital = self.draw.choice(self.known["enrollments"]), self.draw.choice(KNOWN["institutions"])
        self.read(f"/eligibility/?enrollment={enrollment}&institution={hospital}&care=inpatient", "eligibility")


class Estimate(Citizen):
    """A bill of another sum each time, in one of the areas whose policy is shipped."""

    @task
    def estimate(self) -> None:
        body = {
            "area": self.draw.choice(["110000", "320100", "330100", "370900", "440100", "500000", "510100"]),
            "insurance": "employee",
            "person": self.draw.choice(["active", "retired"]),
            "age": self.draw.randint(20, 90),
            "care": "inpatient",
            "level": self.draw.choice([1, 2, 3]),
            "cost": {"total": f"{self.draw.randint(500, 200_000)}.00"},
        }
        self.client.post(f"{API}/estimates/", json=body, headers=self.headers, name="estimate")


class Submit(Citizen):
    """Files for another city each time, with a key of its own, as a phone does."""

    @task
    def submit(self) -> None:
        body = {
            **KNOWN["filing"],
            "enrollment": self.draw.choice(self.known["enrollments"]),
            "destination": self.draw.choice(KNOWN["cities"]),
        }
        headers = {**self.headers, "Idempotency-Key": uuid.uuid4().hex}
        with self.client.post(
            f"{API}/filings/", json=body, headers=headers, name="submit", catch_response=True
        ) as answer:
            if answer.status_code == 409:  # this city was drawn before: a refusal is an honest answer, counted apart
                answer.request_meta["name"] = "submit (refused)"
                answer.success()


class Till(FastHttpUser):
    """A hospital's till: another bill each time, under an insurance code of its own. `stays`: the share of stays among them."""

    abstract = True
    draw = random.Random()
    lines = 5
    stays = 0.2

    def on_start(self) -> None:
        self.headers = {"Authorization": f"Bearer {KNOWN['till']}"}

    def bill(self) -> dict[str, object]:
        """Four visits of a day for each stay; what a person's other stays overlap is an honest refusal."""
        day = datetime.date.fromisoformat(KNOWN["today"]) - datetime.timedelta(days=self.draw.randrange(1, 300))
        amounts = [f"{self.draw.randint(100, 9_999) / 100:.2f}" for _ in range(self.lines)]
        items = [
            {"name": f"药品{i}", "class": "AABBC"[i % 5], "amount": amount, "first_copay_ratio": "0.10", "limit": "80"}
            for i, amount in enumerate(amounts)
        ]
        stay = {"care": "inpatient", "discharged_on": str(day + datetime.timedelta(days=1))}
        return {
            "voucher": KNOWN["codes"].pop(),
            "care": "outpatient",
            **(stay if self.draw.random() < self.stays else {}),
            "admitted_on": str(day),
            "cost": {"items": items},
            "bill_number": uuid.uuid4().hex,
        }

    def ask(self, path: str, body: object, name: str) -> dict[str, object]:
        """Post with a key; a refusal is counted apart."""
        headers = {**self.headers, "Idempotency-Key": uuid.uuid4().hex}
        with self.client.post(
            f"{API}/settlements/{path}", json=body, headers=headers, name=name, catch_response=True
        ) as answer:
            if answer.status_code == 409:
                answer.request_meta["name"] = f"{name} (refused)"
                answer.success()
            return answer.json() if answer.ok else {}


class Quote(Till):
    """Quoting uses nothing up: the same code serves many times."""

    @task
    def quote(self) -> None:
        body = self.bill()
        KNOWN["codes"].append(body["voucher"])
        self.ask("quote/", body, "quote")


class Settle(Till):
    @task
    def settle(self) -> None:
        self.ask("", self.bill(), "settle")


class SettleStay(Till):
    """Stays alone."""

    stays = 1.0

    @task
    def settle(self) -> None:
        self.ask("", self.bill(), "settle of a stay")


class SettleLong(Till):
    """A bill of 200 lines."""

    lines = 200

    @task
    def settle(self) -> None:
        self.ask("", self.bill(), "settle of 200 lines")


class Reverse(Till):
    """Settles, which is counted apart, and takes it back."""

    @task
    def reverse(self) -> None:
        settled = self.ask("", self.bill(), "(settle)")
        if "id" in settled:
            self.ask(f"{settled['id']}/reverse/", {"reason": "测试"}, "reverse")


class National(FastHttpUser):
    """A hospital's system that speaks the national interface: it settles a visit whose lines are there already."""

    abstract = True
    said: dict[str, str] = {}

    def settle(self, infno: str) -> None:
        visit = KNOWN["visits"].pop()
        bill = {
            "psn_no": visit["psn_no"], "mdtrt_cert_type": "01", "mdtrt_cert_no": "M0", "medfee_sumamt": visit["total"],
            "psn_setlway": "01", "mdtrt_id": visit["mdtrt_id"], "insutype": "310", "acct_used_flag": "0", **self.said,
        }  # fmt: skip
        envelope = {
            "infno": infno, "msgid": uuid.uuid4().hex[:30], "mdtrtarea_admvs": KNOWN["area"], "insuplc_admdvs": "110000",
            "recer_sys_code": "YD", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "", "infver": "V1.0",
            "opter_type": "1", "opter": "0007", "opter_name": "收费员", "inf_time": "2026-11-20 08:00:00",
            "fixmedins_code": KNOWN["hospital"], "fixmedins_name": "", "sign_no": "", "input": {"data": bill},
        }  # fmt: skip
        with self.client.post(
            "/fsi/api/rsfComIfsService/callService", json=envelope, name=infno, catch_response=True
        ) as answer:
            if answer.ok and answer.json()["infcode"] != 0:
                answer.request_meta["name"] = f"{infno} (refused)"
                answer.success()


class National2207(National):
    said = {"med_type": "11", "chrg_bchno": "B1"}

    @task
    def outpatient(self) -> None:
        self.settle("2207A")


class National2304(National):
    said = {"mid_setl_flag": "0"}

    @task
    def stay(self) -> None:
        self.settle("2304A")


class Bills(FastHttpUser):
    """A patient looks at the bills of the year."""

    @task
    def bills(self) -> None:
        token = random.choice(KNOWN["patients"])
        self.client.get(f"{API}/settlements/?page_size=20", headers={"Authorization": f"Bearer {token}"}, name="bills")
