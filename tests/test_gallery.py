"""The gallery: every example is read, explained and written, and the index leads to each."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import program

from symgraph.errors import FileProblem, SymgraphError
from symgraph.explanation import typesetting
from symgraph.gallery import Example, build_site, read_examples
from symgraph.language.tree import Name

EXAMPLES = read_examples()
TEXTBOOK = [example for example in EXAMPLES if example.name.startswith("T")]


def test_the_textbook_problems_are_there() -> None:
    assert len(TEXTBOOK) >= 20
    assert {example.chapter for example in EXAMPLES} >= {"One variable", "Several variables", "Machine learning"}


@pytest.mark.parametrize("example", TEXTBOOK, ids=lambda each: each.name)
def test_every_textbook_problem_is_explained_and_checked(example: Example) -> None:
    explanation = example.explain()
    assert explanation.report.points == 3
    assert {"forward", "reverse", "nudge", "paths", "answer"} <= set(explanation.report.routes)
    for to in ("txt", "tex", "html", "md"):
        assert len(explanation.render(to)) > 200


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)
def test_every_derivative_that_is_asked_for_is_told(example: Example) -> None:
    explanation = example.explain()
    text = explanation.render("txt")
    for of, wrt in explanation.answers:
        layers = (layer for layer in explanation.program.layers if layer.shape)
        held = {name: layer.name for layer in layers for name in layer.components}
        top, bottom = (re.escape(typesetting.text(Name(held.get(name, name)))) for name in (of, wrt))
        assert re.search(rf"[∂d]\(?{top}\w*\)?/[∂d]\(?{bottom}(?![A-Za-z])", text), (of, wrt)


def test_the_site_is_whole(tmp_path: Path) -> None:
    chosen = EXAMPLES[:3]
    written = list(build_site(tmp_path / "site", chosen))
    assert [path.name for path in written] == [*(f"{example.name}.html" for example in chosen), "index.html"]
    index = written[-1].read_text("utf-8")
    assert re.findall(r'<a href="([^"]+)"', index) == [f"{example.name}.html" for example in chosen]


def test_a_file_that_is_no_example_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('source = "x"\ntitle = "t"\ncolour = "red"\n', "utf-8")
    with pytest.raises(FileProblem, match=r"bad.toml: colour is no field"):
        read_examples(tmp_path)
    (tmp_path / "bad.toml").write_text("source = ", "utf-8")
    with pytest.raises(FileProblem, match=r"bad.toml"):
        read_examples(tmp_path)
    with pytest.raises(SymgraphError, match="broken"):
        list(build_site(tmp_path / "site", [Example("broken", "t", "", "", "sin(", {})]))


# The pages in a browser, all of them


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert len(list(build_site(folder))) == len(EXAMPLES) + 1
    return folder


def test_the_html_validator_finds_no_error(site: Path, tmp_path: Path) -> None:
    """The Nu validator: a program `vnu`, or the path of its vnu.jar in VNU_JAR (npm pack vnu-jar) and Java."""
    jar = os.environ.get("VNU_JAR")
    command = [program("java"), "-Xss4m", "-jar", jar] if jar else [program("vnu")]
    for file in site.glob("*.html"):  # the font's letters would take most of the time
        text = re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", file.read_text("utf-8"))
        (tmp_path / file.name).write_text(text, "utf-8")
    files = sorted(map(str, tmp_path.glob("*.html")))
    done = subprocess.run(
        [*command, "--errors-only", "--format", "json", *files],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = json.loads(done.stderr)["messages"]
    assert [(Path(each["url"]).name, each["message"], each.get("extract")) for each in found] == []


# Boxes of nodes and labels against each other; points along every edge against the boxes that it does not belong to;
# texts against their boxes; and, on a narrow page, what reaches past its right side.
CROWDED = """() => {
  const over = [], all = (what, where) => [...where.querySelectorAll(what)], box = at => at.getBoundingClientRect();
  all("details", document).forEach(each => { each.open = true; });
  for (const svg of all("svg.graph", document)) {
    const things = all(".node, .label", svg), m = svg.getScreenCTM();
    const shape = at => box(at.querySelector("ellipse, rect, .dot"));
    const name = at => at.dataset.node || `${at.dataset.tail}>${at.dataset.head}.${at.dataset.key}`;
    things.forEach((one, k) => things.slice(k + 1).forEach(two => {
      const a = shape(one), b = shape(two);
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
          Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) over.push([svg.id, name(one), name(two)]); }));
    for (const edge of all(".edge", svg)) for (const path of all(".line, .strand", edge)) {
      const length = path.getTotalLength(), count = Math.ceil(length / 4) + 4;
      for (let k = 0; k <= count; k++) {
        const at = path.getPointAtLength(length * k / count).matrixTransform(m);
        for (const other of things) {
          if ([name(edge), edge.dataset.tail, edge.dataset.head].includes(name(other))) continue;
          const b = shape(other), x = 2 * (at.x - b.left) / b.width - 1, y = 2 * (at.y - b.top) / b.height - 1;
          if (other.dataset.node ? x * x + y * y < 0.98 : Math.max(Math.abs(x), Math.abs(y)) < 0.95)
            over.push([svg.id, name(edge), name(other)]);
        } } }
    for (const thing of things) for (const text of all("math", thing)) {
      const a = shape(thing), b = box(text);
      if (!thing.querySelector(".dot") && (b.left < a.left - 1 || b.right > a.right + 1 || b.top < a.top - 1 ||
          b.bottom > a.bottom + 1)) over.push([svg.id, "text", name(thing)]);
    }
  }
  return over; }"""


def test_nothing_overlaps_or_reaches_past_the_page(site: Path, browser: Any) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    crowded, wide = {}, {}
    for file in sorted(site.glob("*.html")):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(file.as_uri())
        page.evaluate("document.fonts.ready")
        if found := page.evaluate(CROWDED):
            crowded[file.stem] = found
        page.set_viewport_size({"width": 320, "height": 640})
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
            wide[file.stem] = width
    assert (crowded, wide) == ({}, {})
    assert all(url.startswith(("data:", site.as_uri())) for url in asked)


VARIED = ["B1-olah", "E15-two-layer-net", "T11-piecewise", "T31-two-layers", "T47-hessian", "T40-circle"]


@pytest.mark.parametrize("name", VARIED)
def test_pages_of_every_kind_are_accessible(name: str, site: Path, _browser: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    context = _browser.new_context(offline=True, bypass_csp=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto((site / f"{name}.html").as_uri())
    found = axe.Axe().run(page).response["violations"]
    context.close()
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
