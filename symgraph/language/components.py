"""Vectors and matrices -> their components: w becomes w₁₁, w₁₂, …, and every formula one of numbers.

>>> from symgraph.language.program import Assignment, assemble
>>> from symgraph.language.tree import Apply, Name
>>> y = Apply("matrix_multiply", (Name("w"), Name("x")))
>>> program = expand(assemble([Assignment("y", y)]), {"w": (1, 2), "x": (2,)})
>>> program.inputs, program.assignments[0].name
(('w_11', 'w_12', 'x_1', 'x_2'), 'y_1')
>>> [(layer.name, layer.shape) for layer in program.layers]
[('w', (1, 2)), ('x', (2,)), ('y', (1,))]

What is differentiated is always a program of numbers; `Program.layers` keeps what its vectors and matrices were, so
that a document can tell them folded. The rules are those of every array language, less what could be read in two ways:

* + − · / and functions act entry by entry; a number goes with every entry, a vector beside a matrix with every row.
* @ is the matrix product; a vector is a row on its left side and a column on its right, and xᵀ@y is a number.
* sum, mean, max, min, product and logsumexp of one vector or matrix take all its entries.
* a matrix times a vector without @, and |x| of a vector, are errors that show what to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from sympy.matrices import MatrixBase

from symgraph.errors import InputError, NameProblem, ProgramError
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.program import Assignment, Layer, Program, assemble
from symgraph.language.tree import BINDERS, Apply, Name, Number, Tree, Undefined, names_in, postorder, rebuild

__all__ = ["Shape", "component_name", "components_of", "expand", "has_shapes", "shapes_of", "spread"]

Shape = tuple[int, ...]  # (): a number; (n,): a vector; (m, n): a matrix with m rows

_REDUCTIONS = frozenset({"total", "mean", "maximum", "minimum", "product_of", "logsumexp"})
_SHAPED = frozenset({"vector", "matrix", "transpose", "matrix_multiply"})
_AS_MATRICES = {"power": "A@A", "exponential": "the matrix exponential", "multiply": "A@B"}


@dataclass(frozen=True, slots=True)
class _Array:
    """Entries in reading order, and their shape; `turned` is a vector that was transposed, a single row."""

    shape: Shape
    entries: tuple[Tree, ...]
    turned: bool = False

    def row(self, index: int) -> tuple[Tree, ...]:
        width = self.shape[-1]
        return self.entries[index * width : (index + 1) * width]


def component_name(name: str, index: Sequence[int | str], shape: Shape) -> str:
    """The name of one component: w_12; w_1c12 where an index has two digits; h1_2 for the second of h_1; w_ij for any.

    >>> component_name("w", (1, 2), (5, 3)), component_name("w", (1, 12), (5, 30)), component_name("h_1", (2,), (4,))
    ('w_12', 'w_1c12', 'h1_2')
    """
    letters = any(isinstance(each, str) for each in index)
    short = letters or max(shape) <= 9 or len(shape) == 1
    written = "".join(map(str, index)) if short else "c".join(map(str, index))
    stem, line, below = name.partition("_")
    if line and below.isdigit() and not stem[-1].isdigit():
        return f"{stem}{below}_{written}"
    return f"{name}{written}" if line else f"{name}_{written}"


def components_of(program: Program, name: str) -> tuple[str, ...]:
    """The components of a vector or matrix; any other name is its own only one.

    >>> from symgraph.language.tree import Apply
    >>> doubled = expand(assemble([Assignment("y", Apply("multiply", (Number(2), Name("x"))))]), {"x": (2,)})
    >>> components_of(doubled, "x"), components_of(doubled, "y_1")
    (('x_1', 'x_2'), ('y_1',))
    """
    return next((layer.components for layer in program.layers if layer.name == name), (name,))


def shapes_of(values: Mapping[Any, Any]) -> dict[str, Shape]:
    """The shapes that values have: lists, lists of lists, SymPy matrices (a single column is a vector).

    Raises:
        ProgramError: the rows of a matrix differ in length.

    >>> shapes_of({"a": [2, 3], "w": [[1, 2], [3, 4]], "c": 5})
    {'a': (2,), 'w': (2, 2)}
    """
    found: dict[str, Shape] = {}
    for name, value in values.items():
        rows = _rows(value)
        if rows is not None:
            lengths = {len(row) if isinstance(row, list) else None for row in rows}
            if len(lengths) > 1 or not rows:
                raise ProgramError(f"the rows of {name} differ in length" if rows else f"{name} has no entries")
            (length,) = lengths
            found[str(name)] = (len(rows),) if length is None else (len(rows), length)
    return found


def spread(program: Program, values: Mapping[Any, Any]) -> dict[str, Any]:
    """Values by name, those of vectors and matrices given to their components.

    Raises:
        ProgramError: a value's shape is not that of its name.

    >>> from symgraph.language.tree import Apply
    >>> doubled = expand(assemble([Assignment("y", Apply("multiply", (Number(2), Name("x"))))]), {"x": (2,)})
    >>> spread(doubled, {"x": [3, 4]})
    {'x_1': 3, 'x_2': 4}
    """
    layers = {layer.name: layer for layer in program.layers}
    shapes = shapes_of(values)
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = str(key)
        if name not in shapes and not (name in layers and layers[name].shape):
            found[name] = value
        elif name not in shapes:
            raise ProgramError(f"{name} is {_said(layers[name].shape)}, and is given one number")
        elif name not in layers or layers[name].shape != shapes[name]:
            wanted = _said(layers[name].shape) if name in layers and layers[name].shape else "a number"
            raise ProgramError(f"{name} is {wanted}, and is given {_said(shapes[name])}")
        else:
            rows = _rows(value) or []
            entries = [entry for row in rows for entry in (row if isinstance(row, list) else [row])]
            found.update(zip(layers[name].components, entries, strict=True))
    return found


def _rows(value: Any) -> list[Any] | None:
    """A list of numbers or of lists; None for one number."""
    if isinstance(value, MatrixBase):
        return [row[0] for row in value.tolist()] if value.cols == 1 else value.tolist()
    listed = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(listed, list | tuple):
        return None
    return [list(row) if isinstance(row, list | tuple) else row for row in listed]


def has_shapes(program: Program) -> bool:
    """Whether vectors or matrices are written in a program."""
    stack: list[Tree] = [assignment.tree for assignment in program.assignments]
    seen: set[int] = set()
    while stack:
        piece = stack.pop()
        if isinstance(piece, (Apply, Undefined)) and id(piece) not in seen:
            seen.add(id(piece))
            stack += piece.arguments
            row = piece.operator if isinstance(piece, Apply) else ""
            if row in _SHAPED or (row in _REDUCTIONS and len(piece.arguments) == 1):
                return True
    return False


def expand(program: Program, shapes: Mapping[str, Shape] | None = None) -> Program:
    """The program of components.

    Args:
        shapes: those of the inputs that are vectors (n,) or matrices (m, n); the others are numbers.

    Raises:
        ProgramError: shapes do not fit together, or could be meant in two ways; the hint says what to write.
        NameProblem: a shape for what is no input, or a component's name that is in use.
        LimitExceeded: there would be more components than `limits.nodes`.
    """
    shapes = {name: tuple(shape) for name, shape in (shapes or {}).items() if tuple(shape)}
    if program.layers or not (shapes or has_shapes(program)):
        return program
    return _Expansion(program, shapes).program()


class _Expansion:
    """One program being taken apart, assignment by assignment."""

    def __init__(self, program: Program, shapes: Mapping[str, Shape]) -> None:
        self.source, self.shapes = program, shapes
        self.arrays: dict[str, _Array] = {}
        self.layers: list[Layer] = []
        self.statements: list[Assignment] = []
        self.inside: dict[int, Name] = {}  # what stands in a function's brackets and was given a name
        self.readings: dict[str, None] = dict.fromkeys(program.readings)
        self.taken = {*shapes, *(assignment.name for assignment in program.assignments if assignment.name)}
        self.computed: set[str] = set()
        for name in shapes:
            if name not in program.inputs:
                known = ", ".join(program.inputs) or "none"
                raise NameProblem(f"{name} is given a shape and is no input", program.text, hint=f"inputs: {known}")

    def program(self) -> Program:
        inputs: list[str] = []
        for name in self.source.inputs:
            inputs.extend(self.input(name))
        for assignment in self.source.assignments:
            self.assign(assignment)
        inputs = [name for name in dict.fromkeys(inputs) if name not in self.computed]
        outputs = [each for name in self.source.outputs for each in self.written(name)]
        made = assemble(
            self.statements,
            text=self.source.text,
            of=outputs,
            inputs=inputs,
            readings=self.readings,
            symbols=self.source.symbols,
            limits=self.source.limits,
        )
        return replace(made, layers=tuple(self.layers))

    def input(self, name: str) -> Iterable[str]:
        shape = self.shapes.get(name, ())
        if not shape:
            return [name]
        names = self.named(name, shape)
        self.arrays[name] = _Array(shape, tuple(Name(each) for each in names))
        self.layers.append(Layer(name, shape, names))
        return names

    def assign(self, assignment: Assignment) -> None:
        array = self.array(assignment)
        written = rebuild(assignment.tree, lambda piece: self.inside.get(id(piece)))
        if not array.shape:
            if array.entries[0] is not assignment.tree:  # a number made from vectors
                name = assignment.name or ""
                self.layers.append(Layer(name, (), (name,), written))
            self.statements.append(replace(assignment, tree=array.entries[0], parameters=()))
            return
        name = assignment.name or self.free_name()
        names = self.named(name, array.shape)
        self.computed.update(names)
        self.arrays[assignment.name or ""] = _Array(array.shape, tuple(Name(each) for each in names), array.turned)
        self.layers.append(Layer(name, array.shape, names, written))
        self.statements.extend(
            Assignment(each, entry, assignment.span) for each, entry in zip(names, array.entries, strict=True)
        )

    def written(self, name: str) -> tuple[str, ...]:
        """The outputs that a name stands for."""
        if name not in self.arrays:
            return (name,)
        return tuple(entry.name for entry in self.arrays[name].entries if isinstance(entry, Name))

    def free_name(self) -> str:
        used = self.taken | set(self.source.inputs)
        free: str = next(letter for letter in (*"yzfFYZ", "out") if letter not in used)
        return free

    def named(self, name: str, shape: Shape) -> tuple[str, ...]:
        """The components' names; where the program uses one of them, it means that component."""
        count = len(self.taken) + _count(shape)
        self.source.limits.check("nodes", count)
        names = tuple(component_name(name, index, shape) for index in product(*(range(1, side + 1) for side in shape)))
        for each in names:
            if each in self.taken:
                raise NameProblem(f"{each} is a name already, and a component of {name}", self.source.text)
        self.taken.update(names)
        return names

    # Formulas -------------------------------------------------------------------------------------------------

    def array(self, assignment: Assignment) -> _Array:
        """The entries of a formula, from those of its pieces."""
        done: dict[int, _Array] = {}
        for piece in postorder(assignment.tree):
            if isinstance(piece, Name):
                done[id(piece)] = self.arrays.get(piece.name, _Array((), (piece,)))
            elif isinstance(piece, Apply) and piece.operator in BINDERS:
                done[id(piece)] = _Array((), (self.bound(piece),))
            elif isinstance(piece, Apply):
                arguments = [done[id(argument)] for argument in piece.arguments]
                done[id(piece)] = self.apply(piece, arguments)
            elif isinstance(piece, Undefined):
                entries = tuple(entry for argument in piece.arguments for entry in done[id(argument)].entries)
                done[id(piece)] = _Array((), (replace(piece, arguments=entries),))
            else:
                done[id(piece)] = _Array((), (piece,))
        return done[id(assignment.tree)]

    def bound(self, piece: Apply) -> Tree:
        """A sum, product or integral: numbers only."""
        for name, first in names_in(piece).items():
            if name in self.arrays:
                raise self.fault(f"{name} has components, and stands in a {piece.operator} with a running name", first)
        return piece

    def apply(self, piece: Apply, arguments: Sequence[_Array]) -> _Array:
        special = _SHAPES.get(piece.operator)
        if special is not None:
            return special(self, piece, arguments)
        if not any(argument.shape for argument in arguments):
            if piece.operator in _REDUCTIONS and len(arguments) == 1:
                hint = "give its shape or its value: x = [1, 2]"
                raise self.fault("one number is given where a vector is wanted", piece, hint)
            return _Array((), (_same_or(piece, tuple(argument.entries[0] for argument in arguments)),))
        if piece.operator in _REDUCTIONS and len(arguments) == 1:
            return _Array((), (_reduced(piece, arguments[0].entries),))
        return self.entrywise(piece, arguments)

    def entrywise(self, piece: Apply, arguments: Sequence[_Array]) -> _Array:
        """The same operation for every entry; a number, or a row, goes with all of them."""
        self.refuse_doubts(piece, arguments)
        if _is_function(piece):
            arguments = [self.named_inside(piece, arguments[0])]
        largest = max((argument for argument in arguments), key=lambda each: (len(each.shape), _count(each.shape)))
        shape = largest.shape
        columns: list[tuple[Tree, ...]] = []
        for argument in arguments:
            if argument.shape == shape:
                columns.append(argument.entries)
            elif not argument.shape:
                columns.append(argument.entries * _count(shape))
            elif len(shape) == 2 and argument.shape == shape[1:]:
                columns.append(argument.entries * shape[0])
            else:
                raise self.misfit(piece, argument.shape, shape)
        entries = tuple(Apply(piece.operator, cells, piece.span) for cells in zip(*columns, strict=True))
        turned = all(argument.turned for argument in arguments if argument.shape)
        return _Array(shape, entries, turned)

    def named_inside(self, piece: Apply, array: _Array) -> _Array:
        """What stands in a function's brackets, as a layer of its own: relu(W@x + b) is relu(z), z = W@x + b."""
        (inside,) = piece.arguments
        if all(isinstance(entry, Name | Number) for entry in array.entries):
            return array
        used = self.taken | set(self.source.inputs)
        name = next(letter for letter in (*"zuvspqr", *(f"z{k}" for k in range(1, 100))) if letter not in used)
        names = self.named(name, array.shape)
        self.taken.add(name)
        self.computed.update(names)
        written = rebuild(inside, lambda part: self.inside.get(id(part)))
        self.layers.append(Layer(name, array.shape, names, written))
        self.statements.extend(
            Assignment(each, entry, piece.span) for each, entry in zip(names, array.entries, strict=True)
        )
        self.inside[id(inside)] = Name(name, piece.span)
        return _Array(array.shape, tuple(Name(each) for each in names), array.turned)

    def refuse_doubts(self, piece: Apply, arguments: Sequence[_Array]) -> None:
        """Errors and notes for what a mathematician and a programmer read differently."""
        ranks = [len(argument.shape) for argument in arguments]
        if piece.operator == "absolute_value":
            hint = "write sqrt(sum(x^2)) for its length, or max(x, -x) entry by entry"
            raise self.fault("|x| of a vector could be its length, or entry by entry", piece, hint)
        if piece.operator == "multiply" and sorted(ranks) == [1, 2]:
            hint = "write W@x for the matrix product"
            raise self.fault("a matrix times a vector", piece, hint)
        if len({argument.turned for argument in arguments if argument.shape}) > 1:
            raise self.fault("a row beside a column", piece, "write @ for their product, or leave out the transpose")
        square = any(len(argument.shape) == 2 and argument.shape[0] == argument.shape[1] for argument in arguments)
        matrices = piece.operator == "multiply" and ranks == [2, 2]
        if square and (piece.operator in ("power", "exponential") or matrices):
            start, end = piece.span
            written = self.source.text[start:end] or piece.operator
            self.readings.setdefault(f"read {written} entry by entry, not as {_AS_MATRICES[piece.operator]}")

    def matrix_multiply(self, piece: Apply, arguments: Sequence[_Array]) -> _Array:
        """Rows by columns; a vector is a row on the left and a column on the right."""
        left, right = arguments
        if not left.shape or not right.shape:
            raise self.fault("@ is the product of matrices and vectors, and one side is a number", piece, "write *")
        outer = len(left.shape) == 1 and not left.turned and right.turned
        if outer:
            pairs = [Apply("multiply", (one, two), piece.span) for one in left.entries for two in right.entries]
            return _Array((left.shape[0], right.shape[0]), tuple(pairs))
        rows = [left.row(k) for k in range(left.shape[0])] if len(left.shape) == 2 else [left.entries]
        if len(right.shape) == 2:
            columns = [right.entries[k :: right.shape[1]] for k in range(right.shape[1])]
        else:
            columns = [right.entries]
        if right.turned or len(rows[0]) != len(columns[0]):
            raise self.misfit(piece, left.shape, right.shape)
        self.source.limits.check("nodes", len(rows) * len(columns) * len(rows[0]))
        entries = tuple(_dot(row, column) for row in rows for column in columns)
        shape = (left.shape[:-1] if len(left.shape) == 2 else ()) + (right.shape[1:] if len(right.shape) == 2 else ())
        return _Array(shape, entries, len(shape) == 1 and len(right.shape) == 2 and left.turned)

    def transpose(self, piece: Apply, arguments: Sequence[_Array]) -> _Array:
        (array,) = arguments
        if not array.shape:
            raise self.fault("a number is its own transpose", piece, "leave out the transpose")
        if len(array.shape) == 1:
            return _Array(array.shape, array.entries, not array.turned)
        rows, columns = array.shape
        turned = tuple(array.entries[row * columns + column] for column in range(columns) for row in range(rows))
        return _Array((columns, rows), turned)

    def vector(self, piece: Apply, arguments: Sequence[_Array]) -> _Array:
        shapes = {argument.shape for argument in arguments}
        if len(shapes) > 1 or len(next(iter(shapes))) > 1:
            raise self.fault("the parts of this vector differ in shape", piece)
        inner = next(iter(shapes))
        entries = tuple(entry for argument in arguments for entry in argument.entries)
        return _Array((len(arguments), *inner), entries)

    def dot(self, piece: Apply, arguments: Sequence[_Array]) -> _Array:
        if len(arguments) == 2 and all(len(argument.shape) == 1 for argument in arguments):
            if arguments[0].shape != arguments[1].shape:
                raise self.misfit(piece, arguments[0].shape, arguments[1].shape)
            return _Array((), (_dot(arguments[0].entries, arguments[1].entries),))
        flat = tuple(entry for argument in arguments for entry in argument.entries)
        return _Array((), (_same_or(piece, flat),))

    # Errors ---------------------------------------------------------------------------------------------------

    def fault(self, message: str, piece: Tree, hint: str = "") -> InputError:
        start, end = getattr(piece, "span", (0, 0))
        text = self.source.text if end > start else ""
        return ProgramError(message, text, start, end, hint=hint)

    def misfit(self, piece: Apply, one: Shape, two: Shape) -> InputError:
        return self.fault(f"these shapes do not fit together: {_said(one)} and {_said(two)}", piece)


_SHAPES: Mapping[str, Callable[[_Expansion, Apply, Sequence[_Array]], _Array]] = {
    "matrix_multiply": _Expansion.matrix_multiply,
    "transpose": _Expansion.transpose,
    "vector": _Expansion.vector,
    "matrix": _Expansion.vector,
    "dot": _Expansion.dot,
}


def _is_function(piece: Apply) -> bool:
    """Whether it is a function of one thing, with a name: relu(…), and not −…."""
    row = PRIMITIVES.get(piece.operator)
    return row is not None and row.arity == (1, 1) and bool(row.spellings)


def _count(shape: Shape) -> int:
    count = 1
    for side in shape:
        count *= side
    return count


def _said(shape: Shape) -> str:
    return f"a vector of {shape[0]}" if len(shape) == 1 else f"a matrix of {shape[0]} by {shape[1]}"


def _same_or(piece: Apply, arguments: tuple[Tree, ...]) -> Apply:
    same = len(arguments) == len(piece.arguments) and all(
        new is old for new, old in zip(arguments, piece.arguments, strict=True)
    )
    return piece if same else replace(piece, arguments=arguments)


def _reduced(piece: Apply, entries: tuple[Tree, ...]) -> Tree:
    """A sum is written as a sum; the other reductions keep their name."""
    if piece.operator != "total":
        return replace(piece, arguments=entries)
    return _added(entries)


def _added(terms: Sequence[Tree]) -> Tree:
    tree = terms[0]
    for term in terms[1:]:
        tree = Apply("add", (tree, term))
    return tree


def _dot(row: Sequence[Tree], column: Sequence[Tree]) -> Tree:
    return _added([Apply("multiply", pair) for pair in zip(row, column, strict=True)])
