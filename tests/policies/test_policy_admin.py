"""The policies' pages in the staff's site: who sees what, uploading, comparing, publishing by somebody else."""

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from core.clock import SHANGHAI, standing_at
from policies import publishing
from policies.models import PolicyVersion
from tests.policies.policy_texts import keeper, policy_text

NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
LIST = reverse("admin:policies_policyversion_changelist")
ADD = reverse("admin:policies_policyversion_add")


@pytest.fixture(autouse=True)
def noon():
    with standing_at(NOON):
        yield


@pytest.fixture
def sign_in():
    def enter(account):
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter


@pytest.fixture
def current(draft, people):
    return publishing.publish(draft, by=people[1])


def page(version, what="change"):
    return reverse(f"admin:policies_policyversion_{what}", args=[version.pk])


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [
        ("admin", None, [200, 200, 200, 200]),
        ("supervisor", "510100", [200, 200, 200, 200]),
        ("supervisor", "500000", [200, 200, 404, 404]),
        ("reviewer", "510100", [403, 403, 403, 403]),
        ("citizen", None, [302, 302, 302, 302]),
    ],
)
def test_who_sees_what(sign_in, current, role, area, status):
    client = sign_in(Account.objects.create(role=role, username="someone", area_id=area))

    pages = (LIST, ADD, page(current), page(current, "history"))

    assert [client.get(address).status_code for address in pages] == status


def test_a_supervisor_lists_their_own_area_only(sign_in, current):
    assert "510100-2026-01-01" in text_of(sign_in(keeper(number=3)).get(LIST))

    other = sign_in(keeper(area="500000"))

    assert "510100" not in text_of(other.get(LIST))
    assert other.post(page(current), {"action": "withdraw"}).status_code == 404
    assert other.get(reverse("admin:policies_policyversion_compare", args=[current.pk, current.pk])).status_code == 404
    assert "成都市医保" not in text_of(other.get(f"{ADD}?from={current.slug}"))


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("state=current", {"510100-2026-01-01-r2"}),
        ("state=replaced", {"510100-2026-01-01"}),
        ("state=past", {"510100-chengdu-2023"}),
        ("state=future", {"510100-2027-01-01"}),
        ("state=waiting", {None}),
        ("state=withdrawn", set()),
        ("q=chengdu&state=current", {"510100-2026-01-01-r2"}),
        ("q=成都&state=current", {"510100-2026-01-01-r2"}),
        ("q=510100-2027", {"510100-2027-01-01"}),
        ("q=重庆", set()),
    ],
)
def test_versions_are_found_by_area_and_state(sign_in, people, current, query, slugs):
    revised = policy_text(deductible="900", pooled="8415")
    publishing.publish(publishing.upload(revised, by=people[0]), by=people[1])
    publishing.publish(publishing.upload(policy_text(since="2027-01-01"), by=people[0]), by=people[1])
    publishing.upload(policy_text(since="2028-01-01"), by=people[0])

    response = sign_in(Account.objects.create(role="admin", username="root")).get(f"{LIST}?{query}")

    assert {row.slug for row in response.context["cl"].result_list} == slugs


def test_the_list_costs_the_same_for_ten_rows_and_for_a_hundred(sign_in, current, django_assert_max_num_queries):
    client = sign_in(Account.objects.create(role="admin", username="root"))
    for number in (10, 100):
        PolicyVersion.objects.bulk_create(
            PolicyVersion(
                area="510100", name="x", file="x.yaml", sha256=f"{number}-{i}", text="", uploaded_at=NOON,
                effective_from=date(2000, 1, 1),
            )
            for i in range(number)
        )  # fmt: skip
        with django_assert_max_num_queries(8):
            assert client.get(LIST).status_code == 200


def test_a_file_becomes_a_draft_and_somebody_else_publishes_it(sign_in, people):
    uploader, other = people
    client = sign_in(uploader)

    upload = SimpleUploadedFile("510100-chengdu-2026.yaml", policy_text().encode())

    assert client.post(ADD, {"upload": upload}).status_code == 302

    draft = PolicyVersion.objects.get()
    assert (draft.status, draft.uploaded_by, draft.text) == ("draft", uploader, policy_text())

    shown = text_of(client.get(page(draft)))
    assert "须由另一位工作人员发布" in shown

    seen = client.get(page(draft)).context["seen"]
    assert client.post(page(draft), {"action": "publish", "seen": seen}).status_code == 403
    assert PolicyVersion.objects.get(pk=draft.pk).status == "draft"

    client = sign_in(other)
    before = client.get(page(draft))

    assert "与 2026-01-01 的现行版本 510100-chengdu-2023 相比" in text_of(before)
    assert "510100-chengdu-2023.yaml 到 2026-01-01 前为止" in text_of(before)
    assert client.post(page(draft), {"action": "publish", "seen": before.context["seen"]}).status_code == 302

    draft.refresh_from_db()

    assert (draft.status, draft.slug, draft.published_by) == ("published", "510100-chengdu-2026", other)

    history = client.get(page(draft, "history")).context["changes"]
    assert [(change.kind, change.by) for change in history] == [("update", str(other)), ("insert", str(uploader))]


def test_pasted_text_with_mistakes_is_shown_again_by_line(sign_in, people):
    text = policy_text(deductible="-1") + "colour: red\n"
    response = sign_in(people[0]).post(ADD, {"text": text.replace("\n", "\r\n"), "file": "mine.yaml"})

    shown = text_of(response)

    assert (response.status_code, PolicyVersion.objects.count()) == (400, 0)
    assert response.context["given"].text == text
    assert [problem.line for problem, _ in response.context["wrong"].problems] == [11, 17]
    assert "第 17 行" in shown
    assert "colour: red" in shown
    assert 'value="mine.yaml"' in shown


def test_examples_that_come_out_otherwise_are_listed(sign_in, people):
    response = sign_in(people[0]).post(ADD, {"text": policy_text(pooled="8499")})

    (mismatch,) = response.context["wrong"].mismatches

    assert (response.status_code, mismatch.amount, mismatch.expected, mismatch.got) == (
        409,
        "pooled",
        "8499",
        "8500.00",
    )
    assert "统筹基金支付 <code>pooled</code>" in text_of(response)
    assert response.context["given"].text == policy_text(pooled="8499")


def test_a_file_that_is_none_leaves_what_was_pasted(sign_in, people):
    upload = SimpleUploadedFile("a.yaml", b"\xff\xfe")

    response = sign_in(people[0]).post(ADD, {"upload": upload, "text": policy_text(), "file": "mine.yaml"})

    assert "UTF-8" in text_of(response)
    assert (response.context["given"].text, response.context["given"].file) == (policy_text(), "mine.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe", "UTF-8"), (b"x" * 1_000_001, "1 MB"), (b"", "请选择文件，或者粘贴文件内容")],
)
def test_files_that_are_none(sign_in, people, content, message):
    response = sign_in(people[0]).post(ADD, {"upload": SimpleUploadedFile("a.yaml", content)})

    assert response.status_code == 400
    assert message in text_of(response)


def test_markup_in_a_text_stays_text(sign_in, people):
    response = sign_in(people[0]).post(ADD, {"text": policy_text(name="<script>alert(1)</script>") + "x: 1\n"})

    assert "<script>alert(1)" not in text_of(response)

    draft = publishing.upload(policy_text(name="<script>alert(1)</script>"), by=people[0])

    assert "<script>alert(1)" not in text_of(sign_in(people[1]).get(page(draft)))


def test_another_areas_file_is_refused_and_kept_in_the_form(sign_in, people):
    text = policy_text(area="500000")

    response = sign_in(people[0]).post(ADD, {"text": text})

    assert (response.status_code, response.context["given"].text) == (403, text)


def test_a_correction_begins_with_the_text_it_corrects(sign_in, current):
    response = sign_in(keeper(number=3)).get(f"{ADD}?from={current.slug}")

    assert response.context["given"].text == current.text


def test_what_changed_meanwhile_must_be_read_first(sign_in, people, current):
    late = publishing.upload(policy_text(deductible="900", pooled="8415"), by=people[0])
    client = sign_in(people[1])
    seen = client.get(page(late)).context["seen"]
    rival = publishing.upload(policy_text(deductible="700", pooled="8585"), by=people[0])
    publishing.publish(rival, by=people[1])

    response = client.post(page(late), {"action": "publish", "seen": seen})

    assert response.status_code == 409
    assert "现行版本在您核对期间发生了变化" in text_of(response)
    assert PolicyVersion.objects.get(pk=late.pk).status == "draft"


def test_the_history_tells_times_as_in_china(sign_in, current):
    shown = text_of(sign_in(keeper(number=3)).get(page(current, "history")))

    uploaded = current.uploaded_at.astimezone(SHANGHAI)

    assert f"上传时间：{uploaded:%Y-%m-%d %H:%M}" in "".join(shown.split("\n")).replace("  ", "")
    assert "+00:00" not in shown


def test_a_draft_is_withdrawn(sign_in, people, draft):
    assert sign_in(people[0]).post(page(draft), {"action": "withdraw"}).status_code == 302

    draft.refresh_from_db()

    assert draft.status == "withdrawn"

    again = sign_in(people[1]).post(page(draft), {"action": "publish", "seen": ""})
    assert again.status_code == 409


def test_the_difference_is_told_by_rule_and_by_line(sign_in, people, current):
    new = publishing.upload(policy_text(deductible="900", pooled="8415"), by=people[0])
    response = sign_in(people[1]).get(reverse("admin:policies_policyversion_compare", args=[new.pk, current.pk]))

    (section,) = response.context["changes"]

    assert section.title == "职工医保 · 住院"
    assert [(c.about, c.old, c.new) for c in section.changes] == [("起付线：三级医院", "800元", "900元")]

    lines = response.context["lines"]
    assert next(line.strip() for kind, line in lines if kind == "removed").startswith(
        "deductible: {amounts: [{when: {level: 3}"
    )
    assert {"added", "removed", "same", "skip"} == {kind for kind, _ in lines}


def test_a_versions_page_tells_benefits_examples_and_sources(sign_in, current):
    shown = text_of(sign_in(keeper(number=3)).get(page(current)))

    for sentence in (
        "职工医保 · 住院",
        "三级医院",
        "800元",
        "85%",
        "某局",
        "相符",
        "职工医保，住院，三级医院，未备案；费用总额10,800元",
    ):
        assert sentence in shown
