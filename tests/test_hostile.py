"""What nobody should get away with: code, bombs, towers, invisible letters, other people's syntax.

Every row goes through every door in a process of its own, with a limit on memory and with Python's audit hooks on:
nothing may be executed, compiled, opened, written, imported or connected to, and only our own errors may come out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import symgraph
from symgraph.errors import NameProblem, SymgraphError
from symgraph.parsing import latex
from symgraph.parsing.text import check_name, parse

CODE = [
    '__import__("os").getcwd()',
    'eval("1+1")',
    'exec("x=1")',
    'open("/etc/hostname").read()',
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__.__mro__",
    "x.subs(x, 2)",
    "x.free_symbols",
    "lambda x: x",
    "(lambda: 3)()",
    "[y for y in x]",
    "{y: 1 for y in x}",
    "f'{x}'",
    "x if x else 1",
    "print(x)",
    "getattr(x, 'args')",
    "globals()['x']",
    "import os",
    "from sys import path",
    "x; import os",
    "del x",
    "raise x",
    "assert x == 1",
    "while x: x",
    "def g(x): return x",
    "class X: pass",
    "yield x",
    "await x",
    "global x",
    "x := 1",
    "@x",
    "x ** ** 2",
    "x = y = z",
    "Symbol('x')",
    "sympify('x')",
    "S('x')",
    "parse_expr('x')",
    "Function('f')(x)",
    "Lambda(x, x)(2)",
    "solve(x)",
    "simplify(x+x)",
    "integrate(x)",
    "diff(x, x)",
    "limit(x, x, 0)",
    "oo",
    "zoo",
    "nan + 1",
    "I.is_real",
    "`rm x`",
    "$(ls)",
    "${x}",
    "{{ x }}",
    "{% x %}",
    "<script>",
    "x'; DROP TABLE y",
    "\\input{/etc/passwd}",
    "\\write18{ls}",
    "\\immediate\\openout x",
    "\\csname x\\endcsname",
    "\\def\\x{\\x\\x}\\x",
    "\\catcode`x=0",
    "x\\n__class__",
    "\\x41",
    "\\u0041",
    "x\0y",
    "\ud800",
]
BOMBS = [
    "7^7^7^7",
    "2^(10^12)",
    "((2^100)^100)^100",
    "(10^9)!",
    "(((3!)!)!)!",
    "99!!!!",
    "1e999999999",
    "9" * 3000,
    "0." + "9" * 500,
    "(1+10^-20)^(10^20)",
    "sqrt(10^900+7)*sqrt(10^901+7)",
    "x^(10^20)",
    "(x^1000)^1000",
    "gamma(10^8)",
    "binomial(10^8, 10^7)",
    "e^(10^8*ln(3))",
    "floor(e^(e^9))",
    "sin(e^(e^(e^(e^9))))",
    "digamma(10^7)",
    "10^10^10^10*0",
    "{1 if 9^9^9 < 2, 0 otherwise}",
    "sum(9^9^9, k, 1, 2)",
    "integral(t, t, 0, 9^9^9)",
    "f(9^9^9)",
    "[9^9^9, 1]",
]
TOWERS = [
    "(" * 5000,
    ")" * 5000,
    "[" * 3000 + "x",
    "{" * 1500 + "x" + "}" * 1500,
    "|" * 1999,
    "-" * 1900 + "x",
    "sin(" * 400 + "x",
    "sin " * 400 + "x",
    "√" * 900 + "x",
    "x^" * 900 + "x",
    "x!" + "!" * 900,
    "\\frac{" * 300,
    "\\sqrt{" * 300 + "x" + "}" * 300,
    "\\left(" * 300,
    "\\begin{cases}" * 100,
    "max(" + "x," * 500 + "x)",
    "x+" * 999 + "x",
    "xy" * 900,
    "sin" * 600,
    "_" * 1900,
    "x_" * 900,
    "x" * 1900,
    "1" * 1900,
    ";" * 1900,
    "\n" * 100_000,
    " " * 3000,
    "{x if x<0, " * 150 + "1" + "}" * 150,
    "f(" * 300 + "x" + ")" * 300,
    "tanh(" * 70 + "x" + ")" * 70,
    "1/(1+" * 70 + "x" + ")" * 70,
    "sum(" * 30 + "k" + ", k, 1, 2)" * 30,
    "[" + "x," * 400 + "x]",
    "\\begin{matrix}" + "x & " * 300 + "x \\end{matrix}",
]
NAMES = [
    "sin*2",
    "pi = 4",
    "e2",
    "_",
    "__x__",
    "x__y",
    "self.x",
    "constructor*toString",
    "None",
    "True",
    "NaN",
    "null",
    "undefined",
    "__proto__",
    "x_" + "1" * 50,
    "x" * 31 + "_1",
    "\u0455in(x)",
    "\u217d",
    "\u2460x",
    "\u4e09",
    "x\u200cy",
    "\u2066x\u2069",
    "x\u2029y",
    "\ufeffx",
    "\x07",
    "x\x9b31m",
    "\u0370",
    "\U0001f600",
]
# whatever these are read as, they are read at once and harmlessly
STRANGE = [
    "1e-999999999*x",
    "x" + "\u0300" * 400,
    "\u03a0 x",
    "\u210ex",
    "\U0001d4cd^2",
    "x\u2061(y)",
    "2\u20093",
    "I*x",
    "S + N",
    "in_1",
    "0*(1/x)",
    "x^0",
    "x - x",
    "|x||||",
    "||x|y|z||",
    "1/x/y/z",
    "x'" * 3,
    "f(f(f(f(x))))",
    "((x^2)^2)^2^2",
    "asin(x^2 + 3)",
    "ln(ln(ln(ln(ln(x)))))",
    "{x if x < x, 1 otherwise}",
    "{1 if 1 < 2, 2 if 2 < 1}",
    "e^(i*x)",
    "\\frac\\frac12x3",
    "\\\\\\\\",
    "$$",
    "$x",
    "\\left.\\right.",
    "a=b;b=a",
    "a=a",
    "a=1;a=2",
    "f(x)=f(x)",
    "=",
    "x=",
    "=x",
    "f()=2",
    "f(x,)=2",
    "x,y=1,2",
]

_WATCHER = r"""
import json, os, resource, sys, time
rows = json.loads(sys.stdin.read())
from symgraph.errors import SymgraphError
from symgraph.parsing import latex, text
from symgraph.language.constructors import as_written, construct

def doors(row):
    for call in (
        lambda: text.parse(row),
        lambda: text.parse(row, inputs=("x", "y"), lenient=True),
        lambda: latex.parse(row),
        lambda: text.parse_expression(row),
        lambda: text.parse_equation(row),
        lambda: text.parse_condition(row),
        lambda: text.parse_point(row),
        lambda: text.parse_point("x=" + row),
        lambda: text.check_name(row),
        lambda: [text.parse(row).expression_of(each) for each in text.parse(row).outputs],
        lambda: as_written(text.parse_expression(row)),
    ):
        try:
            call()
            yield "read"
        except SymgraphError as problem:
            assert not any(ord(letter) < 32 and letter != "\n" for letter in str(problem)), ascii(row)
            yield "refused"

for row in rows:  # once, so that what SymPy imports late is there
    list(doors(row))
limit = 500 << 20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
events = []
watched = ("open", "exec", "compile", "import", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pickle.")
sys.addaudithook(lambda event, arguments: events.append(event) if event.startswith(watched) else None)
found = []
for row in rows:
    began = time.process_time()
    outcome = list(doors(row))
    found.append((outcome[9], time.process_time() - began, sorted(set(events))))
    events.clear()
print(json.dumps(found))
"""


def _watched(rows: list[str], folder: Path) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", _WATCHER],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
        check=False,
        env={"PYTHONPATH": str(Path(symgraph.__file__).parent.parent), "PYTHONIOENCODING": "utf-8", "PATH": ""},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is Unix only")
@pytest.mark.parametrize(
    ("rows", "refused"),
    [(CODE, True), (BOMBS, True), (TOWERS, False), (NAMES, False), (STRANGE, False)],
    ids=["code", "bombs", "towers", "names", "strange"],
)
def test_nothing_happens_but_an_error(rows: list[str], refused: bool, tmp_path: Path) -> None:
    for row, (outcome, seconds, events) in zip(rows, _watched(rows, tmp_path), strict=True):
        assert outcome == "refused" or not refused, ascii(row)
        assert seconds < 2, (ascii(row[:80]), seconds)
        assert not events, (ascii(row[:80]), events)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "<b>x</b>",
        'x" onload="a',
        "x_{",
        "x;y",
        "x y",
        "\\input{x}",
        "x\n",
        "",
        "é",
        "x}{",
        "../x",
        "x'",
        "\u202ex",
        "%x",
    ],
)
def test_a_name_that_could_break_out_is_no_name(name: str) -> None:
    with pytest.raises(NameProblem) as caught:
        check_name(name)
    assert "\u202e" not in str(caught.value)
    with pytest.raises(SymgraphError):
        parse("x", inputs=(name,))
    with pytest.raises(SymgraphError):
        parse("x", declared=(name,))


def test_the_echo_of_an_error_cannot_move_the_terminal() -> None:
    for text in ("x\x1b[31m + 1", "x + \u202e1", "a\tb\x08", "\x9b2J", "x\x7f", "\\text{\x1b[0m}", "\\\x1b"):
        for door in (parse, latex.parse):
            with pytest.raises(SymgraphError) as caught:
                door(text)
            shown = str(caught.value)
            assert all(letter.isprintable() or letter == "\n" for letter in shown), ascii(shown)


@pytest.mark.parametrize("call", ["build", "differentiate", "explain"])
def test_the_whole_public_face_behaves_so(call: str) -> None:
    function: Any = getattr(symgraph, call)
    arguments: dict[str, Any] = {"wrt": "x"} if call == "differentiate" else {}
    for text in (
        *('__import__("os").getcwd()', "9^9^9", "x/0", "1/(x-x)", "sin x/2", "(" * 3000, "", "x;y", "x = 2 = 3", "x'"),
        *("\\input{x}", "x^(10^18)", "log(0)*x", "\u202ex", "f(x) = f(x)", "a = b; b = a", "xyzw", "_", "tan(pi/2)*x"),
    ):
        with pytest.raises(SymgraphError):
            function(text, **arguments)
