"""Tree -> SymPy, sizes checked where the real arguments are seen.

>>> from symgraph.language.tree import Apply, Name, Number
>>> construct(Apply("power", (Name("x"), Number(2))))
x**2
>>> as_written(Apply("multiply", (Number(1), Number(2))))
1*2

Why here and not before: an estimate of a number's size before it is computed always has a hole (8^24! looks small). So
every operation sees its arguments first, as SymPy has them, and SymPy is called only when the result is bounded
(`guards.py`). The walk has no recursion over the depth of a tree, and every object is built once.

Names become plain Symbols, never with assumptions: that variables are real is the engine's inner business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import sympy
from sympy import Dummy, Expr, Piecewise, Pow, Rational, S, Symbol
from sympy.logic.boolalg import BooleanFunction

from symgraph.errors import DomainError, LimitExceeded, SymgraphError, TooLargeToShow
from symgraph.language.guards import check_after, check_before, is_constant
from symgraph.language.opaque import DEEP, height, quietly, show
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import BINDERS, Apply, Constant, Name, Number, Span, Tree, Undefined, names_in, postorder
from symgraph.language.unknowns import applied
from symgraph.limits import DEFAULT, Limits

__all__ = ["as_written", "check_numbers", "construct", "construct_pieces", "plain", "span_of"]

Environment = Mapping[str, Any]
_TOO_DEEP = "the expression is nested more deeply than SymPy can hold"
_NO_NAMES: Environment = {}
_MOST_SYMBOLS = 100_000  # that are kept


class _Symbols(dict[str, Symbol]):
    """Symbols without assumptions, by name, each made once: SymPy takes 20 µs, and 1 µs for what it remembers."""

    def __missing__(self, name: str) -> Symbol:
        if len(self) >= _MOST_SYMBOLS:
            self.clear()
        made = self[name] = Symbol(name)
        return made


plain = _Symbols()
_CONSTANTS: Mapping[str, Expr] = {"pi": sympy.pi, "e": sympy.E, "infinity": S.Infinity, "i": sympy.I}


def construct(tree: Tree, environment: Environment | None = None, limits: Limits = DEFAULT) -> Any:
    """The SymPy expression that a tree means; a name that is not in `environment` becomes a plain Symbol.

    Args:
        environment: what names stand for: Symbols, expressions, numbers.

    Returns:
        a SymPy expression; a condition for `less` and its like, a Matrix for vectors and matrices.

    Raises:
        DomainError: a part has no value (1/0, log 0); its `span` says where that part stands in the text.
        LimitExceeded: a number would be larger than `limits` allow.
        TooLargeToShow: it is nested more deeply than SymPy can hold.

    >>> from symgraph.language.tree import Apply, Number
    >>> construct(Apply("divide", (Number(1), Number(0))))
    Traceback (most recent call last):
        ...
    symgraph.errors.DomainError: a division by zero has no value
    """
    return _walk(tree, environment or _NO_NAMES, limits, _evaluated)[id(tree)]


def construct_pieces(tree: Tree, environment: Environment | None = None, limits: Limits = DEFAULT) -> dict[int, Any]:
    """What `construct` makes of a tree and of every piece in it, by the piece's identity, each made once.

    >>> from symgraph.language.tree import Apply, Name
    >>> sine = Apply("sine", (Name("x"),))
    >>> construct_pieces(Apply("negate", (sine,)))[id(sine)]
    sin(x)
    """
    return _walk(tree, environment or _NO_NAMES, limits, _evaluated)


def as_written(tree: Tree, environment: Environment | None = None, limits: Limits = DEFAULT) -> Any:
    """The SymPy expression with nothing worked out: 1·2 + 1·3 stays a sum of two products.

    Raises:
        the same as `construct`, for the numbers in it are checked in the same way.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> as_written(Apply("add", (Apply("multiply", (Number(1), Number(2))), Name("x"))))
    x + 1*2
    """
    check_numbers(tree, environment, limits)
    with sympy.evaluate(False):
        return _walk(tree, environment or _NO_NAMES, limits, _unevaluated)[id(tree)]


def check_numbers(tree: Tree, environment: Environment | None = None, limits: Limits = DEFAULT) -> None:
    """Work out every part that has no name in it, so that 9^9^9 and log(0) are found before anything else is done.

    Raises:
        DomainError, LimitExceeded: as `construct`; both with a `span`.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> check_numbers(Apply("divide", (Name("x"), Number(0))))
    Traceback (most recent call last):
        ...
    symgraph.errors.DomainError: a division by zero has no value
    """
    try:
        _check_numbers(tree, environment or _NO_NAMES, limits)
    except RecursionError:
        raise TooLargeToShow(_TOO_DEEP) from None


def _check_numbers(tree: Tree, names: Environment, limits: Limits) -> None:
    if not names and not _has_numbers(tree):
        return
    values: dict[int, Any] = {}
    heights: dict[int, int] = {}
    for piece, bound in _postorder(tree):
        if isinstance(piece, Number | Constant):
            values[id(piece)] = _leaf(piece)
        elif isinstance(piece, Name):
            value = names.get(piece.name)
            if not bound and value is not None and is_constant(value):
                values[id(piece)] = value
        elif isinstance(piece, Apply) and piece.operator not in BINDERS:
            known = list(map(values.__contains__, map(id, piece.arguments)))
            arguments = list(map(values.get, map(id, piece.arguments)))
            if all(known):
                values[id(piece)] = _built(_evaluated, piece, arguments, limits, heights)
                heights[id(piece)] = height(piece, values[id(piece)], heights)
            elif piece.operator in ("divide", "power") and known[1]:
                operands = [plain["x"], arguments[1]]
                _located(piece, partial(check_before, piece.operator, operands, limits))
            elif piece.operator == "divide" and _may_vanish(piece.arguments[1]):
                below = construct(piece.arguments[1], names, limits)
                _located(piece, partial(check_before, "divide", [S.One, below], limits))


def _has_numbers(tree: Tree) -> bool:
    """Whether there may be a part without names in a tree, or a divisor that vanishes."""
    for piece in postorder(tree):
        if isinstance(piece, Apply):
            if piece.operator == "divide" or not piece.arguments:
                return True
        elif isinstance(piece, Number | Constant):
            return True
    return False


_SMALL = 60


def _may_vanish(tree: Tree) -> bool:
    """Whether a divisor is small, and has a sum in it: x/(y − y) is found at once, larger ones when they are built."""
    pieces = list(islice(postorder(tree), _SMALL + 1))
    operators = {piece.operator for piece in pieces if isinstance(piece, Apply)}
    return len(pieces) <= _SMALL and not operators & BINDERS and bool(operators & {"add", "subtract"})


# walking ------------------------------------------------------------------------------------------------------------

Builder = Callable[[Apply, Sequence[Any], Limits], Any]


def _walk(tree: Tree, names: Environment, limits: Limits, build: Builder) -> dict[int, Any]:
    done: dict[int, Any] = {}
    heights: dict[int, int] = {}  # of what SymPy should not ask questions about (`opaque.py`)
    try:
        for piece, _ in _postorder(tree, into_binders=False):
            if isinstance(piece, Name):
                done[id(piece)] = names[piece.name] if piece.name in names else plain[piece.name]
            elif isinstance(piece, Apply) and piece.operator in BINDERS:
                ends = [done[id(end)] for end in piece.arguments[2:]]
                done[id(piece)] = _binder(piece, ends, names, limits, build)
            elif isinstance(piece, Apply):
                arguments = [done[id(part)] for part in piece.arguments]
                done[id(piece)] = _built(build, piece, arguments, limits, heights)
            elif isinstance(piece, Undefined):
                done[id(piece)] = _undefined(piece, [done[id(part)] for part in piece.arguments])
            else:
                done[id(piece)] = _leaf(piece)
            if getattr(done[id(piece)], "args", ()):  # of what has no parts it is 0
                heights[id(piece)] = height(piece, done[id(piece)], heights)
    except RecursionError:
        raise TooLargeToShow(_TOO_DEEP) from None
    return done


def _postorder(tree: Tree, *, into_binders: bool = True) -> Iterator[tuple[Tree, bool]]:
    """Arguments before what they are arguments of; whether a name is bound; bodies of binders only if asked for."""
    seen: set[tuple[int, bool]] = set()
    stack: list[tuple[Tree, bool, bool]] = [(tree, False, False)]
    while stack:
        piece, bound, ready = stack.pop()
        if ready:
            yield piece, bound
            continue
        if (id(piece), bound) in seen:
            continue
        seen.add((id(piece), bound))
        if not isinstance(piece, Apply | Undefined):
            yield piece, bound
            continue
        stack.append((piece, bound, True))
        if isinstance(piece, Apply) and piece.operator in BINDERS:
            stack.extend((end, bound, False) for end in reversed(piece.arguments[2:]))
            if into_binders:
                stack.append((piece.arguments[0], True, False))
        else:
            for part in reversed(piece.arguments):
                stack.append((part, bound, False))


def _built(build: Builder, piece: Apply, arguments: Sequence[Any], limits: Limits, heights: Mapping[int, int]) -> Any:
    """Build one piece, with what must not be asked about hidden, and its place in every error."""
    hidden = False
    for part in piece.arguments if heights else ():
        hidden = hidden or heights.get(id(part), 0) >= DEEP
    try:
        if not hidden:
            return build(piece, arguments, limits)
        check_before(piece.operator, arguments, limits)  # it sees the real arguments, before anything is hidden
        return quietly(build, piece, arguments, limits)
    except (DomainError, LimitExceeded) as problem:
        _placed(problem, piece)
        raise


def _located(piece: Apply, work: Callable[[], Any]) -> Any:
    """Do some work; its error says where the piece stands."""
    try:
        return work()
    except (DomainError, LimitExceeded) as problem:
        _placed(problem, piece)
        raise


def _placed(problem: DomainError | LimitExceeded, piece: Apply) -> None:
    if not hasattr(problem, "span"):
        problem.span = piece.span  # type: ignore[union-attr]


def _leaf(piece: Tree) -> Any:
    if isinstance(piece, Number):
        return Rational(piece.value.numerator, piece.value.denominator)
    if isinstance(piece, Constant):
        return _CONSTANTS[piece.name]
    raise SymgraphError("this stands in what is printed only, and cannot be computed")


# building -----------------------------------------------------------------------------------------------------------


def _evaluated(piece: Apply, arguments: Sequence[Any], limits: Limits) -> Any:
    row = piece.operator
    check_before(row, arguments, limits)
    if row == "power" and arguments[0] == 0 == arguments[1] and all(isinstance(p, Number) for p in piece.arguments):
        raise DomainError("0^0 has no agreed value")
    if row in _COMPARED and any(argument.is_number and argument.is_real is False for argument in arguments):
        raise DomainError("there is no real value here to be compared")
    try:
        if row == "piecewise":
            value = _piecewise(arguments, limits)
        elif row in _CONDITIONS:
            value = _condition(row, arguments)
        elif row == "power" and arguments[0] is sympy.E:
            check_before("exponential", arguments[1:], limits)
            value = sympy.exp(arguments[1])
        elif row in ("maximum", "minimum"):
            value = _extreme(row, arguments)
        elif row == "heaviside" and not is_constant(arguments[0]):
            value = sympy.Heaviside(arguments[0], evaluate=False)  # it would ask for the imaginary part
        else:
            value = PRIMITIVES[row].construct(*arguments)
    except (TypeError, ValueError, AttributeError, NotImplementedError, ArithmeticError) as problem:
        if any(getattr(argument, "is_Matrix", False) for argument in arguments):
            raise DomainError(f"{row.replace('_', ' ')} does not fit these shapes") from problem
        raise DomainError(f"there is no value for {row.replace('_', ' ')} here") from problem
    check_after(row, value, limits)
    return value


_CONDITIONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "unequal", "and", "or", "not"})
_COMPARED = frozenset({"less", "less_equal", "greater", "greater_equal", "maximum", "minimum"})
_OPPOSITES: Mapping[Any, Any] = {
    sympy.StrictLessThan: sympy.GreaterThan,
    sympy.StrictGreaterThan: sympy.LessThan,
    sympy.LessThan: sympy.StrictGreaterThan,
    sympy.GreaterThan: sympy.StrictLessThan,
    sympy.Equality: sympy.Unequality,
    sympy.Unequality: sympy.Equality,
}


def _negated(condition: Any) -> Any:
    """The opposite of a condition, as it stands."""
    if condition is S.true or condition is S.false:
        return S.false if condition is S.true else S.true
    opposite = _OPPOSITES.get(condition.func)
    return sympy.Not(condition, evaluate=False) if opposite is None else opposite(*condition.args, evaluate=False)


def _joined(row: str, conditions: Iterable[Any]) -> Any:
    """Conditions joined by and, or by or; SymPy would bring each into a form of its own first."""
    neutral, decisive = (S.true, S.false) if row == "and" else (S.false, S.true)
    kept = list(dict.fromkeys(condition for condition in conditions if condition is not neutral))
    if decisive in kept:
        return decisive
    if len(kept) < 2:
        return kept[0] if kept else neutral
    return (sympy.And if row == "and" else sympy.Or)(*kept, evaluate=False)


def _condition(row: str, arguments: Sequence[Any]) -> Any:
    """A comparison; with names in it it stays as it is, for SymPy would split both sides to decide it."""
    if row == "not":
        return _negated(arguments[0])
    if row in ("and", "or"):
        return _joined(row, arguments)
    one, two = arguments
    if one == two:
        return S.true if row in ("less_equal", "greater_equal", "equal") else S.false
    if is_constant(one) and is_constant(two):
        return PRIMITIVES[row].construct(one, two)
    head = PRIMITIVES[row].head
    assert head is not None
    return head(one, two, evaluate=False)


def _piecewise(arguments: Sequence[Any], limits: Limits) -> Any:
    """Cases in their order, decided ones resolved; SymPy's own way of simplifying them takes time without bound."""
    pairs = [(arguments[k], arguments[k + 1]) for k in range(0, len(arguments) - 1, 2)]
    if len(arguments) % 2:
        pairs.append((arguments[-1], S.true))
    kept: list[tuple[Any, Any]] = []
    for value, condition in pairs:
        if condition is S.false or condition is False:
            continue
        kept.append((value, S.true if condition is True else condition))
        if condition is S.true or condition is True:
            break
    if not kept:
        raise DomainError("none of the cases holds here")
    if kept[0][1] is S.true:
        return kept[0][0]
    return Piecewise(*[(value, _decided(condition, limits)) for value, condition in kept], evaluate=False)


def _decided(condition: Any, limits: Limits) -> Any:
    """A condition without cases in it: |x| < 1 written as cases is (x < 0 and −x < 1) or (x ≥ 0 and x < 1).

    SymPy would do so, too, by way of sets of numbers, without bound in time.
    """
    cases = _first_cases(condition)
    count = 1
    while cases is not None:
        count *= len(cases.args)
        limits.check("expanded_terms", count)
        name = Dummy("c")
        hidden = show(condition, {cases: name})
        before: list[Any] = []
        found = []
        for value, holds in cases.args:
            found.append(_joined("and", [*before, holds, show(hidden, {name: value})]))
            before.append(_negated(holds))
        condition = _joined("or", found)
        limits.check("expanded_terms", _comparisons(condition), "comparisons")
        cases = _first_cases(condition)
    return condition


def _comparisons(condition: Any) -> int:
    """How many comparisons a condition has when it is written out."""
    counted: dict[Any, int] = {}
    stack = [(condition, False)]
    while stack:
        part, ready = stack.pop()
        if part in counted:
            continue
        if not isinstance(part, BooleanFunction):
            counted[part] = 1
        elif ready:
            counted[part] = sum(counted[inner] for inner in part.args)
        else:
            stack.append((part, True))
            stack.extend((inner, False) for inner in part.args)
    return counted[condition]


def _first_cases(condition: Any) -> Piecewise | None:
    if condition is S.true or condition is S.false or not condition.has(Piecewise):
        return None
    return min(condition.atoms(Piecewise), key=sympy.default_sort_key)


_FEW, _MANY = 4, 20


def _extreme(row: str, arguments: Sequence[Any]) -> Any:
    """Max and Min; SymPy compares every argument with every other, so many are put together as they are."""
    head = sympy.Max if row == "maximum" else sympy.Min
    flat: dict[Any, None] = {}
    for argument in arguments:
        inner = argument.args if isinstance(argument, head) else ()
        flat.update(dict.fromkeys(inner if 0 < len(inner) <= _MANY else [argument]))
    different = list(flat)
    if len(different) == 1:
        return different[0]
    if len(different) <= _FEW or all(is_constant(argument) for argument in different):
        return head(*different)
    numbers = [argument for argument in different if argument.is_Rational]
    names = [argument for argument in different if not argument.is_Rational]
    return head(*([head(*numbers)] if numbers else []), *names, evaluate=False)


def _unevaluated(piece: Apply, arguments: Sequence[Any], limits: Limits) -> Any:
    row = piece.operator
    if row == "subtract":
        if arguments[1].is_Rational:
            return sympy.Add(arguments[0], -arguments[1], evaluate=False)
        return sympy.Add(arguments[0], sympy.Mul(S.NegativeOne, arguments[1], evaluate=False), evaluate=False)
    if row == "negate":
        return sympy.Mul(S.NegativeOne, arguments[0], evaluate=False)
    if row == "divide":
        return sympy.Mul(arguments[0], Pow(arguments[1], S.NegativeOne, evaluate=False), evaluate=False)
    if row in ("add", "multiply"):
        head = sympy.Add if row == "add" else sympy.Mul
        return head(*arguments, evaluate=False)
    if row == "power":
        return Pow(*arguments, evaluate=False)
    if row == "piecewise":
        return _piecewise(arguments, limits)
    if row in ("maximum", "minimum"):
        return (sympy.Max if row == "maximum" else sympy.Min)(*arguments, evaluate=False)
    return PRIMITIVES[row].construct(*arguments)


def _binder(piece: Apply, ends: Sequence[Any], names: Environment, limits: Limits, build: Builder) -> Any:
    """A sum, product or integral; its name is renamed where a value put into the body has it, too."""
    body, variable = piece.arguments[:2]
    assert isinstance(variable, Name)
    symbol = Symbol(variable.name)
    used = [names[name] for name in names_in(body) if name in names and name != variable.name]
    taken = {each for value in used for each in getattr(value, "free_symbols", ())}
    while symbol in taken:
        symbol = Symbol(symbol.name + "1")
    inside = {**names, variable.name: symbol}
    function = _walk(body, inside, limits, build)[id(body)]

    def work() -> Any:
        check_before(piece.operator, [function], limits)
        return PRIMITIVES[piece.operator].construct(function, symbol, *ends)

    return _located(piece, work)


def _undefined(piece: Undefined, arguments: Sequence[Any]) -> Any:
    """A caller's own function; or f(u, v) of an unknown one, or its derivative by its arguments at (u, v)."""
    if piece.row is not None and not any(piece.orders):
        return piece.row.construct(*arguments)
    return applied(piece.name, arguments, piece.orders)


def span_of(problem: SymgraphError) -> Span | None:
    """Where the part stands about which an error of `construct` speaks.

    >>> from symgraph.language.tree import Apply, Number
    >>> try:
    ...     construct(Apply("divide", (Number(1), Number(0)), (4, 7)))
    ... except DomainError as problem:
    ...     span_of(problem)
    (4, 7)
    """
    span = getattr(problem, "span", None)
    return span if isinstance(span, tuple) and span != (0, 0) else None
