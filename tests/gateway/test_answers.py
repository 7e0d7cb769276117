"""Every transaction's answer against the tables of the interface (tables.py): names, kinds, lengths, codes, what is never null."""

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal

from chronic.models import Recognition
from core import clock
from gateway.transactions import TRANSACTIONS
from referrals.models import Referral
from tests import factories as make
from tests.gateway.desk import HOSPITAL, Desk
from tests.gateway.tables import ANSWERED, NOTHING, SENT, fields
from tests.gateway.test_statements import asking, line, totals, zipped

ALL_YEAR = {"begntime": "2026-01-01", "endtime": "2026-12-31"}
AT_HOME = "H50000000001"
FORMS = {"T": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "D": r"\d{4}-\d\d-\d\d"}
AS_SENT = {field.name for infno in ("2204", "2301") for field in fields(SENT[infno])}
"""5204 answers a line as it was sent, too."""


class Asking:
    """Sends every message of the walk and keeps the outputs by transaction."""

    def __init__(self, desk):
        self.desk, self.outputs = desk, defaultdict(list)

    def __call__(self, infno, sent):
        output = self.desk.output(infno, sent)
        self.outputs[infno[:4]].append(output)
        return output


def test_every_answer_is_as_the_tables_say(desk):
    ask = Asking(desk)
    an_outpatient(desk, ask)
    a_stay(desk, ask)
    a_person(desk, ask)
    accounts(desk, ask)
    a_referral(desk, ask)

    assert set(ask.outputs) == set(TRANSACTIONS) - {"9102"}
    for infno, outputs in ask.outputs.items():
        for output in outputs:
            found = [output is None] if infno in NOTHING else [*problems(infno, output)]
            assert found == ([True] if infno in NOTHING else []), (infno, found, output)
        tables = ANSWERED.get(infno, {})
        assert all(
            any(output.get(node.removesuffix("[]")) for output in outputs)
            for node in tables
            if node not in ("", "idetinfo[]")
        )


def problems(infno, output):
    """What in an answer is not as its tables say."""
    tables = ANSWERED[infno]
    if "" not in tables:
        yield from (f"node {name}" for name in set(output) ^ {node.removesuffix("[]") for node in tables})
    for node, table in tables.items():
        part = output[node.removesuffix("[]")] if node else output
        rows = part if isinstance(part, list) else [part]
        if isinstance(part, list) is not node.endswith("[]"):
            yield f"{node}: a list or none"
        told = {field.name: field for field in fields({node: table})}
        for row in rows:
            strange = set(row) - set(told) - (AS_SENT if infno == "5204" else set())
            yield from (f"{node}.{name}: not in the table" for name in strange)
            yield from (
                f"{node}.{name}: {row.get(name)!r}" for name, field in told.items() if not fits(field, row.get(name))
            )


def fits(field, value):
    if value is None:
        return not field.required
    if field.form == "any":
        return True
    if field.form.startswith("N"):
        digits, places = map(int, field.form[1:].split(","))
        written = isinstance(value, int | Decimal) and not isinstance(value, bool)
        exact = written and -Decimal(value).normalize().as_tuple().exponent <= places
        return exact and abs(value) < 10 ** (digits - places) and (field.signed or value >= 0)
    if not isinstance(value, str) or (field.codes and value not in field.codes):
        return False
    return bool(re.fullmatch(FORMS[field.form], value)) if field.form in FORMS else len(value) <= int(field.form)


# The walk


def an_outpatient(desk, ask):
    visit = ask("2201", desk.registration(ipt_otp_no="MZ7"))["data"]["mdtrt_id"]
    ask("2203A", desk.description(visit))
    rows = [
        desk.line(visit, sn, code, "200.00", count="3")
        for sn, code in (("1", "XA"), ("2", "XB"), ("3", "XL"), ("4", "XU"))
    ]
    ask("2204", {"feedetail": rows})
    ask("2206", desk.bill(visit, "800.00"))
    settled = ask("2207A", desk.bill(visit, "800.00", acct_used_flag="1", invono="FP-1"))
    about = desk.about(visit, setl_id=settled["setlinfo"]["setl_id"])
    ask("5203", about)
    ask("5204", about)
    undone = ask("2208", desk.undoing(visit, settled))
    ask("5203", desk.about(visit, setl_id=undone["setlinfo"]["setl_id"]))
    ask("5204", desk.about(visit, setl_id=""))
    ask("5201", desk.about(visit, **ALL_YEAR, med_type="13"))
    ask("2205", desk.about(visit, chrg_bchno="0000"))
    ask("2202", desk.about(visit, ipt_otp_no="MZ7"))


def a_stay(desk, ask):
    visit = ask("2401", desk.admission())["result"]["mdtrt_id"]
    ask("2403", {"adminfo": {"mdtrt_id": visit, "psn_no": desk.psn_no, "adm_bed": "13"}, "diseinfo": []})
    ask("2301", {"feedetail": [desk.line(visit, "1", "XA", "2000.00", count="5")]})
    ask("2301", {"feedetail": [desk.line(visit, "2", "XA", "-400.00", count="-1", init_feedetl_sn="1")]})
    ask("5303", {"data": {"psn_no": "", **ALL_YEAR}})
    ask("2303", desk.stay_bill(visit, "1600.00"))
    ask("2402", desk.leaving(visit))
    settled = ask("2304", desk.stay_bill(visit, "1600.00"))
    ask("5201", desk.about(visit, **ALL_YEAR, med_type="24"))
    ask("5202", desk.about(visit))
    ask("2305", desk.undoing(visit, settled))
    ask("2405", desk.about(visit))
    ask("2302", {"data": desk.about(visit, feedetl_sn="0000")["data"]})
    ask("2404", desk.about(visit))
    ask("2601", desk.recall({"msgid": "NEVER", "infno": "2304"}))


def a_person(desk, ask):
    draft = make.recognition_draft(desk.patient, "M03900")
    draft.institutions.set([desk.place])
    approved = {
        "status": "approved",
        "submitted_at": clock.now(),
        "due_at": clock.now(),
        "valid_from": date(2026, 1, 1),
    }
    Recognition.objects.filter(pk=draft.pk).update(**approved)
    ask("9001", {"signIn": {"opter_no": "0007", "mac": "x", "ip": "y"}})
    ask("9002", {"signOut": {"opter_no": "0007", "sign_no": "1"}})
    ask("1101", {"data": desk.certificate({})})
    ask("1201", {"medinsinfo": {"fixmedins_type": "1"}})
    for med_type in ("11", "13"):
        ask("2001", desk.about("", insutype="310", fixmedins_code=HOSPITAL, med_type=med_type, begntime="2026-03-02"))
    ask("5301", desk.about(""))
    ask("5302", desk.about("", biz_appy_type="01"))


def accounts(desk, ask):
    visit = desk.outpatient()
    bill = desk.output("2207", desk.bill(visit, "1200.00"))["setlinfo"]
    listed = zipped(line(bill))
    ask("9101", {"fsUploadIn": {"in": listed, "filename": "list.zip", "fixmedins_code": HOSPITAL}})
    ask("3201", totals("1", "1200.00", "0"))
    ask("3202", asking(desk, listed, 1, bill["medfee_sumamt"], bill["fund_pay_sumamt"], bill["psn_cash_pay"]))


def a_referral(desk, ask):
    """Of a hospital of the patient's own area to this one."""
    make.working_calendar()
    make.institution(AT_HOME, place=make.CHONGQING, issues_referrals=True)
    ask.desk = at_home = Desk(desk.patient, AT_HOME)
    number = ask("2501A", at_home.referring(desk.place))["result"]["trt_dcla_detl_sn"]
    Referral.objects.update(status="approved", valid_from="2026-02-01", valid_until="2026-12-31")
    for psn_no in ("", at_home.psn_no):
        ask("5304", {"data": {"psn_no": psn_no, **ALL_YEAR}})
    ask("2502", {"data": {"trt_dcla_detl_sn": number, "psn_no": at_home.psn_no}})
