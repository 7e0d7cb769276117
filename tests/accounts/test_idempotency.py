"""Idempotency-Key: one effect, one answer, whatever the network does."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.utils import timezone
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts import http
from accounts.http import Endpoint
from accounts.models import Account, IdempotencyRecord, Message
from core.errors import WrongState

pytestmark = pytest.mark.django_db
requests = APIRequestFactory()


class Write(Endpoint):
    """Writes a message and answers its text; refuses the text "no" after writing."""

    parser_classes = [JSONParser, MultiPartParser]

    def post(self, request):
        text = str(request.data["text"])
        Message.objects.create(account=self.account, key=timezone.now().isoformat(), kind="test", title="t", text=text)
        if text == "no":
            raise WrongState("不行")
        if text == "softly no":
            return Response({"errors": []}, status=409)
        return Response({"written": text}, status=201)


class Elsewhere(Write):
    """The same at another address."""


class Settling(Write):
    idempotency_required = True


class Unkeyed(Write):
    idempotent = False


def post(account, data, *, key="k", view=Write, path="/here", format="json"):
    headers = {} if key is None else {"Idempotency-Key": key}
    request = requests.post(path, data, format=format, headers=headers)
    force_authenticate(request, user=account)
    response = view.as_view()(request)
    return response.render() if hasattr(response, "render") else response


def said(response):
    return response.status_code, response.content, response.headers.get("Idempotent-Replayed")


def code(response):
    (error,) = response.data["errors"]
    return response.status_code, error["code"]


def texts():
    return sorted(Message.objects.values_list("text", flat=True))


def test_same_key_and_body_replays_the_first_answer(account):
    first = post(account, {"text": "好", "more": [1, 2]})

    again = post(account, {"more": [1, 2], "text": "好"})

    assert said(first) == (201, '{"written":"好"}'.encode(), None)
    assert said(again) == (201, '{"written":"好"}'.encode(), "true")
    assert texts() == ["好"]


def test_without_a_key_every_call_counts(account):
    post(account, {"text": "好"}, key=None)

    post(account, {"text": "好"}, key=None)

    assert texts() == ["好", "好"]
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize(
    ("data", "path"), [({"text": "坏"}, "/here"), ({"text": "好", "b": 1}, "/here"), ({"text": "好"}, "/there")]
)
def test_same_key_for_another_request_is_a_conflict(account, data, path):
    post(account, {"text": "好"})

    assert code(post(account, data, path=path)) == (409, "idempotency_conflict")
    assert texts() == ["好"]


def test_keys_belong_to_an_account(account):
    other = Account.objects.create(nickname="乙")

    post(account, {"text": "好"})

    assert said(post(other, {"text": "坏"})) == (201, '{"written":"坏"}'.encode(), None)


@pytest.mark.parametrize("text", ["no", "softly no"])
def test_refused_call_leaves_nothing_and_frees_the_key(account, text):
    refused = post(account, {"text": text})

    assert refused.status_code == 409
    assert texts() == []
    assert not IdempotencyRecord.objects.exists()
    assert said(post(account, {"text": "好"})) == (201, '{"written":"好"}'.encode(), None)


@pytest.mark.parametrize("key", ["", "   ", "x" * 129])
def test_unusable_key_is_refused(account, key):
    assert code(post(account, {"text": "好"}, key=key)) == (400, "idempotency_key_invalid")
    assert texts() == []


def test_longest_key_is_accepted(account):
    assert post(account, {"text": "好"}, key="x" * 128).status_code == 201


def test_endpoint_can_require_a_key(account):
    assert code(post(account, {"text": "好"}, key=None, view=Settling)) == (400, "idempotency_key_required")
    assert post(account, {"text": "好"}, view=Settling).status_code == 201


def test_endpoint_can_do_without(account):
    post(account, {"text": "好"}, view=Unkeyed)

    post(account, {"text": "坏"}, view=Unkeyed)

    assert texts() == ["坏", "好"]


def test_files_are_compared_by_content(account):
    def upload(content, name="a.jpg"):
        return post(account, {"text": "图", "file": SimpleUploadedFile(name, content)}, format="multipart")

    assert said(upload(b"one"))[2] is None
    assert said(upload(b"one", name="b.jpg"))[2] == "true"
    assert code(upload(b"two")) == (409, "idempotency_conflict")
    assert texts() == ["图"]


def test_body_nested_beyond_sense_is_refused(account):
    request = requests.generic(
        "POST", "/here", b"[" * 900 + b"]" * 900, content_type="application/json", headers={"Idempotency-Key": "k"}
    )

    force_authenticate(request, user=account)

    assert code(Write.as_view()(request)) == (400, "parse_error")
    assert not IdempotencyRecord.objects.exists()


def test_stored_answer_is_encrypted(account):
    post(account, {"text": "王秀兰"})

    cell = bytes(IdempotencyRecord.objects.values_list("answer", flat=True).get())

    assert cell
    assert "王秀兰".encode() not in cell


def test_key_is_free_again_after_a_day(account):
    post(account, {"text": "好"})

    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    assert said(post(account, {"text": "坏"})) == (201, '{"written":"坏"}'.encode(), None)


def test_purge_takes_only_what_is_a_day_old(account):
    post(account, {"text": "旧"}, key="old")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    post(account, {"text": "新"}, key="new")

    assert http.purge_idempotency_keys() == 1
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["new"]


class Slow(Write):
    """Does not answer before it is told to."""

    started = threading.Event()
    go_on = threading.Event()

    def post(self, request):
        self.started.set()
        assert self.go_on.wait(20)
        return super().post(request)


@pytest.fixture
def slow():
    Slow.started.clear()
    Slow.go_on.clear()
    yield Slow
    Slow.go_on.set()


def in_thread(call, answers):
    def run():
        try:
            answers.append(call())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def somebody_waits():
    """Poll the server until a session waits for another's transaction."""
    for _ in range(2000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
            if cursor.fetchone()[0]:
                return True
    return False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("text", "status", "replayed"), [("好", 201, "true"), ("no", 409, None)])
def test_rival_waits_for_the_first(slow, text, status, replayed):
    account = Account.objects.create(nickname="甲")
    first, second = [], []

    one = in_thread(lambda: post(account, {"text": text}, view=slow), first)

    assert slow.started.wait(20)

    two = in_thread(lambda: post(account, {"text": text}), second)
    assert somebody_waits()

    slow.go_on.set()
    one.join()
    two.join()

    assert (first[0].status_code, second[0].status_code) == (status, status)
    assert second[0].headers.get("Idempotent-Replayed") == replayed
    assert texts() == (["好"] if text == "好" else [])


@pytest.mark.django_db(transaction=True)
def test_rival_does_not_wait_for_ever(slow, monkeypatch):
    account = Account.objects.create(nickname="甲")
    first = []

    one = in_thread(lambda: post(account, {"text": "好"}, view=slow), first)

    assert slow.started.wait(20)

    monkeypatch.setattr(http, "PATIENCE", "50ms")

    assert code(post(account, {"text": "好"})) == (409, "in_progress")

    slow.go_on.set()
    one.join()

    assert texts() == ["好"]
