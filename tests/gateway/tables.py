"""The field tables of the interface, written here once more from its documents, apart from the code's own.

Of what is sent: `name*` is required, `:30` the most characters, `:N16,2` a figure with its places (`:-N16,2` also below zero), `:T`
and `:D` a time and a date, `:B` a file, `=01/02` the codes. Of what is answered the same, where `*` is never null; `:any` is whatever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

PERSON, VISIT = "psn_no*:30", "mdtrt_id*:30"
CERTIFICATE = "mdtrt_cert_type*:3 mdtrt_cert_no*:50"
DISEASE, OPERATION = "dise_codg:30 dise_name:500", "oprn_oprt_code:30 oprn_oprt_name:500"
BIRTH = "birctrl_type:6 birctrl_matn_date:D matn_type:6 geso_val:N2,0"
CHILDBIRTH = f"fpsc_no:50 latechb_flag:3 fetts:N3,0 fetus_cnt:N3,0 pret_flag:3 {BIRTH}"
LINE = (
    f"feedetl_sn*:30 {VISIT} {PERSON} fee_ocur_time*:T med_list_codg*:50 medins_list_codg*:150 bilg_dept_codg*:30 "
    "bilg_dept_name*:100 bilg_dr_codg*:30 bilg_dr_name*:50 acord_dept_codg:30 acord_dept_name:100 orders_dr_codg:30 "
    "orders_dr_name:50 hosp_appr_flag:3 tcmdrug_used_way:6 etip_flag:3 etip_hosp_code:30 dscg_tkdrug_flag:3 matn_fee_flag:6 "
    "pric*:N16,6"
)
DIAGNOSIS = (
    "diag_type*:3=1/2/3 diag_srt_no*:N2,0 diag_code*:20 diag_name*:100 diag_dept*:50 dise_dor_no*:30 dise_dor_name*:50 "
    "diag_time*:T"
)
STAY_DIAGNOSIS = f"{DIAGNOSIS} maindiag_flag*:3=0/1 adm_cond:500 vali_flag:3=0/1"
BILL = f"{PERSON} {CERTIFICATE} medfee_sumamt*:N16,2 psn_setlway*:6=01/02 {VISIT} insutype*:6"
PARTS = "invono:20 fulamt_ownpay_amt:N16,2 overlmt_selfpay:N16,2 preselfpay_amt:N16,2 inscp_scp_amt:N16,2"
OUTPATIENT = "med_type*:6=11/13/14/140104 chrg_bchno*:30 acct_used_flag*:3=0/1"
STAY_BILL = f"{BILL} {PARTS} med_type:6=21/24 mid_setl_flag*:3=0/1 acct_used_flag:3=0/1 dscgtime:T"
WHERE = (
    "atddr_no{0}:30 chfpdr_name{0}:50 adm_diag_dscr{0}:200 adm_dept_codg{0}:30 adm_dept_name{0}:100 adm_bed{0}:30 "
    "dscg_maindiag_code{0}:20 dscg_maindiag_name{0}:300"
)
STAY = f"coner_name:50 tel:50 medrcdno:30 main_cond_dscr:1000 {DISEASE} {OPERATION} {CHILDBIRTH} dise_type_code:30"
ACCOUNTS = (
    "setl_optins*:6 stmt_begndate*:D stmt_enddate*:D medfee_sumamt*:-N16,2 fund_pay_sumamt*:-N16,2 fixmedins_setl_cnt*:N10,0 "
    "refd_setl_flag:3=0/1"
)

SENT: dict[str, dict[str, str]] = {
    "9001": {"signin": "opter_no*:20 mac*:20 ip*:20"},
    "9002": {"signout": "sign_no*:30 opter_no*:20"},
    "9101": {"fsuploadin": "in*:B filename*:200 fixmedins_code*:12"},
    "9102": {"fsdownloadin": "file_qury_no*:30 filename*:200 fixmedins_code*:12"},
    "1101": {"data": "mdtrt_cert_type*:3=01/02/03 mdtrt_cert_no*:50 card_sn:32 begntime:T psn_cert_type:6=01/16/99 certno:50 "
             "psn_name:50"},
    "1201": {"medinsinfo": "fixmedins_type*:6=1/2 fixmedins_name:200 fixmedins_code:12"},
    "2001": {"data": f"{PERSON} insutype*:6=310/390 fixmedins_code*:12 med_type*:6=11/21/140104 begntime*:T endtime:T {DISEASE} "
             f"{OPERATION} matn_type:6 birctrl_type:6"},
    "2201": {"data": f"{PERSON} insutype*:6 begntime*:T {CERTIFICATE} ipt_otp_no*:30 atddr_no*:30 dr_name*:50 dept_code*:30 "
             "dept_name*:100 caty*:6 med_type:6=11/13"},
    "2202": {"data": f"{PERSON} {VISIT} ipt_otp_no*:30"},
    "2203": {"mdtrtinfo": f"{VISIT} {PERSON} med_type*:6=11/14 begntime*:T main_cond_dscr:1000 {DISEASE} {BIRTH}",
             "diseinfo": f"{DIAGNOSIS} vali_flag*:3=0/1 maindiag_flag:3=0/1"},
    "2204": {"feedetail": f"{LINE} cnt*:N16,4 det_item_fee_sumamt*:N16,2 chrg_bchno*:30 rx_circ_flag*:3 rxno:30 dise_codg:30 "
             "sin_dos_dscr:200 used_frqu_dscr:200 prd_days:N4,2 medc_way_dscr:200"},
    "2205": {"data": f"{VISIT} chrg_bchno*:30 {PERSON}"},
    "2206": {"data": f"{BILL} {OUTPATIENT}"},
    "2207": {"data": f"{BILL} {OUTPATIENT} {PARTS}"},
    "2208": {"data": f"setl_id*:30 {VISIT} {PERSON}"},
    "2301": {"feedetail": f"{LINE} cnt*:-N16,4 det_item_fee_sumamt*:-N16,2 med_type*:6=21/24 init_feedetl_sn:30 drord_no:30 "
             "memo:500"},
    "2302": {"data": f"feedetl_sn*:30 {VISIT} {PERSON}"},
    "2303": {"data": STAY_BILL},
    "2304": {"data": STAY_BILL},
    "2305": {"data": f"{VISIT} setl_id*:30 {PERSON}"},
    "2401": {"mdtrtinfo": f"{PERSON} insutype*:6 begntime*:T {CERTIFICATE} med_type*:6=21/24 ipt_no*:30 {WHERE.format('*')} {STAY}",
             "diseinfo": f"{PERSON} {STAY_DIAGNOSIS}"},
    "2402": {"dscginfo": f"{VISIT} {PERSON} insutype*:6 endtime*:T dscg_dept_codg*:30 dscg_dept_name*:100 dscg_bed:30 "
             f"dscg_way*:3=1/2/3/4/5/9 die_date:D cop_flag:3 {DISEASE} {OPERATION} {CHILDBIRTH}",
             "diseinfo": STAY_DIAGNOSIS},
    "2403": {"adminfo": f"{VISIT} {PERSON} insutype:6 begntime:T endtime:T med_type:6=21 ipt_no:30 {WHERE.format('')} {STAY}",
             "diseinfo": STAY_DIAGNOSIS},
    "2404": {"data": f"{VISIT} {PERSON}"},
    "2405": {"data": f"{VISIT} {PERSON}"},
    "2501": {"refmedin": f"{PERSON} insutype:6=310 tel:50 addr:200 insu_optins:6 diag_code*:20 diag_name*:100 dise_cond_dscr:2000 "
             "reflin_medins_no*:12 reflin_medins_name*:200 mdtrtarea_admdvs*:6 hosp_agre_refl_flag:3=0/1 refl_type*:30 refl_date*:D "
             "refl_rea*:100 refl_opnn*:200 begndate:D enddate:D refl_old_mdtrt_id:30"},
    "2502": {"data": f"trt_dcla_detl_sn*:30 {PERSON} memo:500"},
    "2601": {"data": f"{PERSON} omsgid*:64 oinfno*:5"},
    "3201": {"data": f"insutype*:6=310/390 clr_type*:6=11/21/9901 {ACCOUNTS} acct_pay*:-N16,2"},
    "3202": {"data": f"{ACCOUNTS} clr_type:6=11/99 file_qury_no*:30 cash_payamt*:-N16,2"},
    "5201": {"data": f"{PERSON} begntime*:T endtime*:T med_type*:6=11 mdtrt_id:30"},
    "5202": {"data": f"{VISIT} {PERSON}"},
    "5203": {"data": f"{PERSON} setl_id*:30 {VISIT}"},
    "5204": {"data": f"{PERSON} setl_id:30 {VISIT}"},
    "5301": {"data": PERSON},
    "5302": {"data": f"{PERSON} biz_appy_type*:3"},
    "5303": {"data": "psn_no:30 begntime*:T endtime*:T"},
    "5304": {"data": "psn_no:30 begntime*:T endtime:T"},
}  # fmt: skip

IDENTITY = "psn_cert_type*:6 certno*:50 psn_name*:50 gend*:6 naty:3 brdy*:D age*:N4,1"
PARTED = (
    "feedetl_sn*:30 det_item_fee_sumamt*:-N16,2 cnt*:-N16,4 pric*:N16,6 pric_uplmt_amt*:N16,6 selfpay_prop*:N5,4 "
    "fulamt_ownpay_amt*:-N16,2 overlmt_amt*:-N16,2 preselfpay_amt*:-N16,2 inscp_scp_amt*:-N16,2 chrgitm_lv*:3=01/02/03 "
    "med_chrgitm_type*:6 bas_medn_flag*:3=0/1 hi_nego_drug_flag*:3=0/1 chld_medc_flag*:3=0/1 list_sp_item_flag*:3=0/1 "
    "lmt_used_flag*:3=0/1 drt_reim_flag*:3=0/1 memo:500"
)
AMOUNTS = " ".join(
    f"{name}*:-N16,2"
    for name in (
        "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "act_pay_dedc", "hifp_pay",
        "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "oth_pay", "fund_pay_sumamt", "psn_part_amt",
        "acct_pay", "acct_mulaid_pay", "psn_cash_pay", "pdn_cash_pay", "hosp_part_amt", "balc",
    )
)  # fmt: skip
BY_INSURANCE = "psn_type*:6 cvlserv_flag*:3=0/1"
QUOTED = (
    f"mdtrt_id*:30 setl_id:30 {PERSON} {IDENTITY} {BY_INSURANCE} insutype*:6=310/390 setl_time:T mdtrt_cert_type:3 med_type*:6 "
    f"{AMOUNTS} pool_prop_selfpay*:N5,4 medins_setl_id*:30 clr_optins:6 clr_way:6 clr_type*:6=11/21 exp_content:any"
)
SETTLED = (
    QUOTED.replace("setl_id:30", "setl_id*:30")
    .replace("setl_time:T", "setl_time*:T")
    .replace("clr_optins:6", "clr_optins*:6")
)
PAYERS = (
    "fund_pay_type*:6 inscp_scp_amt*:-N16,2 crt_payb_lmt_amt:N16,2 fund_payamt*:-N16,2 fund_pay_type_name*:200 "
    "setl_proc_info:4000"
)
STATED = (
    "psn_pay*:-N16,2 cash_payamt*:-N16,2 flxempe_flag*:3=0/1 nwb_flag*:3=0/1 insu_optins*:6 emp_name:200 pay_loc*:6 "
    "fixmedins_code*:12 fixmedins_name*:200 hosp_lv:6 fixmedins_poolarea*:6 lmtpric_hosp_lv:6 dedc_hosp_lv:6 begndate*:D enddate*:D "
    "refd_setl_flag*:3=0/1 year*:4 dise_codg:30 dise_name:500 invono:20 opter_id*:30 opter_name*:50 opt_time*:T"
)
OUTPATIENT_SETTLED, FILE = {"setlinfo": SETTLED, "setldetail[]": PAYERS}, "file_qury_no*:30 filename*:200"
OUTPATIENT_QUOTED = {**OUTPATIENT_SETTLED, "setlinfo": QUOTED}

ANSWERED: dict[str, dict[str, str]] = {
    "9001": {"signinoutb": "sign_time*:T sign_no*:30"},
    "9002": {"signoutoutb": "sign_time*:T"},
    "9101": {"": f"{FILE} fixmedins_code*:12 dld_endtime*:T"},
    "1101": {"baseinfo": f"{PERSON} {IDENTITY} exp_content:any",
             "insuinfo[]": f"balc*:N16,2 insutype*:6 {BY_INSURANCE} psn_insu_stas*:6 psn_insu_date*:D paus_insu_date:D "
             "insuplc_admdvs*:6 emp_name:200",
             "idetinfo[]": ""},
    "1201": {"medinsinfo[]": "fixmedins_code*:12 fixmedins_name*:200 uscc:50 fixmedins_type*:6=1/2 hosp_lv*:6"},
    "2001": {"trtinfo[]": f"{PERSON} trt_chk_type*:3=01 fund_pay_type*:6 trt_enjymnt_flag*:3=0/1 begndate*:D enddate:D "
             "trt_chk_rslt:500"},
    "2201": {"data": f"mdtrt_id*:30 {PERSON} ipt_otp_no*:30"},
    "2204": {"result[]": PARTED},
    "2206": OUTPATIENT_QUOTED,
    "2207": OUTPATIENT_SETTLED,
    "2208": OUTPATIENT_SETTLED,
    "2301": {"result[]": PARTED},
    "2303": OUTPATIENT_QUOTED,
    "2304": OUTPATIENT_SETTLED,
    "2305": OUTPATIENT_SETTLED,
    "2401": {"result": "mdtrt_id*:30"},
    "2501": {"result": "trt_dcla_detl_sn*:30"},
    "3201": {"stmtinfo": "setl_optins*:6 stmt_rslt*:6 stmt_rslt_dscr*:200"},
    "3202": {"fileinfo": f"{FILE} dld_endtime*:T"},
    "5201": {"mdtrtinfo[]": f"mdtrt_id*:30 {PERSON} {IDENTITY} insutype*:6 insu_optins:6 begntime*:T endtime:T med_type:6 ipt_otp_no:30 "
             "atddr_no:30 chfpdr_name:50 adm_dept_codg:30 adm_dept_name:100 dscg_dept_codg:30 dscg_dept_name:100 adm_bed:30 "
             "dscg_bed:30 medrcdno:30 adm_diag_dscr:200 dscg_maindiag_code:20 dscg_maindiag_name:300 main_cond_dscr:1000 dscg_way:3 "
             f"{DISEASE} {OPERATION} die_date:D inhosp_stas:3 ipt_days:any"},
    "5202": {"diseinfo[]": f"mdtrt_id*:30 {DIAGNOSIS.replace('=1/2/3', '').replace(':N2,0', ':2')} maindiag_flag:3 vali_flag:3 adm_cond:500"},
    "5203": {"setlinfo": f"{SETTLED} {STATED}", "setldetail[]": PAYERS},
    "5204": {"feedetail[]": f"{PARTED} mdtrt_id*:30 {PERSON} setl_id:30 fee_ocur_time*:T med_list_codg*:50 medins_list_codg*:150 "
             "bilg_dept_codg*:30 bilg_dept_name*:100 bilg_dr_codg*:30 bilg_dr_name*:50"},
    "5301": {"feedetail[]": "opsp_dise_code*:30 opsp_dise_name*:300 begndate*:D enddate:D"},
    "5302": {"psnfixmedin[]": f"{PERSON} insutype*:6 fix_srt_no*:3 fixmedins_code*:12 fixmedins_name*:200 begndate*:D enddate:D memo:500"},
    "5303": {"data[]": f"mdtrt_id*:30 {PERSON} {IDENTITY} insutype*:6 begndate*:D med_type*:6 ipt_otp_no*:30 out_flag*:3=0/1"},
    "5304": {"refmedin[]": "psn_no:30 psn_name*:50 psn_cert_type:6 certno:50 gend:6 naty:3 brdy:D age:N4,1 insutype*:6 dcla_souc*:3 "
             "diag_code*:20 diag_name*:100 reflin_medins_no:12 reflin_medins_name:200 mdtrtarea_admdvs*:6 out_flag*:3=0/1 refl_date*:D "
             "refl_rea*:100 begndate*:D enddate:D hosp_agre_refl_flag*:3=0/1 fixmedins_code*:12 fixmedins_name*:200 opter_name*:50"},
}  # fmt: skip
NOTHING = ("2202", "2203", "2205", "2302", "2402", "2403", "2404", "2405", "2502", "2601")
"""Transactions whose output is null. 9102 answers the file itself."""


class Told(NamedTuple):
    """One field of a table; `form` as above, with the sign taken off."""

    node: str
    name: str
    required: bool
    form: str
    codes: list[str]
    signed: bool


def fields(tables: dict[str, str]) -> Iterator[Told]:
    """Each field of a transaction's tables."""
    for node, row in tables.items():
        for each in row.split():
            name, _, form = each.partition(":")
            form, _, codes = form.partition("=")
            yield Told(
                node,
                name.rstrip("*"),
                name.endswith("*"),
                form.lstrip("-"),
                codes.split("/") if codes else [],
                form[0] == "-",
            )
