"""Problem files that nobody would write: each is read, or refused with file, line and field, in bounded time."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symgraph import files, worker
from symgraph.errors import SymgraphError
from symgraph.homework import answer_key, running
from symgraph.homework.problems import _KINDS, read_text

# Texts that a field may hold, right in one and wrong in another; and values that are texts in none.
TEXTS = """
x sin(a*x^n) a*x^2+b x^2+y^2=25 x=cos(t);y=sin(t) u=a*x;y=u^2 ln(x) sqrt(x-a) 1/x^n e^(a*x) |x| x,y y z t p a
2..8 8..2 0..9999 1..99999999 -3..3 a!=n a<b<n a>99 x=1 x=pi/a x=1,x=2 x=1/0 any same-shape factored each real
positive x>0 integer-value integer-coefficients small-fractions chain/1 chain/999 implicit parametric derivative
{{f}} ${{f}}$ ${{a}}$ {{q}} $ $$ $x^$ $\\input{x}$ $\\frac{1}{2}$ <script> = ' " \\ ../../x con -1 0 9^9^9^9 1e400
((((((((( x' ∂y/∂x é é ½ x² ∞ 汉字 ,,,, ;;; {{{{ }} [[ ]] % # &amp;
""".split()  # noqa: SIM905 # a hundred words
TEXTS += ["", "\u202eabc", "\U0001d465", "\x00", "\x1b[2J", "\uffff", "\u2028"]
texts = st.one_of(
    st.sampled_from(TEXTS), st.text(max_size=12), st.lists(st.sampled_from(TEXTS), max_size=4).map("".join)
)
numbers = st.one_of(
    st.integers(-3, 12),
    st.sampled_from([0, -1, 10**6, 10**17, 10**400, 2.5, 1e308, -0.0]),
    st.sampled_from([float("inf"), float("nan"), True, False]),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(texts, numbers, st.just(...)),  # ...: a date
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
# A problem that is right but for a few fields, so that what lies behind the first checks is reached too.
RIGHT = {
    "id": st.sampled_from(["p", "q-1", "Con", "é", "a.", "x" * 61]),
    "f": st.sampled_from(TEXTS[:12]),
    "wrt": st.sampled_from(["x", "t", ["x"], ["x", "y"], "x,y"]),
    "params": st.dictionaries(
        st.sampled_from(["a", "b", "n", "x", "sin", "a b", "é"]),
        st.sampled_from(["2..8", "1..3", [2, 3, "1/2"], ["a"], [0.5], "2..3 by 0", [], ["x/0"], [1e400]]),
        max_size=3,
    ),
    "where": st.sampled_from(["a != n", "a > 99", "a < n", "x > 1", "a ="]),
    "nice": st.sampled_from(["integer-value", "small-fractions", ["integer-coefficients"], "other"]),
    "key": st.sampled_from(["2*x", "a*cos(a*x)", "0", "x +", "q"]),
    "question": st.sampled_from(["derivative", "implicit", "parametric"]),
    "at": st.sampled_from(["x = 1", "x = a", "x = 1/0", "q = 1", "x", "x = 0, y = 1"]),
    "order": st.integers(0, 11),
    "of": st.sampled_from(["y", "u", ["y"], "q"]),
    "form": st.sampled_from(["any", "expanded", "same-shape", "other"]),
    "domain": st.sampled_from(["real", "positive", "x > 0", "x > 1, x < 0", "x", "q > 0"]),
    "tolerance": st.sampled_from([0.01, "1e-3", "a", -1, 10**400, float("nan")]),
    "variants": st.sampled_from([1, 2, 0, "each", "other", 10_001]),
    "text": st.sampled_from(
        ["${{f}}$", "{{a}}", "$\\input{x}$", "**{{f}}** [x](javascript:y) <b>", "$x$ {{wrt}} {{at}}"]
    ),
    "feedback": st.lists(st.fixed_dictionaries({"when": texts, "score": numbers, "say": texts}), max_size=2),
    "test": st.lists(st.fixed_dictionaries({"answer": texts, "score": numbers}), max_size=2),
}
problems = st.fixed_dictionaries(
    {"id": RIGHT["id"], "f": RIGHT["f"]}, optional={name: RIGHT[name] for name in RIGHT if name not in ("id", "f")}
)
wrong = st.dictionaries(st.sampled_from([*_KINDS, "fomr", "a b", ""]), values, max_size=3)
wholes = st.fixed_dictionaries(
    {
        "schema": st.sampled_from([1, 1, 1, 1, 2, "1", True]),
        "problem": st.lists(st.builds(dict.__or__, problems, wrong), max_size=2),
    },
    optional={"title": values, "seed": values, "defaults": wrong, "extra": values},
)


def toml(value: Any) -> str:
    """A value as TOML has it, in one line."""
    if value is ...:
        return "1979-05-27T07:32:00Z"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)


def written(whole: dict[str, Any]) -> str:
    lines = [f"{name} = {toml(value)}" for name, value in whole.items() if name not in ("problem", "defaults")]
    for name, tables in (
        ("[defaults]", [whole["defaults"]] if "defaults" in whole else []),
        ("[[problem]]", whole["problem"]),
    ):
        for table in tables:
            lines += [name, *(f"{json.dumps(key)} = {toml(value)}" for key, value in table.items())]
    return "\n".join(lines)


def refused(text: str) -> str:
    """What is said of a file, "" if it is read."""
    try:
        read_text(text, "hw.toml")
    except SymgraphError as told:
        assert told.exit_code == 2 and len(str(told)) < 100 * len(text) + 10_000
        return str(told)
    return ""


@settings(max_examples=300)
@given(wholes)
def test_any_fields_are_read_or_refused_by_name(whole: dict[str, Any]) -> None:
    told = refused(written(whole))
    for fault in re.findall(r"^hw\.toml.*", told, re.M):
        assert re.match(r"hw\.toml(: |, line \d+(, field \S.*?)?: )", fault), fault


@settings(max_examples=200)
@given(
    st.lists(
        st.one_of(
            texts, st.sampled_from(["\n", "[[problem]]\n", "id = ", "f = 'x'\n", "'''", '"""', " = ", "schema = 1\n"])
        ),
        max_size=14,
    ).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    refused(text)


@pytest.fixture(scope="module")
def limited() -> Iterator[worker.WorkerPool]:
    with worker.WorkerPool(1) as pool:
        yield pool


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(whole=st.fixed_dictionaries({"schema": st.just(1), "problem": st.lists(problems, min_size=1, max_size=1)}))
def test_what_can_be_read_is_checked_or_fails_in_one_line(
    limited: worker.WorkerPool, whole: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = files.write(tmp_path_factory.mktemp("any") / "hw.toml", written(whole))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "SECONDS", 5.0)
        patch.setattr(answer_key, "executor", lambda *_: contextlib.nullcontext(limited))
        try:
            report = answer_key.check(path, students=None)
        except SymgraphError as told:
            assert str(path) in str(told) or "--students" in str(told)
            return
    assert report.failures or report.claims
    for _, message in report.failures:
        assert "\n" not in message and not re.match(r"[^:]*: [A-Z]\w+: ", message), message
