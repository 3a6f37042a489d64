"""Formats beside the page: paper, fragments, cells of notebooks, JSON, terminals, and graphs with many nodes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import nbformat
import pytest

from symgraph.calculus.graph import build
from symgraph.errors import SymgraphError
from symgraph.explanation.explainer import Explanation, explain
from symgraph.explanation.folding import bundles, fold
from symgraph.explanation.letters import GREEK
from symgraph.explanation.renderer import FORMATS, companions, render, style, terminal
from symgraph.explanation.sizes import outline
from symgraph.gallery import read_examples
from symgraph.language.tree import Name

SCHEMA = Path(__file__).parent.parent / "templates" / "json" / "explanation.schema.json"
EXAMPLES = read_examples()
HOSTILE = [
    "]]><script>alert(1)</script>",
    r"\immediate\write18{touch pwned}",
    r"}\end{align}\input{x}\begin{align}{",
    "%\n\\input{x}",
    "{{ 7*7 }} {# comment",
    "\x1b[2J\x1b[Ha\x0bb",
    r"\(\unicode{<img src=x onerror=alert(1)>}\) $x$",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "[click](javascript:alert(1))",
]


@pytest.fixture(scope="module")
def told() -> dict[str, Explanation]:
    return {example.name: example.explain() for example in EXAMPLES}


def olah(**options: Any) -> Explanation:
    return explain("(a+b)*(b+1)", "b", at="a=2, b=1", **options)


def chain_of(length: int, step: str = "u{k} = u{j} + sin(u{i})") -> str:
    lines = ["u0 = x + 1", "u1 = x*y"]
    return "; ".join(lines + [step.format(k=k, j=k - 1, i=k - 2) for k in range(2, length)])


# Paper


def compiled(engine: str, tex: str, folder: Path) -> str:
    """The log of a document, which must compile."""
    (folder / "document.tex").write_text(tex, "utf-8")
    done = subprocess.run(
        [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "document.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def faults(log: str) -> list[str]:
    wide = [line for line in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log) if float(line) > 5]
    return wide + re.findall(r".*(?:Font Warning|Reference .* undefined|Missing character).*", log)


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_every_example_fits_the_paper(
    engine: str, told: dict[str, Explanation], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    program = request.getfixturevalue(engine)
    # All in one document: TeX starts once.
    documents = {name: explanation.render("tex") for name, explanation in told.items()}
    preamble = next(iter(documents.values())).partition(r"\begin{document}")[0]
    start, end = r"\begin{document}", r"\end{document}"
    bodies = [
        f"\\clearpage\\typeout{{EXAMPLE {name}}}\n{tex.partition(start)[2].partition(end)[0]}"
        for name, tex in documents.items()
    ]
    assert all(tex.startswith(preamble) for tex in documents.values())
    log = compiled(program, preamble + "\\begin{document}\n" + "\n".join(bodies) + "\n\\end{document}\n", tmp_path)
    found = {part.split()[0]: faults(part) for part in log.split("EXAMPLE ")[1:]}
    assert len(found) == len(documents)
    assert {name: fault for name, fault in found.items() if fault} == {}


@pytest.mark.parametrize(
    "document",
    [
        r"\documentclass{article}\usepackage{symgraph}\newenvironment{solution}{\par}{\par}\begin{document}"
        r"\begin{solution}\input{body}\end{solution}\end{document}",
        r"\documentclass{beamer}\usepackage{symgraph}\begin{document}"
        r"\begin{frame}[allowframebreaks]{Olah}\input{body}\end{frame}\end{document}",
        r"\documentclass{exam}\usepackage{symgraph}\printanswers\begin{document}"
        r"\begin{questions}\question Differentiate.\begin{solution}\input{body}\end{solution}"
        r"\end{questions}\end{document}",
    ],
    ids=["article", "beamer", "exam"],
)
def test_a_fragment_is_put_into_documents_of_other_classes(document: str, pdflatex: str, tmp_path: Path) -> None:
    name = re.findall(r"documentclass{(\w+)}", document)[0]
    found = subprocess.run(["kpsewhich", f"{name}.cls"], capture_output=True, text=True, check=False).stdout
    if not found:
        assert name == "exam"  # not in every TeX distribution: a class with questions and solutions stands for it
        (tmp_path / "exam.cls").write_text(
            r"\NeedsTeXFormat{LaTeX2e}\ProvidesClass{exam}\LoadClass{article}\newcommand{\printanswers}{}"
            r"\newenvironment{questions}{\begin{enumerate}\let\question\item}{\end{enumerate}}"
            r"\newenvironment{solution}{\par\begin{quote}}{\end{quote}}",
            "utf-8",
        )
    olah().save(tmp_path / "body.tex", fragment=True)
    assert (tmp_path / "symgraph.sty").read_text("utf-8") == style()
    assert not faults(compiled(pdflatex, document, tmp_path))


TITLES = [
    "√2 – the “root”: f(x) ≤ ½·x² → ∞, α ≠ β, Δt ∈ ℝ, 20 °C ± 3 €",
    "Übungen für José, Łukasz, Ærø, Ștefan, Đorđe, Ąę, Ğ, İı, ǘ, Å ÿ ß ſ ĳ ﬁ ﬃ",
    "Emoji 😀👩🏽‍🔬🇩🇪❤️ ∮ ⟶ ⨁ ※ № ™ ① ℵ ✓",
    "Кто? 誰 ما هذا מי ά ὦ क्षि 한국어 ＡＢＣ 𝒳𝔸",
    "z̷̢a̶̛l̵g̸o é (apart) \xa0 \xad \u202e \x00 \ud800 \U0010ffff",
    r"\input{x} $x$ % # & _ ^ ~ { } \ -- --- ''``\" << >> ?` !`",
]


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_every_title_compiles(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    program = request.getfixturevalue(engine)
    start = r"\begin{document}"
    documents = [explain("x^2", title=title).render("tex") for title in TITLES]
    titles = [re.findall(r"\\section\*\{.*\}", document)[0] for document in documents]
    assert len(titles) == len(TITLES) and all(title.isascii() for title in titles)
    tex = documents[0].partition(start)[0] + "\n".join([start, *titles, r"\end{document}"])
    assert not faults(compiled(program, tex, tmp_path))


def test_a_fragment_brings_no_document_and_no_solution() -> None:
    body = render(olah(), "tex", fragment=True)
    for command in (r"\documentclass", r"\begin{document}", r"\usepackage", r"\section"):
        assert command not in body.replace(r"\usepackage{symgraph} by", "")
    assert "{solution}" not in body + style()
    with pytest.raises(SymgraphError, match="a fragment is LaTeX"):
        render(olah(), "html", fragment=True)


# Notebooks


def test_a_cell_holds_only_what_an_untrusted_notebook_shows() -> None:
    bundle = olah()._repr_mimebundle_()
    assert list(bundle) == ["text/html", "text/markdown", "text/latex", "text/plain"]
    page = bundle["text/html"]
    for tag in ("<math", "<svg", "<script", "<style", "<iframe"):
        assert tag not in page
    assert r"$\frac{\partial c}{\partial a} = 1$" in page
    assert page.count('<img src="data:image/svg+xml;base64,') == 3
    assert bundle["text/latex"] == r"$\displaystyle \frac{\partial e}{\partial b} = a + 2b + 1$"
    shown = html5lib.parseFragment(olah().interactive("600px")._repr_html_(), namespaceHTMLElements=False)
    assert [(each.tag, each.get("srcdoc")) for each in shown] == [("iframe", olah().render("html"))]
    with pytest.raises(SymgraphError, match="no height"):
        olah().interactive('1px" onload="alert(1)')


def test_notebooks_are_valid(told: dict[str, Explanation]) -> None:
    for name in sorted(told)[::6]:
        nbformat.validate(nbformat.reads(told[name].render("ipynb"), as_version=4))


# JSON


def test_every_example_follows_the_published_schema(told: dict[str, Explanation]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema: pip install '.[test]'")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name, explanation in told.items():
        data = json.loads(explanation.render("json"))
        assert [error.message for error in validator.iter_errors(data)] == [], name
    del data["steps"][0]["kind"]
    assert not validator.is_valid(data)


# Terminals


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_terminal_can_show_it(encoding: str) -> None:
    program = "from symgraph.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "explain", "(a+b)*sin(phi*b)", "--wrt", "b", "--title", "Übung"],
        env={"PYTHONIOENCODING": encoding, "PYTHONPATH": str(SCHEMA.parents[2])},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stdout.decode(encoding).split())
    asked = ("changes?", "move?", "with it?")
    assert shown.count("?") == sum(shown.count(question) for question in asked) and "\x1b" not in shown
    assert ("du/db" in shown) if encoding != "utf-8" else ("∂u/∂b" in shown)


def test_paths_are_told_apart_by_their_letters() -> None:
    pieces = terminal(olah())
    assert ("1·2", "A") in pieces and ("1·3", "B") in pieces
    assert "".join(piece for piece, _ in pieces) == olah().render("txt")


def test_a_narrow_terminal_gets_narrow_paragraphs() -> None:
    narrow = "".join(piece for piece, _ in terminal(olah(), width=50))
    assert max(map(len, narrow.splitlines())) <= 50
    assert " ".join(narrow.split()) == " ".join(olah().render("txt").split())


# Many nodes


@pytest.mark.parametrize("length", [30, 300])
def test_a_large_graph_is_told_in_blocks(length: int) -> None:
    explanation = explain(chain_of(length), "x", at="x=1/2, y=1/10")
    page = explanation.render("html")
    assert len(page.encode()) < 700_000
    assert 5 < page.count('<details class="block">') <= 12
    for to in ("txt", "tex", "md"):
        assert "nodes)" in explanation.render(to)
    ElementTree.fromstring(explanation.render("svg"))
    assert "graph.svg" in companions(explanation, "graph")


def test_blocks_hold_every_node_once_and_have_no_cycle() -> None:
    graph = build(chain_of(120), of="u119")
    blocks = fold(graph)
    assert [node for block in blocks for node in block.nodes] == list(graph)
    order = {block.id: place for place, block in enumerate(blocks)}
    found = bundles(graph, blocks)
    assert all(order[tail] < order[head] for tail, head in found)
    inside = graph.number_of_edges() - sum(len(edges) for edges in found.values())
    assert 0 < inside < graph.number_of_edges()


def test_blocks_end_between_layers() -> None:
    layers = [
        "; ".join(f"a{k}{unit} = {f'a{k - 1}1 + a{k - 1}2' if k else 'x'}" for unit in (1, 2, 3)) for k in range(12)
    ]
    graph = build("; ".join([*layers, "y = a111*a112*a113"]), of="y")
    assert len(fold(graph)) <= 12


# Letters, and what people type


def test_every_greek_letter_has_an_outline() -> None:
    for letter in GREEK:
        assert outline(Name(letter)).markup.count('d="M') == 1, letter


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("to", [*sorted(FORMATS), "cell", "fragment"])
def test_hostile_texts_are_harmless(title: str, to: str) -> None:
    explanation = olah(title=title)
    made = (
        explanation._repr_html_()
        if to == "cell"
        else render(explanation, "tex" if to == "fragment" else to, fragment=to == "fragment")
    )
    assert not {letter for letter in made if ord(letter) < 32} - {"\n"}
    if to in ("html", "cell", "svg"):
        assert "<script>alert" not in made and "<iframe srcdoc" not in made and "<img src=x" not in made
    if to == "cell":
        assert "$x$" not in made and r"\(" not in made
    if to in ("tex", "fragment"):
        assert not re.search(r"\\(?:write18|immediate|input)\b", made.replace(r"\input.", ""))
    if to == "md":
        assert "](javascript:" not in made
    if to == "ipynb":
        nbformat.validate(nbformat.reads(made, as_version=4))


@pytest.mark.parametrize("name", ["<b>x</b>", 'x" fill="url(javascript:alert(1))', "x_{", "x;y", "x y", r"\input{x}"])
def test_a_hostile_name_is_refused(name: str) -> None:
    import sympy

    with pytest.raises(SymgraphError):
        explain(sympy.Symbol(name) ** 2)
