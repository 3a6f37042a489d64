"""Strangers' input: nothing is evaluated, nothing runs away, and only our own exceptions come out."""

from __future__ import annotations

import builtins
import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import symgraph
from symgraph.errors import SymgraphError
from symgraph.parsing import latex, text

CODE = [
    "__import__('os').system('touch pwned')",
    "().__class__.__mro__[1].__subclasses__()",
    "open('/etc/passwd').read()",
    "exec('x=1')",
    "eval(x)",
    "lambda x: x",
    "x if x else y",
    "[x for x in range(9)]",
    "x.__class__",
    "x; import os",
    "Symbol('x').subs",
    "S('x')",
    "f'{x}'",
    "`ls`",
    "$(ls)",
    "@os.system",
    "x\x00y",
    "\u202ex",
]
TOWERS = [
    "9**9**9**9",
    "2^(2^(2^(2^100)))*x",
    "factorial(factorial(20))*x",
    "(8^24)!*x",
    "x^(10^100)",
    "binomial(10^9, 5*10^8)*x",
    "1e999999999*x",
    "x*12^(10000000/10000001)",
    "((((((((((x+1)^9)^9)^9)^9)^9)^9)^9)^9)^9)^9",
    "sum(k, k, 1, 10^12)*x",
    "gamma(10^9)*x",
    "sin(" * 60 + "x" + ")" * 60,
    "x" + "*x" * 400,
    "(a+b+c+d)^400",
]


@pytest.fixture
def nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluating, running a program, or importing what was typed fails the test."""

    def forbidden(*arguments: Any, **options: Any) -> Any:
        raise AssertionError(f"called with {arguments[:1]}")

    monkeypatch.setattr(builtins, "eval", forbidden)
    monkeypatch.setattr(os, "system", forbidden)
    monkeypatch.setattr(subprocess, "Popen", forbidden)


@pytest.mark.usefixtures("nothing_happens")
@pytest.mark.parametrize("source", CODE)
def test_code_is_never_evaluated(source: str) -> None:
    for read in (text.parse, latex.parse, symgraph.build, text.parse_point):
        try:
            read(source)
        except SymgraphError as error:
            assert str(error).strip()


@pytest.mark.parametrize("source", TOWERS)
def test_towers_are_answered_at_once(source: str) -> None:
    started = time.monotonic()
    try:
        program = text.parse(source)
        _ = program.expr
        symgraph.build(program)
    except SymgraphError as error:
        assert str(error).strip()
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("call", [symgraph.build, symgraph.explain, symgraph.differentiate, symgraph.gradient])
def test_the_whole_public_api_raises_our_own_exceptions(call: Callable[..., Any]) -> None:
    for source in ("", "(", "x +", "9**9**9**9*x", "c = c", "x.__class__"):
        with pytest.raises(SymgraphError):
            call(source)


WORDS = ("sin", "cos", "ln", "log_", "e^", "sqrt", "sum(", "piecewise(", "\\frac", "\\sqrt", "{x", " if ", "d/dx", "f(")
PIECES = st.sampled_from([*"xyabn012345.()[]{}|+-*/^_=,;<>! '°²√π·×÷−½∞θ\\", *WORDS])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=st.lists(PIECES, max_size=30).map("".join))
def test_any_text_gives_a_program_or_an_error_of_ours(source: str) -> None:
    for read in (text.parse, latex.parse):
        try:
            program = read(source)
            _ = program.expr
        except SymgraphError as error:
            assert str(error).strip()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=st.text(max_size=40))
def test_any_letters_give_a_program_or_an_error_of_ours(source: str) -> None:
    try:
        text.parse(source)
    except SymgraphError as error:
        assert str(error).strip()
