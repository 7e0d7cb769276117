"""Every transaction of visits against the tables of the interface: what is required, how long it may be, which codes there are.

The tables are written here once more, from the interface's documents: `name*` is required, `:30` the most characters, `:N16,2`
a figure with its places, `:T` and `:D` a time and a date, `=01/02` the codes.
"""

import pytest

from core.errors import Invalid
from gateway.fields import read
from gateway.transactions import TRANSACTIONS

PERSON, VISIT = "psn_no*:30", "mdtrt_id*:30"
CERTIFICATE = "mdtrt_cert_type*:3 mdtrt_cert_no*:50"
LINE = (
    f"feedetl_sn*:30 {VISIT} {PERSON} fee_ocur_time*:T med_list_codg*:50 medins_list_codg*:150 bilg_dept_codg*:30 "
    "bilg_dept_name*:100 bilg_dr_codg*:30 bilg_dr_name*:50 cnt*:N16,4 pric*:N16,6 det_item_fee_sumamt*:N16,2 hosp_appr_flag:3"
)
DIAGNOSIS = "diag_type*:3=1/2/3 diag_srt_no*:N2,0 diag_code*:20 diag_name*:100 diag_dept*:50 dise_dor_no*:30 dise_dor_name*:50 diag_time*:T"
BILL = f"{PERSON} {CERTIFICATE} medfee_sumamt*:N16,2 psn_setlway*:6=01/02 {VISIT} insutype*:6"
PARTS = "invono:20 fulamt_ownpay_amt:N16,2 overlmt_selfpay:N16,2 preselfpay_amt:N16,2 inscp_scp_amt:N16,2"
OUTPATIENT = "med_type*:6=11/13/14/140104 chrg_bchno*:30 acct_used_flag*:3=0/1"
STAY = "dise_codg:30 dise_name:500 main_cond_dscr:1000 oprn_oprt_code:30"
TABLES = {
    "2201": {"data": f"{PERSON} insutype*:6 begntime*:T {CERTIFICATE} ipt_otp_no*:30 atddr_no*:30 dr_name*:50 dept_code*:30 "
             "dept_name*:100 caty*:6"},
    "2202": {"data": f"{PERSON} {VISIT} ipt_otp_no*:30"},
    "2203": {"mdtrtinfo": f"{VISIT} {PERSON} med_type*:6=11/14 begntime*:T main_cond_dscr:1000 dise_codg:30 dise_name:500",
             "diseinfo": f"{DIAGNOSIS} vali_flag*:3=0/1"},
    "2204": {"feedetail": f"{LINE} chrg_bchno*:30 rx_circ_flag*:3 rxno:30 dise_codg:30 sin_dos_dscr:200 prd_days:N4,2"},
    "2205": {"data": f"{VISIT} chrg_bchno*:30 {PERSON}"},
    "2206": {"data": f"{BILL} {OUTPATIENT}"},
    "2207": {"data": f"{BILL} {OUTPATIENT} {PARTS}"},
    "2208": {"data": f"setl_id*:30 {VISIT} {PERSON}"},
    "2301": {"feedetail": f"{LINE} med_type*:6=21/24 init_feedetl_sn:30 drord_no:30 memo:500"},
    "2302": {"data": f"feedetl_sn*:30 {VISIT} {PERSON}"},
    "2303": {"data": f"{BILL} {PARTS} mid_setl_flag*:3=0/1 acct_used_flag:3=0/1 dscgtime:D"},
    "2304": {"data": f"{BILL} {PARTS} mid_setl_flag*:3=0/1 acct_used_flag:3=0/1 dscgtime:D"},
    "2305": {"data": f"{VISIT} setl_id*:30 {PERSON}"},
    "2401": {"mdtrtinfo": f"{PERSON} insutype*:6 begntime*:T {CERTIFICATE} med_type*:6=21/24 ipt_no*:30 atddr_no*:30 "
             "chfpdr_name*:50 adm_diag_dscr*:200 adm_dept_codg*:30 adm_dept_name*:100 adm_bed*:30 dscg_maindiag_code*:20 "
             f"dscg_maindiag_name*:300 {STAY}",
             "diseinfo": f"{PERSON} {DIAGNOSIS} maindiag_flag*:3=0/1 adm_cond:500"},
    "2402": {"dscginfo": f"{VISIT} {PERSON} insutype*:6 endtime*:T dscg_dept_codg*:30 dscg_dept_name*:100 dscg_bed:30 "
             "dscg_way*:3=1/2/3/4/5/9 die_date:D dise_codg:30"},
    "2403": {"adminfo": f"{VISIT} {PERSON} begntime:T endtime:T med_type:6=21 adm_bed:30 {STAY}"},
    "2404": {"data": f"{VISIT} {PERSON}"},
    "2405": {"data": f"{VISIT} {PERSON}"},
    "2601": {"data": f"{PERSON} omsgid*:64 oinfno*:5"},
    "5201": {"data": f"{PERSON} begntime*:T endtime*:T med_type*:6=11 mdtrt_id:30"},
    "5202": {"data": f"{VISIT} {PERSON}"},
    "5203": {"data": f"{PERSON} setl_id*:30 {VISIT}"},
    "5204": {"data": f"{PERSON} setl_id:30 {VISIT}"},
    "5303": {"data": "psn_no:30 begntime*:T endtime*:T"},
}  # fmt: skip


def fields(infno):
    """Each field of a transaction: node, name, whether it is required, its form, its codes."""
    for node, row in TABLES[infno].items():
        for each in row.split():
            name, _, form = each.partition(":")
            form, _, codes = form.partition("=")
            yield node, name.rstrip("*"), name.endswith("*"), form, codes.split("/") if codes else []


def good(form, codes):
    if codes:
        return codes[0]
    if form in ("T", "D"):
        return "2026-03-02 10:00:00"
    return "1" if form.startswith("N") else "0" * min(int(form), 4)


def bad(form, codes):
    """What each field refuses: too long, no figure, no date, no code of its table."""
    if codes:
        yield "x"
    if form in ("T", "D"):
        yield from ("2026-13-01", "gestern")
    elif form.startswith("N"):
        digits, places = map(int, form[1:].split(","))
        yield from ("x", "1e3", "1" * (digits - places + 1), "0." + "1" * (places + 1))
    else:
        yield "x" * (int(form) + 1)


def filled(infno):
    sent = {node: {} for node in TABLES[infno]}
    for node, name, _required, form, codes in fields(infno):
        sent[node][name] = good(form, codes)
    return sent


@pytest.mark.parametrize("infno", TABLES)
def test_every_field_is_read_as_the_tables_say(infno):
    table, sent = TRANSACTIONS[infno].table, filled(infno)

    given = read(table, sent)

    for node, name, required, form, codes in fields(infno):
        rows = given[node] if isinstance(given[node], list) else [given[node]]
        assert name in rows[0], name
        longest = {**sent[node], name: good(form, codes) if form[0] in "TDN" or codes else "x" * int(form)}
        read(table, {**sent, node: longest})
        for code in codes:
            read(table, {**sent, node: {**sent[node], name: code}})
        for value in [*bad(form, codes), *([""] if required else [])]:
            with pytest.raises(Invalid) as refused:
                read(table, {**sent, node: {**sent[node], name: value}})
            assert name in str(refused.value), (name, value)
        if not required:
            read(table, {**sent, node: {**sent[node], name: None}})


def test_every_transaction_of_visits_is_in_the_tables():
    ours = {infno for infno in TRANSACTIONS if infno[:2] in ("22", "23", "24", "26", "52")} | {"5303"}

    assert ours == set(TABLES)


HOSTILE = (
    None, "", "null", 0, -1, 1.5, True, [], {}, [[]], [{}], "x" * 300, "0" * 40, "9" * 30, "1e999", "NaN", "２０２６", "0000-00-00",
    {"a": {"b": 1}}, [1, 2], "2026-02-30", "🀄", "'; --", "9999999999999999.99",
)  # fmt: skip


@pytest.mark.parametrize("infno", TABLES)
def test_no_input_however_odd_gives_anything_but_an_answer(desk, infno):
    visit = desk.admit() if infno[:2] in ("23", "24") else desk.register()
    known = {
        "psn_no": desk.psn_no,
        "mdtrt_id": visit,
        "mdtrt_cert_type": "02",
        "mdtrt_cert_no": desk.patient.person.id_number,
    }
    sent = filled(infno)
    for row in sent.values():
        row.update({name: value for name, value in known.items() if name in row})
    names = [(node, name) for node, name, *_rest in fields(infno)]

    turn = list(TABLES).index(infno)
    for at, value in enumerate(HOSTILE[turn % 3 :: 3]):  # each transaction meets a third of them
        node, name = names[(at + turn) % len(names)]
        answers = [
            desk.send(infno, {**sent, node: {**sent[node], name: value}}),
            desk.send(infno, {**sent, node: value}),
            desk.send(infno, {**sent, node: [sent[node], {name: value}]}),
        ]
        assert all(answer["infcode"] in (0, -1) for answer in answers)
        assert all(len(answer["err_msg"] or "") <= 200 for answer in answers)
