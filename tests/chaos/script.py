"""What the clients do, drawn from a seed: filings, drafts, decisions, settlements, reversals, claims with their uploads; many with rivals.

Rivals want the same in the same moment: one key sent twice, one bill at two tills, one settlement reversed twice, one
submission approved, rejected and withdrawn, one invoice claimed twice; and a few patients are drawn again and again, so that
their accumulators and personal accounts are what everybody waits for.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count

from tests.chaos.calling import Clients, Deed
from tests.chaos.people import HOSPITAL, HOT, Person, Town
from tests.reviews.material_files import jpeg

PAPERS = ("invoice", "cost_list", "discharge_record")
BANK_ACCOUNT = "6222020200112233446"
SCAN = jpeg((48, 48))
WEIGHTS = {"file": 34, "draft": 12, "bill": 30, "reverse": 14, "claim": 2}


@dataclass
class Client:
    """One of many at the same time, with luck of its own, and a patient of its own whose bills it may reverse."""

    town: Town
    clients: Clients
    draw: random.Random
    patient: Person
    stays: count[int]

    def turn(self) -> None:
        """One thing a person or a hospital wants."""
        names = list(WEIGHTS)
        getattr(self, self.draw.choices(names, list(WEIGHTS.values()))[0])()

    def send(self, *deeds: Deed) -> Sequence[Deed]:
        return self.clients.at_once(deeds, self.draw) if len(deeds) > 1 else [self.clients.settle(deeds[0], self.draw)]

    # Submissions

    def file(self) -> None:
        """A filing, by itself or sent twice at once; every third one is decided and withdrawn in the same moment."""
        if not self.town.journeys:
            return self.bill()
        deed = self._filing("filings", draft=False)
        first = self.send(*([deed, replace(deed)] if self.draw.random() < 0.2 else [deed]))[0]
        if first.acknowledged and self.draw.random() < 0.33:
            self._decided(first)
        return None

    def draft(self) -> None:
        """No rule of the matter keeps two drafts apart: the key alone does."""
        if self.town.journeys:
            deed = self._filing("drafts", draft=True)
            self.send(deed, replace(deed))

    def _filing(self, kind: str, *, draft: bool) -> Deed:
        person, destination = self.town.journeys.pop()
        body = {
            "enrollment": person.enrollment, "type": "other", "destination": destination, "starts_on": self.town.later,
            "contact_name": "混沌", "contact_phone": "13900000000", "notice": self.town.notice, "materials": [],
            "draft": draft,
        }  # fmt: skip
        return Deed(kind, f"{person.enrollment} {destination}", person.token, "filings/", body, _key())

    def _decided(self, filed: Deed) -> None:
        path, reason = f"filings/{filed.answer['id']}", {"reason": "材料不清，请补充后另行申请。"}
        verbs = [(self.town.reviewers[0], "approve", {}), (self.town.reviewers[1], "reject", reason),
                 (filed.token, "withdraw", {})]  # fmt: skip
        acts = [
            Deed("decisions", filed.answer["id"], token, f"{path}/{verb}/", body, _key()) for token, verb, body in verbs
        ]
        self.send(*self.draw.sample(acts, self.draw.choice((2, 3))))

    # Bills

    def bill(self) -> None:
        """Alone, or the same call twice, or the same bill at two tills."""
        deed = self._bill(self._anybody())
        rivals = {0: [deed, replace(deed)], 1: [deed, self._other_till(deed)]}.get(self.draw.randrange(5), [deed])
        self.send(*rivals)

    def _anybody(self) -> Person:
        hot = self.town.people[:HOT]
        return self.draw.choice(hot if self.draw.random() < 0.4 else self.town.people)

    def _bill(self, patient: Person) -> Deed:
        number = f"chaos-{next(self.town.serial)}"
        on = date.fromisoformat(self.town.today) - timedelta(days=self.draw.randrange(1, 200))
        body = {
            "voucher": self._voucher(patient), "care": "outpatient", "emergency": True, "admitted_on": str(on),
            "use_account": self.draw.random() < 0.3, "bill_number": number,
            "cost": {"total": f"{self.draw.randrange(20, 4000)}.{self.draw.randrange(100):02d}"},
        }  # fmt: skip
        token = self.draw.choice(self.town.tills)
        return Deed("settlements", number, token, "settlements/", body, _key())

    def _other_till(self, deed: Deed) -> Deed:
        other = next(token for token in self.town.tills if token != deed.token)
        return replace(deed, token=other, key=_key())

    def _voucher(self, patient: Person) -> str:
        """A fresh code, whose call needs no key: one that was lost is not used."""
        asked = Deed("", "", patient.token, f"persons/{patient.id}/vouchers/", {}, "")
        until = time.monotonic() + self.clients.patience
        while time.monotonic() < until:
            status, said = self.clients.call(asked, 10)
            if status == 201:
                return str(said["token"])
            time.sleep(0.3)
        return "M" + "0" * 26

    def reverse(self) -> None:
        """A bill of the client's own patient, reversed at both tills at once; or of a patient everybody wants."""
        own = self.draw.random() < 0.8
        settled = self.send(self._bill(self.patient if own else self._anybody()))[0]
        if not settled.acknowledged:
            return
        path, body = f"settlements/{settled.answer['id']}/reverse/", {"reason": "录错"}
        first = Deed("reversals", settled.answer["id"], self.town.tills[0], path, body, _key())
        rivals = [replace(first), replace(first, token=self.town.tills[1], key=_key())]
        self.send(first, *self.draw.sample(rivals, self.draw.randrange(3)))

    # Claims

    def claim(self) -> None:
        """Three scans, then the claim; every third one sent under two keys at once."""
        patient, number = self._anybody(), f"{next(self.town.serial):010d}"
        papers = [self._uploaded(patient, kind, f"{number}-{kind}.jpg") for kind in PAPERS]
        if not all(papers):
            return
        day = date.fromisoformat(self.town.today) - timedelta(days=20 + next(self.stays) % 300)
        body = {
            "enrollment": patient.enrollment, "institution": HOSPITAL, "care": "inpatient", "emergency": False,
            "admitted_on": str(day), "discharged_on": str(day + timedelta(days=1)), "invoice_code": "11060126",
            "invoice_number": number, "cost": {"total": f"{self.draw.randrange(1500, 9000)}.00"}, "materials": papers,
            "bank_account": BANK_ACCOUNT, "reason": "住院前没有备案。",
        }  # fmt: skip
        deed = Deed("claims", number, patient.token, "claims/", body, _key())
        self.send(*([deed, replace(deed, key=_key())] if self.draw.random() < 0.3 else [deed]))

    def _uploaded(self, patient: Person, kind: str, name: str) -> str:
        border = uuid.UUID(int=self.draw.getrandbits(128)).hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n'.encode(),
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            b"Content-Type: image/jpeg\r\n\r\n" + SCAN + b"\r\n",
            f"--{border}--\r\n".encode(),
        ]
        form = f"multipart/form-data; boundary={border}"
        deed = Deed("uploads", name, patient.token, "materials/", b"".join(parts), _key(), form)
        sent = self.send(deed)[0]
        return str(sent.answer["id"]) if sent.acknowledged else ""


def _key() -> str:
    return uuid.uuid4().hex


def play(town: Town, clients: Clients, *, seed: int, threads: int, go_on: Callable[[], bool]) -> list[threading.Thread]:
    """Let the clients loose, each in a thread, while `go_on` says so; the first begins with a claim, which is rare."""
    stays, own = count(), town.people[-threads:]
    town.people = town.people[:-threads]

    def run(number: int) -> None:
        client = Client(town, clients, random.Random(f"{seed} {number}"), own[number], stays)
        if not number:
            client.claim()
        while go_on():
            client.turn()

    started = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(threads)]
    for thread in started:
        thread.start()
    return started
