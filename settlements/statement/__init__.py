"""The statement (医疗费用结算单): what was paid of one bill, by whom and by which rule, as a PDF set by Typst."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.errors import WrongState
from core.languages import SOURCE
from core.printing import Kept, set_in_type
from policies.language.omissions import omissions_text
from policies.language.wording import GRADE_LABELS, day
from regions.models import Agency
from settlements import presenting
from settlements.adjudication import case_of, omissions_of
from settlements.models import Settlement, Status
from settlements.statement import tables

TEMPLATE = Path(__file__).parent / "statement.typ"
HOTLINE = "12393"


def pdf(settlement: Settlement, language: str = SOURCE) -> bytes:
    """Return the statement of a settlement, marked where it was reversed. Raises WrongState `no_statement`."""
    return set_in_type(TEMPLATE, texts(settlement), language)


def texts(settlement: Settlement) -> dict[str, Any]:
    """What the statement says, as texts. It is the patient's own paper: nothing on it is masked.

    Raises WrongState `no_statement` for the entry that reverses another: the other's statement shows it.
    """
    if settlement.status == Status.REVERSAL:
        refusal = _("这是一笔冲正记录，没有单独的结算单；请查看被冲正的结算（%s），上面注明了冲正。")
        raise WrongState(refusal % (settlement.reverses and settlement.reverses.number), code="no_statement")
    case, computed = case_of(settlement), presenting.computed(settlement)
    cited = _cited(computed)
    return {
        "title": _("医疗费用结算单"),
        "number": settlement.number,
        "heading": _heading(settlement),
        "settled_at": tables.moment(settlement.settled_at),
        "reversal": _reversal(settlement),
        "basics": tables.basics(settlement, case),
        "wide": tables.wide(settlement, computed["policy"]),
        "costs": tables.costs(settlement),
        "payments": tables.payments(settlement),
        "rules": tables.rules(settlement),
        "not_included": omissions_text(omissions_of(settlement)),
        "bands": tables.bands(computed["lines"]),
        "who": tables.who_paid(settlement),
        "year": tables.year_so_far(computed["year_to_date"]),
        "lines": [_line(line, cited) for line in computed["lines"]],
        "sources": [_source(source, place) for place, source in enumerate(cited.values(), 1)],
        "items": tables.items(case.cost.items),
        "items_note": tables.items_note(case.cost.items),
        "foot": _foot(settlement),
    }


def _heading(settlement: Settlement) -> str:
    """By which way it was settled."""
    if settlement.channel == "manual":
        return _("基本医疗保险 · 手工报销")
    return _("基本医疗保险 · 本地直接结算") if settlement.travel == "local" else _("基本医疗保险 · 异地就医直接结算")


def _reversal(settlement: Settlement) -> dict[str, str] | None:
    entry = getattr(settlement, "reversal", None)
    return entry and {"number": entry.number, "at": tables.moment(entry.settled_at), "reason": Kept(entry.reason)}


def _cited(computed: Mapping[str, Any]) -> dict[str, Any]:
    """The sources that the lines name, in the order in which they are met."""
    known = {source["id"]: source for source in computed["policy"].get("sources", ())}
    return {id: known[id] for line in computed["lines"] for id in _rests_on(line, known)}


def _rests_on(line: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """A line rests on its own source, and on those that its formula names (`× 1.05（未备案，CQ2）`)."""
    own = [id for id in known if id == line["source"]]
    return own + [id for id in known if id != line["source"] and f"，{id}）" in line["formula"]]


def _line(line: Mapping[str, Any], cited: dict[str, Any]) -> dict[str, str]:
    """One step of the calculation, with the number of its source."""
    places = "、".join(str([*cited].index(id) + 1) for id in _rests_on(line, cited))
    return {**{name: str(line[name]) for name in ("label", "formula", "amount")}, "source": places}


def _source(source: Mapping[str, Any], place: int) -> dict[str, str]:
    year = _("%d年") % source["year"] if source["year"] else _("年份不详")
    grade = f"{source['grade']}（{GRADE_LABELS[source['grade']]}）"
    text = _("%(title)s。%(publisher)s，%(year)s。来源等级 %(grade)s")
    return {"place": str(place), "text": text % {**source, "year": year, "grade": grade}}


def _foot(settlement: Settlement) -> list[str]:
    agency = Agency.objects.filter(area=settlement.area_id).order_by("name").first()
    office = f"{agency.name}（{agency.phone}）" if agency and agency.phone else _("参保地经办机构")
    return [
        _("金额单位：元。本单由异地就医系统按%s的结算记录生成。") % day(settlement.settled_on),
        _("对费用有疑问，请询问医疗机构医保办；对待遇有疑问，请致电%(agency)s或%(hotline)s。")
        % {"agency": office, "hotline": HOTLINE},
    ]
