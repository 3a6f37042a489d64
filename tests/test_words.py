"""Words are in one place: a second language is a second file of words, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest

from symgraph.errors import SymgraphError
from symgraph.explanation.explainer import explain

TEMPLATES = Path(__file__).parent.parent / "templates"
MACRO = re.compile(r"macro (\w+)(\([^)]*\))")
ENGLISH = re.compile(r"\b(the|and|each|with|there|change|path|paths|edge|node|speed|answer|number)\b")


def macros(name: str) -> dict[str, str]:
    return dict(MACRO.findall((TEMPLATES / name).read_text("utf-8")))


def test_german_macros_are_called_like_the_english_ones() -> None:
    german, english = macros("words.de.j2"), macros("words.j2")
    assert len(german) > 70
    assert {name: english.get(name) for name in german} == german


@pytest.mark.parametrize("to", ["txt", "html", "tex", "md", "ipynb"])
def test_a_german_document_holds_no_english_sentence(to: str) -> None:
    document = explain("(a+b)*(b+1)", "b", at="a=2, b=1", lang="de").render(to)
    assert "Zwei Wege durch ein Produkt: das ist die Produktregel." in document
    if to == "txt":
        assert not ENGLISH.findall(document)
    if to == "html":
        html5lib.HTMLParser(strict=True).parse(document)
        assert '<html lang="de">' in document and "Andere Zahlen ausprobieren" in document
        body = re.sub(r"<(script|style)[^>]*>.*?</\1>|<[^>]*>", " ", document, flags=re.DOTALL)
        assert not ENGLISH.findall(body)


@pytest.mark.parametrize("source", ["sin(3x+1)", "x^2/(1+x)", "max(x,y)*ln(x)", "y = x*x; z = y*y; w = z*z"])
def test_every_derivative_can_be_told_in_german(source: str) -> None:
    assert not ENGLISH.findall(explain(source, lang="de", modes=True).render("txt"))


def test_what_german_has_no_words_for_is_refused() -> None:
    with pytest.raises(SymgraphError, match="no words in the language 'de'"):
        explain("x^3", order=2, lang="de").render("txt")
    with pytest.raises(SymgraphError, match="the language is en or de"):
        explain("x^3", lang="fr")
