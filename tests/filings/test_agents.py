"""An agent without a mandate files once (RULES.md S-15, S-22): on record, told to the person, unable to decide it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import registry
from accounts.models import Account, Message
from core.errors import Forbidden, Invalid, NotFound
from filings.agents import file_as_agent
from filings.bodies import AgentInput, PrincipalInput
from filings.models import Filing, FilingAgent
from reviews import services as queue
from reviews.lifecycle import LIFECYCLES
from reviews.materials import purge
from reviews.models import Material, Submission
from reviews.services import Actor
from reviews.workflow import actions_for
from tests import factories as make

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, XIAMEN = "520100", "350200"
NUMBER, AGENTS_NUMBER = "110101195503070028", make.id_number(date(1985, 6, 1))


@pytest.fixture
def register():
    """王秀兰 is in the register, insured in 贵阳, and nobody has named her yet."""
    make.area(GUIYANG)
    make.area(XIAMEN)
    enrollments = (
        registry.RegisteredEnrollment(GUIYANG, "employee", "retired", date(2015, 1, 1)),
        registry.RegisteredEnrollment(XIAMEN, "resident", "elder", date(2015, 1, 1), date(2019, 12, 31)),
    )
    registry.store(registry.RegisterRecord("王秀兰", NUMBER, "13900000001", enrollments=enrollments))


@pytest.fixture
def agent_account():
    return make.citizen()


def principal(**fields):
    given = {"name": "王秀兰", "id_number": NUMBER, "insured_area": GUIYANG, "insurance": "employee"}
    return PrincipalInput.model_construct(**{**given, **fields})


def agent(account, *, letter="letter_of_authority", **fields):
    given = {"name": "张经理", "id_number": AGENTS_NUMBER, "phone": "13800000002", "relation": "employer"}
    return AgentInput.model_construct(authority=make.material(account, letter).pk, **{**given, **fields})


def file(account, *, of=None, by=None, **fields):
    of = of or principal()
    make.area(of.insured_area)
    notice = make.current_notice(of.insured_area, fields.get("filing_type", "other"))
    return file_as_agent(account, of, by or agent(account), make.asked(notice=notice, **fields)).submission


def test_an_agent_files_and_stands_on_record(register, agent_account):
    filing = file(agent_account)

    assert (filing.status, filing.lane, filing.mandate_id, filing.applicant) == (
        "submitted",
        "review",
        None,
        agent_account,
    )
    assert filing.person.name == "王秀兰"

    on_record = FilingAgent.objects.get(filing=filing)
    assert (on_record.name, on_record.id_number, on_record.phone, on_record.relation) == (
        "张经理", AGENTS_NUMBER, "13800000002", "employer",
    )  # fmt: skip
    assert on_record.authority.submission_id == filing.pk


def test_the_person_is_told_in_an_account_of_their_own(register, agent_account):
    person = registry.mirror(registry.register().look_up(NUMBER))
    own, daughter = make.citizen(person), make.citizen(make.person(), person)

    filing = file(agent_account)

    assert list(Message.objects.filter(kind="agent_filed").values_list("account", "submission")) == [
        (own.pk, filing.pk)
    ]
    assert Submission.objects.visible_to(own).get().pk == filing.pk
    assert Submission.objects.visible_to(daughter).get().pk == filing.pk


def test_the_person_may_take_it_back(register, agent_account):
    own = make.citizen(registry.mirror(registry.register().look_up(NUMBER)))

    filing = file(agent_account)

    assert actions_for(filing, own) == ["withdraw"]
    assert queue.withdraw(filing, actor=Actor.of(own, filing.person_id)).status == "withdrawn"


def test_the_agent_sees_this_filing_and_nothing_more(register, agent_account):
    person = registry.mirror(registry.register().look_up(NUMBER))
    enrolled = person.enrollments.get(area=GUIYANG)
    make.filed(enrolled, to="110000")

    filing = file(agent_account)

    assert list(Submission.objects.visible_to(agent_account)) == [filing.submission_ptr]
    assert actions_for(filing, agent_account) == ["withdraw"]
    assert not Account.objects.get(pk=agent_account.pk).active_mandates


def test_once_approved_the_agent_may_neither_change_nor_cancel(register, agent_account):
    filing = queue.approve(file(agent_account), reviewer=make.reviewer(GUIYANG))

    assert actions_for(filing, agent_account) == []


def test_neither_the_agent_nor_who_holds_a_mandate_decides(register, agent_account):
    person = registry.mirror(registry.register().look_up(NUMBER))
    daughter = make.person("李梅")
    make.citizen(daughter, person)
    filing = file(agent_account)

    for number in (AGENTS_NUMBER, daughter.id_number, NUMBER):
        party = make.reviewer(GUIYANG, identity_hash=make.id_hash(number))
        with pytest.raises(Forbidden) as refused:
            queue.approve(filing, reviewer=party)
        assert refused.value.code == "party"


def test_an_agent_never_gets_the_instant_lane(agent_account):
    """厦门 decides at once; a letter of authority is looked at by a person."""
    make.area(XIAMEN)
    enrolment = registry.RegisteredEnrollment(XIAMEN, "employee", "active", date(2015, 1, 1))
    registry.store(registry.RegisterRecord("王秀兰", NUMBER, enrollments=(enrolment,)))

    filing = file(agent_account, of=principal(insured_area=XIAMEN))

    assert (filing.status, filing.lane) == ("submitted", "review")


STRANGERS = {
    "another name": {"name": "王秀"},
    "another number": {"id_number": make.id_number()},
    "another area": {"insured_area": "110000"},
    "another insurance": {"insurance": "resident"},
}


@pytest.mark.parametrize("fields", STRANGERS.values(), ids=STRANGERS.keys())
def test_a_guess_learns_nothing(register, agent_account, fields):
    """Whatever is wrong, the answer is the same, and no person appears."""
    with pytest.raises(NotFound) as refused:
        file(agent_account, of=principal(**fields))

    assert (refused.value.code, refused.value.problems[0].attr) == ("not_registered", "for")
    assert (Submission.objects.count(), FilingAgent.objects.count()) == (0, 0)


def test_an_enrolment_that_ended_is_found_and_refused(register, agent_account):
    with pytest.raises(Invalid) as refused:
        file(agent_account, of=principal(insured_area=XIAMEN, insurance="resident"))

    assert refused.value.code == "enrollment_not_in_force"


def test_a_letter_of_authority_is_required(register, agent_account):
    with pytest.raises(Invalid) as refused:
        file(agent_account, by=agent(agent_account, letter="lease"))

    assert (refused.value.code, refused.value.problems[0].attr) == ("authority_missing", "agent.authority")
    assert Filing.objects.count() == 0


@pytest.fixture
def drafted(register, agent_account):
    """An agent's draft for 王秀兰, who has an account of her own."""
    own = make.citizen(registry.mirror(registry.register().look_up(NUMBER)))
    notice = make.current_notice(GUIYANG, "other")
    filing = file_as_agent(
        agent_account, principal(), agent(agent_account), make.asked(notice=notice), draft=True
    ).submission
    return own, filing


def test_the_letter_stays_with_the_draft(drafted, agent_account):
    _own, filing = drafted
    client, letter = make.api(agent_account), filing.agent.authority_id

    amended = client.patch(f"/api/v1/filings/{filing.pk}/", {"materials": []})

    gone = client.delete(f"/api/v1/materials/{letter}/")

    assert [material["id"] for material in amended.json()["materials"]] == [str(letter)]
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (409, "material_attached")


def test_the_person_is_told_when_the_draft_is_handed_in_and_not_before(drafted, agent_account):
    own, filing = drafted
    before = Message.objects.filter(account=own).count()

    queue.submit(filing, actor=Actor(agent_account))

    assert (before, [message.kind for message in Message.objects.filter(account=own)]) == (0, ["agent_filed"])


def test_the_person_who_hands_in_the_draft_is_not_told(drafted):
    own, filing = drafted

    queue.submit(filing, actor=Actor.of(own, filing.person_id))

    assert not Message.objects.filter(kind="agent_filed").exists()


def test_nobody_is_their_own_agent(register, agent_account):
    with pytest.raises(Invalid) as refused:
        file(agent_account, by=agent(agent_account, id_number=NUMBER))

    assert refused.value.code == "agent_is_the_person"


def test_the_commitment_still_carries_the_persons_name(register, agent_account):
    promise = {"kind": "household_register", "signed_name": "张经理"}

    with pytest.raises(Invalid) as refused:
        file(agent_account, filing_type="retiree", commitment=promise)

    assert refused.value.code == "signed_name_differs"


def test_the_reviewer_sees_the_agent_masked(register, agent_account):
    told = {str(label): text for label, text in LIFECYCLES["filing"].described(file(agent_account))}

    assert told["代办人"] == "张*理（用人单位）138****0002"


def test_an_agents_draft_thrown_away_leaves_nothing_of_either_and_its_letter_is_cleared_away(register, agent_account):
    make.area(GUIYANG)
    asked = make.asked(notice=make.current_notice(GUIYANG, "other"))
    filing = file_as_agent(agent_account, principal(), agent(agent_account), asked, draft=True).submission
    letter = filing.agent.authority

    queue.withdraw(filing, actor=Actor(agent_account))
    Material.objects.filter(pk=letter.pk).update(uploaded_at=timezone.now() - timedelta(days=8))
    cleared = purge()

    assert Filing.objects.get(pk=filing.pk).status == "withdrawn"
    assert not FilingAgent.objects.exists()
    assert cleared == 1
    assert not Material.objects.filter(pk=letter.pk).exists()
