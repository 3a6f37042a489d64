"""Documents: harmless whatever they are called, the same bytes every time, well-formed, complete without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import html5lib
import pytest

from symgraph.errors import SymgraphError
from symgraph.explanation.escaping import plain_text, tex_text
from symgraph.explanation.explainer import explain
from symgraph.explanation.renderer import FORMATS, render
from symgraph.explanation.steps import Step
from symgraph.explanation.views import View
from symgraph.gallery import read_examples

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.toml"))
HOSTILE = [
    "</script><script>alert(1)</script>",
    "]]><!--",
    r"\input{/etc/passwd} $x$ 100% #1 {a}_b^c~&",
    "<< 7*7 >> <% raw %>",
    "a\x1b[2Jb\u202egnp.exe",
    'x" onmouseover="alert(1)',
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("to", sorted(FORMATS))
def test_a_hostile_title_comes_out_harmless(title: str, to: str) -> None:
    document = explain("(a+b)*(b+1)", "b", at="a=2,b=1", title=title).render(to)
    assert "\x1b" not in document and "\u202e" not in document
    if to == "html":
        tags = Tags()
        tags.feed(document)
        assert not any(tag == "script" and "alert" in str(attributes) for tag, attributes in tags.found)
        assert document.count("<script>alert") == 0
        assert not any("onmouseover" in attributes for _, attributes in tags.found)
    if to == "tex":
        assert r"\input" not in document and "<<" not in document


def test_specials_of_tex_are_escaped_one_by_one() -> None:
    assert tex_text(r"\a{b}$&#%_^~") == r"\textbackslash{}a\{b\}\$\&\#\%\_\textasciicircum{}\textasciitilde{}"
    assert plain_text("a\nb") == "a\\u000ab"


@pytest.mark.parametrize("file", EXAMPLES[:6], ids=lambda file: file.stem)
def test_pages_are_well_formed_and_ask_for_nothing(file: Path) -> None:
    fields = tomllib.loads(file.read_text("utf-8"))
    page = explain(fields["source"], fields.get("wrt"), at=fields.get("at"), title=fields["title"]).render("html")
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page)
    tags = Tags()
    tags.feed(page)
    for _, attributes in tags.found:
        for name in ("src", "href"):
            assert not str(attributes.get(name, "")).startswith(("http", "//"))
    assert len(page.encode()) < 700_000
    assert "None" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_the_same_bytes_under_every_hash_seed() -> None:
    program = (
        "import hashlib, json\nimport symgraph\n"
        "from symgraph.explanation.renderer import COMPOSED, FORMATS, companions, render\n"
        "from symgraph.homework.items import MAKES, parts_of, work_out\n"
        "from symgraph.homework.problems import read_text\n"
        "e = symgraph.explain('sin(x*y)*exp(x-y)/(1+x^2)+ln(x^2+y^2)', at='x=1,y=2')\n"
        "v = symgraph.check('(a+b)*(b+1)', 'b+1', wrt='b')\n"
        'h = read_text(\'schema=1\\nseed="1"\\n[[problem]]\\nid="p"\\ntext="?"\\nf="sin(a*x^2)"\\nwrt="x"\\n\'\n'
        "    'params={a=\"2..8\"}\\n')\n"
        "made = [e.render(to) for to in FORMATS] + [render(e, 'tex', fragment=True), e._repr_html_()]\n"
        "made += [str(companions(e, 'g'))]\n"
        "made += [v.render(to, 'teacher') for to in COMPOSED]\n"
        "made += [json.dumps(work_out(h.problems[0].data(), h.seed, '1', parts_of(MAKES, ['html', 'md'])))]\n"
        "with symgraph.speaking('de'):\n    made += [symgraph.explain('x^2*y', question='hessian').render('html')]\n"
        "print(*(hashlib.sha256(each.encode()).hexdigest() for each in made))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("0", "4711")
    }
    assert len(found) == 1 and len(found.pop().split()) > 15


def test_every_kind_of_step_has_its_words() -> None:
    words = (Path(__file__).parent.parent / "templates" / "words.j2").read_text("utf-8")
    kinds = [View.kind(kind.__new__(kind)) for kind in Step.__args__]  # type: ignore[attr-defined]  # a union's members
    for kind in kinds:
        assert f"macro {kind}(step)" in words and f"macro {kind}_heading(step)" in words, kind


def test_what_reads_badly_is_never_printed() -> None:
    for example in read_examples():
        text = example.explain().render("txt")
        for bad in ("−1·", "+ −", "+ -", "1 paths", "one paths", "  .", " ,", "..", "add 0", "Subs("):
            assert bad not in text, (example.name, bad)


def test_an_unknown_format_is_refused_with_the_list() -> None:
    with pytest.raises(SymgraphError, match="the formats are"):
        render(explain("x^2"), "docx")


def test_long_formulas_on_paper_go_on_in_the_next_line(tmp_path: Path, pdflatex: str) -> None:
    factors = "*".join(f"(x+{k})" for k in range(1, 7))
    text = explain(f"({factors})^2*sin({factors})").render("tex")
    shrunk = r"\resizebox{0.85\linewidth}{!}{\usebox{\symgraphbox}}"
    assert shrunk in text and r"\penalty" in text
    (tmp_path / "long.tex").write_text(text.replace(shrunk, r"\typeout{SHRUNK}" + shrunk), "utf-8")
    command = [pdflatex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "long.tex"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120, check=True
    )
    assert "SHRUNK" not in done.stdout and "Overfull" not in done.stdout


def test_documents_compile(tmp_path: Path, pdflatex: str) -> None:
    for file in EXAMPLES[::4]:
        fields = tomllib.loads(file.read_text("utf-8"))
        explanation = explain(
            fields["source"], fields.get("wrt"), at=fields.get("at"), title=r"50% of \what_ {it} costs"
        )
        (tmp_path / f"{file.stem}.tex").write_text(explanation.render("tex"), "utf-8")
        done = subprocess.run(
            [pdflatex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", f"{file.stem}.tex"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:]
        wide = [float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", done.stdout)]
        assert all(width <= 5 for width in wide), (file.stem, wide)
