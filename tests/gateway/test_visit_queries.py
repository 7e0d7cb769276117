"""What a hospital reads of its own visits (5201 to 5204, 5303), and nothing of another's."""

from tests.gateway.desk import Desk

ALL_YEAR = {"begntime": "2026-01-01", "endtime": "2026-12-31"}


def test_visits_diagnoses_settlement_and_lines_are_read_back(desk):
    visit = desk.outpatient(ipt_otp_no="MZ7")
    settled = desk.output("2207A", desk.bill(visit, "1200.00", invono="FP-1"), msgid="M-1", opter_name="甲")["setlinfo"]
    asked = {"psn_no": desk.psn_no, "mdtrt_id": visit}

    (row,) = desk.output("5201", {"data": {"psn_no": desk.psn_no, **ALL_YEAR, "med_type": "13"}})["mdtrtinfo"]
    (diagnosis,) = desk.output("5202", {"data": asked})["diseinfo"]
    found = desk.output("5203", {"data": {**asked, "setl_id": settled["setl_id"]}})
    lines = desk.output("5204", {"data": {**asked, "setl_id": settled["setl_id"]}})["feedetail"]

    assert (row["mdtrt_id"], row["ipt_otp_no"], row["chfpdr_name"]) == (visit, "MZ7", "示例医生")
    assert (diagnosis["diag_code"], diagnosis["mdtrt_id"]) == ("J18.900", visit)
    info = found["setlinfo"]
    assert {name: info[name] for name in ("psn_pay", "cash_payamt", "refd_setl_flag", "invono", "opter_name")} == {
        "psn_pay": 850, "cash_payamt": 850, "refd_setl_flag": "0", "invono": "FP-1", "opter_name": "甲",
    }  # fmt: skip
    assert (info["medins_setl_id"], info["fund_pay_sumamt"], info["balc"]) == ("M-1", 350, 500)
    assert [(each["feedetl_sn"], each["setl_id"], each["chrgitm_lv"]) for each in lines] == [
        ("1", settled["setl_id"], "02"), ("2", settled["setl_id"], "03"),
    ]  # fmt: skip


def test_a_reversal_is_read_back_by_its_own_number(desk):
    visit = desk.outpatient()
    settled = desk.output("2207", desk.bill(visit, "1200.00"))
    undone = desk.output("2208", desk.undoing(visit, settled))["setlinfo"]

    first, reversal = (
        desk.output("5203", desk.about(visit, setl_id=setl_id))["setlinfo"]
        for setl_id in (settled["setlinfo"]["setl_id"], undone["setl_id"])
    )

    assert (first["setl_id"], first["hifp_pay"], first["refd_setl_flag"]) == (settled["setlinfo"]["setl_id"], 350, "1")
    assert (reversal["setl_id"], reversal["hifp_pay"], reversal["refd_setl_flag"]) == (undone["setl_id"], -350, "1")


def test_more_than_one_answer_holds_is_asked_for_in_parts(desk, monkeypatch):
    monkeypatch.setattr("gateway.queries.MOST", 1)
    asked = {"data": {"psn_no": desk.psn_no, **ALL_YEAR, "med_type": "13"}}
    desk.register()

    one = desk.output("5201", asked)["mdtrtinfo"]
    desk.register()
    two = desk.refusal("5201", asked)

    assert len(one) == 1
    assert two == "查询结果超过1条，请缩短开始时间和结束时间，分段查询"


def test_who_lies_in_hospital(desk):
    visit = desk.admit()
    gone = Desk(code=desk.place.code)
    gone.stay()

    (row,) = desk.output("5303", {"data": {"psn_no": "", **ALL_YEAR}})["data"]
    named = desk.output("5303", {"data": {"psn_no": gone.psn_no, **ALL_YEAR}})["data"]

    assert (row["mdtrt_id"], row["psn_no"], row["med_type"]) == (visit, desk.psn_no, "24")
    assert named == []


def test_another_hospital_reads_nothing(desk):
    visit = desk.outpatient()
    settled = desk.output("2207", desk.bill(visit, "1200.00"))["setlinfo"]
    other = Desk(desk.patient, "H11010100002")
    asked = {"psn_no": other.psn_no, "mdtrt_id": visit}

    refused = [
        other.refusal(infno, {"data": {**asked, "setl_id": settled["setl_id"]}}) for infno in ("5202", "5203", "5204")
    ]
    mine = other.output("5201", {"data": {"psn_no": other.psn_no, **ALL_YEAR, "med_type": "13"}})["mdtrtinfo"]
    unknown = other.refusal("5201", {"data": {"psn_no": desk.psn_no, **ALL_YEAR, "med_type": "13"}})

    assert {each[:5] for each in refused} == {"没有查到该"}
    assert mine == []
    assert unknown.startswith("没有查到")
