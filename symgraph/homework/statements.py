r"""A problem's words: Markdown with LaTeX maths, and the formulas that were drawn put in.

>>> from symgraph.parsing.text import parse_expression
>>> formulas = {"f": parse_expression("sin(3x^2)")}
>>> print(write(r"Differentiate $f(x) = {{f}}$ *now*.", formulas, "tex"))
Differentiate $f(x) = \sin(3x^{2})$ \emph{now}.
>>> print(write("Differentiate $f(x) = {{f}}$.", formulas, "txt"))
Differentiate f(x) = sin(3x²).

`{{name}}` is replaced by our printer, once; nothing else happens in it. Maths stands between dollar signs and may use
the commands of `COMMANDS`: what TeX would do with any other is nobody's wish here. HTML is never passed through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from symgraph.errors import SymgraphError
from symgraph.explanation import typesetting
from symgraph.explanation.escaping import tex_text
from symgraph.explanation.mathml import broken, letters, side_by_side
from symgraph.explanation.shown import Shown

__all__ = ["COMMANDS", "Listed", "check", "placeholders", "write"]

COMMANDS = frozenset(
    """frac dfrac tfrac sqrt sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth ln log exp max min lim
    partial nabla infty pi alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta kappa lambda mu nu xi rho
    sigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
    cdot times div pm mp le leq ge geq ne neq approx in to rightarrow left right mathrm mathbf text operatorname
    quad qquad ldots cdots dots prime sum int circ degree""".split()  # noqa: SIM905 # seventy words
)
_SPACES = frozenset(",;:!| ")
_MATHS = re.compile(r"(?<!\\)\$\$(.+?)(?<!\\)\$\$|(?<!\\)\$((?:[^$\\]|\\.)+?)\$", re.S)
_PLACE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_OPEN, _CLOSE = "\ue000", "\ue001"  # private characters around a formula's number
_FIRST = 0xE002  # of the private characters that stand for formulas in maths
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_TAGS = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "h3", "h4", "h5", "h6", "blockquote", "br", "hr", "a"}


@dataclass(frozen=True, slots=True)
class Listed:
    """Several formulas that stand in one place of a statement."""

    formulas: tuple[Shown, ...]


def placeholders(text: str) -> list[str]:
    """The names in double braces, in order.

    >>> placeholders("{{a}} and {{ f }}")
    ['a', 'f']
    """
    return _PLACE.findall(text)


def check(text: str) -> None:
    r"""Refuse maths that is not harmless or not understood.

    Raises:
        SymgraphError: it says which command, or what else is wrong.

    >>> check(r"$\input{secrets}$")
    Traceback (most recent call last):
        ...
    symgraph.errors.SymgraphError: \input is not among the LaTeX commands that a statement may use
    """
    if found := _PRIVATE.search(text):
        raise SymgraphError(f"a private character (U+{ord(found[0]):X}) cannot be in a statement")
    for maths in _MATHS.finditer(text):
        _check_maths(_PLACE.sub("x", maths[1] or maths[2]))
    rest = _MATHS.sub("", text)
    if re.search(r"(?<!\\)\$", rest):
        raise SymgraphError("a dollar sign is not closed; a dollar of money is written \\$")


def _check_maths(latex: str) -> None:
    if "\\\\" in latex:
        raise SymgraphError("a double backslash cannot stand in a statement's maths")
    if bad := re.search(r"\^\^|(?<!\\)[%#~&]|[^\x20-\x7e\n]", latex):
        raise SymgraphError(f"{bad[0]!r} cannot stand in a statement's maths")
    for found in re.finditer(r"\\([A-Za-z]+|.|$)", latex, re.S):
        if found[1] not in COMMANDS and found[1] not in _SPACES and found[1] not in ("{", "}"):
            raise SymgraphError(f"\\{found[1]} is not among the LaTeX commands that a statement may use")
    depth = 0
    for letter in re.sub(r"\\[{}]", "", latex):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            break
    if depth:
        raise SymgraphError("braces do not match in a statement's maths")


def write(text: str, formulas: Mapping[str, Shown | Listed], to: str) -> str:
    """A statement in a format, with formulas in the places that name them.

    Args:
        formulas: what stands for each name in double braces.
        to: "html", "tex", "md" or "txt".

    Raises:
        SymgraphError: a name in double braces that there is no formula for, or maths that `check` refuses.
    """
    check(text)
    named = list(dict.fromkeys(placeholders(text)))
    for name in named:
        if name not in formulas:
            raise SymgraphError(f"{{{{{name}}}}} is no name here: there are {', '.join(formulas)}")
    kept: list[tuple[str, bool]] = []

    def keep(maths: str, display: bool = False) -> str:
        kept.append((maths, display))
        return f"{_OPEN}{len(kept) - 1}{_CLOSE}"

    stand_ins = {name: chr(_FIRST + number) for number, name in enumerate(named)}

    def held(found: re.Match[str]) -> str:
        return stand_ins[found[1]]

    marked = _MATHS.sub(lambda found: keep(_PLACE.sub(held, found[1] or found[2]), found[1] is not None), text)
    marked = _PLACE.sub(lambda found: keep(held(found)), marked)
    put_in = {ord(stand_ins[name]): _INSIDE[to](formulas[name]) for name in named}
    body = _DRESS[to](marked)

    def maths(found: re.Match[str]) -> str:
        latex, display = kept[int(found[1])]
        made = _SET[to](latex, display).translate(put_in)
        return _in_lines(made) if to == "html" and not display else made

    return _MARK.sub(maths, body).strip()


def _in(one: Callable[[Shown], str], between: str = ", ") -> Callable[[Shown | Listed], str]:
    """How a formula, or several, are written by a printer for one."""
    return lambda each: between.join(map(one, each.formulas)) if isinstance(each, Listed) else one(each)


def _inner(formula: Shown) -> str:
    return typesetting.mathml(formula).removeprefix("<math>").removesuffix("</math>")


_INSIDE: Mapping[str, Callable[[Shown | Listed], str]] = {
    "html": _in(_inner, '<mo rspace="0.35em">,</mo>'),
    "tex": _in(typesetting.latex),
    "md": _in(typesetting.latex),
    "txt": _in(typesetting.text),
}


# Each format ---------------------------------------------------------------------------------------------------------


@cache
def _reader() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline", "reference"])


@lru_cache(maxsize=256)  # a homework has few wordings
def _html(marked: str) -> str:
    import nh3

    page = _reader().render(marked)
    return str(nh3.clean(page, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}))


@lru_cache(maxsize=256)
def _mathml(latex: str, display: bool) -> str:
    """LaTeX as MathML, in which each private character is a row of its own, for a formula of ours."""
    from latex2mathml.converter import convert

    made = str(convert(latex, display="block" if display else "inline"))
    if "\\" in made or re.search(r"&(?!#?\w+;)", made):
        raise SymgraphError(f"${latex}$ cannot be shown on a page: write it more plainly")
    made = _PRIME.sub(r'<mrow>\1<mo lspace="0.1em" rspace="0">\2</mo></mrow>', made)
    made = _UNDER.sub(r"<munder><mo>\1</mo>\2</munder>", made) if display else made
    made = re.sub(f"<mi>({_PRIVATE.pattern})</mi>", r"<mrow>\1</mrow>", made)
    made = re.sub(r"(</m(?:i|n|sup|sub|frac|sqrt|row)>)(<mi>[a-z]{2,}</mi>)", rf"\1{_THIN}\2", made)
    return re.sub(r"(<mi>[a-z]{2,}</mi>)(?=<m(?:i|n|sup|sub|frac|sqrt|row)>)", rf"\1{_THIN}", made)


def _in_lines(made: str) -> str:
    """A formula in a sentence as MathML; a long one as pieces between which a line may end."""
    from symgraph.explanation.formats import LONG

    found = re.fullmatch(r"(<math[^>]*>)<mrow>(.*)</mrow></math>", made) if letters(made) > LONG else None
    if not found:
        return made
    body = re.sub(r"&#x0*(28|29|3D|2B|2212|B7|22C5|2248);", lambda code: chr(int(code[1], 16)), found[2])
    body = re.sub(r"((?:^|<mo[^>]*>[(,=+−·⋅≈]</mo>)<mo)(?=>−</mo>)", r'\1 form="prefix"', body)
    pieces = broken(body, LONG)
    return made if len(pieces) == 1 else side_by_side([f"{found[1]}{piece}</math>" for piece in pieces], LONG)


_PRIME = re.compile("<msup>(<mi>[^<]*</mi>)(?:<mrow>)?<mi>(&#x0203[2-4];)</mi>(?:</mrow>)?</msup>")  # it is high itself
_UNDER = re.compile("<msub><mo>(lim|max|min)</mo>(<mrow>(?:(?!</?mrow>).)*</mrow>)</msub>")
_THIN = '<mspace width="0.167em"></mspace>'  # beside ln, sin, …, as TeX has it
_SIMPLE = {"strong": r"\textbf{", "em": r"\emph{"}
_AROUND = {
    "paragraph_open": "",
    "paragraph_close": "\n\n",
    "bullet_list_open": "\\begin{itemize}\n",
    "bullet_list_close": "\\end{itemize}\n",
    "ordered_list_open": "\\begin{enumerate}\n",
    "ordered_list_close": "\\end{enumerate}\n",
    "list_item_open": "\\item ",
    "list_item_close": "",
    "blockquote_open": "\\begin{quote}\n",
    "blockquote_close": "\\end{quote}\n",
    "heading_open": "\\textbf{",
    "heading_close": "}\n\n",
    "hr": "\n\n",
}


def _tex(marked: str) -> str:
    written: list[str] = []
    for token in _reader().parse(marked):
        if token.type == "inline":
            written.extend(_tex_inline(child) for child in token.children or ())
        elif token.type in ("code_block", "fence"):
            written.append("\\begin{quote}\\ttfamily " + tex_text(" ".join(token.content.split())) + "\\end{quote}\n")
        else:
            written.append(_AROUND.get(token.type, ""))
    return "".join(written)


def _tex_inline(token: Any) -> str:
    name, _, end = token.type.rpartition("_")
    if token.type == "text":
        return _escaped(token.content)
    if token.type == "code_inline":
        return rf"\texttt{{{_escaped(token.content)}}}"
    if token.type in ("softbreak", "hardbreak"):
        return "\n" if token.type == "softbreak" else "\\newline\n"
    if name in _SIMPLE:
        return _SIMPLE[name] if end == "open" else "}"
    return ""


def _escaped(text: str) -> str:
    """Text for TeX; the marks of formulas stay, and inside words - and ' are themselves."""
    pieces = re.split(f"({_OPEN}\\d+{_CLOSE})", text)
    return "".join(piece if place % 2 else tex_text(piece) for place, piece in enumerate(pieces))


def _md(marked: str) -> str:
    """Markdown as it was written; a page that is made of it somewhere else must not find HTML in it."""
    return marked.replace("&", "&amp;").replace("<", "&lt;")


def _txt(marked: str) -> str:
    return marked.replace("\\$", "$")


_DRESS: Mapping[str, Callable[[str], str]] = {"html": _html, "tex": _tex, "md": _md, "txt": _txt}
_SET: Mapping[str, Callable[[str, bool], str]] = {
    "html": _mathml,
    "tex": lambda latex, display: f"\\[{latex}\\]" if display else f"${latex}$",
    "md": lambda latex, display: f"$${latex}$$" if display else f"${latex}$",
    "txt": lambda latex, display: latex,
}
