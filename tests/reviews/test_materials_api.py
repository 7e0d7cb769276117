"""Materials over HTTP: upload, poll, delete; nothing is stored of what is refused."""

import contextlib
import errno
import socket
import uuid
from datetime import timedelta

import pytest
import redis
from celery import current_app
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from reviews import materials
from reviews.materials import intake, storage
from reviews.models import Material, private_storage
from tests import factories
from tests.reviews import material_files as files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_cache():
    """Throttles count in the cache."""
    cache.clear()


def upload(account, content, name="照片.jpg", kind="residence_permit", **headers):
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return factories.api(account).post(
        reverse("materials"), {"file": file, "kind": kind}, format="multipart", headers=headers
    )


def refusals(response):
    return response.status_code, [(error["code"], error["attr"]) for error in response.json()["errors"]]


def stored_now():
    """Every file stored now."""
    names = set()
    for folder in ("", storage.QUARANTINE):
        with contextlib.suppress(FileNotFoundError):
            names |= {f"{folder}/{name}" for name in private_storage().listdir(folder)[1]}
    return names


def test_upload_is_processed_and_shown(account):
    sent = upload(account, files.jpeg_of_a_phone(), name="../../tmp/居住证.JPG")

    body = sent.json()

    assert sent.status_code == 201
    assert {name: body[name] for name in ("kind", "status", "filename", "content_type", "thumbnail", "url")} == {
        "kind": "residence_permit",
        "status": "processing",
        "filename": "居住证.jpg",
        "content_type": "image/jpeg",
        "thumbnail": None,
        "url": None,
    }
    assert body["size"] == len(files.jpeg_of_a_phone())

    materials.process(uuid.UUID(body["id"]))
    ready = factories.api(account).get(reverse("material", args=[body["id"]])).json()

    assert (ready["status"], ready["content_type"], ready["pages"], ready["problem"]) == ("ready", "image/jpeg", 1, "")
    assert ready["thumbnail"].startswith(reverse("material-thumbnail", args=[body["id"]]))
    assert ready["url"].startswith(reverse("material-file", args=[body["id"]]))


def test_stored_path_is_made_of_the_row_id_alone(account):
    body = upload(account, files.jpeg(), name="../../../etc/cron.d/身份证.jpg").json()

    row = Material.objects.get()

    assert row.file.name == f"quarantine/{body['id']}"

    materials.process(row.id)
    row.refresh_from_db()

    assert (row.file.name, row.thumbnail.name) == (f"{row.id}.jpg", f"{row.id}.thumbnail.jpg")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        *((content, 415, "file_type_unsupported") for content in files.PROGRAMS.values()),
        (b"", 400, "file_empty"),
        (files.jpeg()[:12], 400, "file_damaged"),
        (files.lying_jpeg(), 413, "image_too_large"),
        (files.jpeg() + bytes(10 * 1024 * 1024), 413, "file_too_large"),
    ],
    ids=[*files.PROGRAMS, "empty", "cut", "too many pixels", "too many bytes"],
)
def test_refused_at_the_door_leaves_nothing(account, content, status, code):
    before = stored_now()

    assert refusals(upload(account, content)) == (status, [(code, "file")])
    assert not Material.objects.exists()
    assert stored_now() == before


def test_too_long_a_body_is_refused_unread(account):
    """11 MB are announced and none sent: the answer does not wait for them."""
    client = factories.api(account)

    response = client.generic(
        "POST", reverse("materials"), b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(11 << 20)
    )

    assert refusals(response) == (413, [("file_too_large", "file")])


@pytest.mark.parametrize("kind", ["", "身份证", "A", "x" * 31, "../x"])
def test_kind_is_a_plain_word(account, kind):
    before = stored_now()

    status, [(_code, attr)] = refusals(upload(account, files.jpeg(), kind=kind))

    assert (status, attr) == (400, "kind")
    assert not Material.objects.exists()
    assert stored_now() == before


def test_file_must_be_sent_as_a_file(account):
    client = factories.api(account)

    assert refusals(client.post(reverse("materials"), {"kind": "a", "file": "text"}, format="multipart")) == (
        400,
        [("invalid", "file")],
    )
    assert refusals(client.post(reverse("materials"), {"kind": "a"}, format="multipart")) == (
        400,
        [("required", "file")],
    )
    assert client.post(reverse("materials"), {"kind": "a"}, format="json").status_code == 415


def test_refused_in_the_worker_says_why_and_keeps_no_file(account, django_capture_on_commit_callbacks):
    before = stored_now()
    body = upload(account, files.locked_pdf(), name="发票.pdf").json()

    with django_capture_on_commit_callbacks(execute=True):
        materials.process(uuid.UUID(body["id"]))

    assert stored_now() == before

    shown = factories.api(account).get(reverse("material", args=[body["id"]])).json()
    assert (shown["status"], shown["problem"], shown["url"]) == ("refused", "pdf_encrypted", None)
    assert shown["detail"] == "PDF 设有打开密码，请去除密码后重新上传。"


def test_unused_upload_is_deleted_with_its_files(account, django_capture_on_commit_callbacks):
    before = stored_now()
    body = upload(account, files.jpeg()).json()

    with django_capture_on_commit_callbacks(execute=True):
        materials.process(uuid.UUID(body["id"]))

    assert stored_now() - before == {f"/{body['id']}.jpg", f"/{body['id']}.thumbnail.jpg"}
    assert factories.api(account).delete(reverse("material", args=[body["id"]])).status_code == 204
    assert not Material.objects.exists()
    assert stored_now() == before


def test_used_upload_is_not_deleted(account):
    body = upload(account, files.jpeg()).json()
    filing = factories.draft()
    mine = factories.citizen(filing.person, relation="other")
    Material.objects.update(submission=filing, account=mine)

    response = factories.api(mine).delete(reverse("material", args=[body["id"]]))

    assert refusals(response) == (409, [("material_attached", None)])
    assert Material.objects.exists()


@pytest.mark.parametrize("verb", ["get", "delete"])
def test_uploads_of_others_do_not_exist(account, verb):
    body = upload(account, files.jpeg()).json()
    strangers = [
        factories.citizen(),
        factories.reviewer(),
        factories.staff("hospital", institution=factories.institution()),
    ]

    for stranger in strangers:
        response = getattr(factories.api(stranger), verb)(reverse("material", args=[body["id"]]))
        assert refusals(response) == (404, [("not_found", None)])

    assert getattr(factories.api(), verb)(reverse("material", args=[body["id"]])).status_code == 401
    assert Material.objects.exists()


def test_sixty_unused_uploads_are_enough(account):
    Material.objects.bulk_create(
        Material(account=account, kind="a", filename="a.jpg", content_type="image/jpeg", size=1) for _ in range(60)
    )

    assert refusals(upload(account, files.jpeg())) == (429, [("too_many_materials", None)])

    Material.objects.filter(id=Material.objects.first().id).delete()

    assert upload(account, files.jpeg()).status_code == 201


def test_uploads_are_throttled_by_account(account, settings):
    settings.LIMITS = settings.LIMITS | {"upload": "2/hour"}

    assert [upload(account, b"").status_code for _ in range(2)] == [400, 400]
    assert refusals(upload(account, b"")) == (429, [("throttled", None)])
    assert upload(factories.citizen(), b"").status_code == 400


def test_same_key_and_file_upload_once(account):
    first, again = (upload(account, files.jpeg(), **{"Idempotency-Key": "k"}) for _ in range(2))

    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.json()["id"] == again.json()["id"]

    other = upload(account, files.jpeg(color=files.WHITE), **{"Idempotency-Key": "k"})

    assert refusals(other) == (409, [("idempotency_conflict", None)])
    assert Material.objects.count() == 1


@pytest.fixture(autouse=True)
def _no_broker_is_kept():
    """Threads keep their connection from upload to upload; each test begins without."""
    intake._OWN.broker = None


@pytest.fixture
def deaf_broker():
    """A broker that takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.parametrize("broker", ["deaf", "absent"])
def test_upload_stands_without_a_broker(account, deaf_broker, broker, django_capture_on_commit_callbacks):
    """The worker is told after commit; when nobody listens the answer is the same, and the sweep finds the row."""
    heard = current_app.conf.broker_url
    current_app.conf.broker_url = deaf_broker if broker == "deaf" else "redis://127.0.0.1:1/0"

    try:
        with django_capture_on_commit_callbacks(execute=True):
            response = upload(account, files.jpeg())
    finally:
        current_app.conf.broker_url = heard

    assert response.status_code == 201

    Material.objects.update(uploaded_at=timezone.now() - timedelta(minutes=1))

    assert materials.process_waiting() == 1
    assert Material.objects.get().status == "ready"


def test_upload_stands_without_a_cache_to_count_in(account, deaf_broker, settings):
    options = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}

    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": deaf_broker, "OPTIONS": options}}

    assert upload(account, files.jpeg()).status_code == 201


def test_a_disk_without_room_is_told_as_one_that_may_have_some_later(account, monkeypatch):
    def no_room(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(private_storage().inside, "save", no_room)

    answer = upload(account, files.jpeg())

    assert refusals(answer) == (503, [("busy", None)])
    assert answer.headers["Retry-After"]
    assert not Material.objects.exists()


def test_worker_is_told_by_the_broker(account, django_capture_on_commit_callbacks):
    with current_app.connection_for_write() as broker:
        queue = broker.SimpleQueue("convert")
        queue.clear()
        with django_capture_on_commit_callbacks(execute=True):
            upload(account, files.jpeg())
        message = queue.get(timeout=5)
        queue.close()

    assert message.headers["task"] == "reviews.tasks.process_material"
    assert message.payload[0] == []


def test_it_is_told_of_the_next_upload_by_the_same_connection_and_by_another_where_that_has_gone(
    account, django_capture_on_commit_callbacks
):
    def sends():
        with django_capture_on_commit_callbacks(execute=True):
            assert upload(account, files.jpeg()).status_code == 201
        with redis.Redis.from_url(current_app.conf.broker_url) as server:
            assert server.brpop("convert", 5)
        return intake._OWN.broker

    first = sends()

    assert sends() is first

    with redis.Redis.from_url(current_app.conf.broker_url) as server:
        server.client_kill_filter(_type="normal", skipme=True)

    sends()
