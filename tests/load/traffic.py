"""The benchmark's users, for locust: each class does one thing, again and again, without pause.

What they need (tokens, enrolments, notices) stands in the JSON file that `BENCH_FILE` names.
"""

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
