"""The templates that print a drawing, for page, file, paper and Graphviz: seen by a browser, TeX and parsers."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from symgraph.explanation import sizes, typesetting
from symgraph.explanation.drawing import Drawing, Picture, PictureEdge, PictureNode, draw
from symgraph.explanation.templates import environment
from symgraph.explanation.typesetting import Chain, Shown
from symgraph.language.tree import Apply, Name, Number, Rate, Tree

TEMPLATES = Path(__file__).parent.parent / "templates"
SVG = "{http://www.w3.org/2000/svg}"
Edge = tuple[str, str, int]


@cache
def template(name: str) -> Any:
    """A template's macros, read as the renderer reads them."""
    return environment(name.startswith(("html", "svg")), "en").get_template(name).module


class Sample:
    """A drawing with the formulas that stand in it."""

    def __init__(self, nodes: Mapping[str, tuple[Shown, ...]], edges: Mapping[Edge, Shown], **options: Any) -> None:
        marks = options.pop("marks", {})
        self.nodes, self.edges = nodes, edges
        picture = Picture(
            tuple(PictureNode(each, tuple(sizes.size(line)[:2] for line in lines)) for each, lines in nodes.items()),
            tuple(
                PictureEdge(*each, sizes.size(label)[:2], tuple(marks.get(each, ""))) for each, label in edges.items()
            ),
            **options,
        )
        self.drawing: Drawing = draw(picture)

    def set(self, with_: Callable[[Shown], Any]) -> tuple[Drawing, dict[str, list[Any]], dict[Edge, Any]]:
        nodes = {each: [with_(line) for line in lines] for each, lines in self.nodes.items()}
        return self.drawing, nodes, {each: with_(label) for each, label in self.edges.items()}


def equal(left: Tree, *right: Tree) -> Chain:
    return Chain((left, *right))


def of(operator: str, *arguments: Tree | str | int) -> Apply:
    trees = [
        Name(each) if isinstance(each, str) else Number(each) if isinstance(each, int) else each for each in arguments
    ]
    return Apply(operator, tuple(trees))


OLAH = Sample(
    {
        "a": (equal(Name("a"), Number(2)),),
        "b": (equal(Name("b"), Number(1)),),
        "c": (equal(Name("c"), of("add", "a", "b")), equal(Name("c"), Number(3))),
        "d": (equal(Name("d"), of("add", "b", 1)), equal(Name("d"), Number(2))),
        "e": (equal(Name("e"), of("multiply", "c", "d")), equal(Name("e"), Number(6))),
    },
    {
        (tail, head, key): equal(Rate(head, tail), Number(value))
        for tail, head, key, value in (
            ("a", "c", 0, 1),
            ("b", "c", 1, 1),
            ("b", "d", 0, 1),
            ("c", "e", 0, 2),
            ("d", "e", 1, 3),
        )
    },
    marks={("b", "c", 1): "A", ("c", "e", 0): "A", ("b", "d", 0): "B", ("d", "e", 1): "B"},
)
B7 = Sample(
    {"X": (Name("X"),), "Y": (Name("Y"),), "Z": (Name("Z"),)},
    {(*ends, key): Name(letter) for ends, letters in (("XY", "alpha beta gamma"), ("YZ", "delta eta zeta"))
     for key, letter in enumerate(letters.split())},
    direction="right",
    dots=True,
)  # fmt: skip
TALL = Sample(
    {
        "x": (Name("x"),),
        "u": (equal(Name("u"), of("divide", of("add", of("power", "x", 2), 1), of("subtract", "x", 3))),),
        "y": (equal(Name("y"), of("square_root", "u")),),
    },
    {
        ("x", "u", 0): equal(Rate("u", "x"), of("negate", of("divide", of("sine", "x"), of("power", "x", 2)))),
        ("u", "y", 0): equal(Rate("y", "u"), of("divide", 1, of("multiply", 2, of("square_root", "u")))),
        ("x", "y", 1): Chain((Rate("y", "x", slot=1), of("exponential", of("multiply", 3, "x")))),
    },
    marks={("x", "y", 1): "ABG"},
)
SAMPLES = {"Olah": OLAH, "B7": B7, "tall": TALL}
every_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
HOSTILE = "</svg></title><script>alert(1)</script>\"'&"


def in_page(sample: Sample, title: str = "title") -> str:
    set_ = sample.set(lambda shown: Markup(typesetting.mathml(shown)))
    return str(template("html/graph.j2").picture(*set_, "g", title, "what it shows"))


def alone(sample: Sample, title: str = "title") -> str:
    def outline(shown: Shown) -> Any:
        found = sizes.outline(shown)
        return found._replace(markup=Markup(found.markup))  # type: ignore[arg-type]  # Markup is a str

    return str(template("svg/graph.j2").picture(*sample.set(outline), title, "what it shows"))


def on_paper(sample: Sample) -> str:
    return str(template("tex/graph.j2").picture(*sample.set(typesetting.latex)))


# In the page


@every_sample
def test_the_picture_in_the_page(sample: Sample) -> None:
    root = ElementTree.fromstring(in_page(sample))
    picture = root.find(f"{SVG}svg")
    assert picture is not None and picture.get("role") == "img"
    named = {part.get("id"): part.text for part in picture if part.tag in (f"{SVG}title", f"{SVG}desc")}
    assert [named[each] for each in picture.attrib["aria-labelledby"].split()] == ["title", "what it shows"]
    nodes = [part.attrib["data-node"] for part in picture.iter(f"{SVG}g") if part.get("class") == "node"]
    assert nodes == list(sample.nodes)
    for group in ("edge", "label"):
        found = [part for part in picture.iter(f"{SVG}g") if part.get("class", "").split()[:1] == [group]]
        keys = [(part.attrib["data-tail"], part.attrib["data-head"], int(part.attrib["data-key"])) for part in found]
        assert keys == list(sample.edges)
        letters = [part.get("data-path", "").split() for part in found]
        assert letters == [list(edge.paths) for edge in sample.drawing.edges]


@every_sample
def test_nothing_in_a_foreign_object_is_positioned(sample: Sample) -> None:
    styles = str(template("html/graph.j2").style())
    inner = re.findall(r"[^{}]*(?:foreignObject|\.lines|math)[^{}]*\{([^}]*)\}", styles)
    assert inner and not re.search(r"position|transform|opacity|filter", " ".join(inner))
    for part in ElementTree.fromstring(in_page(sample)).iter(f"{SVG}foreignObject"):
        assert not any({"style", "transform", "opacity"} & set(each.attrib) for each in part.iter())


def test_every_path_has_a_colour_and_a_dash_pattern_of_its_own() -> None:
    paths = template("palette.j2").paths
    for what in ("colour", "dark", "dashes", "tikz"):
        assert len({path[what] for path in paths.values()}) == len(paths) == 6
    for path in paths.values():  # WCAG: 4.5 to 1 against the page, for letters too
        assert contrast(path["colour"], "#fffdf9") > 4.5 and contrast(path["colour"], "#ffffff") > 4.5
        assert contrast(path["dark"], "#15161a") > 4.5


def contrast(one: str, two: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    return max(light(one), light(two)) / min(light(one), light(two))


def test_hostile_titles_stay_text() -> None:
    for written in (in_page(OLAH, HOSTILE), alone(OLAH, HOSTILE)):
        assert "<script" not in written
        assert any(part.text == HOSTILE for part in ElementTree.fromstring(written).iter(f"{SVG}title"))


MEASURE = """() => {
  const box = part => (({x, y, width, height}) => [x, y, width, height])(part.getBoundingClientRect());
  return [...document.querySelectorAll('.graph .label, .graph .node')].map(group => {
    const shape = group.querySelector('rect, ellipse'), all = what => [...group.querySelectorAll(what)].map(box);
    return {ellipse: group.querySelector('ellipse') !== null, shape: shape && box(shape),
            texts: all('math'), letters: all('circle.letter')};
  });
}"""


@every_sample
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_every_formula_stays_in_its_shape(
    sample: Sample, scheme: str, browser: Any, tmp_path: Path
) -> None:
    font = (TEMPLATES / "html/fonts/symgraph-math.woff2").as_uri()
    page = tmp_path / "page.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><title>t</title><style>@font-face{{font-family:M;src:url({font})}}"
        f"math{{font-family:M,math}}{template('html/graph.j2').style()}</style>{in_page(sample)}",
        encoding="utf-8",
    )
    opened = browser.new_page()
    opened.emulate_media(color_scheme=scheme)
    opened.goto(page.as_uri())
    opened.evaluate("document.fonts.ready")
    measured = opened.evaluate(MEASURE)
    assert len(measured) == len(sample.nodes) + len(sample.edges)
    for group in measured:
        for x, y, width, height in group["texts"] if group["shape"] else []:
            left, top, wide, high = group["shape"]
            corners = [(cx, cy) for cx in (x, x + width) for cy in (y, y + height)]
            if group["ellipse"]:
                middle = left + wide / 2, top + high / 2
                reach = [((cx - middle[0]) / wide * 2) ** 2 + ((cy - middle[1]) / high * 2) ** 2 for cx, cy in corners]
                assert max(reach) < 1.02
            else:
                assert all(left < cx < left + wide and top < cy < top + high for cx, cy in corners)
                assert all(x > letter[0] + letter[2] for letter in group["letters"])


# Alone


@every_sample
def test_the_picture_alone(sample: Sample) -> None:
    written = alone(sample)
    root = ElementTree.fromstring(written)
    assert root.tag == f"{SVG}svg" and (root.get("width"), root.get("height")) == (
        str(sample.drawing.width),
        str(sample.drawing.height),
    )
    assert [part.text for part in root[:2]] == ["title", "what it shows"]
    tags = {str(part.tag).removeprefix(SVG) for part in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "g", "path", "ellipse", "circle", "text"}
    assert not any("id" in part.attrib or "class" in part.attrib for part in root.iter())
    assert len(list(root.iter(f"{SVG}ellipse"))) == len(sample.nodes)


@every_sample
def test_a_text_that_stands_alone_stays_in_its_box(sample: Sample) -> None:
    for node in sample.drawing.nodes:
        for box, line in zip(node.lines, sample.nodes[node.id], strict=True):
            outline = sizes.outline(line).size
            x, y = box.baseline(outline)
            assert box.left - 0.1 <= x and x + outline.width <= box.left + box.width + 0.1
            assert (
                box.top - 0.1 <= y - outline.height + outline.depth and y + outline.depth <= box.top + box.height + 0.1
            )


# On paper


MEASURE_TEX = r"""\newdimen\unit
\newcommand{\measure}[4]{\unit=\symgraphunit\setbox0=\hbox{#2}%
  \typeout{FIT #1: \the\wd0 of \the\dimexpr#3\unit\relax, \the\dimexpr\ht0+\dp0\relax of \the\dimexpr#4\unit\relax}}
"""


def test_on_paper_every_formula_fits_and_nothing_is_overfull(pdflatex: str, tmp_path: Path) -> None:
    pictures = "\n\n".join(on_paper(sample) for sample in SAMPLES.values())
    fits = []
    for number, sample in enumerate(SAMPLES.values()):
        _, nodes, edges = sample.set(typesetting.latex)
        for node in sample.drawing.nodes:
            fits += [(f"{number} {node.id}", line, tex) for line, tex in zip(node.lines, nodes[node.id], strict=True)]
        for edge in sample.drawing.edges:
            key = (edge.tail, edge.head, edge.key)
            assert edge.label and edge.label.text
            fits.append((f"{number} {''.join(map(str, key))}", edge.label.text, edges[key]))
    measures = "\n".join(rf"\measure{{{what}}}{{${tex}$}}{{{box.width}}}{{{box.height}}}" for what, box, tex in fits)
    preamble = template("tex/graph.j2").preamble()
    (tmp_path / "p.tex").write_text(
        "\\documentclass[11pt]{article}\\usepackage{amsmath,xcolor,tikz}\\usepackage[margin=25mm]{geometry}\n"
        f"{preamble}{MEASURE_TEX}\\begin{{document}}\n{measures}\n\\centering\n{pictures}\\end{{document}}\n",
        encoding="utf-8",
    )
    command = [pdflatex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "p.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "p.log").read_text(encoding="latin-1").replace("\n", "")
    assert "Overfull" not in log and "Warning" not in log.replace("rerunfilecheck", "")
    found = re.findall(r"FIT (.*?): ([\d.]+)pt ?of ([\d.]+)pt, ([\d.]+)pt ?of ([\d.]+)pt", log)
    assert len(found) == len(fits)
    for what, wide, room, high, height in found:
        assert float(wide) <= float(room) + 1.0, what
        assert float(high) <= float(height) + 1.0, what


def test_a_picture_larger_than_the_page_is_made_smaller(pdflatex: str, tmp_path: Path) -> None:
    names = "abcdefghijklmnopqrst"
    chain = Sample(
        {each: (equal(Name(each), Number(1)),) for each in names},
        {(one, two, 0): equal(Rate(two, one), Number(1)) for one, two in pairwise(names)},
    )
    assert chain.drawing.height > 2_000
    (tmp_path / "p.tex").write_text(
        "\\documentclass{article}\\usepackage{amsmath,xcolor,tikz}\n"
        f"{template('tex/graph.j2').preamble()}\\begin{{document}}\n{on_paper(chain)}\\end{{document}}\n",
        encoding="utf-8",
    )
    command = [pdflatex, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "p.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout and "(1 page" in done.stdout


@every_sample
def test_the_picture_on_paper_reads_like_a_teachers(sample: Sample) -> None:
    written = on_paper(sample)
    assert max(map(len, written.splitlines())) < 130
    for edge in sample.drawing.edges:
        assert f"% {edge.tail} to {edge.head}" in written
        if edge.curve.straight and not edge.paths:
            start, end = edge.curve.start, edge.curve.end
            assert f"({start[0]},{start[1]}) -- ({end[0]},{end[1]});" in written


# For Graphviz


def test_graphviz() -> None:
    drawing, nodes, edges = OLAH.set(typesetting.text)
    written = template("dot/graph.j2").picture(drawing, nodes, edges)
    assert written.startswith("digraph {\n  rankdir=BT;")
    assert '  "c" [label="c = a + b\nc = 3"];' in written
    assert '  "a" -> "c" [label="∂c/∂a = 1"];' in written
    assert '  "b" -> "d" [label="∂d/∂b = 1 (B)", color="#0a62a9"];' in written
    spoilt = {**nodes, "a": ['"];\n x [label="\\']}
    assert r'"a" [label="\"];' in template("dot/graph.j2").picture(drawing, spoilt, edges)
