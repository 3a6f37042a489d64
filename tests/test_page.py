"""The page in a real browser: what lights, what moves, what is said, and that it is complete without script."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pytest

from symgraph.calculus.evaluation import evaluate
from symgraph.calculus.graph import edges_into
from symgraph.errors import DomainError
from symgraph.explanation.explainer import Explanation, explain
from symgraph.explanation.formulas import edge_key
from symgraph.explanation.views import View
from symgraph.language.constructors import construct

PAGES: dict[str, tuple[str, str | None, str | None]] = {
    "two paths": ("(a+b)*(b+1)", "b", "a=2, b=1"),
    "quotient": ("sin(x^2)*exp(-x)/(1+x^2)", None, "x=1/2"),
    "kinks": ("max(x,y)*ln(x)+|y|", None, "x=2, y=-1"),
    "neuron": ("z = w*x + b; p = sigmoid(z); L = (p-t)^2", "w, b", "w=1/2, x=2, b=-1, t=1"),
    "powers": ("x^y + cbrt(x-y)", None, "x=2, y=3/2"),
    "two outputs": ("u = x*y; v = x - y; p = u*v; q = u/v", "x", "x=3, y=1"),
}
every_page = pytest.mark.parametrize("name", PAGES)


@cache
def explained(name: str) -> Explanation:
    source, wrt, at = PAGES[name]
    return explain(source, wrt, at=at)


@cache
def rendered(name: str) -> str:
    return explained(name).render("html")


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a page from disk; fails on any error of its script and on any request but for the page itself."""
    faults: list[str] = []

    def opened(name: str, context: Any = None) -> Any:
        file = tmp_path / "page.html"
        file.write_text(rendered(name), "utf-8")
        page = (context or browser).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: faults.append(request.url) if not allowed(request.url, file) else None)
        page.goto(file.as_uri())
        return page

    yield opened
    assert not faults


def allowed(url: str, file: Path) -> bool:
    return url.startswith("data:") or url == file.as_uri()


def lit(page: Any) -> dict[str, set[str]]:
    """What is lit: the edges and nodes of the first picture, formula terms by their letter, sentences."""
    found: dict[str, list[str]] = page.evaluate(
        """() => {
        const first = document.querySelector("svg"), all = (what, where) => [...where.querySelectorAll(what)];
        return {
          edges: all(".edge.lit", first).map(at => at.dataset.tail + at.dataset.head),
          nodes: all(".node.lit", first).map(at => at.dataset.node),
          terms: all("math .lit[class^=path]", document).map(at => at.getAttribute("class").split(" ")[0]),
          words: all("p .way.lit", document).map(at => at.dataset.path) }; }"""
    )
    return {key: set(values) for key, values in found.items()}


PATH_A = {"edges": {"bc", "ce"}, "nodes": {"b", "c", "e"}, "terms": {"path-A"}, "words": {"A"}}
NOTHING: dict[str, set[str]] = {"edges": set(), "nodes": set(), "terms": set(), "words": set()}


def test_a_pointer_lights_the_path_everywhere(open_page: Any) -> None:
    page = open_page("two paths")
    for target in (".chain math .path-A", "p .way[data-path=A]", "svg .label[data-path=A] foreignObject"):
        page.locator(target).first.hover()
        assert lit(page) == PATH_A, target
        page.mouse.move(2, 2)
        assert lit(page) == NOTHING
    page.locator("svg .edge[data-path=B]").first.dispatch_event(
        "pointerover", {"pointerType": "mouse", "bubbles": True}
    )
    assert lit(page)["edges"] == {"bd", "de"} and lit(page)["terms"] == {"path-B"}


def test_the_keyboard_lights_and_escape_clears(open_page: Any) -> None:
    page = open_page("two paths")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.path") == "A":
            break
    assert lit(page) == PATH_A
    page.keyboard.press("Enter")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    assert lit(page) == PATH_A  # it stays when it was chosen
    page.keyboard.press("Escape")
    assert lit(page) == NOTHING
    page.locator(".ways .way").nth(1).focus()
    page.locator("#status", has_text="Path B: b→d→e").wait_for(state="attached")


def test_a_tap_lights_and_a_tap_elsewhere_clears(_browser: Any, open_page: Any) -> None:
    context = _browser.new_context(offline=True, has_touch=True, viewport={"width": 320, "height": 640})
    page = open_page("two paths", context)
    page.locator(".chain math .path-A").first.tap()
    assert lit(page) == PATH_A
    page.locator("h1").tap()
    assert lit(page) == NOTHING
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


MOVE = """points => points.map(point => {
  point.forEach((value, place) => {
    const box = document.querySelector(`.try input[type=number][data-place="${place}"]`);
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return [...document.querySelectorAll("[data-v]")].map(
    at => [at.dataset.v, at.textContent, Boolean(at.closest("svg"))]);
})"""


@every_page
def test_a_slider_moves_every_number_to_what_python_computes(name: str, open_page: Any) -> None:
    explanation = explained(name)
    graph = explanation.graph
    page = open_page(name)
    source = random.Random(name)
    inputs = [node.name for node in graph.graph["inputs"]]
    points = [[round(source.uniform(-1, 4), 3) for _ in inputs] for _ in range(50)]
    kept = page.evaluate(MOVE, points)
    compared = 0
    for point, numbers in zip(points, kept, strict=True):
        expected = by_python(explanation, dict(zip(inputs, point, strict=True)))
        if expected is None:
            assert any(text == "undefined" for _, text, _ in numbers), point
            continue
        for key, text, drawn in numbers:
            key, _, digits = key.partition(":")
            if "+" in key:
                continue  # the nudge has a test of its own
            close = 10.0 ** (1 - (min(4, int(digits or 6)) if drawn else int(digits or 6)))
            assert number(text) == pytest.approx(expected[key], rel=close, abs=1e-12), (point, key)
            compared += 1
    assert compared > 200
    assert len(kept[0]) == rendered(name).count('data-v="')  # no number was lost on the way
    page.locator(".reset").click()
    formulas = '[...document.querySelectorAll("math")].map(at => at.textContent)'
    assert page.evaluate(formulas) == open_page(name).evaluate(formulas)


def by_python(explanation: Explanation, point: dict[str, float]) -> dict[str, float] | None:
    """What the numbers of a page are, by its keys; None where there is no value or no derivative."""
    graph = explanation.graph
    try:
        values = evaluate(graph, point)
    except DomainError:
        return None
    found = {node.name: float(value) for node, value in values.nodes.items()}
    found |= {edge_key(edge): float(value) for edge, value in values.edges.items()}
    for start in graph:
        speeds = {start: 1.0}
        for node in graph:
            if node is not start:
                speeds[node] = sum(
                    speeds.get(edge.tail, 0.0) * found[edge_key(edge)] for edge in edges_into(graph, node)
                )
        found |= {f"{node.name}/{start.name}": speed for node, speed in speeds.items()}
    return found


QUESTIONS: dict[str, dict[str, Any]] = {
    "gradient": {"source": "x^2*y + sin(y)", "question": "gradient", "at": "x=1, y=2"},
    "directional": {"source": "u = x^2 + y; f = u*y", "of": "f", "direction": "3, 4", "at": "x=1, y=2"},
    "steepest": {"source": "x^2*y", "question": "steepest", "at": "x=1, y=2", "step": "1/10"},
    "related rates": {"source": "pi*r^2*h", "rates": "r=1/10, h=-2", "at": "r=3, h=5"},
    "tangent": {"source": "sqrt(x)", "question": "tangent", "near": "x=4.1", "at": "x=4"},
    "tangent plane": {"source": "x*y^2", "question": "tangent", "near": "x=2.1, y=3.2", "at": "x=2, y=3"},
    "differential": {"source": "x*y^2", "changes": "x=1/10, y=1/5", "at": "x=2, y=3"},
    "errors": {"source": "pi*r^2*h", "errors": "r=1/10, h=1/5", "at": "r=3, h=5"},
    "Jacobian": {"source": "u = x*y; v = x - y^2", "question": "jacobian", "at": "x=1, y=2"},
    "parametric": {"source": "x = t - sin(t); y = 1 - cos(t)", "question": "parametric", "order": 2, "at": "t=1"},
    "logarithmic": {"source": "x^x", "question": "logarithmic", "at": "x=2"},
    "Hessian": {"source": "x^3*y + y^2", "question": "hessian", "at": "x=1, y=2"},
    "third derivative": {"source": "x^4*sin(x)", "order": 3, "at": "x=1"},
    "held still": {"source": "y = x^2; w = x*y + z", "wrt": "x", "of": "w", "hold": "y", "at": "x=2, z=1"},
    "layers": {"source": "z = W@x + b; h = relu(z); s = sum(h)", "shapes": {"W": (3, 2), "x": (2,), "b": (3,)},
               "at": {"W": [[1, 2], [2, 1], [1, 3]], "x": [1, 2], "b": [1, 1, 1]}},
    "many nodes": {"source": "; ".join(["u0 = x + y", "u1 = x*y", *(f"u{k} = u{k - 1} + sin(u{k - 2})"
                   for k in range(2, 32))]), "wrt": "x", "at": "x=1/2, y=1/10"},
    "special": {"source": "lambertw(x)*Si(y) + besselj(1, x*y)", "at": "x=1, y=2"},
}  # fmt: skip

RUN = "points => points.map(point => document.documentElement.symgraphAt(point))"


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_number_of_a_question_moves_as_well(question: str, browser: Any, tmp_path: Path) -> None:
    asked = QUESTIONS[question]
    explanation = explain(**asked)
    (tmp_path / "page.html").write_text(explanation.render("html"), "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    keys: dict[str, int] = json.loads(page.locator("#numbers").text_content())["keys"]
    inputs = [node.name for node in explanation.graph.graph["inputs"]]
    source = random.Random(question)
    points = [[round(source.uniform(0.3, 3), 3) for _ in inputs] for _ in range(50)]
    compared = set()
    for number, (point, found) in enumerate(zip(points, page.evaluate(RUN, points), strict=True)):
        at = dict(zip(inputs, point, strict=True))
        expected = by_python(explanation, at)
        if expected is None:
            continue
        moved = explain(**{**asked, "at": at}) if number < 3 and "shapes" not in asked else None
        for place, part in enumerate(explanation.parts, 1):
            own = by_python(part, {node.name: expected[node.name] for node in part.graph.graph["inputs"]})
            expected |= {f"part{place}-{key}": value for key, value in (own or {}).items()}
        if moved is not None:
            prefixed = [("", moved), *((f"part{place}-", part) for place, part in enumerate(moved.parts, 1))]
            expected |= {
                prefix + key: as_float(live.body) for prefix, each in prefixed for key, live in View(each).lives.items()
            }
        for key, place in keys.items():
            name = key if key in expected else key.partition(":")[0]
            if name in expected:
                assert found[place] == pytest.approx(expected[name], rel=1e-7, abs=1e-9), (key, point)
                compared.add(key)
    assert {key for key in keys if "+" not in key and "*" not in key} <= compared
    page.evaluate(RUN, [points[0]])
    assert all("undefined" not in text for text in page.locator("[data-v]").all_text_contents())


def as_float(tree: Any) -> float:
    return float(construct(tree).evalf(20))


RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


def number(text: str) -> float:
    return float(re.sub(r"[()]", "", text).replace("×10", "e").translate(RAISED))


def test_the_nudge_moves_too(open_page: Any) -> None:
    page = open_page("two paths")
    page.evaluate(MOVE, [[2, 3]])
    assert page.locator(".nudge p").text_content().strip() == (
        "Nudge b from 3 to 3.003, and e goes from 20 to 20.027009: a slope of about 9.003."
    )


def test_signs_and_brackets_follow(open_page: Any) -> None:
    page = open_page("two paths")
    page.evaluate(MOVE, [[-2, 1 / 3]])
    sums = [page.locator(".sum-paths .line").nth(row).text_content() for row in range(2)]
    assert "1⋅(−1.66667)" in sums[0] and "≈" in sums[0] and sums[1] == "≈−0.333333"
    assert page.locator(".evaluate math").nth(2).text_content() == "c≈−1.66667"


def test_what_is_copied_has_the_numbers_of_the_page(open_page: Any) -> None:
    page = open_page("two paths")
    tex, text = page.locator(".sum-paths .copy button").all()
    text.click()
    page.locator("#status", has_text="Copied.").wait_for(state="attached")
    assert text.get_attribute("data-copied") == "∂e/∂b = 1·2 + 1·3 = 5"
    page.evaluate(MOVE, [[-2, 1 / 3]])
    text.click()
    assert text.get_attribute("data-copied") == "∂e/∂b ≈ 1·1.33333 + 1·(−1.66667) ≈ −0.333333"
    tex.click()
    copied = tex.get_attribute("data-copied")
    assert r"\approx" in copied and "\ue000" not in copied and r"\path" not in copied


def test_what_stands_in_sentences_and_tables_is_copied_too(open_page: Any) -> None:
    page = open_page("two paths")
    page.evaluate(MOVE, [[3, 1]])
    _, text = page.locator("section.evaluate .copy button").all()
    text.dispatch_event("click")
    assert text.get_attribute("data-copied") == "a = 3\nb = 1\nc = 4\nd = 2\ne = 8"
    tex, _ = page.locator("section[data-mode=reverse] .scroll + .copy button").all()
    tex.dispatch_event("click")
    assert r"\frac{\partial e}{\partial b} = 1 \cdot 2 + 1 \cdot 4 = 6" in tex.get_attribute("data-copied")


def test_a_path_lights_in_its_own_part_and_what_is_past_is_hidden(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        explain("x^3*y + y^2", question="hessian", at="x=1, y=2").render("html"), "utf-8"
    )
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.locator("[data-part=part2-] svg .label[data-path=A] foreignObject").hover()
    lit_in = page.locator(".lit").evaluate_all("all => all.map(at => at.closest('[data-part]').dataset.part)")
    assert set(lit_in) == {"part2-"}
    (tmp_path / "page.html").write_text(explain("sqrt(x)", question="tangent", at="x=4").render("html"), "utf-8")
    page.goto((tmp_path / "page.html").as_uri())
    lines = page.locator(".tangent-line .line")
    assert lines.evaluate_all("all => all.map(at => at.textContent)") == ["L=2+14⋅(x−4)", "=x4+1"]
    page.evaluate(MOVE, [[9]])
    assert lines.evaluate_all("all => all.filter(at => !at.hidden).map(at => at.textContent)") == ["L≈3+0.166667⋅(x−9)"]


def test_what_is_off_at_the_first_point_alone_is_hidden_at_another(browser: Any, tmp_path: Path) -> None:
    point = {"W": [[1, -1], [2, 1]], "x": [1, 2], "b": [0, 1]}
    shapes = {"W": (2, 2), "x": (2,), "b": (2,)}
    text = explain("z = W@x + b; h = relu(z); s = sum(h)", at=point, shapes=shapes).render("html")
    (tmp_path / "page.html").write_text(text, "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("section.units-off").is_visible()
    page.evaluate(RUN, [[5, 1, 1, 1, 1, 1, 1, 1]])
    assert not page.locator("section.units-off").is_visible()


def test_steps_walk_node_by_node(open_page: Any) -> None:
    page = open_page("two paths")
    section = page.locator("section[data-mode=reverse]")
    on = section.locator("[data-go='1']")
    for _ in range(4):
        on.click()
    assert section.locator(".where").inner_text() == "Step 4 of 5"
    assert [row.get_attribute("data-node") for row in section.locator("tbody tr:visible").all()] == ["e", "d", "c", "b"]
    assert section.locator(".node.now").get_attribute("data-node") == "b"
    assert section.locator(".edge.now").count() == 2
    assert section.locator(".formula math").count() == 1
    section.locator("[data-go='0']").click()
    assert section.locator("tbody tr:visible").count() == 5


def test_the_detail_can_be_chosen(open_page: Any) -> None:
    page = open_page("two paths")
    page.locator(".detail input[value=answer]").check()
    assert page.locator("section:visible").evaluate_all("all => all.map(at => at.className)") == [
        "substitute-back", "checks"]  # fmt: skip
    page.locator(".detail input[value=main]").check()
    assert not page.locator("section.sweep-table:visible").count() and page.locator("section.evaluate:visible").count()


@pytest.mark.parametrize("name", ["two paths", "kinks", "neuron"])
def test_the_page_is_valid_small_and_without_violations(name: str, _browser: Any, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    text = rendered(name)
    html5lib.HTMLParser(strict=True).parse(text)
    assert len(text.encode()) < 700_000
    (tmp_path / "page.html").write_text(text, "utf-8")
    for scheme in ("light", "dark") if name == "two paths" else ("light",):
        context = _browser.new_context(offline=True, bypass_csp=True, color_scheme=scheme)
        page = context.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        page.locator(".way, .chain").first.hover()
        found = axe.Axe().run(page).response["violations"]
        context.close()
        assert not [(each["id"], each["nodes"][0]["html"]) for each in found]


@pytest.mark.parametrize("name", ["two paths", "kinks"])
def test_without_script_everything_is_there(name: str, _browser: Any, open_page: Any) -> None:
    context = _browser.new_context(offline=True, java_script_enabled=False)
    plain = open_page(name, context)
    live = open_page(name)
    told = "section p:not(.copy), section td, section .line"
    assert plain.locator(told).all_text_contents() == live.locator(told).all_text_contents()
    assert not plain.locator(".try:visible, .detail:visible, .stepper:visible, .copy:visible").count()
    context.close()


OVERLAPS = """() => [...document.querySelectorAll("svg.graph")].flatMap(svg => {
  const boxes = [...svg.querySelectorAll(".node ellipse, .label rect")].map(at => at.getBoundingClientRect());
  const texts = [...svg.querySelectorAll(".lines")].map(at => [at.closest("foreignObject").getBoundingClientRect(),
    [...at.children].map(line => line.getBoundingClientRect())]);
  const over = [];
  boxes.forEach((one, k) => boxes.slice(k + 1).forEach(two => {
    if (Math.min(one.right, two.right) - Math.max(one.left, two.left) > 1 &&
        Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 1)
      over.push(["boxes", svg.id, k]); }));
  texts.forEach(([room, lines], k) => lines.forEach(line => {
    if (line.left < room.left - 1.5 || line.right > room.right + 1.5) over.push(["text", svg.id, k]); }));
  return over; })"""


@every_page
def test_nothing_overlaps_before_and_after_a_move(name: str, open_page: Any) -> None:
    page = open_page(name)
    assert page.evaluate(OVERLAPS) == []
    page.evaluate(MOVE, [[1.2345 + place for place, _ in enumerate(explained(name).graph.graph["inputs"])]])
    assert page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize(
    ("source", "at", "reason"),
    [
        ("integral(exp(-t^2), t, 0, x)*x", "x=1", "the page has no function for integral."),
        ("x^2 + y^2 = 25", "x=3, y=4", "an input cannot move alone, because the point has to stay on the curve."),
    ],
)
def test_where_the_page_cannot_compute_it_says_so(source: str, at: str, reason: str) -> None:
    text = explain(source, at=at).render("html")
    assert f"The numbers on this page stay as they are: {reason}" in text
    assert '<details class="try"' not in text and 'id="numbers"' not in text


def test_only_the_pages_own_script_may_run(browser: Any, tmp_path: Path) -> None:
    hostile = rendered("two paths").replace("</main>", "<script>document.title = 'taken'</script></main>")
    (tmp_path / "page.html").write_text(hostile, "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.title() != "taken" and page.locator("html.live").count() == 1


def test_long_formulas_go_on_in_the_next_line(browser: Any, tmp_path: Path) -> None:
    source = "u = x^2 + 1; y = 3u^5 - 4u^4 + 7u^3 - 12u^2 + 5u*x*sin(u) - 9x^2 + ln(u) - u*x^3 + 100u^7"
    (tmp_path / "page.html").write_text(explain(source, at="x=-2").render("html"), "utf-8")
    page = browser.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto((tmp_path / "page.html").as_uri())
    moving = "at => at.scrollWidth > at.clientWidth + 1"
    assert page.evaluate(f"({moving})(document.documentElement)") is False
    assert page.evaluate(f"[...document.querySelectorAll('.wide, .chain')].filter({moving}).length") == 0
    lines = "at => new Set([...at.querySelectorAll('math')].map(each => each.getBoundingClientRect().left < 60)).size"
    assert page.locator(".name-nodes .maths").last.evaluate(lines) == 2
    # A sign at the start of a line keeps its room, a comma stays with what is before it, and all of it is copied.
    assert page.locator(".name-nodes .maths .keep").last.text_content().endswith(".")
    _, text = page.locator(".name-nodes .copy button").all()
    text.dispatch_event("click")
    assert text.get_attribute("data-copied").endswith("− u·x³ + 100u⁷")
    # The sign before a number that moves is right though they may be in different lines.
    page.evaluate(MOVE, [[1 / 3]])
    told = page.locator(".evaluate p").text_content()
    assert told.count("≈") == 3 and "=" not in told


def test_what_doubles_cannot_hold_is_not_told_as_exact_or_undefined(browser: Any, tmp_path: Path) -> None:
    def followed(source: str, at: str, moved: float) -> list[str]:
        (tmp_path / "page.html").write_text(explain(source, at=at).render("html"), "utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        first = page.locator(".try .follow").first
        told = [first.text_content()]
        page.evaluate(MOVE, [[moved]])
        return [" ".join(each.split()) for each in (*told, first.text_content())]

    page = browser.new_page()
    assert followed("e^(-x^2)", "x=30", 0) == ["y ≈ 0", "y = 1"]
    assert followed("x^(-200)", "x=100", 10) == ["y ≈ 0", "y = 10⁻²⁰⁰"]
    assert followed("e^(x^2)", "x=0", 30) == ["y = 1", "y = out of range"]
    assert followed("1/(1+e^x)", "x=0", 800) == ["y = 0.5", "y = out of range"]
    assert followed("1/x", "x=2", 0) == ["y = 0.5", "y = undefined"]
    assert followed("tanh(x)", "x=0", 40) == ["y = 0", "y ≈ 1"]
    assert followed("1 + e^x", "x=0", -300) == ["y = 2", "y ≈ 1"]
    assert followed("x - 2*3*x", "x=1", 2) == ["y = −5", "y = −10"]
    assert followed("x*sin(x)", "x=1", 0) == ["y ≈ 0.841471", "y = 0"]


def test_on_paper_what_is_folded_on_the_screen_is_open(browser: Any, tmp_path: Path) -> None:
    chain = "; ".join(["u1 = x*y", *(f"u{k} = sin(u{k - 1}) + x*u{k - 1}" for k in range(2, 31))])
    file = tmp_path / "page.html"
    file.write_text(explain(chain, "x").render("html"), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    shown = "() => [...document.querySelectorAll('details.block svg')].map(each => each.checkVisibility())"
    assert not any(page.evaluate(shown))
    page.emulate_media(media="print")
    found = page.evaluate(shown)
    assert found and all(found)
    tall = page.evaluate("() => Math.max(...[...document.querySelectorAll('svg')].map(e => e.clientHeight))")
    assert tall <= 235 / 25.4 * 96 + 1  # what is left of a sheet


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_formulas_and_paths_can_be_read_on_what_they_stand_on(scheme: str, browser: Any, tmp_path: Path) -> None:
    """Contrasts as WCAG 2 counts them: at least 4.5 : 1 for text, on the page, in boxes and in pictures."""
    file = tmp_path / "page.html"
    file.write_text(rendered("two paths"), "utf-8")
    page = browser.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto(file.as_uri())
    names = ["paper", "ink", "muted", "soft", "glow", *(f"path-{letter}" for letter in "ABCDEF")]
    names += [f"graph-{part}" for part in ("node", "label", "ink", "paper", "edge")]
    read = "names => names.map(each => getComputedStyle(document.documentElement).getPropertyValue('--' + each).trim())"
    light = {name: luminance(colour) for name, colour in zip(names, page.evaluate(read, names), strict=True)}
    pairs = [(text, ground) for text in ("ink", "muted") for ground in ("paper", "soft")]
    pairs += [(f"path-{letter}", ground) for letter in "ABCDEF" for ground in ("paper", "graph-paper")]
    pairs += [("ink", "glow"), ("graph-ink", "graph-node"), ("graph-ink", "graph-label"), ("graph-edge", "paper")]
    poor = {pair: contrast for pair in pairs if (contrast := between(light[pair[0]], light[pair[1]])) < 4.5}
    assert not poor


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def between(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
