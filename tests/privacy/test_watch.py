"""The watch catches what is planted, at each end; and nothing that only looks like it."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest
import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseRedirect

from accounts.models import SandboxDelivery
from accounts.services import vouchers
from config.celery import app
from core import sheets
from core.admin import workbook
from tests import factories as make
from tests.privacy.ears import answered, kept_in_redis
from tests.privacy.watch import Watch

NUMBER, PHONE, NAME = "110101195503070028", "13912345678", "欧阳秀兰"
log = structlog.get_logger("tests.privacy")


def what(leaks):
    return {(leak.channel, leak.what, leak.found) for leak in leaks}


def test_what_is_logged(db, privacy):
    token = make.api(make.citizen(make.person(NAME)))._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ")

    with privacy.expecting() as leaks:
        log.warning("bound", number=NUMBER)
        log.warning("called %s", PHONE)
        log.warning("token", header=f"Bearer {token}")
        try:
            raise ValueError(NAME)
        except ValueError:
            log.exception("failed")

    assert what(leaks) == {
        ("log", "an ID number", NUMBER),
        ("log", "a telephone number", PHONE),
        ("log", "a bearer token", token),
        ("log", "a name", NAME),
    }


def test_what_goes_to_redis_and_what_lies_there(privacy):
    with privacy.expecting() as leaks:
        cache.set(f"found:{NUMBER}", 1, 60)
        cache.set("called", {"by": PHONE}, 60)
        with app.connection_for_write() as connection:
            app.send_task("tests.nothing", args=[NUMBER], queue="privacy", connection=connection)
    with privacy.expecting() as lying, redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]) as client:
        count = kept_in_redis(privacy, client)
    with privacy.expecting():
        cache.delete_many([f"found:{NUMBER}", "called"])
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("privacy", "_kombu.binding.privacy")

    assert what(leaks) == {("redis", "an ID number", NUMBER), ("redis", "a telephone number", PHONE)}
    assert sum(leak.found == NUMBER for leak in leaks) >= 2  # the key, and the body of the task
    assert count > 0
    assert {leak.found for leak in lying} >= {NUMBER, PHONE}


@pytest.mark.parametrize("write", [sheets.download, workbook])
def test_what_leaves_as_a_file(privacy, write):
    answer = write("list.x", ["号码"], [[NUMBER], [PHONE], ["1101**********0028"]])

    with privacy.expecting() as leaks:
        answered(privacy, "/admin/reviews/submission/", answer)
        content = b"".join(answer.streaming_content)
    for close in answer._resource_closers:  # `close` would end the request of which there is none
        close()

    assert what(leaks) == {("export", "an ID number", NUMBER), ("export", "a telephone number", PHONE)}
    assert content[:2] == b"PK" or list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1] == [NUMBER]


def test_what_stands_in_an_address(db, privacy, client):
    with privacy.expecting() as leaks:
        client.get(f"/nowhere/?q={NUMBER}")
        answered(privacy, "/a/", HttpResponseRedirect(f"/admin/?phone={PHONE}"))
        answered(privacy, "/a/", HttpResponse(f'<p>{NUMBER}</p><a href="/b/?id={NUMBER}">x</a>'))

    assert what(leaks) == {("address", "an ID number", NUMBER), ("address", "a telephone number", PHONE)}
    assert len(leaks) == 3


def test_what_is_sent_to_a_telephone(db, privacy):
    with privacy.expecting() as leaks:
        SandboxDelivery.objects.create(channel="sms", to=PHONE, text=f"验证码123456，{NUMBER}")

    assert what(leaks) == {("message", "an ID number", NUMBER)}


def test_an_insurance_code_is_known_when_it_is_shown(db, privacy):
    person = make.person()
    code = vouchers.issue(make.citizen(person), person.pk).token

    with privacy.expecting() as leaks:
        log.warning("shown", code=code)

    assert what(leaks) == {("log", "an insurance code", code)}


def test_what_processes_of_their_own_log(privacy, tmp_path):
    """Thrown away, kept in a file, or collected: it is read all the same, whatever stood in the file before not again."""
    told = [sys.executable, "-c", f"import sys; print({NUMBER!r}); print({PHONE!r}, file=sys.stderr)"]
    (tmp_path / "log").write_text(f"{NUMBER}\n")

    with privacy.expecting() as leaks, (tmp_path / "log").open("ab") as log:
        subprocess.run(told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        privacy.overhear()
        subprocess.run(told, stdout=log, stderr=log)
        privacy.overhear()
        subprocess.run(told, capture_output=True)
    thrown_away, kept, collected = (what(leaks[at : at + 2]) for at in (0, 2, 4))

    assert len(leaks) == 6
    assert thrown_away == kept == collected == {("log", "an ID number", NUMBER), ("log", "a telephone number", PHONE)}


def test_other_figures_are_nobodys():
    said = Watch()

    for text in (
        "20260302-000001-1 01a22793-702b-78d7-b5f0-55b6bb1e2b4d",
        "110101195503070029",  # its last digit does not fit
        "H50010000001 6222020200112233446 1772414400123",
        "1101**********0028 139****5678 欧*兰",
    ):
        said.read("log", "a line", text)

    assert said.leaks == []


def test_what_may_be_there_has_its_reason():
    said = Watch(allowed=(("export", "/file/ text/csv$", "the bank pays by it"),))

    said.read("export", "/admin/claims/paymentbatch/1/file/ text/csv", NUMBER)
    said.read("export", "/admin/claims/claim/ text/csv", NUMBER)

    assert [leak.where for leak in said.leaks] == ["/admin/claims/claim/ text/csv"]
