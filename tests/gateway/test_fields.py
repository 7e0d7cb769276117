"""Every transaction against the tables of the interface (tables.py): what is required, how long it may be, which codes there are."""

import pytest

from core.errors import Invalid
from gateway.fields import read
from gateway.transactions import TRANSACTIONS
from tests.gateway.tables import SENT, fields

OF_VISITS = [infno for infno in SENT if infno[:2] in ("22", "23", "24", "26", "52") or infno == "5303"]


def good(form, codes):
    if codes:
        return codes[0]
    if form in ("T", "D"):
        return "2026-03-02 10:00:00"
    if form == "B":
        return [80, 75]
    return "1" if form.startswith("N") else "0" * min(int(form), 4)


def longest(form, codes):
    return "x" * int(form) if form.isdecimal() and not codes else good(form, codes)


def bad(form, codes, signed):
    """What each field refuses: too long, no figure, no date, no code of its table."""
    if codes:
        yield "x"
    if form in ("T", "D"):
        yield from ("2026-13-01", "gestern")
    elif form == "B":
        yield from ("不是", [256])
    elif form.startswith("N"):
        digits, places = map(int, form[1:].split(","))
        yield from ("x", "1e3", "1" * (digits - places + 1), "0." + "1" * (places + 1))
        yield from () if signed else ("-1",)
    else:
        yield "x" * (int(form) + 1)


def filled(infno):
    sent = {node: {} for node in SENT[infno]}
    for field in fields(SENT[infno]):
        sent[field.node][field.name] = good(field.form, field.codes)
    return sent


def test_every_transaction_and_every_field_of_it_is_in_the_tables():
    ours = {
        infno: {node.name: {field.name for field in node.fields} for node in each.table}
        for infno, each in TRANSACTIONS.items()
    }
    told = {
        infno: {node: {field.name for field in fields({node: row})} for node, row in each.items()}
        for infno, each in SENT.items()
    }

    assert ours == told


@pytest.mark.parametrize("infno", SENT)
def test_every_field_is_read_as_the_tables_say(infno):
    table, sent = TRANSACTIONS[infno].table, filled(infno)

    given = read(table, sent)
    unknown = read(
        table, {node: {**row, "exp_content": {"card_token": "x"}, "er_flag": 1} for node, row in sent.items()}
    )

    assert unknown == given
    for node, name, required, form, codes, signed in fields(SENT[infno]):
        rows = given[node] if isinstance(given[node], list) else [given[node]]
        assert name in rows[0], name
        right = [longest(form, codes), *codes, *(["-1"] if signed else [])]
        for value in [*right, *([] if required else [None])]:
            read(table, {**sent, node: {**sent[node], name: value}})
        for value in [*bad(form, codes, signed), *(["", None, "null"] if required else [])]:
            with pytest.raises(Invalid) as refused:
                read(table, {**sent, node: {**sent[node], name: value}})
            assert f"（{name}）" in str(refused.value), (name, value)


def test_what_is_missing_or_too_long_is_named_in_the_refusal(desk):
    """Of every transaction, over HTTP: its first required field left out, the last one with a bad value, and its node."""
    for infno in SENT:
        sent, (first, *_rest, last) = (
            filled(infno),
            [field for field in (list(fields(SENT[infno])) * 2) if field.required],
        )
        missing = {**sent, first.node: {name: value for name, value in sent[first.node].items() if name != first.name}}
        *_bad, wrong = bad(last.form, last.codes, last.signed)

        told = [
            desk.refusal(infno, missing),
            desk.refusal(infno, {**sent, last.node: {**sent[last.node], last.name: wrong}}),
            desk.refusal(infno, {}),
        ]

        assert told[0].endswith(f"（{first.name}）未填写"), (infno, told)
        assert f"（{last.name}）" in told[1], (infno, told)
        assert told[2].startswith(f"缺少节点{next(iter(SENT[infno]))}"), (infno, told)


HOSTILE = (
    None, "", "null", 0, -1, 1.5, True, [], {}, [[]], [{}], "x" * 300, "0" * 40, "9" * 30, "1e999", "NaN", "２０２６", "0000-00-00",
    {"a": {"b": 1}}, [1, 2], "2026-02-30", "🀄", "'; --", "9999999999999999.99",
)  # fmt: skip


@pytest.mark.parametrize("infno", OF_VISITS)
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
    names = [(field.node, field.name) for field in fields(SENT[infno])]

    turn = OF_VISITS.index(infno)
    for at, value in enumerate(HOSTILE[turn % 3 :: 3]):  # each transaction meets a third of them
        node, name = names[(at + turn) % len(names)]
        answers = [
            desk.send(infno, {**sent, node: {**sent[node], name: value}}),
            desk.send(infno, {**sent, node: value}),
            desk.send(infno, {**sent, node: [sent[node], {name: value}]}),
        ]
        assert all(answer["infcode"] in (0, -1) for answer in answers)
        assert all(len(answer["err_msg"] or "") <= 200 for answer in answers)
