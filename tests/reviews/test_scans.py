"""The scans of a case beside the form: pages as pictures, turned as they were left, every opening on record."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Role
from reviews import materials
from reviews.materials import pages, storage
from reviews.models import Event, Material, private_storage
from tests import factories as make
from tests.reviews import material_files as files
from tests.rivals import split, together

pytestmark = pytest.mark.usefixtures("monday")


def attached(case, content, name="扫描.pdf"):
    """An upload made safe, attached to the case."""
    scan = materials.receive(case.applicant, SimpleUploadedFile(name, content), "residence_permit")
    Material.objects.filter(pk=scan.pk).update(submission=case)
    return materials.process(scan.pk)


@pytest.fixture
def case():
    return make.submitted()


@pytest.fixture
def paper(case):
    return attached(case, files.pdf(3))


@pytest.fixture
def photo(case):
    return attached(case, files.jpeg(), "居住证.jpg")


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(scan, number):
    return reverse("admin:material_page", args=[scan.pk, number])


def fetched(client, address):
    """The answer, read to its end, with what was sent as `body`."""
    answer = client.get(address)
    answer.body = answer.getvalue()
    return answer


def turn(client, scan, number, degrees):
    return client.post(reverse("admin:material_turn", args=[scan.pk]), {"page": number, "degrees": degrees})


def opened(case):
    return list(Event.objects.filter(submission=case, verb="open_material").values_list("data__material", flat=True))


def test_a_page_of_a_pdf_is_a_picture_large_enough_to_read_and_is_made_once(case, paper):
    client = signed_in(make.reviewer())

    answer = fetched(client, page(paper, 2))
    content = answer.body

    assert answer["Content-Type"] == "image/jpeg"
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(content)).size == (1448, 2048)  # A4, 842 points long, at 2048 pixels
    assert private_storage().exists(f"{paper.pk}.page-2.jpg")

    private_storage().delete(paper.file.name)

    assert fetched(client, page(paper, 2)).body == content


def test_a_picture_is_its_own_only_page(photo):
    client = signed_in(make.reviewer())

    assert fetched(client, page(photo, 1)).body.startswith(b"\xff\xd8\xff")
    assert client.get(page(photo, 2)).status_code == 404


@pytest.mark.parametrize("number", [0, 4])
def test_there_is_no_page_beyond_the_last(paper, number):
    assert signed_in(make.reviewer()).get(page(paper, number)).status_code == 404


def test_a_pdf_that_cannot_be_pictured_is_said_and_not_on_record(case, paper):
    private_storage().delete(paper.file.name)

    answer = signed_in(make.reviewer()).get(page(paper, 1))

    assert answer.status_code == 404
    assert opened(case) == []


def test_a_picture_that_is_gone_is_said_and_not_on_record(case, photo):
    private_storage().delete(photo.file.name)

    assert signed_in(make.reviewer()).get(page(photo, 1)).status_code == 404
    assert opened(case) == []


def test_the_pages_of_a_pdf_are_one_opening_a_sitting(case, paper):
    colleague = make.reviewer()
    first, second = signed_in(colleague), signed_in(colleague)

    for client in (first, first, second):
        for number in (1, 2):
            assert fetched(client, page(paper, number)).status_code == 200

    assert opened(case) == [str(paper.pk)] * 2


def test_a_picture_is_opened_whenever_it_is_fetched_and_a_thumbnail_never(case, photo):
    client = signed_in(make.reviewer())

    for _time in (1, 2):
        fetched(client, page(photo, 1))
    fetched(client, reverse("admin:material_thumbnail", args=[photo.pk]))

    assert opened(case) == [str(photo.pk)] * 2


def test_others_get_neither_a_page_nor_the_wheel(case, paper):
    for account in (make.reviewer("510100"), make.citizen(), make.staff(Role.HOSPITAL, institution=make.institution())):
        client = signed_in(account)
        assert client.get(page(paper, 1)).status_code in (302, 403, 404)
        assert turn(client, paper, 1, 90).status_code in (302, 403, 404)

    assert Client().get(page(paper, 1)).status_code == 302
    assert opened(case) == []
    assert Material.objects.get().turns == {}


def test_what_is_not_attached_to_a_case_is_shown_to_no_staff(paper):
    Material.objects.update(submission=None)

    assert signed_in(make.reviewer()).get(page(paper, 1)).status_code == 404


def test_how_a_page_is_turned_is_remembered_for_everybody_and_the_file_stays_as_it_is(case, paper):
    before = storage.read(paper.file.name)

    assert turn(signed_in(make.reviewer()), paper, 2, 90).status_code == 204
    assert turn(signed_in(make.reviewer()), paper, 3, 270).status_code == 204

    shown = signed_in(make.reviewer()).get(reverse("admin:reviews_submission_change", args=[case.pk]))
    assert shown.context["scans"][0]["turns"] == {"2": 90, "3": 270}
    assert storage.read(paper.file.name) == before
    assert not Event.objects.filter(submission=case, verb__contains="turn").exists()


@pytest.mark.parametrize(("number", "degrees"), [(1, 45), (4, 90), (0, 90), ("x", 90), (1, "²"), ("", "")])
def test_only_quarters_of_pages_that_there_are(paper, number, degrees):
    assert turn(signed_in(make.reviewer()), paper, number, degrees).status_code == 400
    assert Material.objects.get().turns == {}


@pytest.mark.django_db(transaction=True)
def test_two_who_turn_two_pages_at_once_both_are_remembered():
    paper = attached(make.submitted(), files.pdf(3))

    split(together(lambda: pages.turn(paper, 1, 90), lambda: pages.turn(paper, 2, 180)))

    assert Material.objects.get().turns == {"1": 90, "2": 180}


@pytest.mark.django_db(transaction=True)
def test_two_who_open_a_page_at_once_get_the_same_picture_and_one_is_kept():
    paper = attached(make.submitted(), files.pdf(1))

    def read():
        with pages.picture(paper, 1) as picture:
            return picture.read()

    pictures, _refused = split(together(read, read, read))

    assert len(set(pictures)) == 1
    assert [name for name in private_storage().listdir("")[1] if f"{paper.pk}.page" in name] == [
        f"{paper.pk}.page-1.jpg"
    ]


def test_the_viewer_is_given_every_page_and_says_what_is_not_ready(case, paper, photo):
    waiting = make.material(case.applicant, submission=case, status=Material.State.PROCESSING, filename="慢.jpg")

    shown = signed_in(make.reviewer()).get(reverse("admin:reviews_submission_change", args=[case.pk]))

    given = {scan["id"]: scan for scan in shown.context["scans"]}
    assert given[str(paper.pk)]["pages"] == [page(paper, number) for number in (1, 2, 3)]
    assert given[str(photo.pk)]["pages"] == [page(photo, 1)]
    assert given[str(waiting.pk)]["pages"] == []
    assert "处理中" in shown.content.decode()
