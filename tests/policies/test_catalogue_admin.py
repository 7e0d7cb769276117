"""The catalogue in the staff's site: importing a file, looking at what it changes, publishing by somebody else, the list."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from policies.models import CatalogueEntry, CatalogueVersion
from tests.factories import area
from tests.policies.cataloguing import listed
from tests.policies.policy_texts import keeper
from tests.policies.test_catalogue_files import BEIJING, HEAD

pytestmark = pytest.mark.django_db
ADD = reverse("admin:policies_catalogueversion_add")
FILES = reverse("admin:policies_catalogueversion_changelist")
ITEMS = reverse("admin:policies_catalogueentry_changelist")


@pytest.fixture
def desks():
    area("110000")
    area("500000")
    return [
        desk_of(keeper(area="110000", number=1)),
        desk_of(keeper(area="110000", number=2)),
        desk_of(keeper("admin", area=None)),
    ]


def desk_of(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sent(desk, text: str):
    return desk.post(ADD, {"file": SimpleUploadedFile("北京.csv", text.encode("gb18030"))})


def test_a_file_is_looked_at_published_by_another_and_found_in_the_list(desks):
    one, other, _admin = desks
    listed("110000 X1 A - - 2026-01-01", "X7 C")
    wrong = sent(one, HEAD + BEIJING + ",X6,药,戊,,,2026-01-01\n")
    assert (wrong.status_code, CatalogueVersion.objects.filter(status="draft").count()) == (400, 0)
    assert "没有导入任何内容" in wrong.content.decode()
    assert "第 3 行" in wrong.content.decode()

    page = sent(one, HEAD + BEIJING + BEIJING.replace("X1", "X2"))["Location"]
    shown = one.get(page).content.decode()
    assert "您上传的目录由另一位工作人员发布。" in shown
    for said in ("甲类", "乙类，先自付 0.1，限价 12.5 元", "更正", "新增"):
        assert said in shown
    assert one.post(page, {"action": "publish"}).status_code == 403
    assert other.post(page, {"action": "publish"})["Location"] == page
    assert other.post(page, {"action": "publish"}).status_code == 409

    items = other.get(ITEMS, {"q": "x1"}).content.decode()
    assert ("药甲" in items, "已被替代" in items, ">X1<" in items, ">X2<" in items) == (True, True, True, False)
    assert ">X7<" in other.get(ITEMS, {"class": "C", "state": "current"}).content.decode()
    assert other.post(page, {"action": "take"}).content.decode().startswith("\ufeff" + HEAD)
    exported = b"".join(other.post(ITEMS + "?area=110000", {"_export": "csv"}).streaming_content).decode()
    assert len(exported.splitlines()) == 1 + 3


def test_who_sees_and_does_what(desks):
    one, _other, admin = desks
    stranger = desk_of(keeper(area="500000", number=3))
    page = sent(one, HEAD + BEIJING)["Location"]

    assert "还没有目录" in admin.get(ITEMS).content.decode()
    assert [desk.get(page).status_code for desk in (one, admin, stranger, Client())] == [200, 200, 404, 302]
    assert [stranger.post(page, {"action": "publish"}).status_code, sent(stranger, HEAD + BEIJING).status_code] == [
        404,
        403,
    ]
    assert admin.post(page, {"action": "publish"}).status_code == 302
    assert CatalogueEntry.objects.get().code == "X1"
    assert ">X1<" not in stranger.get(ITEMS).content.decode()
    assert desk_of(keeper("reviewer", area="110000", number=4)).get(FILES).status_code == 403
    assert one.get(page.replace("/change/", "/history/")).status_code == 200
