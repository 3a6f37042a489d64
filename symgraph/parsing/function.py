"""A Python function, traced: called with recording objects, its local variables' names kept.

>>> def f(a, b):
...     c = a + b
...     d = b + 1
...     return c * d
>>> program = trace(f)
>>> program.inputs, [assignment.name for assignment in program.assignments]
(('a', 'b'), ['c', 'd', 'f'])

A function is trusted: it is run. What is read off is what it did: loops are unrolled, calls are followed, and a
variable that is bound again gets a number (s, s_1, s_2). Elements of a list get their place, counted from 1 (h_1, h_2).
Functions of `math` and `statistics`, and `max` and `min`, that it and its neighbours in the same module use become
ours while it runs; NumPy's find them by themselves.

Parameters without a default are the inputs; one with a default keeps it. A branch that depends on an input has no
answer, except at a point: `at` says which side is followed, and the program's readings say so.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import BuiltinFunctionType, CellType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from sympy import Expr, Rational

from symgraph.errors import NameProblem, ProgramError, SymgraphError
from symgraph.language.components import Shape, component_name, shapes_of
from symgraph.language.constructors import construct
from symgraph.language.program import Layer, Program
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing import text
from symgraph.parsing.recording import Recorded, enter, functions
from symgraph.parsing.tape import Entry, Tape, as_tree, legal_name, places

__all__ = ["trace"]


def trace(
    function: Callable[..., Any],
    *,
    at: Mapping[Any, Any] | str | None = None,
    shapes: Mapping[str, Shape] | None = None,
    limits: Limits = DEFAULT,
) -> Program:
    """The program that a Python function is.

    Args:
        function: of real numbers, and of lists (of lists) of them; it returns a number, or several in a tuple, list
            or dictionary.
        at: the point at which branches are decided, as anywhere: {"x": 2} or "x=2".
        shapes: those of parameters that are lists: {"x": (5,), "w": (5, 3)}; a list in the point says it, too.

    Raises:
        ProgramError: it does what cannot be recorded; the message shows the line.
        NameProblem: the point names something that is no parameter.
        DomainError: two of its branches meet at the point.
    """
    tape = Tape(limits)
    given = _point(at)
    if not isinstance(function, FunctionType) and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    arguments, options = _arguments(function, tape, given, {**(shapes or {}), **shapes_of(given)})
    swap = _Swap(function)
    replaced = swap(function)
    with _watching(tape, swap.modules):
        try:
            result = replaced(*arguments, **options)
        except SymgraphError:
            raise
        except Exception as problem:
            problem.add_note(f"while {_called(function)} was called with recording objects in place of numbers")
            raise
    return tape.program(_outputs(tape, result, function))


# Inputs and outputs


def _point(at: Mapping[Any, Any] | str | None) -> dict[str, Any]:
    if at is None:
        return {}
    return dict(text.parse_point(at)) if isinstance(at, str) else {str(name): value for name, value in at.items()}


def _arguments(
    function: Callable[..., Any], tape: Tape, given: Mapping[str, Any], shapes: Mapping[str, Shape]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What to call the function with: a recording object for every parameter without a default, or with a value."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        raise ProgramError(f"nothing says how many numbers {_called(function)} takes") from None
    bound = signature.bind_partial()
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise ProgramError(f"{_called(function)} takes any number of values", hint="give it a parameter for each")
        named = name in given or name in shapes
        if parameter.kind is not parameter.VAR_KEYWORD and (named or parameter.default is parameter.empty):
            bound.arguments[name] = _input(tape, name, tuple(shapes.get(name, ())), given.get(name))
    for name in (*given, *shapes):
        if name not in bound.arguments:
            raise NameProblem(f"{name} is no parameter of {_called(function)}")
    if not tape.inputs:
        raise ProgramError(
            f"{_called(function)} has nothing that varies",
            hint="a parameter with a default keeps it: leave the default out",
        )
    return bound.args, bound.kwargs


def _input(tape: Tape, name: str, shape: Shape, value: Any) -> Any:
    """An input; for a vector a list of inputs, for a matrix a list of lists, named by their places."""
    if not shape:
        return enter(tape, name, None if value is None else _number(value))
    legal = legal_name(name)
    values = list(_flat(value)) if value is not None else [None] * math.prod(shape)
    places = itertools.product(*(range(1, length + 1) for length in shape))
    made = [
        _input(tape, component_name(legal, index, shape), (), each) for index, each in zip(places, values, strict=True)
    ]
    tape.layers.append(Layer(name, shape, tuple(each.name for each in made)))
    return made if len(shape) == 1 else [made[start : start + shape[1]] for start in range(0, len(made), shape[1])]


def _flat(value: Any) -> Iterator[Any]:
    for each in value.tolist() if hasattr(value, "tolist") else value:
        if isinstance(each, list | tuple):
            yield from each
        else:
            yield each


def _number(value: Any) -> Expr:
    number = construct(text.parse_expression(value) if isinstance(value, str) else as_tree(value))
    return number if isinstance(number, Rational) else number.evalf(30)


def _outputs(tape: Tape, result: Any, function: Callable[..., Any]) -> list[tuple[str | None, Any]]:
    """Every number that was returned, with the name it gets if it has none."""
    own = function.__name__ if getattr(function, "__name__", "<").isidentifier() else None
    if hasattr(result, "tolist"):
        result = result.tolist()
    if isinstance(result, Mapping):
        several = {str(name): value for name, value in result.items()}
    elif isinstance(result, Sequence) and not isinstance(result, str):
        several = dict(places(own or "y", result))
    else:
        several = {}
    outputs: list[tuple[str | None, Any]] = [*several.items()] if several else [(own, result)]
    for name, value in outputs:
        try:
            tape.operand(value)
        except TypeError:
            what = "nothing" if value is None else f"a {type(value).__name__}, not a number"
            raise ProgramError(f"{_called(function)} returns {what}") from None
        if several and name and isinstance(value, Recorded) and value.row:
            tape.name(value, name)
    return outputs


def _called(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


# The names of variables


@contextmanager
def _watching(tape: Tape, modules: Mapping[int, Any]) -> Iterator[None]:
    """Name what is recorded after the first variable that holds it, in functions of these modules."""

    def inside(frame: FrameType, event: str, detail: Any) -> Any:
        if event in ("line", "return"):
            _name_variables(tape, frame)
        return inside

    def entered(frame: FrameType, event: str, detail: Any) -> Any:
        name = frame.f_code.co_name
        ours = id(frame.f_globals) in modules and (not name.startswith("<") or name == "<lambda>")
        return inside if ours else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        yield
    finally:
        sys.settrace(before)


def _name_variables(tape: Tape, frame: FrameType) -> None:
    for name, value in list(frame.f_locals.items()):
        if name.startswith(("_", ".")):
            continue
        if type(value).__name__ == "ndarray" and value.dtype == object:
            value = value.tolist()
        if isinstance(value, Recorded):
            tape.name(value, name)
        elif isinstance(value, list | tuple):
            for place, each in places(name, value):
                if isinstance(each, Recorded):
                    tape.name(each, place)


# Functions of numbers, replaced by ours


class _Swap:
    """A function as it is, but that the functions of `math` in it take recording objects, too.

    It runs with a copy of its module's names, so nothing outside is changed. Functions of the same module that it
    calls are treated alike; those of other modules are called as they are.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.modules: dict[int, dict[str, Any]] = {}  # id of a module's names -> the copy that is used
        self._functions: dict[int, FunctionType] = {}
        self._cells: dict[int, CellType] = {}
        for each in (_innermost(function), inspect.unwrap(_innermost(function))):
            names = getattr(each, "__globals__", None)
            if names is not None and id(names) not in self.modules:
                copy = {"max": max, "min": min, **names}
                self.modules |= {id(names): copy, id(copy): copy}
        for copy in list(self.modules.values()):
            for name, value in copy.items():
                copy[name] = self(value)

    def __call__(self, value: Any) -> Any:
        """The value, or what stands in for it."""
        if id(value) in _REPLACED:
            return _REPLACED[id(value)]
        if isinstance(value, functools.partial):
            return functools.partial(self(value.func), *value.args, **value.keywords)
        if isinstance(value, MethodType):
            return MethodType(self(value.__func__), value.__self__)
        if isinstance(value, FunctionType) and id(value.__globals__) in self.modules:
            return self._function(value)
        if hasattr(value, "cache_info") and isinstance(inspect.unwrap(value), FunctionType):
            return self(inspect.unwrap(value))  # a cache would keep what belongs to this recording
        return value

    def _function(self, function: FunctionType) -> FunctionType:
        cells = tuple(self._cell(cell) for cell in function.__closure__ or ())
        if id(function) not in self._functions:  # a function that calls itself has been made with its cells
            names = self.modules[id(function.__globals__)]
            made = FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
            made.__kwdefaults__ = function.__kwdefaults__
            self._functions[id(function)] = made
        return self._functions[id(function)]

    def _cell(self, cell: CellType) -> CellType:
        """The variable of an enclosing function: a new one only where something else stands in it."""
        if id(cell) not in self._cells:
            self._cells[id(cell)] = cell
            try:
                value = cell.cell_contents
            except ValueError:  # not bound yet
                return cell
            if isinstance(value, FunctionType) or self(value) is not value:
                self._cells[id(cell)] = CellType()
                self._cells[id(cell)].cell_contents = self(value)
        return self._cells[id(cell)]


def _innermost(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function in a partial, a method, or an object that wraps one or can be called."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, MethodType):
            function = function.__func__
        elif isinstance(function, FunctionType | BuiltinFunctionType | type):
            return function
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            function = type(function).__call__
            if not isinstance(function, FunctionType):
                return function


def _either(plain: Callable[..., Any], recorded: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers that hands recording objects to ours."""

    @functools.wraps(plain)
    def either(*arguments: Any, **options: Any) -> Any:
        listed = [list(argument) if isinstance(argument, Iterator) else argument for argument in arguments]
        inside = [each for argument in listed for each in (argument if isinstance(argument, Sequence) else [argument])]
        chosen = recorded if not options and any(isinstance(each, Entry) for each in inside) else plain
        return chosen(*listed, **options)

    return either


class _Module:
    """A module as it is, but that its functions take recording objects, too."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        return _REPLACED.get(id(value), value)


_REPLACED: dict[int, Any] = {
    id(plain): _either(plain, getattr(functions, plain.__name__))
    for plain in (*vars(math).values(), statistics.mean, statistics.fmean, max, min)
    if callable(plain) and plain.__name__ in dir(functions) and plain.__name__ not in ("floor", "ceil", "prod")
}
_REPLACED |= {id(module): _Module(module) for module in (math, statistics)}
