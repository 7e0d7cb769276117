"""What has to be translated: every Chinese text that leaves for a citizen or a hospital, found in the sources themselves.

Phone templates, scripts and papers mark their texts (`{% translate %}`, `t("…")`, `beside("…")`); in Python every Chinese literal counts, marked for gettext or
not, also the fixed pieces of composed sentences, because the rules are written without Django. Run by `make messages` and by the tests.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.languages.sentences import GAP, HAN

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ("templates/mobile", "templates/referrals", "templates/refusal.html")
SCRIPTS = ("mobile/static/mobile",)
PAPERS = ("core", "reviews/papers", "referrals/certificate", "settlements/statement")
APPS = (
    "core", "regions", "policies", "accounts", "reviews", "filings", "referrals", "chronic", "settlements", "claims", "estimates", "mobile",
)  # fmt: skip
STAFF_ONLY = re.compile(
    r"/admin(/|\.py)|/models/staff\.py|accounts/security/(sessions|passwords)\.py|/management/|/migrations/|/demo\w*\.py|reviews/(audit|statistics)/|settlements/(report|reconciliation)/"
    r"|regions/(notice|importing|bulk)\.py|core/(bulk|sheets|text)\.py|core/languages/|core/http/schema\.py|claims/(payments|refusals)\.py"
    r"|settlements/(national|clearing)\w*\.py|policies/(catalogue/|published|publishing|files|engine/proof|language/(binding"
    r"|checks|completeness|examples|facts|filing_schema|loader|merging|reference|counting|schema|text|values)\.py)"
)
"""Files whose texts only staff and developers read: their pages stay Chinese."""
MARKS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "t"}
DESCRIBING = {"operation", "Example", "extend_schema", "OpenApiParameter"}
"""Calls that describe the API to developers (its document stays Chinese)."""
LABELS_OF_COLUMNS = {"verbose_name", "verbose_name_plural", "help_text", "description", "short_description"}
_COLUMN = re.compile(r"(Field|ForeignKey|Text)$")


def msgids() -> set[str]:
    """Every text that needs a translation."""
    found = {text for path in files(TEMPLATES, "html") for text in of_template(path.read_text("utf-8"))}
    said = {text for path in files(SCRIPTS, "js") for text in of_script(path.read_text("utf-8"))}
    found |= {text for path in files(PAPERS, "typ") for text in of_paper(path.read_text("utf-8"))}
    written = set[str]()
    for path in files(APPS, "py"):
        written.update(of_python(path.read_text("utf-8"), only_marked=path.name.endswith("bodies.py")))
    for path in files(APPS, "py", staff_only=True):
        written.update(of_messages(path.read_text("utf-8")))
    found |= written - {*_instances(written)}
    return said | {text for text in found if HAN.search(text) and not _READS.search(text)}


_READS = re.compile(r"\[[^\]]*[\u3400-\u9fff][^\]]*\]\)?[?+*]?|\\d|\$$")
"""A pattern that reads Chinese, and says nothing."""
_DETAIL = re.compile(
    r"\d{4}年\d|[JK]?20\d{6}-\d|北京示范医院|示范市|重庆市.{2,}|天津市|四川省|高血压|糖尿病|医保发|病种M|\d{3}\.\d\d"
    r"|北京本地宝|示范医院|“已取消”|普通门诊不予支付|到北京市的|还缺少：.{3,}请上|请办理异地长期居住备案|已有直接结算"
)


def _instances(found: set[str]) -> Iterator[str]:
    """Examples of composed sentences in the API's document: their template is translated, not they."""
    yield from (text for text in found if _DETAIL.search(text) and not GAP.search(text))


def files(places: tuple[str, ...], ending: str, *, staff_only: bool = False) -> Iterator[Path]:
    """The files below these places that readers meet, in order; or those of staff alone."""
    for place in places:
        path = ROOT / place
        found = [path] if path.is_file() else sorted(path.rglob(f"*.{ending}"))
        yield from (
            each
            for each in found
            if "vendor" not in each.parts and bool(STAFF_ONLY.search(f"/{each.relative_to(ROOT)}")) == staff_only
        )


# Templates


_TAG = r"\{%-?\s*"
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)
_TRANSLATE = re.compile(_TAG + r"""trans(?:late)?\s+(?:"([^"]*)"|'([^']*)')[^%]*%\}""")
_ARGUMENT = re.compile(r"""\b_\((?:"([^"]*)"|'([^']*)')\)""")
_BLOCK = re.compile(_TAG + r"blocktrans(?:late)?\b([^%]*)%\}(.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)


def of_template(text: str) -> Iterator[str]:
    """The marked texts of a Django template."""
    text = _COMMENT.sub("", text)
    for found in (*_TRANSLATE.finditer(text), *_ARGUMENT.finditer(text)):
        yield (found[1] or found[2]).replace("%", "%%")  # as Django asks the catalogue for it
    for options, inner in _BLOCK.findall(text):
        yield _block(inner, trimmed="trimmed" in options)


def _block(inner: str, *, trimmed: bool) -> str:
    lines = (line.strip() for line in inner.strip().splitlines())
    text = " ".join(line for line in lines if line) if trimmed else inner
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", text)


def unmarked_in_template(text: str) -> list[str]:
    """The lines that hold Chinese which nothing marks."""
    text = _COMMENT.sub("", text)
    for marked in (_BLOCK, _TRANSLATE, _ARGUMENT):
        text = marked.sub("", text)
    return [line.strip() for line in text.splitlines() if HAN.search(line)]


# Scripts


_CALL = re.compile(r"""\b(?:t|signed)\(\s*("(?:\\.|[^"\\\n])*")""")
_NOT_SAID = re.compile(
    r"""/\*.*?\*/|(?<![:"'])//[^\n]*|(?<=[(,=:;!&|?{}])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*""",
    re.DOTALL,
)
"""Comments, and regular expressions: they read Chinese, and say nothing."""


def of_script(text: str) -> Iterator[str]:
    """The texts of a script that stand in `t("…")`, or in `signed("…")`."""
    for literal in _CALL.findall(_NOT_SAID.sub("", text)):
        yield ast.literal_eval(literal)


def unmarked_in_script(text: str) -> list[str]:
    """The lines that hold Chinese which nothing marks."""
    return [line.strip() for line in _CALL.sub("", _NOT_SAID.sub("", text)).splitlines() if HAN.search(line)]


# Papers (Typst)


_REMARK = re.compile(r"^\s*//[^\n]*", re.MULTILINE)
_ON_PAPER = re.compile(r"""\b(?:t|beside)\(\s*("(?:\\.|[^"\\\n])*")""")


def of_paper(text: str) -> Iterator[str]:
    """The texts of a paper's template that stand in `t("…")` or `beside("…")`."""
    for literal in _ON_PAPER.findall(_REMARK.sub("", text)):
        yield ast.literal_eval(literal)


def unmarked_on_paper(text: str) -> list[str]:
    """The lines that hold Chinese which nothing marks."""
    return [line.strip() for line in _ON_PAPER.sub("", _REMARK.sub("", text)).splitlines() if HAN.search(line)]


# Python


def of_python(text: str, *, only_marked: bool = False) -> list[str]:
    """Every Chinese text of a module but its docstrings, what describes the API to developers, and the names of columns.

    `only_marked`: those for gettext alone, where the others are examples.
    """
    found = _Texts(only_marked=only_marked)
    found.visit(ast.parse(text))
    return found.found


def of_messages(text: str) -> Iterator[str]:
    """What a staff's module writes to citizens: the texts of each function that tells somebody (`case.tell(…)`)."""
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef) and any(map(_tells, ast.walk(function))):
            yield from of_python(ast.unparse(function), only_marked=True)


def _tells(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "tell"


class _Texts(ast.NodeVisitor):
    def __init__(self, *, only_marked: bool) -> None:
        self.found: list[str] = []
        self.counts = not only_marked

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in DESCRIBING:
            return
        self.visit(node.func)
        before, self.counts = self.counts, self.counts or name in MARKS
        for argument in node.args[1:] if _COLUMN.search(name) and node.args and _is_text(node.args[0]) else node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg not in LABELS_OF_COLUMNS:
                self.visit(keyword.value)
        self.counts = before

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if not names & LABELS_OF_COLUMNS and not any("EXAMPLE" in name for name in names):
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if self.counts and isinstance(node.value, str) and HAN.search(node.value):
            self.found.append(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        text, names = "", dict[str, str]()
        for piece in node.values:
            if isinstance(piece, ast.Constant):
                text += str(piece.value)
            elif isinstance(piece, ast.FormattedValue):
                text += "{" + _gap(piece.value, names) + "}"
                self.visit(piece.value)
        if self.counts and HAN.search(text):
            self.found.append(text)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS
    )


def _gap(value: ast.expr, names: dict[str, str]) -> str:
    """What stands in the gap of a composed sentence, in a word: {area.name} → name, {day(end)} → day, else a letter."""
    word = "value"
    if isinstance(value, ast.Name):
        word = value.id
    elif isinstance(value, ast.Attribute):
        word = value.attr
    elif isinstance(value, ast.Call):
        word = _gap(value.func, {})
    word, shown = word.strip("_") or "value", ast.unparse(value)
    number = 1
    while names.setdefault(name := word if number == 1 else f"{word}{number}", shown) != shown:
        number += 1
    return name
