"""What each of torch's functions does to the entries of tensors: a row for each function.

A tensor that is being recorded is a Grid: a shape, and an entry of the tape (or a constant) for each element. Four
kinds of functions make all the others:

elementwise   a function of numbers, with torch's own rules for shapes that differ
reduction     a function of many numbers, over some dimensions or over all
structure     elements moved, not computed: torch's own function is called with their places instead of them
product       the matrix product, as sums of products
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sympy import sqrt

from symgraph.parsing.recording import Condition, apply, functions
from symgraph.parsing.tape import fault

__all__ = ["COMPARISONS", "OPERATIONS", "POINTING", "Grid", "Operation", "folded"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A tensor's shape, and its elements in reading order: recording objects and numbers."""

    shape: tuple[int, ...]
    entries: tuple[Any, ...]


# From torch, the function called and its arguments (Grids for tensors) to a Grid, or a list of them.
Operation = Callable[..., Any]

# Functions whose later tensors say where, or which class, and are no numbers to compute with.
POINTING = frozenset(
    {"__getitem__", "index_select", "gather", "take", "repeat_interleave", "nll_loss", "cross_entropy"}
)


# The four kinds


def _places(torch: Any, grid: Grid, first: int = 0) -> Any:
    """A tensor of the same shape that holds the place of each element."""
    return torch.arange(first, first + len(grid.entries)).reshape(grid.shape)


def _together(torch: Any, operands: Sequence[Any]) -> tuple[tuple[int, ...], list[tuple[Any, ...]]]:
    """Elements that meet, by torch's rules: numbers meet all, a dimension of 1 meets every place of another's."""
    grids = [operand for operand in operands if isinstance(operand, Grid)]
    shape = tuple(torch.broadcast_shapes(*(grid.shape for grid in grids)))
    count = math.prod(shape)
    columns: list[Sequence[Any]] = []
    for operand in operands:
        if isinstance(operand, Grid):
            places = _places(torch, operand).expand(shape).flatten().tolist()
            columns.append([operand.entries[place] for place in places])
        else:
            columns.append([operand] * count)
    return shape, list(zip(*columns, strict=True))


def _elementwise(function: Callable[..., Any], *, conditions: bool = False) -> Operation:
    """`function` of one element of each operand (a condition only if it takes them), and of the options as they are."""

    def operation(torch: Any, called: Any, *operands: Any, **options: Any) -> Grid:
        if options.pop("inplace", False) or options.pop("out", None) is not None:
            raise fault("a function that writes into its argument cannot be recorded")
        shape, rows = _together(torch, operands)
        if not conditions and any(isinstance(each, Condition) for row in rows for each in row):
            raise fault("a condition is used as a number", "write torch.where(condition, value, otherwise)")
        return Grid(shape, tuple(function(*row, **options) for row in rows))

    operation.of_one = function  # type: ignore[attr-defined] # for `folded`
    return operation


def _reduction(function: Callable[[Sequence[Any]], Any]) -> Operation:
    """`function` of the list of elements along some dimensions."""

    def operation(
        torch: Any, called: Any, grid: Grid, dim: Any = None, keepdim: bool = False, *, dtype: object = None
    ) -> Grid:
        shape, groups = _groups(torch, grid, dim, keepdim)
        return Grid(shape, tuple(function(group) for group in groups))

    return operation


def _groups(torch: Any, grid: Grid, dim: Any, keepdim: bool) -> tuple[tuple[int, ...], list[list[Any]]]:
    rank = len(grid.shape)
    given = range(rank) if dim is None or dim == () else (dim,) if isinstance(dim, int) else dim
    dims = sorted({each % rank for each in given}) if rank else []
    kept = [side for place, side in enumerate(grid.shape) if place not in dims]
    size = math.prod(grid.shape[place] for place in dims)
    if not size:
        raise fault("a tensor without elements has no sum, mean or maximum here")
    moved = _places(torch, grid).movedim(dims, list(range(rank - len(dims), rank))) if dims else _places(torch, grid)
    places = moved.reshape(math.prod(kept), size).tolist()
    shape = tuple(1 if place in dims else side for place, side in enumerate(grid.shape)) if keepdim else tuple(kept)
    return shape, [[grid.entries[place] for place in row] for row in places]


def _structure(torch: Any, called: Any, *arguments: Any, **options: Any) -> Any:
    """Elements moved by torch's own function, called with their places."""
    entries: list[Any] = []

    def placed(argument: Any) -> Any:
        if isinstance(argument, Grid):
            places = _places(torch, argument, len(entries))
            entries.extend(argument.entries)
            return places
        if isinstance(argument, list | tuple):
            return type(argument)(placed(each) for each in argument) if type(argument) in (list, tuple) else argument
        return argument

    def found(result: Any) -> Any:
        if isinstance(result, torch.Tensor):
            return Grid(tuple(result.shape), tuple(entries[place] for place in result.flatten().tolist()))
        return [found(each) for each in result]

    return found(called(*(placed(argument) for argument in arguments), **options))


def _same(torch: Any, called: Any, grid: Grid, *arguments: Any, **options: Any) -> Grid:
    """The same elements: a copy, another type of number."""
    return grid


def _product(torch: Any, called: Any, left: Grid, right: Grid, **options: Any) -> Grid:
    """The matrix product, by torch's rules for vectors, matrices and stacks of matrices."""
    if not left.shape or not right.shape:
        raise fault("a matrix product of plain numbers")
    one, two = _places(torch, left), _places(torch, right)
    one = one.unsqueeze(0) if len(left.shape) == 1 else one
    two = two.unsqueeze(1) if len(right.shape) == 1 else two
    pairs = torch.broadcast_tensors(one.unsqueeze(-1), two.unsqueeze(-3))  # (…, m, k, n), both
    places = [each.movedim(-2, -1) for each in pairs]  # (…, m, n, k)
    shape = list(places[0].shape[:-1])
    rows = [each.reshape(math.prod(shape), -1).tolist() for each in places]
    entries = tuple(
        _sum([apply("multiply", left.entries[i], right.entries[j]) for i, j in zip(first, second, strict=True)])
        for first, second in zip(*rows, strict=True)
    )
    if len(right.shape) == 1:
        shape.pop()
    if len(left.shape) == 1:
        shape.pop(-1 if len(right.shape) == 1 else -2)
    return Grid(tuple(shape), entries)


# Functions of numbers that are no row of the table of primitives by themselves


def _row(row: str) -> Operation:
    return _elementwise(lambda *arguments: apply(row, *arguments))


def _multiply(left: Any, right: Any) -> Any:
    """A product; a number stands first, and a condition picks the value or 0."""
    if isinstance(left, Condition):
        left, right = right, left
    if isinstance(right, int | float | Decimal) and not isinstance(right, bool):
        left, right = right, left
    return functions.where(right, left, 0) if isinstance(right, Condition | bool) else apply("multiply", left, right)


def _scaled(row: str, left: Any, right: Any, alpha: Any) -> Any:
    """torch's add and sub, whose alpha multiplies what is added or taken away."""
    if isinstance(right, int | float | Decimal) and right == 0:
        return left  # loops begin their sums so
    return apply(row, left, right if alpha == 1 else apply("multiply", alpha, right))


def _divide(left: Any, right: Any, *, rounding_mode: str | None = None) -> Any:
    quotient = apply("divide", left, right)
    if rounding_mode not in (None, "floor"):
        raise fault(f"division with rounding_mode={rounding_mode!r} cannot be recorded")
    return quotient if rounding_mode is None else apply("floor", quotient)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, float) and base == math.e:
        return apply("exponential", exponent)
    return apply("power", base, exponent)


def _sum(terms: Sequence[Any]) -> Any:
    """Term after term, as it is done by hand."""
    total = terms[0]
    for term in terms[1:]:
        total = apply("add", total, term)
    return total


def _times(factors: Sequence[Any]) -> Any:
    total = factors[0]
    for factor in factors[1:]:
        total = apply("multiply", total, factor)
    return total


def _of_all(row: str) -> Callable[[Sequence[Any]], Any]:
    """A row of many terms; of one term it is the term."""
    return lambda terms: apply(row, *terms) if len(terms) > 1 else terms[0]


def _norm(terms: Sequence[Any]) -> Any:
    return apply("square_root", _sum([apply("power", term, 2) for term in terms]))


def _leaky(value: Any, negative_slope: float = 0.01) -> Any:
    return functions.where(apply("greater", value, 0), value, apply("multiply", negative_slope, value))


def _elu(value: Any, alpha: float = 1.0) -> Any:
    below = apply("subtract", apply("exponential", value), 1)
    return functions.where(apply("greater", value, 0), value, below if alpha == 1 else apply("multiply", alpha, below))


def _softplus(value: Any, beta: float = 1, threshold: float = 20) -> Any:
    if beta == 1:
        return apply("softplus", value)
    return apply("divide", apply("softplus", apply("multiply", beta, value)), beta)


def _gelu(value: Any, *, approximate: str = "none") -> Any:
    if approximate != "none":
        raise fault(f"gelu with approximate={approximate!r} cannot be recorded")
    inner = apply("error_function", apply("divide", value, sqrt(2)))
    return apply("multiply", apply("divide", value, 2), apply("add", 1, inner))


def _cross_entropy_of_one(probability: Any, label: Any) -> Any:
    yes, no = apply("logarithm", probability), apply("logarithm", apply("subtract", 1, probability))
    if isinstance(label, int | float | Decimal) and label in (0, 1):
        return apply("negate", yes if label == 1 else no)
    other = apply("multiply", apply("subtract", 1, label), no)
    return apply("negate", apply("add", apply("multiply", label, yes), other))


def _cross_entropy_of_logit(logit: Any, label: Any) -> Any:
    """−y ln σ(z) − (1−y) ln(1−σ(z)), as softplus(z) − z·y."""
    return apply("subtract", apply("softplus", logit), apply("multiply", logit, label))


# Functions of tensors


def _linear(torch: Any, called: Any, values: Grid, weight: Grid, bias: Grid | None = None) -> Grid:
    result = _product(torch, called, values, _structure(torch, torch.Tensor.t, weight))
    return result if bias is None else OPERATIONS["add"](torch, called, result, bias)


def _linear_of_one(values: Any, weight: Any, bias: Any) -> Any:
    result = apply("matrix_multiply", values, apply("transpose", weight))
    return result if bias is None else apply("add", result, bias)


def _whole(row: str) -> Callable[..., Any]:
    """A row of many terms, given the tensor that holds them."""
    return lambda tensor: apply(row, tensor)


def _plus_product(torch: Any, called: Any, bias: Grid, left: Grid, right: Grid) -> Grid:
    result: Grid = OPERATIONS["add"](torch, called, bias, _product(torch, called, left, right))
    return result


def _outer(torch: Any, called: Any, left: Grid, right: Grid) -> Grid:
    column = Grid((*left.shape, 1), left.entries)
    result: Grid = OPERATIONS["mul"](torch, called, column, right)
    return result


def _loss(of_one: Callable[[Any, Any], Any]) -> Operation:
    """A loss of each element, then their mean or sum."""

    def operation(torch: Any, called: Any, value: Grid, target: Grid, *unused: None, **options: Any) -> Grid:
        reduction = options.pop("reduction", "mean")
        if any(each is not None for each in (*unused, *options.values())):
            raise fault(f"{called.__name__} with weights cannot be recorded")
        shape, rows = _together(torch, [value, target])
        return _reduced(torch, Grid(shape, tuple(of_one(*row) for row in rows)), reduction)

    return operation


def _reduced(torch: Any, losses: Grid, reduction: str) -> Grid:
    if reduction == "none":
        return losses
    return Grid((), ((_of_all("mean") if reduction == "mean" else _sum)(losses.entries),))


def _softmax(torch: Any, called: Any, grid: Grid, dim: int | None = None, *unused: object, **options: object) -> Grid:
    if dim is None:
        raise fault("softmax needs its dimension", "write softmax(x, dim=-1)")
    powers = Grid(grid.shape, tuple(apply("exponential", entry) for entry in grid.entries))
    shape, groups = _groups(torch, powers, dim, True)
    sums = Grid(shape, tuple(_sum(group) for group in groups))
    result: Grid = OPERATIONS["div"](torch, called, powers, sums)
    return result


def _log_softmax(
    torch: Any, called: Any, grid: Grid, dim: int | None = None, *unused: object, **options: object
) -> Grid:
    if dim is None:
        raise fault("log_softmax needs its dimension", "write log_softmax(x, dim=-1)")
    shape, groups = _groups(torch, grid, dim, True)
    result: Grid = OPERATIONS["sub"](torch, called, grid, Grid(shape, tuple(map(_of_all("logsumexp"), groups))))
    return result


def _nll_loss(torch: Any, called: Any, grid: Grid, target: Any, *unused: None, **options: Any) -> Grid:
    """Minus the logarithm of the right class's probability; `target` holds the number of the class."""
    reduction = options.pop("reduction", "mean")
    ignored = options.pop("ignore_index", -100)
    if any(each is not None for each in (*unused, *options.values())) or len(grid.shape) > 2:
        raise fault(f"{called.__name__} with these options cannot be recorded")
    classes = target.flatten().tolist()
    if ignored in classes or target.is_floating_point():
        raise fault(f"{called.__name__} is recorded for numbers of classes alone")
    width = grid.shape[-1]
    picked = [grid.entries[row * width + column] for row, column in enumerate(classes)]
    return _reduced(torch, Grid(tuple(target.shape), tuple(apply("negate", each) for each in picked)), reduction)


def _cross_entropy(torch: Any, called: Any, grid: Grid, target: Any, *unused: None, **options: Any) -> Grid:
    if options.pop("label_smoothing", 0.0):
        raise fault("cross_entropy with label_smoothing cannot be recorded")
    return _nll_loss(torch, called, _log_softmax(torch, called, grid, -1), target, *unused, **options)


def _dropout(torch: Any, called: Any, grid: Grid, p: float = 0.5, training: bool = True, inplace: bool = False) -> Grid:
    if training and p:
        raise fault("dropout is random", "call model.eval() first")
    return grid


def _largest(row: str) -> Operation:
    """torch's max and min: of all elements, along a dimension (then with places), or of two tensors."""
    over_all, of_two = _reduction(_of_all(row)), _row(row)

    def operation(torch: Any, called: Any, grid: Grid, *arguments: Any, **options: Any) -> Any:
        other = arguments[0] if arguments else options.get("other")
        if isinstance(other, Grid):
            return of_two(torch, called, grid, other)
        result = over_all(torch, called, grid, *arguments, **options)
        return [result, None] if (arguments or options) and called.__name__ in ("max", "min") else result

    return operation


def _named(names: str, operation: Operation) -> dict[str, Operation]:
    return dict.fromkeys(names.split(), operation)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "add": _elementwise(lambda a, b, *, alpha=1: _scaled("add", a, b, alpha)),
        **_named("sub subtract", _elementwise(lambda a, b, *, alpha=1: _scaled("subtract", a, b, alpha))),
        **_named("rsub __rsub__", _elementwise(lambda a, b, *, alpha=1: _scaled("subtract", b, a, alpha))),
        **_named("mul multiply", _elementwise(_multiply, conditions=True)),
        **_named("div divide true_divide", _elementwise(_divide)),
        "__rdiv__": _elementwise(lambda left, right: _divide(right, left)),
        **_named("pow float_power", _elementwise(_power)),
        "__rpow__": _elementwise(lambda left, right: _power(right, left)),
        "square": _elementwise(lambda x: apply("power", x, 2)),
        "reciprocal": _elementwise(lambda x: apply("divide", 1, x)),
        **_named("neg negative", _row("negate")),
        **_named("abs absolute", _row("absolute_value")),
        **{
            name: _row(row)
            for name, row in {
                "exp": "exponential", "log": "logarithm", "sqrt": "square_root", "sin": "sine", "cos": "cosine",
                "tan": "tangent", "sinh": "hyperbolic_sine", "cosh": "hyperbolic_cosine", "tanh": "hyperbolic_tangent",
                "sigmoid": "sigmoid", "expit": "sigmoid", "relu": "relu", "sign": "sign", "floor": "floor",
                "ceil": "ceiling", "erf": "error_function", "erfc": "complementary_error_function",
                "lgamma": "log_gamma", "digamma": "digamma", "maximum": "maximum", "minimum": "minimum",
                "fmax": "maximum", "fmin": "minimum", "logaddexp": "logsumexp",
            }.items()
        },
        **{
            name: _row(f"inverse_{kind}{row}")
            for kind, end in (("", ""), ("hyperbolic_", "h"))
            for short, row in (("sin", "sine"), ("cos", "cosine"), ("tan", "tangent"))
            for name in (f"a{short}{end}", f"arc{short}{end}")
        },
        **{
            name: _elementwise(getattr(functions, name))
            for name in ("log1p", "log2", "log10", "expm1", "exp2", "rsqrt", "hypot", "atan2", "arctan2", "deg2rad")
        },
        **_named("clamp clip", _elementwise(lambda x, min=None, max=None: functions.clip(x, min, max))),
        "clamp_min": _elementwise(lambda x, min: apply("maximum", x, min)),
        "clamp_max": _elementwise(lambda x, max: apply("minimum", x, max)),
        "where": _elementwise(functions.where, conditions=True),
        "sinc": _elementwise(lambda x: apply("cardinal_sine", apply("multiply", math.pi, x))),
        "silu": _elementwise(lambda x: apply("multiply", x, apply("sigmoid", x))),
        "log_sigmoid": _elementwise(lambda x: apply("negate", apply("softplus", apply("negate", x)))),
        "logit": _elementwise(lambda p: apply("logarithm", apply("divide", p, apply("subtract", 1, p)))),
        "softplus": _elementwise(_softplus),
        "leaky_relu": _elementwise(_leaky),
        "elu": _elementwise(_elu),
        "gelu": _elementwise(_gelu),
        "lerp": _elementwise(lambda a, b, w: apply("add", a, apply("multiply", w, apply("subtract", b, a)))),
        "addcmul": _elementwise(lambda a, b, c, *, value=1: apply("add", a, functions.prod(value, b, c))),
        "sum": _reduction(_sum),
        "nansum": _reduction(_sum),
        "prod": _reduction(_times),
        "mean": _reduction(_of_all("mean")),
        "logsumexp": _reduction(_of_all("logsumexp")),
        **_named("max amax", _largest("maximum")),
        **_named("min amin", _largest("minimum")),
        **_named("matmul mm mv bmm dot inner vdot", _product),
        "__rmatmul__": lambda torch, called, left, right: _product(torch, called, right, left),
        **_named("addmm addmv", _plus_product),
        **_named("outer ger", _outer),
        "linear": _linear,
        **_named("mse_loss", _loss(lambda x, y: apply("power", apply("subtract", x, y), 2))),
        "l1_loss": _loss(lambda x, y: apply("absolute_value", apply("subtract", x, y))),
        "binary_cross_entropy": _loss(_cross_entropy_of_one),
        "binary_cross_entropy_with_logits": _loss(_cross_entropy_of_logit),
        "softmax": _softmax,
        "log_softmax": _log_softmax,
        "nll_loss": _nll_loss,
        "cross_entropy": _cross_entropy,
        "dropout": _dropout,
        **_named("clone contiguous float double half to type cpu", _same),
        **_named(
            """T mT H mH t transpose swapaxes permute reshape view view_as reshape_as flatten unflatten ravel squeeze
            unsqueeze expand expand_as broadcast_to broadcast_tensors repeat tile __getitem__ select narrow
            index_select take gather chunk split tensor_split unbind cat concat concatenate stack hstack vstack movedim
            moveaxis flip roll diagonal rot90 repeat_interleave meshgrid""",
            _structure,
        ),
    }
)  # fmt: skip

_FOLDED: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        **dict.fromkeys(("matmul", "mm", "mv", "bmm", "__matmul__"), lambda a, b: apply("matrix_multiply", a, b)),
        "__rmatmul__": lambda a, b: apply("matrix_multiply", b, a),
        **dict.fromkeys(("t", "T", "mT"), lambda a: apply("transpose", a)),
        "linear": lambda x, w, b=None: _linear_of_one(x, w, b),
        "addmm": lambda b, x, w: apply("add", b, apply("matrix_multiply", x, w)),
        **{name: _whole(row) for name, row in {"sum": "total", "mean": "mean", "prod": "product_of"}.items()},
        "mse_loss": lambda x, y: apply("mean", apply("power", apply("subtract", x, y), 2)),
        "binary_cross_entropy_with_logits": lambda x, y: apply("mean", _cross_entropy_of_logit(x, y)),
        "binary_cross_entropy": lambda x, y: apply("mean", _cross_entropy_of_one(x, y)),
    }
)


def folded(name: str, *operands: Any, **options: Any) -> Any:
    """The same operation on whole tensors, each a single recording object; None where it has no such form.

    It is for telling alone: what is differentiated is the elements.
    """
    if options.get("reduction", "mean") != "mean" or options.get("keepdim"):
        return None
    options = {key: value for key, value in options.items() if not (value is None or isinstance(value, str | bool))}
    whole = _FOLDED.get(name) or getattr(OPERATIONS[name], "of_one", None)
    if whole is None or any(operand is None for operand in operands):
        return None
    try:
        return whole(*operands, **options)
    except TypeError:
        return None


COMPARISONS: Mapping[str, Operation] = MappingProxyType(
    {
        **{
            spelling: _row(row)
            for name, row in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
                              "ne": "unequal"}.items()
            for spelling in (name, f"__{name}__", "not_equal" if name == "ne" else row)
            if spelling != "equal"  # torch.equal compares whole tensors
        },
        **_named("logical_and bitwise_and __and__", _elementwise(functions.logical_and, conditions=True)),
        **_named("logical_or bitwise_or __or__", _elementwise(functions.logical_or, conditions=True)),
        **_named("logical_not bitwise_not __invert__", _elementwise(functions.logical_not, conditions=True)),
    }
)  # fmt: skip
