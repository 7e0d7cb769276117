"""Binding at the counter: one clerk checks both identities and keeps their scans, another confirms; both on record."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Mandate, Role
from accounts.services import approve_mandate
from core import clock
from core.errors import Refusal
from reviews import materials
from reviews.materials import purge
from reviews.models import CounterStep, Material, PersonLookup
from reviews.services import binding
from tests import factories as make
from tests.reviews.material_files import jpeg
from tests.rivals import split, together
from tests.roles import as_owner

pytestmark = pytest.mark.usefixtures("monday")
GUIYANG, CHENGDU = "520100", "510100"


@pytest.fixture
def waiting():
    """A parent without a telephone in the register, whom a relative wants to act for."""
    of = make.enrollment(make.person("王秀兰", phone=""), code=GUIYANG)
    return make.mandate(make.citizen(), of.person, proof="counter", status="pending", active_from=None)


@pytest.fixture
def clerk():
    return make.reviewer(GUIYANG, name="张敏", identity_hash="zhang")


@pytest.fixture
def colleague():
    return make.reviewer(GUIYANG, name="李强", identity_hash="li")


def check(clerk, mandate, **scans):
    given = {name: make.material(clerk, "identity") for name in ("applicant_scan", "person_scan")} | scans
    return binding.check_identities(clerk, mandate, **given)


def code_of(verb, *args, **given):
    with pytest.raises(Refusal) as refusal:
        verb(*args, **given)
    return refusal.value.code


def signed_in(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(mandate):
    return reverse("admin:counter_binding", args=[mandate.pk])


def test_it_takes_two_people_and_both_are_on_record(waiting, clerk, colleague):
    check(clerk, waiting)
    waiting.refresh_from_db()
    assert waiting.status == "pending"

    binding.confirm_identities(colleague, waiting)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.approved_by) == ("active", colleague)
    steps = CounterStep.objects.filter(mandate=waiting).order_by("kind").values_list("kind", "account")
    assert list(steps) == [("checked", clerk.pk), ("confirmed", colleague.pk)]


def test_who_checked_does_not_confirm_from_any_account(waiting, clerk):
    check(clerk, waiting)
    twin = make.supervisor(GUIYANG, identity_hash="zhang")

    assert [code_of(binding.confirm_identities, each, waiting) for each in (clerk, twin)] == ["same_clerk"] * 2


def test_nothing_is_confirmed_that_nobody_checked(waiting, colleague):
    assert code_of(binding.confirm_identities, colleague, waiting) == "check_aged_out"


def test_what_was_checked_ages_out_and_is_checked_again(waiting, clerk, colleague):
    check(clerk, waiting)
    with clock.standing_at(clock.now() + timedelta(days=7)):
        assert code_of(binding.confirm_identities, colleague, waiting) == "check_aged_out"
        check(colleague, waiting)
        binding.confirm_identities(clerk, waiting)

    waiting.refresh_from_db()
    assert waiting.status == "active"


def test_a_second_check_is_told_that_one_waits(waiting, clerk, colleague):
    check(clerk, waiting)

    assert code_of(check, colleague, waiting) == "checked_already"


@pytest.mark.parametrize("whose", ["the person", "the applicant"])
def test_no_party_takes_either_step(waiting, clerk, whose):
    applicant = make.person("陈申请")
    make.mandate(waiting.account, applicant, relation="self")
    number = (waiting.person if whose == "the person" else applicant).id_number
    party = make.reviewer(GUIYANG, identity_hash=make.id_hash(number))

    assert code_of(check, party, waiting) == "party"
    check(clerk, waiting)
    assert code_of(binding.confirm_identities, party, waiting) == "party"


def test_another_agency_takes_neither_step(waiting, clerk):
    elsewhere = make.reviewer(CHENGDU)

    assert code_of(check, elsewhere, waiting) == "permission_denied"
    check(clerk, waiting)
    assert code_of(binding.confirm_identities, elsewhere, waiting) == "permission_denied"


def test_whoever_has_an_account_agrees_there(waiting, clerk, colleague):
    make.citizen(waiting.person)

    assert code_of(check, clerk, waiting) == "own_account"


def test_the_same_scan_twice_another_clerks_or_one_in_use_does_not_count(waiting, clerk, colleague):
    scan, others, used = make.material(clerk), make.material(colleague), make.material(clerk)
    Material.objects.filter(pk=used.pk).update(submission=make.submitted())

    said = [code_of(check, clerk, waiting, applicant_scan=one, person_scan=two) for one, two in
            ((scan, scan), (scan, others), (scan, used))]  # fmt: skip

    assert said == ["scans_missing"] * 3


def test_who_is_told(waiting, clerk, colleague):
    daughter = make.citizen()
    make.mandate(daughter, waiting.person)

    check(clerk, waiting)
    assert [message.kind for message in daughter.messages.all()] == ["mandate_asked"]

    binding.confirm_identities(colleague, waiting)

    assert "mandate_counter" in [message.kind for message in daughter.messages.all()]
    assert [message.kind for message in waiting.account.messages.all()] == ["mandate_approved"]


def test_the_steps_never_change(waiting, clerk):
    step = check(clerk, waiting)

    for verb in (lambda: CounterStep.objects.filter(pk=step.pk).update(kind="confirmed"), step.delete):
        refused = pytest.raises(DatabaseError, match="Cannot update or delete")
        with as_owner(), refused, transaction.atomic():
            verb()


def test_checks_are_throttled(settings, waiting, clerk):
    settings.LIMITS = {**settings.LIMITS, "counter-check": "1/hour"}
    code_of(check, clerk, waiting, applicant_scan=(scan := make.material(clerk)), person_scan=scan)

    assert code_of(check, clerk, waiting) == "throttled"


def test_the_scans_outlast_the_week_after_which_unused_uploads_go(waiting, clerk):
    step = check(clerk, waiting)
    Material.objects.update(uploaded_at=timezone.now() - timedelta(days=30))

    purge()

    assert Material.objects.filter(pk__in=[step.applicant_scan_id, step.person_scan_id]).count() == 2
    assert code_of(materials.discard, clerk, step.person_scan) == "material_attached"


# Races


@pytest.mark.django_db(transaction=True)
def test_two_confirm_at_once(waiting, clerk, colleague):
    check(clerk, waiting)
    third = make.reviewer(GUIYANG)

    won, lost = split(
        together(*(lambda each=each: binding.confirm_identities(each, waiting) for each in (colleague, third)))
    )

    assert (len(won), [refusal.code for refusal in lost]) == (1, ["wrong_state"])
    assert CounterStep.objects.filter(kind="confirmed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_check_at_once(waiting, clerk, colleague):
    won, lost = split(together(*(lambda each=each: check(each, waiting) for each in (clerk, colleague))))

    assert (len(won), [refusal.code for refusal in lost]) == (1, ["checked_already"])


@pytest.mark.django_db(transaction=True)
def test_confirming_and_agreeing_in_the_account_at_once(waiting, clerk, colleague):
    """The person bound themselves meanwhile: the account's word is the only one that counts."""
    check(clerk, waiting)
    herself = make.citizen(waiting.person)

    won, lost = split(
        together(lambda: binding.confirm_identities(colleague, waiting), lambda: approve_mandate(herself, waiting.pk))
    )

    assert len(won) == len(lost) == 1
    assert lost[0].code in ("own_account", "wrong_state")
    kept = Mandate.objects.get(pk=waiting.pk)
    assert (kept.status, kept.proof, kept.approved_by) == ("active", "approval", herself)


# The pages


def test_both_steps_on_the_page(waiting, clerk, colleague):
    first, second = signed_in(clerk), signed_in(colleague)
    files = {
        f"{whose}-scan": SimpleUploadedFile(f"{whose}.jpg", jpeg(), "image/jpeg") for whose in ("applicant", "person")
    }

    again = first.post(page(waiting), files)
    assert "data-again" in again.content.decode()
    scans = {label.filename.removesuffix(".jpg"): label for label in Material.objects.all()}
    for scan in scans.values():
        materials.process(scan.pk)
    first.post(page(waiting), {whose: scan.pk for whose, scan in scans.items()})
    assert "须由另一名工作人员复核" in first.get(page(waiting)).content.decode()

    shown = second.get(page(waiting)).content.decode()
    picture = reverse("admin:counter_scan", args=[waiting.pk, "person", "file"])
    assert picture in shown
    opened = second.get(picture)
    assert (opened.status_code, opened.getvalue()[:2]) == (200, b"\xff\xd8")
    assert PersonLookup.objects.get().account == colleague
    second.post(page(waiting), {"step": "confirm"})

    waiting.refresh_from_db()
    assert (waiting.status, waiting.approved_by) == ("active", colleague)


def test_what_is_missing_is_said_on_the_page_and_what_came_stays(waiting, clerk):
    scan = make.material(clerk, "identity")

    answer = signed_in(clerk).post(page(waiting), {"applicant": scan.pk})

    assert answer.status_code == 400
    assert "请分别上传申请人和参保人的证件" in answer.content.decode()
    assert str(scan.pk) in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("own", 200), ("supervisor", 200), ("elsewhere", 404), ("admin", 403)])
def test_who_sees_the_page(waiting, who, status):
    accounts = {
        "own": lambda: make.reviewer(GUIYANG),
        "supervisor": lambda: make.supervisor(GUIYANG),
        "elsewhere": lambda: make.reviewer(CHENGDU),
        "admin": lambda: make.staff(Role.ADMIN),
    }

    assert signed_in(accounts[who]()).get(page(waiting)).status_code == status


def test_scans_of_identities_are_shown_to_the_area_alone(waiting, clerk):
    check(clerk, waiting)
    picture = reverse("admin:counter_scan", args=[waiting.pk, "person", "file"])

    assert signed_in(make.reviewer(CHENGDU)).get(picture).status_code == 404


def test_the_records_are_the_areas_own(waiting, clerk):
    check(clerk, waiting)
    steps, looks = (reverse(f"admin:reviews_{name}_changelist") for name in ("counterstep", "personlookup"))

    assert waiting.person.masked_name in signed_in(clerk).get(steps).content.decode()
    assert waiting.person.masked_name not in signed_in(make.reviewer(CHENGDU)).get(steps).content.decode()
    assert signed_in(clerk).get(looks).status_code == 403
    assert signed_in(make.supervisor(GUIYANG)).get(looks).status_code == 200
