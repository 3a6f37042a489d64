"""Limits: each has a name, a default and an error that names it, its value and what was found; each can be moved."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path

import pytest

import symgraph
from symgraph.errors import LimitExceeded, SymgraphError, TooLargeToShow
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing import latex
from symgraph.parsing.text import parse, parse_expression, parse_point

FIELDS = [field.name for field in dataclasses.fields(Limits)]

# a text just within each limit, and one just beyond it
TEXTS: list[tuple[str, Limits, str, str]] = [
    ("characters", Limits(characters=20), "x+1" + " " * 17, "x+1" + " " * 18),
    ("characters", Limits(characters=20), "x = 1" + " " * 15 + "\ny = 2", "x = 1" + " " * 15 + " y\n"),
    ("tokens", Limits(tokens=9), "x+x+x+x+x", "x+x+x+x+x+x"),
    ("tokens", Limits(tokens=3), "y = x\nz = y", "y = x\nz = y+"),
    ("depth", Limits(depth=5), "(((((x)))))", "((((((x))))))"),
    ("depth", Limits(depth=5), "sin(cos(sin(cos(sin(x)))))", "sin(cos(sin(cos(sin(cos(x))))))"),
    ("depth", Limits(depth=5), "sin cos sin cos sin x", "sin cos sin cos sin cos x"),
    ("depth", Limits(depth=5), "x^x^x^x^x^x", "x^x^x^x^x^x^x"),
    ("depth", Limits(depth=5), "-----x", "------x"),
    ("depth", Limits(depth=5), "|||||x|||||", "||||||x||||||"),
    ("depth", Limits(depth=5), "√√√√√x", "√√√√√√x"),
    ("depth", Limits(depth=5), r"\frac{1}{\frac{1}{\frac{1}{2}}}", r"\frac{1}{" * 6 + "x" + "}" * 6),
    ("digits", Limits(), "1" * 40, "1" * 41),
    ("digits", Limits(), "0." + "1" * 40, "0." + "1" * 41),
    ("bits", Limits(), "2^4000", "2^5000"),
    ("bits", Limits(), "1e1000", "1e2000"),
    ("bits", Limits(), "(1/3)^2000*x", "(1/3)^3000*x"),
    ("exponent", Limits(), "x^10000", "x^10001"),
    ("exponent", Limits(), "x^-10000", "x^(-10001)"),
    ("root_bits", Limits(), "sqrt(10^70+1)", "sqrt(10^80+1)"),
    ("factorial", Limits(), "200!", "201!"),
    ("factorial", Limits(), "binomial(400, 200)", "binomial(500, 250)"),
    ("arguments", Limits(), "max(" + ",".join("abcdefghijklmnopqrst") + ")", "max(" + "x," * 20 + "y)"),
    ("statements", Limits(statements=3), "a=1\nb=2\nc=3", "a=1\nb=2\nc=3\nd=4"),
    ("program_characters", Limits(program_characters=30), "a = 1;" * 0 + "a=x" + " " * 27, "a=x" + " " * 28),
    ("nodes", Limits(nodes=40), "f(x)=x+1; y=f(2t)", "f(x)=x^2+x+1; g(x)=f(x+1)*f(x+2)*f(x+3); y=g(2t)*g(3t)"),
]


@pytest.mark.parametrize(
    ("name", "limits", "within", "beyond"), TEXTS, ids=[f"{row[0]} {row[3][:20]}" for row in TEXTS]
)
def test_exceeding_a_limit_names_it(name: str, limits: Limits, within: str, beyond: str) -> None:
    parse(within, limits=limits)
    with pytest.raises(LimitExceeded) as caught:
        parse(beyond, limits=limits)
    assert caught.value.limit == name
    assert caught.value.allowed == getattr(limits, name)
    assert f"the limit is {getattr(limits, name)} (limits.{name})" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "limits", "within", "beyond"), TEXTS, ids=[f"{row[0]} {row[3][:20]}" for row in TEXTS]
)
def test_a_trusted_caller_moves_any_limit(name: str, limits: Limits, within: str, beyond: str) -> None:
    wider = dataclasses.replace(limits, **{name: 10**6})
    if beyond.endswith("+") or beyond.endswith(" y\n"):
        return  # at fault for another reason, too
    parse(beyond, limits=wider)


def test_a_number_that_is_refused_is_shown() -> None:
    with pytest.raises(LimitExceeded, match=r"in 9\^9\^9$"):
        parse("x + 9^9^9")
    with pytest.raises(LimitExceeded, match=r"in \(7!\)!$"):
        parse("2*(7!)!")


def test_limits_hold_at_every_door() -> None:
    tight = Limits(characters=5)
    for call in (
        lambda: parse("x+1+2+3", limits=tight),
        lambda: parse_expression("x+1+2+3", limits=tight),
        lambda: parse_point("x=1000", limits=tight),
        lambda: latex.parse(r"\frac12", limits=tight),
    ):
        with pytest.raises(LimitExceeded, match=r"limits\.characters"):
            call()


def test_an_answer_too_large_to_write_out_is_said_with_its_size() -> None:
    program = parse("c0 = x + 1;" + ";".join(f"c{k} = c{k - 1}*c{k - 1} + 1" for k in range(1, 40)))
    with pytest.raises(TooLargeToShow, match="answer_operations"):
        _ = program.expr


def test_a_tower_of_brackets_is_refused_at_once() -> None:
    wide = Limits(characters=10**6, tokens=10**6)
    for opening, closing in (("(", ")"), ("[", "]"), ("{", "}"), ("sin(", ")"), ("|", "|"), ("-", ""), ("√", "")):
        with pytest.raises(LimitExceeded, match=r"limits\.depth"):
            parse(opening * 10_000 + "x" + closing * 10_000, limits=wide)
    with pytest.raises(LimitExceeded, match="brackets, functions and powers"):
        parse("(" * 50_000 + "x" + ")" * 50_000, limits=Limits(10**6, 10**6, 10**6))


def test_limits_are_frozen_and_have_their_reasons_beside_them() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFAULT.depth = 5  # type: ignore[misc] # that it cannot be set is the point
    lines = inspect.getsource(Limits).splitlines()
    for name in FIELDS:
        (line,) = [line for line in lines if line.strip().startswith(f"{name}:")]
        assert "# " in line, f"{name} has no reason beside it"


def test_every_limit_is_enforced_somewhere() -> None:
    folder = Path(inspect.getsourcefile(symgraph) or "").parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "limits.py")
    for name in FIELDS:
        assert f'"{name}"' in source or f"limits.{name}" in source, f"nothing enforces limits.{name}"


def test_the_error_is_one_of_ours() -> None:
    assert issubclass(LimitExceeded, SymgraphError)
    assert LimitExceeded("bits", 4, 9).exit_code == 2
