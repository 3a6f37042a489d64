"""The page's arithmetic: the tape, its operations in Python and in JavaScript, and what is refused."""

from __future__ import annotations

import json
import math
import random
import subprocess
from pathlib import Path

import pytest
from conftest import program

from symgraph.calculus.evaluation import evaluate, rates
from symgraph.calculus.graph import Graph, Node, build, edges_into
from symgraph.calculus.sweeps import reverse
from symgraph.explanation import scripting
from symgraph.explanation.formulas import edge_key
from symgraph.explanation.page_script import operations
from symgraph.explanation.scripting import OPERATIONS, Unwritable, write

SCRIPT = Path(__file__).parent.parent / "templates" / "html" / "script.j2"
TWO = (  # noqa: SIM905
    "add subtract multiply divide power real_root logarithm_base maximum minimum arctangent2 less less_equal "
    "greater greater_equal equal unequal and or where unless polygamma beta binomial "
    "bessel_j bessel_i bessel_y bessel_k"
).split()

PROGRAMS = {
    "(a+b)*(b+1)": "a=2,b=1",
    "sin(x^2)*exp(-x)/(1+x^2)": "x=1/2",
    "max(x,y)*ln(x)+|y|^3": "x=2,y=-1",
    "x^y + y^x": "x=2,y=3/2",
    "cbrt(x-5)*sqrt(x)": "x=2",
    "sigmoid(w*x+b)*arctan(x)": "w=1,x=2,b=-1",
    "erf(x)*gamma(x)": "x=2",
}


def every_key(text: str) -> tuple[Graph, Node, list[str]]:
    graph = build(text)
    of = graph.graph["outputs"][0]
    keys = [node.name for node in graph]
    keys += [edge_key(edge) for node in graph for edge in edges_into(graph, node)]
    keys += [f"{of.name}/{node.name}" for node in graph]
    return graph, of, keys


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_tape_is_what_the_calculus_says(text: str) -> None:
    graph, of, keys = every_key(text)
    script = write(graph, evaluate(graph, PROGRAMS[text]), keys)
    source = random.Random(1)
    for _ in range(10):
        point = {node.name: round(source.uniform(0.2, 3), 3) for node in graph.graph["inputs"]}
        values = evaluate(graph, point)
        rate = rates(reverse(graph, of), values)
        found = script.run(list(point.values()))
        for node in graph:
            assert found[script.keys[node.name]] == pytest.approx(float(values.nodes[node]), rel=1e-9, abs=1e-12)
            assert found[script.keys[f"{of.name}/{node.name}"]] == pytest.approx(float(rate[node]), rel=1e-8, abs=1e-12)
            for edge in edges_into(graph, node):
                expected = float(values.edges[edge])
                assert found[script.keys[edge_key(edge)]] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_kinks_and_ends_of_domains_have_no_number() -> None:
    graph = build("u = |x|; y = u + ln(x+1)", "operation")
    script = write(graph, evaluate(graph, "x=1"), ["u", "x>u.0", "y"])
    value, slope, whole = (script.run([0.0])[script.keys[key]] for key in ("u", "x>u.0", "y"))
    assert value == 0 and math.isnan(slope) and whole == 0
    assert math.isnan(script.run([-2.0])[script.keys["y"]])


def test_what_rounding_leaves_of_a_difference_is_zero() -> None:
    graph = build("x - y - z")
    script = write(graph, evaluate(graph, "x=3/10, y=2/10, z=1/10"), [graph.graph["outputs"][0].name])
    assert script.run([0.3, 0.2, 0.1])[script.keys[graph.graph["outputs"][0].name]] == 0


def test_what_cannot_be_written_is_refused_with_the_reason() -> None:
    graph = build("integral(exp(-t^2), t, 0, x) + 1")
    with pytest.raises(Unwritable, match="no function for integral"):
        write(graph, evaluate(graph, "x=1"), ["x"])


def test_an_operation_that_differs_from_certified_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**OPERATIONS, "sine": lambda u: math.sin(u) + 1e-6}
    monkeypatch.setattr(scripting, "OPERATIONS", wrong)
    graph = build("sin(x)*x")
    with pytest.raises(Unwritable, match="not close enough"):
        write(graph, evaluate(graph, "x=1"), ["x"])


def test_the_longest_tape_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripting, "LONGEST", 20)
    graph = build("; ".join(["x0 = t + 1", *(f"x{k} = sin(x{k - 1})*x{k - 1}" for k in range(1, 9))]))
    with pytest.raises(Unwritable, match="more than 20"):
        write(graph, evaluate(graph, "t=1"), ["x3"])


def test_data_holds_no_tag() -> None:
    graph = build("x^2")
    script = write(graph, evaluate(graph, "x=1"), ["x"])
    hostile = scripting.Script((), (1.0,), (("</script>", (0,)),), {})
    assert "<" not in hostile.data() and json.loads(script.data())["point"] == [1.0]


def test_javascript_computes_what_python_does(tmp_path: Path) -> None:
    node = program("node")
    source = SCRIPT.read_text("utf-8")
    start, end = source.index("const partial ="), source.index("root.symgraph = run;")
    table = "const op = {\n" + operations(OPERATIONS) + "\n};\n"
    draw = random.Random(2)
    cases = []
    for name in OPERATIONS:
        for _ in range(60):
            arguments = [round(draw.uniform(-4, 4), draw.choice([0, 1, 3])) for _ in range(1 + (name in TWO))]
            if name == "piecewise":
                arguments = [draw.uniform(-4, 4), float(draw.random() < 0.5), draw.uniform(-4, 4)]
            if name in ("polygamma", "bessel_j", "bessel_i", "bessel_y"):
                arguments = [float(draw.randint(0, 3)), draw.uniform(0.05, 30)]
            if name in ("sine_integral", "cosine_integral", "exponential_integral"):
                arguments = [draw.uniform(-1, 60) if draw.random() < 0.5 else arguments[0]]
            if name == "real_root":
                arguments[1] = float(draw.choice([2, 3, 4, 5]))
            cases.append((name, arguments, scripting._apply(name, arguments)))
    program_text = (
        table
        + source[start:end]
        + (
            "const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
            "console.log(JSON.stringify(cases.map(([name, given]) => run(given, [[name, ...given.keys()]]).pop())"
            ".map(value => Number.isNaN(value) ? 'nan' : value)));"
        )
    )
    (tmp_path / "run.js").write_text(program_text, "utf-8")
    done = subprocess.run(
        [node, str(tmp_path / "run.js")],
        input=json.dumps([case[:2] for case in cases]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for (name, arguments, expected), found in zip(cases, json.loads(done.stdout), strict=True):
        assert float(found) == pytest.approx(expected, rel=1e-11, abs=1e-13, nan_ok=True), (name, arguments)
