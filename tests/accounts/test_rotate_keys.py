"""`manage.py rotate_keys`: everything readable under the newest key, found by the new hash."""

import base64
import http.client
import io
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, closing, suppress

import pytest
from cryptography.exceptions import InvalidTag
from django.core.management import call_command
from django.db import transaction

from accounts import registry, rotation
from accounts.models import Account, IdempotencyRecord, Person, RegisterEntry, Role
from accounts.services.accounts import openid_hash
from core.sealing import seal, sealed_with, unseal
from devservices.management.commands.up import server
from devservices.state import free_port
from tests.factories import api, draft
from tests.rivals import together
from tests.settlements.served import environment

pytestmark = pytest.mark.django_db

WANG = "110101195503070028"
OLD = "old:" + base64.b64encode(b"1" * 32).decode()
NEW = "new:" + base64.b64encode(b"2" * 32).decode()
SM4 = "guomi:sm4:" + base64.b64encode(b"5" * 16).decode()


@pytest.fixture(autouse=True)
def old_keys(settings, noon):
    settings.DATA_KEYS = [OLD]
    settings.HASH_KEY = base64.b64encode(b"3" * 32).decode()


@pytest.fixture
def mirrored(insured):
    """A register entry, a person, an account and a staff account, all under the old keys."""
    record = insured("王秀兰", WANG)
    api().post("/api/v1/auth/wechat/", {"code": "sandbox:wang"})
    Account.objects.create_staff("cq-one", "x", role=Role.ADMIN, id_number=WANG, name="陈静")
    return registry.mirror(record)


def rotate():
    said = io.StringIO()
    call_command("rotate_keys", stdout=said)
    return said.getvalue().strip()


def keys_in_use():
    rows = [*Person.objects.all(), *RegisterEntry.objects.all(), *Account.objects.all()]
    columns = ["name", "id_number", "phone", "record", "openid"]
    return {sealed_with(row, name) for row in rows for name in columns} - {""}


def test_cells_are_sealed_again_under_the_newest_key(mirrored, settings):
    settings.DATA_KEYS = [NEW, OLD]

    assert keys_in_use() == {"old"}

    assert rotate() == "4 rows and files sealed again, 0 hashes made anew."

    assert keys_in_use() == {"new"}

    settings.DATA_KEYS = [NEW]
    person = Person.objects.get()

    assert (person.name, person.id_number, person.phone) == ("王秀兰", WANG, "13900000001")
    assert registry.register().look_up(WANG).name == "王秀兰"


def test_rotating_twice_changes_nothing(mirrored, settings):
    settings.DATA_KEYS = [NEW, OLD]
    rotate()

    before = list(Person.objects.values_list("name", flat=True))

    assert rotate() == "0 rows and files sealed again, 0 hashes made anew."
    assert list(Person.objects.values_list("name", flat=True)) == before


def test_children_of_submissions_are_sealed_again_too(settings):
    filing = draft(contact_name="王秀兰")
    settings.DATA_KEYS = [NEW, OLD]

    rotate()

    settings.DATA_KEYS = [NEW]

    filing.refresh_from_db()

    assert filing.contact_name == "王秀兰"


def test_more_rows_than_a_batch(settings, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    for n in range(5):
        Account.objects.create(openid_hash=openid_hash(f"o{n}"), openid=f"o{n}")

    settings.DATA_KEYS = [NEW, OLD]

    assert rotation.reseal() == 5

    settings.DATA_KEYS = [NEW]
    assert sorted(account.openid for account in Account.objects.all()) == ["o0", "o1", "o2", "o3", "o4"]


def test_hashes_are_made_anew(mirrored, settings):
    before = Person.objects.get().id_hash

    settings.HASH_KEY = base64.b64encode(b"4" * 32).decode()

    assert not Person.objects.numbered(WANG).exists()
    assert registry.register().look_up(WANG) is None

    assert rotate() == "0 rows and files sealed again, 4 hashes made anew."

    person = Person.objects.numbered(WANG).get()
    assert person.id_hash != before
    assert registry.register().look_up(WANG).id_number == WANG
    assert Account.objects.get(username="cq-one").identity_hash == person.id_hash

    api().post("/api/v1/auth/wechat/", {"code": "sandbox:wang"})

    assert Account.objects.filter(openid_hash__isnull=False).count() == 1


def other_keys():
    with pytest.raises(rotation.OtherKeys) as refused:
        rotation.require_keys()
    return str(refused.value).partition(" ")[0]


def test_nobody_serves_under_a_hash_key_that_is_not_the_rows(mirrored, settings):
    rotation.require_keys()

    settings.HASH_KEY = base64.b64encode(b"4" * 32).decode()

    assert other_keys() == "HASH_KEY"

    rotate()

    rotation.require_keys()


def test_nor_while_the_hashes_are_made_anew_only_in_part(insured, settings, monkeypatch):
    """Three persons, one a batch; it dies before the last: the first is found by the new key, the last by the old."""
    for name, number in (("王秀兰", WANG), ("李建国", "510102198005120017"), ("张小雨", "50010320150610002X")):
        registry.mirror(insured(name, number))
    monkeypatch.setattr(rotation, "BATCH", 1)
    last = Person.objects.order_by("pk").last()
    save = Person.save

    def dies_at_the_last(person, **given):
        if person.pk == last.pk:
            raise KeyboardInterrupt
        save(person, **given)

    settings.HASH_KEY = base64.b64encode(b"4" * 32).decode()
    with monkeypatch.context() as broken:
        broken.setattr(Person, "save", dies_at_the_last)
        with pytest.raises(KeyboardInterrupt):
            rotate()

    assert other_keys() == "HASH_KEY"

    settings.HASH_KEY = base64.b64encode(b"3" * 32).decode()

    assert other_keys() == "HASH_KEY"

    settings.HASH_KEY = base64.b64encode(b"4" * 32).decode()
    rotate()

    rotation.require_keys()


def test_nor_before_the_hashes_of_everything_else_are_made_anew(mirrored, settings, monkeypatch):
    """It dies at what an app above keeps: no person is found by the new key yet."""

    def dies():
        raise KeyboardInterrupt

    settings.HASH_KEY = base64.b64encode(b"4" * 32).decode()
    with monkeypatch.context() as broken:
        broken.setattr(rotation, "hash_key_changed", dies)
        with pytest.raises(KeyboardInterrupt):
            rotate()

    assert other_keys() == "HASH_KEY"


def test_nobody_serves_without_the_data_key_of_the_rows(mirrored, settings):
    settings.DATA_KEYS = [NEW]

    assert other_keys() == "DATA_KEYS"


def test_an_empty_database_has_no_keys_of_its_own():
    rotation.require_keys()


WHY = "HASH_KEY is not the one by which the database finds people."


def healthz(port):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as line:
        line.request("GET", "/healthz")
        return line.getresponse().status


def kill_all(process):
    """With its children, which it would go on starting."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def under_another_key(mirrored):
    """Start a process of the product under another HASH_KEY than the rows', and give what it says."""
    with ExitStack() as ending:

        def start(*command):
            other = environment(HASH_KEY=base64.b64encode(b"4" * 32).decode(), DATA_KEYS=OLD)
            process = ending.enter_context(
                subprocess.Popen(
                    [sys.executable, *command],
                    env=other,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    start_new_session=True,
                )
            )
            ending.callback(kill_all, process)
            return process

        yield start


@pytest.mark.django_db(transaction=True)
def test_a_web_process_under_another_hash_key_says_why_and_answers_nothing(under_another_key):
    port = free_port()
    web = under_another_key(*server("127.0.0.1", port))

    assert any(WHY in line for line in web.stdout)

    with pytest.raises((TimeoutError, ConnectionError, http.client.HTTPException)):
        healthz(port)


@pytest.mark.django_db(transaction=True)
def test_a_worker_under_another_hash_key_says_why_and_ends(under_another_key):
    worker = under_another_key("-m", "celery", "-A", "config.celery", "worker", "--concurrency", "1")

    said, _ = worker.communicate(timeout=300)

    assert WHY in said
    assert worker.returncode != 0


def test_new_hash_key_forgets_idempotency_keys(mirrored, settings):
    IdempotencyRecord.objects.create(account=Account.objects.first(), key="k", digest="d")

    rotate()

    assert IdempotencyRecord.objects.exists()

    settings.HASH_KEY = base64.b64encode(b"4" * 32).decode()
    rotate()

    assert not IdempotencyRecord.objects.exists()


def test_cell_moved_to_another_row_does_not_open(mirrored):
    cell = bytes(Person.objects.values_list("name", flat=True).get())

    assert unseal(cell, bound_to=f"accounts_person.name:{mirrored.id}") == "王秀兰"

    with pytest.raises(InvalidTag):
        unseal(cell, bound_to="accounts_person.name:another")
    with pytest.raises(InvalidTag):
        unseal(cell, bound_to=f"accounts_person.phone:{mirrored.id}")


def test_same_text_is_sealed_differently_each_time():
    assert seal("王秀兰", bound_to="x") != seal("王秀兰", bound_to="x")


def test_cell_whose_key_is_gone_does_not_open(settings):
    cell = seal("王秀兰", bound_to="x")
    settings.DATA_KEYS = [NEW]

    with pytest.raises(KeyError):
        unseal(cell, bound_to="x")


@pytest.mark.parametrize(("before", "after"), [(OLD, SM4), (SM4, OLD)])
def test_to_sm4_and_sm3_and_back(mirrored, settings, before, after):
    sha, sm3 = settings.HASH_KEY, "sm3:" + base64.b64encode(b"6" * 32).decode()
    hashes = {OLD: sha, SM4: sm3}
    settings.DATA_KEYS, settings.HASH_KEY = [before, OLD], hashes[before]
    rotate()
    settings.DATA_KEYS, settings.HASH_KEY = [after, before], hashes[after]

    assert rotate() == "4 rows and files sealed again, 4 hashes made anew."

    settings.DATA_KEYS = [after]
    assert keys_in_use() == {after.partition(":")[0]}
    assert Person.objects.numbered(WANG).get().name == "王秀兰"
    assert registry.register().look_up(WANG).name == "王秀兰"


def test_a_row_read_before_and_saved_after_is_under_the_newest_key_too(mirrored, settings):
    """Whoever read a row before its key changed saves what it holds: that must not bring the old key back."""
    read_before = Person.objects.get()
    settings.DATA_KEYS = [SM4, OLD]
    rotate()

    read_before.save()

    settings.DATA_KEYS = [SM4]
    assert (keys_in_use(), Person.objects.get().name) == ({"guomi"}, "王秀兰")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [SM4, NEW])
def test_it_runs_beside_those_who_write(settings, monkeypatch, after):
    """Rivals save whole rows, read before and during; in the end every cell is under the newest key and says what was last written."""
    accounts = [
        Account.objects.create(openid_hash=openid_hash(f"o{n}"), openid=f"o{n}", nickname="旧") for n in range(40)
    ]
    settings.DATA_KEYS = [after, OLD]
    monkeypatch.setattr(rotation, "BATCH", 3)

    def write(rows):
        for row in rows:
            with transaction.atomic():
                held = Account.objects.select_for_update().get(pk=row.pk)
                held.nickname = f"{held.openid} 新"
                held.save()
            row.refresh_from_db(fields=["nickname"])
            row.save()

    _sealed, *problems = together(rotation.reseal, lambda: write(accounts[:20]), lambda: write(accounts[:19:-1]))

    settings.DATA_KEYS = [after]
    assert problems == [None, None]
    rows = Account.objects.all()
    assert {sealed_with(row, "openid") for row in rows} == {after.partition(":")[0]}
    assert sorted((row.openid, row.nickname) for row in Account.objects.all()) == sorted(
        (f"o{n}", f"o{n} 新") for n in range(40)
    )
