"""Who may see what is stored, how it is handed out, and what can be attached."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from core.errors import Refusal
from filings.models import Filing
from reviews import materials, services
from reviews.locking import locked
from reviews.materials import links
from reviews.models import Event, Material, Status, Submission
from tests import factories
from tests.factories import BEIJING, CHONGQING
from tests.reviews import material_files as files

pytestmark = pytest.mark.django_db


def uploaded(account, content=None, *, name="居住证.jpg", kind="residence_permit"):
    return materials.receive(account, SimpleUploadedFile(name, content or files.jpeg()), kind)


def ready(account, content=None, **how):
    return materials.process(uploaded(account, content, **how).id)


@pytest.fixture
def owner():
    return factories.citizen(factories.person())


@pytest.fixture
def case(owner):
    """A submitted filing of the owner's with a photo."""
    person = owner.mandates.get().person
    filing = factories.draft(factories.enrollment(person), account=owner)
    photo = ready(owner)
    with locked(filing) as held:
        services.attach(held, [photo.id], owner)
    stands(filing, Status.SUBMITTED)
    return photo


def stands(filing, status):
    """Put a filing into a state of the queue without the queue: only who may see it matters here."""
    now = timezone.now()
    Submission.objects.filter(pk=filing.pk).update(status=status, submitted_at=now, due_at=now, correct_by=now)


def follow(link, **headers):
    """Follow a link to its end; the answer, with what was sent as `body`."""
    answer = factories.api().get(link, headers=headers)
    answer.body = answer.getvalue()
    return answer


def refusal(response):
    return response.status_code, response.json()["errors"][0]["code"]


def test_link_hands_out_the_picture_without_a_token(case, owner):
    for link in (links.signed_url(case, owner), links.signed_url(case, owner, thumbnail=True)):
        answer = follow(link)
        assert answer.status_code == 200
        assert answer.body.startswith(b"\xff\xd8\xff")
        assert {name: answer[name] for name in SAFE} == SAFE
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Content-Length"] == str(len(answer.body))
        assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''")


SAFE = {
    "Cache-Control": "private, max-age=300",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


def test_pdf_is_a_download_and_its_thumbnail_a_picture(owner):
    content = files.pdf()
    paper = ready(owner, content, name="发票.pdf")

    answer = follow(links.signed_url(paper, owner))

    assert answer.body == content
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/pdf",
        "attachment; filename*=utf-8''%E5%8F%91%E7%A5%A8.pdf",
    )
    assert {name: answer[name] for name in SAFE} == SAFE

    small = follow(links.signed_url(paper, owner, thumbnail=True))

    assert (small["Content-Type"], small["Content-Disposition"][:6]) == ("image/jpeg", "inline")


def test_a_heic_is_downloaded_under_the_name_of_what_it_has_become(owner):
    photo = ready(owner, files.heic(), name="IMG_1.heic")

    assert follow(links.signed_url(photo, owner))["Content-Disposition"] == 'inline; filename="IMG_1.jpg"'


def test_picture_is_what_a_browser_asks_for(case, owner):
    answer = follow(links.signed_url(case, owner), Accept="image/avif,image/webp,image/*")

    assert answer.status_code == 200


def test_compressed_pictures_are_not_compressed_again(case, owner):
    answer = follow(links.signed_url(case, owner), **{"Accept-Encoding": "gzip"})

    assert answer["Content-Encoding"] == "identity"


def test_no_link_before_there_is_anything_to_show(owner):
    waiting = uploaded(owner)

    assert (links.signed_url(waiting, owner), links.signed_url(waiting, owner, thumbnail=True)) == (None, None)


def test_page_asked_again_shows_the_same_link(case, owner, monkeypatch):
    """A link lives five to ten minutes, so that a page that polls does not load its pictures again."""
    seen = []

    for second in (1_800_000_000, 1_800_000_299, 1_800_000_300):
        monkeypatch.setattr(links.time, "time", lambda second=second: second)
        seen.append(links.signed_url(case, owner))

    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize(("later", "status"), [(599, 200), (600, 403)])
def test_link_ends_after_ten_minutes_of_machine_time(case, owner, monkeypatch, later, status):
    monkeypatch.setattr(links.time, "time", lambda: 1_800_000_000)
    link = links.signed_url(case, owner)

    monkeypatch.setattr(links.time, "time", lambda: 1_800_000_000 + later)

    assert follow(link).status_code == status


def test_changed_signature_opens_nothing(case, owner):
    path, _, signature = links.signed_url(case, owner).partition("?sig=")
    account, ends = signature.rpartition(":")[0].split(".")
    other = factories.citizen().pk.hex

    forged = [
        "",
        "nonsense",
        signature[:-1] + ("A" if signature[-1] != "A" else "B"),
        signature.replace(account, other),
        signature.replace(ends, str(int(ends) + 9999)),
        Signer(salt="something.else").sign(f"{account}.{ends}"),
    ]

    for attempt in forged:
        assert refusal(follow(f"{path}?sig={attempt}")) == (403, "link_expired")
    assert refusal(follow(path)) == (403, "link_expired")


def test_link_opens_one_material_for_one_purpose(case, owner):
    signature = links.signed_url(case, owner).partition("?sig=")[2]

    other = ready(owner)

    for place in (reverse("material-thumbnail", args=[case.id]), reverse("material-file", args=[other.id])):
        assert refusal(follow(f"{place}?sig={signature}")) == (403, "link_expired")


def who_may_see():
    """Account → may it see the owner's submitted case in Chongqing?"""
    yield "reviewer of the area", factories.reviewer(CHONGQING), True
    yield "supervisor of the area", factories.supervisor(CHONGQING), True
    yield "administrator", factories.staff(Role.ADMIN), True
    yield "reviewer elsewhere", factories.reviewer(BEIJING), False
    yield "hospital", factories.staff(Role.HOSPITAL, institution=factories.institution()), False
    yield "another citizen", factories.citizen(factories.person()), False


def test_case_is_shown_to_who_may_see_it_and_does_not_exist_for_others(case):
    for who, account, may in who_may_see():
        expected = 200 if may else 404
        polled = factories.api(account).get(reverse("material", args=[case.id]))
        followed = follow(links.signed_url(case, account))
        assert (who, polled.status_code, followed.status_code) == (who, expected, expected)


def test_relative_with_a_mandate_sees_the_case_until_it_ends(case, owner):
    relative = factories.citizen(owner.mandates.get().person, relation="child")

    link = links.signed_url(case, relative)

    assert follow(link).status_code == 200

    relative.mandates.update(status="ended")

    assert refusal(follow(link)) == (404, "not_found")


def test_who_uploaded_and_lost_the_mandate_sees_it_no_more(case, owner):
    link = links.signed_url(case, owner)

    owner.mandates.update(status="ended")

    assert refusal(follow(link)) == (404, "not_found")


def test_closed_account_follows_no_link(case):
    admin = factories.staff(Role.ADMIN)
    link = links.signed_url(case, admin)
    admin.is_active = False

    admin.save()

    assert refusal(follow(link)) == (404, "not_found")


def test_reviewer_does_not_see_drafts_or_loose_uploads(owner):
    reviewer = factories.reviewer(CHONGQING)
    loose, in_draft = ready(owner), ready(owner)
    filing = factories.draft(factories.enrollment(owner.mandates.get().person), account=owner)

    Material.objects.filter(id=in_draft.id).update(submission=filing)

    for material in (loose, in_draft):
        assert follow(links.signed_url(material, reviewer)).status_code == 404
        assert follow(links.signed_url(material, owner)).status_code == 200


def test_links_cost_a_fixed_number_of_queries(case, django_assert_num_queries):
    """The account, and the material with the case it belongs to: whether a link still holds is no question of business time."""
    link = links.signed_url(case, factories.reviewer(CHONGQING))

    with django_assert_num_queries(2):
        assert follow(link).status_code == 200


# Attaching


@pytest.fixture
def filing(owner):
    return factories.draft(factories.enrollment(owner.mandates.get().person), account=owner)


def attach(filing, ids, account):
    with locked(filing) as held:
        return services.attach(held, ids, account)


def attach_refusal(filing, ids, account):
    with pytest.raises(Refusal) as refused:
        attach(filing, ids, account)
    assert {problem.attr for problem in refused.value.problems} == {"materials"}
    return refused.value.status, [problem.code for problem in refused.value.problems]


def attached(filing):
    return set(filing.materials.values_list("id", flat=True))


def test_uploads_are_attached_in_the_order_named_and_each_once(owner, filing):
    first, second = ready(owner), ready(owner)

    rows = attach(filing, [second.id, str(first.id), second.id], owner)

    assert [row.id for row in rows] == [second.id, first.id]
    assert attached(filing) == {first.id, second.id}


def test_draft_keeps_exactly_what_is_named(owner, filing):
    first, second = ready(owner), ready(owner)
    attach(filing, [first.id], owner)

    attach(filing, [second.id], owner)

    assert attached(filing) == {second.id}

    first.refresh_from_db()

    assert first.submission_id is None


def test_nothing_is_let_go_once_a_reviewer_may_have_seen_it(owner, case):
    filing = Filing.objects.get()
    stands(filing, Status.RETURNED)
    better = ready(owner)

    attach(filing, [better.id], owner)

    assert attached(filing) == {case.id, better.id}


def test_relative_names_again_what_another_attached(owner, filing):
    photo = ready(owner)
    attach(filing, [photo.id], owner)

    relative = factories.citizen(filing.person, relation="child")

    assert [row.id for row in attach(filing, [photo.id], relative)] == [photo.id]


def test_what_is_not_ones_own_free_and_real_is_unknown(owner, filing):
    others = ready(factories.citizen())
    used = ready(owner)

    attach(factories.draft(factories.enrollment(filing.person, code=BEIJING), account=owner), [used.id], owner)

    for name in (others.id, used.id, uuid.uuid4(), "nonsense", "", None, "0" * 500):
        assert attach_refusal(filing, [name], owner) == (400, ["material_unknown"])
    assert attached(filing) == set()


def test_refused_one_is_told_with_its_reason(owner, filing):
    locked_paper = ready(owner, files.locked_pdf(), name="发票.pdf")

    with pytest.raises(Refusal) as refused:
        attach(filing, [locked_paper.id, ready(owner).id], owner)

    (problem,) = refused.value.problems

    assert (refused.value.status, problem.code, problem.attr) == (400, "material_refused", "materials")
    assert problem.detail == "材料“发票.pdf”不能使用：PDF 设有打开密码，请去除密码后重新上传。"
    assert attached(filing) == set()


def test_one_still_processing_is_asked_for_again(owner, filing):
    waiting = uploaded(owner)

    assert attach_refusal(filing, [ready(owner).id, waiting.id], owner) == (409, ["material_processing"])
    assert attached(filing) == set()

    materials.process(waiting.id)

    assert [row.id for row in attach(filing, [waiting.id], owner)] == [waiting.id]


def test_everything_unusable_is_told_at_once(owner, filing):
    named = [uuid.uuid4(), ready(owner, files.locked_pdf()).id, uploaded(owner).id]

    assert attach_refusal(filing, named, owner) == (400, ["material_unknown", "material_refused"])


def test_forty_documents_are_enough(owner, filing):
    assert attach_refusal(filing, [uuid.uuid4() for _ in range(41)], owner) == (400, ["too_many_materials"])


def test_attached_upload_is_never_cleared_away(owner, filing):
    photo = ready(owner)
    attach(filing, [photo.id], owner)

    Material.objects.update(uploaded_at=timezone.now() - timedelta(days=30))

    assert materials.purge() == 0
    assert attached(filing) == {photo.id}


def desk(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def scan(photo, purpose="file"):
    return reverse(f"admin:material_{purpose}", args=[photo.pk])


def test_the_desk_shows_scans_by_ones_session_and_no_link_to_pass_on(case):
    client = desk(factories.reviewer())

    page = client.get(reverse("admin:reviews_submission_change", args=[_of(case)])).content.decode()
    answer = opened(client, case)

    assert scan(case) in page
    assert "sig=" not in page
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")


def test_a_scan_of_the_desk_opens_for_nobody_else(case):
    signed_out = Client().get(scan(case))
    elsewhere = desk(factories.reviewer(code=factories.CHENGDU)).get(scan(case))

    assert signed_out.status_code == 302
    assert elsewhere.status_code == 404


def test_every_opening_of_a_scan_is_on_the_agencys_record(case, owner):
    colleague = factories.reviewer()
    client = desk(colleague)

    opened(client, case, "thumbnail")
    opened(client, case)
    opened(client, case)

    looks = Event.objects.filter(submission=_of(case), verb="open_material")
    assert [(event.actor, event.data) for event in looks] == [(colleague, {"material": str(case.pk)})] * 2
    shown = factories.api(owner).get(f"/api/v1/filings/{_of(case)}/").json()
    assert "open_material" not in {event["verb"] for event in shown["events"]}


def opened(client, photo, purpose="file"):
    answer = client.get(scan(photo, purpose))
    answer.getvalue()
    return answer


def _of(photo):
    return Material.objects.get(pk=photo.pk).submission_id
