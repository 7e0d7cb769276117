"""Input is forgiving in every declared body and staff form: what keyboards, papers and chats add is mended, not refused."""

import pytest

from accounts import registry
from accounts.admin import StaffForm
from accounts.bodies import BindInput, CodeInput
from accounts.models import Mandate
from accounts.models.persons import hash_sought, id_hash
from claims.bodies import AccountInput, ClaimFields
from core.errors import Invalid
from filings.bodies import AgentInput, AmendInput, PrincipalInput
from referrals.bodies import AmendReferral, PatientInput
from reviews.bodies import CommitmentInput
from settlements.bills import BillCost, IdentityInput, InvoiceInput, SettleInput
from tests import factories as make

pytestmark = pytest.mark.django_db
NUMBER = "110101195503070028"
PASTED = "\u202d1101 0119 5503 07\u00a00028\u202c\ufeff"
WIDE = "１１０１０１－１９５５０３０７－００２８"


def test_bodies_are_mended():
    """One of each kind: the same forms stand behind every field of the kind (`tests/core/typed_texts.json`)."""
    agent = AgentInput.of(
        {"name": "李 秀\u200b英", "id_number": PASTED, "phone": "+86 139-0000-0001", "relation": "family",
         "authority": "019ab7a2-6b00-7d41-8f66-5a2c9e7b3f10"}
    )  # fmt: skip
    principal = PrincipalInput.of(
        {"name": "买买提 ● 阿不都", "id_number": WIDE, "insured_area": "５０００００", "insurance": "employee"}
    )
    filing = AmendInput.of(
        {"contact_name": "王\n秀兰", "contact_phone": "（023）6321 2345", "address": "渝北区\r\n１号",
         "commitment": {"kind": "residence_permit", "signed_name": "王\u3000秀兰"}}
    )  # fmt: skip
    claim = ClaimFields.of(
        {"invoice_code": "11—06", "invoice_number": " ＡＢ-00 12\u200b", "bank_account": "6222-0202 0011\u00a02233446",
         "bank_holder": "王 秀兰", "cost": {"total": "￥20，000.00 元"}}
    )  # fmt: skip
    account = AccountInput.of({"bank_account": "６２２２０２０２００１１２２３３４４６"})
    referral = AmendReferral.of(
        {"diagnosis": {"code": "Ｃ３４．９", "name": "肺\u200b癌"}, "doctor": {"name": "张 医生", "rank": "chief"},
         "summary": "第一行\r\n第二行\u0007"}
    )  # fmt: skip

    assert (agent.name, agent.id_number, agent.phone) == ("李秀英", NUMBER, "13900000001")
    assert (principal.name, principal.id_number) == ("买买提·阿不都", NUMBER)
    assert principal.insured_area == "500000"
    assert (filing.contact_name, filing.contact_phone, filing.address) == ("王秀兰", "023-63212345", "渝北区 1号")
    assert filing.commitment["signed_name"] == "王秀兰"
    assert (claim.invoice_code, claim.invoice_number) == ("11-06", "AB-0012")
    assert (claim.bank_account, claim.bank_holder) == ("6222020200112233446", "王秀兰")
    assert str(claim.cost.total) == "20000.00"
    assert account.bank_account == "6222020200112233446"
    assert (referral.diagnosis, referral.doctor["name"]) == ({"code": "C34.9", "name": "肺癌"}, "张医生")
    assert referral.summary == "第一行\n第二行"


def test_what_a_till_sends_is_mended():
    identity = IdentityInput.of({"name": "王 秀兰", "id_number": " ".join(NUMBER), "reason": "手机没电\n"})
    invoice = InvoiceInput.of({"code": "11-06", "number": "００１２ ３４"})
    cost = BillCost.of(
        {"items": [{"name": "CT\u200b 平扫", "class": "A", "amount": "1,200.50"}], "total": "１２００。５"}
    )

    assert (identity.name, identity.id_number, identity.reason) == ("王秀兰", NUMBER, "手机没电")
    assert (invoice.code, invoice.number) == ("11-06", "001234")
    assert (cost.items[0].name, str(cost.items[0].amount), str(cost.total)) == ("CT 平扫", "1200.50", "1200.5")


def test_bill_numbers_keep_their_dashes():
    field = SettleInput.model_fields["bill_number"]

    assert field.metadata[0].function(" ZY—2026-\u200b001 ") == "ZY-2026-001"


@pytest.mark.parametrize("unseen", ["\u200b", "\u202d\u202c", " \u3000\u00a0", "\n\t"])
def test_what_cannot_be_seen_is_no_name(unseen):
    with pytest.raises(Invalid) as refused:
        BindInput.of({"name": unseen, "id_number": NUMBER, "relation": "self", "consent": True})

    assert [(problem.code, problem.attr) for problem in refused.value.problems] == [("blank", "name")]


def test_a_code_by_sms_may_be_grouped():
    assert CodeInput.of({"code": "123 456"}).code == "123456"


@pytest.mark.parametrize("typed", [PASTED, WIDE, " ".join(NUMBER)])
def test_binding_by_a_number_as_it_was_pasted(typed):
    registry.store(registry.RegisterRecord("买买提·阿不都", NUMBER, "13900000001"))
    client = make.api(make.citizen())
    sent = {"name": "买买提 ∙ 阿不都\u200e", "id_number": typed, "relation": "self", "consent": True}

    answer = client.post("/api/v1/persons/", sent, format="json")

    assert answer.status_code == 201, answer.json()
    assert Mandate.objects.get().person.id_number == NUMBER


def test_staff_search_and_are_registered_by_a_number_as_it_was_pasted():
    form = StaffForm(
        {
            "username": "zhang",
            "name": "张\u00a0敏",
            "role": "admin",
            "identity": PASTED,
            "new_password": "a-long-Password-1",
        }
    )

    assert form.is_valid(), form.errors
    assert (form.cleaned_data["identity"], form.cleaned_data["name"]) == (NUMBER, "张敏")
    assert hash_sought(PASTED) == hash_sought(WIDE) == id_hash(NUMBER)


def test_the_parts_that_are_typed_dicts_are_mended_too():
    assert PatientInput.model_fields.keys() >= {"name", "id_number"}
    assert CommitmentInput.__annotations__.keys() >= {"signed_name"}
