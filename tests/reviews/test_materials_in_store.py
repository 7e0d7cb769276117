"""Files in an S3-compatible store (core.bucket, MATERIALS_URL): everything that is done with them, and a store that is gone or full."""

import http.server
import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.bucket import Bucket
from core.errors import FilesGone
from core.sealed_files import MAGIC
from reviews import leaving, materials
from reviews.materials import storage
from reviews.models import Material, private_storage
from tests import factories as make
from tests.reviews import material_files as files
from tests.store import Store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
FULL = b"<?xml version='1.0'?><Error><Code>XMinioStorageFull</Code><Message>no room</Message></Error>"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    store.start()
    yield store
    store.stop()


@pytest.fixture
def moved(settings, monkeypatch):
    """Moves the product's files to a store at an address."""

    def move(url):
        inside = {"inside": "core.bucket.Bucket", "url": url}
        settings.STORAGES = settings.STORAGES | {
            "materials": {"BACKEND": "core.sealed_files.SealedStorage", "OPTIONS": inside}
        }
        for name in ("file", "thumbnail"):
            monkeypatch.setattr(Material._meta.get_field(name), "storage", private_storage())

    return move


@pytest.fixture
def store(server, moved):
    """The store is the product's, is up, and is empty again afterwards."""
    moved(server.url)
    if not server.process:
        server.start()
    yield server
    for file in lying(server):
        (server.lying / file).unlink()


@contextmanager
def out_of_room():
    """A store that answers as one without room does; its address."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(507)
            self.send_header("Content-Length", str(len(FULL)))
            self.end_headers()
            self.wfile.write(FULL)

        def do_HEAD(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as full:
        threading.Thread(target=full.serve_forever, daemon=True).start()
        yield f"http://key:secret@127.0.0.1:{full.server_port}/materials"
        full.shutdown()


def lying(store):
    """What lies in the bucket, by name."""
    return {file.relative_to(store.lying).as_posix() for file in store.lying.rglob("*") if file.is_file()}


def upload(account, content, name="照片.jpg"):
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return make.api(account).post(reverse("materials"), {"file": file, "kind": "residence_permit"}, format="multipart")


def processed(account, content, capture, name="照片.jpg"):
    """An upload that the worker has made safe."""
    material_id = uuid.UUID(upload(account, content, name).json()["id"])
    with capture(execute=True):
        return materials.process(material_id)


def shown(account, material, link):
    """What stands behind one of a material's links."""
    address = make.api(account).get(reverse("material", args=[material.pk])).json()[link]
    answer = Client().get(address)
    return answer.status_code, answer.getvalue()


def told_to_come_again(answer):
    return (answer.status_code, answer.json()["errors"][0]["code"], answer.headers["Retry-After"]) == (503, "busy", "2")


def test_an_upload_lies_there_sealed_and_is_shown_by_our_own_links_alone(
    store, account, django_capture_on_commit_callbacks
):
    sent = upload(account, files.jpeg())
    before = lying(store)
    with django_capture_on_commit_callbacks(execute=True):
        photo = materials.process(uuid.UUID(sent.json()["id"]))
    picture, thumbnail = shown(account, photo, "url"), shown(account, photo, "thumbnail")

    assert before == {f"quarantine/{photo.pk}"}
    assert lying(store) == {f"{photo.pk}.jpg", f"{photo.pk}.thumbnail.jpg"}
    assert (picture[0], picture[1][:3], thumbnail[0], thumbnail[1][:3]) == (200, b"\xff\xd8\xff", 200, b"\xff\xd8\xff")
    assert all((store.lying / name).read_bytes().startswith(MAGIC) for name in lying(store))
    assert httpx.get(f"http://127.0.0.1:{store.port}/materials/{photo.pk}.jpg", trust_env=False).is_client_error


def test_a_page_is_pictured_and_everything_goes_into_the_owners_export(store, django_capture_on_commit_callbacks):
    case = make.submitted()
    paper = processed(case.applicant, files.pdf(2), django_capture_on_commit_callbacks, "证明.pdf")
    Material.objects.filter(pk=paper.pk).update(submission=case)
    reviewer = Client()
    reviewer.force_login(make.reviewer(), backend="django.contrib.auth.backends.ModelBackend")

    page = reviewer.get(reverse("admin:material_page", args=[paper.pk, 2]))
    exported = {entry.name: entry for entry in leaving.exported(case.applicant)}

    assert (page.status_code, page.getvalue()[:3]) == (200, b"\xff\xd8\xff")
    assert lying(store) == {f"{paper.pk}.pdf", f"{paper.pk}.thumbnail.jpg", f"{paper.pk}.page-2.jpg"}
    assert exported[f"files/{case.number}/1-residence_permit.pdf"].content.startswith(b"%PDF-")


def test_what_is_deleted_or_purged_is_gone_from_the_store(store, account, django_capture_on_commit_callbacks):
    first, second = (processed(account, files.jpeg(), django_capture_on_commit_callbacks) for _ in range(2))
    upload(account, files.jpeg())
    Material.objects.filter(pk=second.pk).update(uploaded_at=timezone.now() - timedelta(days=8))

    deleted = make.api(account).delete(reverse("material", args=[first.pk]))

    assert (deleted.status_code, materials.purge()) == (204, 1)
    [waiting] = Material.objects.all()
    assert lying(store) == {f"quarantine/{waiting.pk}"}


def test_files_are_sealed_again_under_a_new_key_where_they_lie(
    store, account, settings, django_capture_on_commit_callbacks
):
    photo = processed(account, files.jpeg(), django_capture_on_commit_callbacks)
    before = (store.lying / f"{photo.pk}.jpg").read_bytes()
    settings.DATA_KEYS = [f"next:{settings.DATA_KEYS[0].partition(':')[2][::-1][1:]}=", *settings.DATA_KEYS]

    resealed = storage.reseal_all("next")

    assert resealed == 2
    assert (store.lying / f"{photo.pk}.jpg").read_bytes() != before
    assert lying(store) == {f"{photo.pk}.jpg", f"{photo.pk}.thumbnail.jpg"}
    assert shown(account, photo, "url")[0] == 200


def test_a_store_that_is_gone_is_told_as_one_that_may_answer_later_and_loses_nothing(
    store, account, django_capture_on_commit_callbacks
):
    photo = processed(account, files.jpeg(), django_capture_on_commit_callbacks)
    waiting = uuid.UUID(upload(account, files.jpeg()).json()["id"])
    link = make.api(account).get(reverse("material", args=[photo.pk])).json()["url"]
    there = lying(store)
    store.stop()

    sent, read = upload(account, files.jpeg()), Client().get(link)
    deleted = make.api(account).delete(reverse("material", args=[photo.pk]))
    put_off = materials.process(waiting)
    with pytest.raises(FilesGone):
        materials.purge()

    assert told_to_come_again(sent)
    assert told_to_come_again(read)
    assert told_to_come_again(deleted)
    assert put_off.status == Material.State.PROCESSING
    assert set(Material.objects.values_list("pk", flat=True)) == {photo.pk, waiting}

    store.start()

    assert lying(store) == there
    assert Client().get(link).status_code == 200
    Material.objects.filter(pk=waiting).update(claimed_until=timezone.now())
    assert materials.process(waiting).status == Material.State.READY


def test_a_store_without_room_takes_nothing_and_says_so(account, moved):
    with out_of_room() as url:
        moved(url)
        answer = upload(account, files.jpeg())

    assert told_to_come_again(answer)
    assert not Material.objects.exists()


def test_what_is_not_there_is_not_taken_for_a_store_that_is_gone(store):
    bucket = Bucket(store.url)

    assert bucket.exists("nothing") is False
    with pytest.raises(FileNotFoundError):
        bucket.open("nothing")
    bucket.delete("nothing")


@pytest.mark.parametrize("wrong", ["secret", "bucket"])
def test_a_wrong_key_or_bucket_is_no_missing_file(store, wrong):
    url = store.url.replace("of%2F", "no%2F") if wrong == "secret" else store.url + "-of-others"

    with pytest.raises(FilesGone):
        Bucket(url).open("nothing")
