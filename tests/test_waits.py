"""What users wait for: what a command loads, and what it does once and not again.

Times differ from machine to machine and are measured in `benchmarks/`; what costs them is counted here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from sympy import Symbol
from sympy.core.cache import clear_cache

from benchmarks.measure import calls
from benchmarks.textbook import SHAPES, homework, problems
from benchmarks.waits import answers, model
from symgraph.calculus import domains
from symgraph.calculus.derivatives import Answers, pairs
from symgraph.calculus.graph import build
from symgraph.errors import TooLargeToShow
from symgraph.explanation import dressing, failing, formats, renderer, templates, typesetting
from symgraph.explanation.explainer import explain
from symgraph.explanation.folding import BLOCKS, fold
from symgraph.explanation.page import Page, Place, Writing
from symgraph.explanation.shown import Looks, Shown
from symgraph.homework.items import parts_of, work_out
from symgraph.homework.problems import read_text
from symgraph.language.tree import Apply, Name, Number
from symgraph.limits import DEFAULT
from symgraph.parsing.resolver import resolve
from symgraph.parsing.tokens import tokenize
from symgraph.parsing.words import Vocabulary

KEY_CALLS = 24_600  # of a textbook problem; what shrinks is written here by hand
ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"

COMMAND = """
import json, sys
from symgraph.__main__ import main
sys.argv = ["symgraph", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(*command: str) -> list[str]:
    """The modules that a command loads."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, "-c", COMMAND, json.dumps(command)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    return modules


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_needs_no_mathematics_loads_none(option: str) -> None:
    modules = loaded(option)
    assert not {"sympy", "networkx", "jinja2", "flint", "rich", "concurrent.futures"} & set(modules)
    assert [name for name in modules if name.startswith("symgraph.")] == [
        "symgraph.__main__",
        "symgraph.errors",
        "symgraph.process",
    ]


def test_a_page_loads_no_more_than_it_needs(tmp_path: Path) -> None:
    modules = loaded("explain", "x^2*sin(x)", "-o", str(tmp_path / "page.html"))
    roots = {name.partition(".")[0] for name in modules}
    heavy = ["numpy", "scipy", "pandas", "matplotlib", "torch", "dask", "distributed", "lxml", "nh3", "markdown_it"]
    assert [name for name in [*heavy, "rich", "IPython", "playwright", "fontTools"] if name in roots] == []
    rooms = {".".join(name.split(".")[:2]) for name in modules if name.startswith("symgraph.")}
    assert rooms.isdisjoint({"symgraph.marking", "symgraph.homework", "symgraph.gallery"})
    assert len(modules) < 1_350  # 1,190 with SymPy 1.14 and NetworkX 3.6, which have 1,000 of them


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str | None]]:
    """The templates that are compiled; Python's bytecode goes to a folder that is empty at first."""
    names: list[str | None] = []
    compile_ = jinja2.Environment.compile

    def noted(self: jinja2.Environment, source: str, name: str | None = None, *rest: Any, **more: Any) -> Any:
        names.append(name)
        return compile_(self, source, name, *rest, **more)

    monkeypatch.setattr(jinja2.Environment, "compile", noted)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    forget()
    yield names
    forget()


def forget() -> None:
    """As in another process: no template is loaded."""
    templates.compiled.cache_clear()
    dressing._telling.cache_clear()


def test_templates_are_compiled_once(compiled: list[str | None], tmp_path: Path) -> None:
    explanation = explain("x^2*sin(x)")
    page = explanation.render("html")
    assert "words.j2" in compiled and len(set(compiled)) == len(compiled)
    compiled.clear()
    assert explanation.render("html") == page
    forget()
    assert explanation.render("html") == page and compiled == []
    (words,) = tmp_path.rglob("words.*.pyc")
    words.write_bytes(words.read_bytes()[:100])
    forget()
    assert explanation.render("html") == page and compiled == ["words.j2"]  # one that is damaged is made anew


def test_both_languages_are_kept(compiled: list[str | None]) -> None:
    pages = [explain("x^2*sin(x)", lang=lang).render("html") for lang in ("en", "de")]
    compiled.clear()
    forget()
    assert [explain("x^2*sin(x)", lang=lang).render("html") for lang in ("en", "de")] == pages and compiled == []


def test_where_python_keeps_no_bytecode_neither_do_we(
    compiled: list[str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    explain("x").render("tex")
    assert compiled
    assert list(tmp_path.rglob("*")) == []


def test_a_folder_that_cannot_be_written_is_no_fault(
    compiled: list[str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "file"))
    page = explain("x").render("tex")
    assert compiled and explain("x").render("tex") == page


@pytest.mark.parametrize("to", ["html", "tex", "md", "txt"])
def test_the_words_are_made_once(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str | None] = []
    anew = jinja2.environment.TemplateModule.__init__

    def noted(self: Any, template: jinja2.Template, *rest: Any) -> None:
        made.append(template.name)
        anew(self, template, *rest)

    dressing._telling.cache_clear()
    monkeypatch.setattr(jinja2.environment.TemplateModule, "__init__", noted)
    first = explain("(a+b)*(b+1)", "b", at="a=2, b=1").render(to)
    assert made.count("words.j2") == 1
    made.clear()
    assert "x" in explain("x^2*sin(x)", question="gradient").render(to) and made == []
    assert explain("(a+b)*(b+1)", "b", at="a=2, b=1").render(to) == first


def test_what_is_compiled_depends_on_no_document() -> None:
    """A filter of a constant is worked out when a template is compiled: ours may give another thing each time."""

    def environment(gives: str) -> jinja2.Environment:
        signs = {"variable_start_string": "<<", "variable_end_string": ">>", "block_start_string": "<%"}
        signs |= {"block_end_string": "%>", "comment_start_string": "<#", "comment_end_string": "#>"}
        made = jinja2.Environment(**signs)  # type: ignore[arg-type]  # each of them is text
        of_pages = dressing._filters(formats.FORMATS["html"])
        ours = [*of_pages, *renderer._speaking("txt", "en").filters]
        made.filters |= {name: (lambda *given: gives) for name in ours if name not in made.filters}
        return made

    one, other = environment("one thing"), environment("another")
    for path in sorted(TEMPLATES.rglob("*.j2")):
        source = path.read_text("utf-8")
        assert one.compile(source, path.name, raw=True) == other.compile(source, path.name, raw=True), path


def test_a_formula_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    rule = Page.rule

    def noted(self: Page, part: Shown, place: Place) -> Writing:
        written.append((self.way, place, part))
        return rule(self, part, place)

    monkeypatch.setattr(Page, "rule", noted)
    monkeypatch.setattr(typesetting, "_LOOKS", Looks())
    page = explain("(x^2 + 1)*sin(3x)").render("html")
    assert len(set(written)) == len(written) < 500
    written.clear()
    assert explain("(x^2 + 1)*sin(3x)").render("html") == page
    assert written == []
    explain("(x^2 + 1)*cos(3x)").render("html")  # its parts were written, too
    assert 0 < len(written) < 250


def test_what_is_known_of_formulas_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(room=1_000)
    monkeypatch.setattr(typesetting, "_LOOKS", looks)
    for power in range(2, 500):
        assert typesetting.text(Apply("power", (Name("x"), Number(power + 10)))).startswith("x")
        assert len(looks._memory.known) < 1_000 > len(looks._memory.parts)


def test_answers_are_no_longer_than_those_of_sympy() -> None:
    """248 of the 250 are not, when all are counted; here a seventh of them, some of each kind."""
    chosen = problems(250)[::7]
    assert {problem.kind for problem in chosen} == set(SHAPES)
    longer = [problem.text for problem in chosen for ours, theirs in [answers(problem)] if ours > theirs]
    assert len(longer) <= len(chosen) // 20, longer


def skips(stages: int) -> str:
    """Two quantities, each of which adds to itself what the other gives: every rate repeats the one before it."""
    lines = ["h0 = x", "g0 = y"]
    for k in range(1, stages + 1):
        lines += [f"h{k} = h{k - 1} + sin(g{k - 1})*{'abc'[k % 3]}", f"g{k} = g{k - 1} + ln(h{k})"]
    return "\n".join(lines)


@pytest.mark.parametrize("program", [skips, model])
def test_what_is_too_large_to_show_is_told_in_one_pass(program: Callable[[int], str]) -> None:
    """Sums of sums, each as long as all the sums before it together, would be the square of it."""

    def told(stages: int) -> int:
        graph = build(program(stages))
        asked = pairs(graph)

        def work() -> None:
            clear_cache()  # SymPy's own, which hides what is made a second time
            answers = Answers(graph, asked, DEFAULT)
            for of, wrt in answers:
                with pytest.raises(TooLargeToShow, match="about 10"):
                    answers.summed(of, wrt)

        return calls(work)

    few, more, many = told(40), told(70), told(190)
    assert many - more <= 1.2 * 4 * (more - few)


def test_what_falls_out_of_a_long_sum_is_seen() -> None:
    source = skips(80) + "\nz = h80 - h80 + g80 - g80 + x*y"
    assert explain(source, detail="answer").answers["z", "x"] == Symbol("y")


def test_what_holds_for_all_names_is_looked_up_once_for_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[object] = []
    is_restricted = domains.is_restricted

    def noted(*given: Any) -> Any:
        looked_at.append(given)
        return is_restricted(*given)

    monkeypatch.setattr(domains, "is_restricted", noted)
    assert domains.troubles(build(model(100))) == []  # 20 quotients over 1 + u², as many squares under them and above
    assert len(looked_at) <= 3


@pytest.mark.usefixtures("forget_formulas")
def test_python_calls_of_a_worked_key_do_not_grow() -> None:
    """Calls a problem, from its text to a proved key with its solution in HTML: of forty, after forty like them."""
    made = read_text(homework(80)).problems
    halves = iter((made[::2], made[1::2]))
    parts = parts_of(["worked"], ["html"], pictures=False)
    found = calls(lambda: [work_out(problem.data(), "", "1", parts) for problem in next(halves)])
    assert found <= 1.03 * KEY_CALLS * len(made[1::2])


LADDER_CALLS = 474_000  # 3^200 paths, from the text to the page; what shrinks is written here by hand


def test_python_calls_of_a_page_with_three_to_the_200_paths_do_not_grow(forget_formulas: Callable[[], None]) -> None:
    lines = ["u0 = x", *(f"u{k} = a*u{k - 1} + b*u{k - 1} + c*u{k - 1}" for k in range(1, 201))]

    def page() -> None:
        clear_cache()
        forget_formulas()
        assert f"about 10^{len(str(3**200)) - 1}" in explain("\n".join(lines), "x").render("html")

    assert calls(page) <= 1.03 * LADDER_CALLS


def test_words_are_read_without_joining_all_names_for_each() -> None:
    """The calls are the same either way: what grew with the square of a program stood in one of them."""
    joined: list[int] = []

    class Names(frozenset):  # type: ignore[type-arg]  # of text
        def __or__(self, other: Any) -> Any:
            joined.append(len(self))
            return frozenset.__or__(self, other)

        __ror__ = __sub__ = __rsub__ = __or__

    vocabulary = Vocabulary(Names({"x", "psi"} | {f"v{k}" for k in range(300)}))
    source = " + ".join(f"2*v{k}" for k in range(0, 300, 3)) + " + e^x + 2x"
    tokens, _ = resolve(tokenize(source), vocabulary, source)
    assert sum(token.kind == "name" for token in tokens) == 102 and joined == []


def test_more_conditions_than_are_listed_end_the_search() -> None:
    lines = [f"u{k} = 1/x{k}" for k in range(40)]
    troubles = domains.possible_troubles(build("\n".join([*lines, "y = " + " + ".join(f"u{k}" for k in range(40))])))
    assert failing._few(troubles) is None
    assert len(list(troubles)) == 40 - 2 * failing.MOST - 1


def test_a_number_is_written_as_it_was_typed_however_often() -> None:
    short, long = Number(1, "1.0"), Number(1, "1.00")
    assert short == long
    shown = [typesetting.text(Apply("add", (Name("x"), number))) for number in (short, long, short)]
    assert shown == ["x + 1.0", "x + 1.00", "x + 1.0"]


def test_many_inputs_and_few_operations_are_folded() -> None:
    """Each of the operations is a block of its own, and the inputs are one."""
    graph = build("y = " + " + ".join(f"x{k}*z{k}" for k in range(14)), "operation")
    assert len(fold(graph)) == 1 + BLOCKS
    for count in (2, 4, 8):
        lines = [f"p{k} = " + " + ".join(f"x{k}_{j}" for j in range(30)) for k in range(count)]
        graph = build("; ".join([*lines, "y = " + "*".join(f"p{k}" for k in range(count))]))
        assert [len(block.nodes) for block in fold(graph)] == [30 * count, *[1] * (count + 1)]
    wide = explain("y = " + " + ".join(f"x{k}*z{k}" for k in range(20)))
    assert wide.render("html").count('<details class="block">') == 1
