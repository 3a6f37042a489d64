"""A torch program, recorded while it runs: the caller's variable names and constants kept.

    with symgraph.record() as notebook:
        c = a + b
        d = b + 1
        e = c * d
    symgraph.explain(notebook)

Torch's own graph has lost both: `b + 1` and `b + 7` leave the same node there, and a name belongs to the Python
variable. So torch's calls are watched instead (a TorchFunctionMode), and the variables of the functions that make them.

What torch does not differentiate is not recorded: a tensor without `requires_grad` is an input if a variable holds
it and a constant if none does, and so is what comes out of `detach()` or `no_grad()`. A tensor with one element is a
number; one with more is taken apart, its elements named by their places (w_12). Torch sees 1 + b as b + 1 and b*3 as
3*b; a number is put last in a sum and first in a product.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from types import FrameType, TracebackType
from typing import Any

from sympy import Rational

from symgraph.errors import MissingPart, ProgramError, SymgraphError
from symgraph.language.components import component_name
from symgraph.language.program import Layer, Program
from symgraph.language.tree import names_in
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.recording import Condition, Recorded, enter
from symgraph.parsing.tape import Entry, Tape, fault, legal_name
from symgraph.parsing.torch_operations import COMPARISONS, OPERATIONS, POINTING, Grid, folded

__all__ = ["Recording", "Sweep", "record"]


def record(*, limits: Limits = DEFAULT) -> Recording:
    """Record the torch program inside a `with` statement; what it gives is a source like any other.

    Raises:
        MissingPart: torch is not installed.
    """
    try:
        import torch
        from torch.overrides import TorchFunctionMode
    except ImportError:
        raise MissingPart("torch is not installed: pip install 'symgraph-explainer[torch]'") from None

    class Watch(TorchFunctionMode):  # type: ignore[misc] # torch is optional, and has no types here
        def __torch_function__(self, called: Any, types: Any, arguments: Any = (), options: Any = None) -> Any:
            result = called(*arguments, **(options or {}))
            recording.see(called, arguments, options or {}, result, sys._getframe(1))
            return result

    recording = Recording(torch, Watch(), limits)
    return recording


@dataclass(frozen=True, slots=True)
class Sweep:
    """A call of `backward`: the nodes it started from, and the rate each started with."""

    seeds: Mapping[str, Fraction]


@dataclass(slots=True, eq=False)
class _Held:
    """A tensor that is known, kept alive so that its identity stays its own."""

    tensor: Any
    grid: Grid
    version: int
    owner: bool  # whether its elements were computed for it; a view shows another's
    whole: Any = None  # the same on the tape of whole tensors, if it can be said in their terms
    name: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """A tensor with one element is a number."""
        return self.grid.shape if len(self.grid.entries) > 1 else ()


class Recording:
    """What torch computed inside the `with` statement: a program, a point, and torch's own gradients."""

    def __init__(self, torch: Any, watch: Any, limits: Limits) -> None:
        self._torch, self._watch = torch, watch
        self._tape = Tape(limits)
        self._wholes = Tape(limits)
        self._held: dict[int, _Held] = {}
        self._past: list[_Held] = []  # tensors that were overwritten: their gradients are not theirs any more
        self._names: set[str] = set()
        self._sweeps: list[tuple[Grid, tuple[Fraction, ...]]] = []
        self._point: dict[str, Fraction] = {}
        self._frame: FrameType | None = None
        self._program: Program | None = None

    def __enter__(self) -> Recording:
        if self._program is not None:
            raise ProgramError("a recording is made once: call record() again")
        self._frame = sys._getframe(1)
        self._watch.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.__exit__(kind, problem, trace)
        if problem is None:
            self._name_variables(self._frame)
            self._program = self._with_layers(self._tape.program(self._outputs()))
        self._frame = None  # a frame keeps alive all that it knows

    @property
    def program(self) -> Program:
        """The program that was recorded."""
        if self._program is None:
            raise ProgramError("nothing is recorded yet: the program is there after the with statement")
        return self._program

    @property
    def point(self) -> Mapping[str, Fraction]:
        """The inputs' values, exact: the shortest decimals that torch stores as these numbers."""
        return {name: self._point[name] for name in self.program.inputs}

    @property
    def varying(self) -> tuple[str, ...]:
        """The inputs that torch differentiates by: those with `requires_grad`."""
        wanted = {
            entry.name
            for held in self._held.values()
            if held.tensor.requires_grad
            for entry in held.grid.entries
            if isinstance(entry, Recorded) and not entry.row
        }
        return tuple(name for name in self.program.inputs if name in wanted)

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """The calls of `backward` that were made inside the with statement."""
        return tuple(Sweep(self._by_name(grid, rates)) for grid, rates in self._sweeps)

    @property
    def values(self) -> Mapping[str, float]:
        """What torch computed for every named element."""
        return self._of_tensors(lambda tensor: tensor.detach())

    @property
    def precision(self) -> float:
        """The relative error of torch's arithmetic: that of the coarsest tensor."""
        types = {held.tensor.dtype for held in self._held.values() if held.tensor.is_floating_point()}
        return max((float(self._torch.finfo(each).eps) for each in types), default=0.0)

    @property
    def gradients(self) -> Mapping[str, float]:
        """Torch's `.grad` for every named element that has one: inputs, and inner ones with `retain_grad`."""
        return self._of_tensors(lambda tensor: tensor.grad if tensor.is_leaf or tensor.retains_grad else None)

    def _of_tensors(self, part: Any) -> dict[str, float]:
        found: dict[str, float] = {}
        for held in self._held.values():
            numbers = part(held.tensor) if held.owner else None
            if numbers is not None:
                found |= self._by_name(held.grid, [float(each) for each in numbers.flatten().tolist()])
        return found

    def _by_name(self, grid: Grid, numbers: Sequence[Any]) -> dict[str, Any]:
        known = {*self.program.inputs, *(each.name for each in self.program.assignments)}
        entries = zip(grid.entries, numbers, strict=True)
        return {entry.name: number for entry, number in entries if isinstance(entry, Entry) and entry.name in known}

    # What is seen

    def see(
        self, called: Any, arguments: Any, options: Mapping[str, Any], result: Any, frame: FrameType | None
    ) -> None:
        """Write down a call that torch has just carried out."""
        self._name_variables(frame)
        name = called.__name__.removeprefix("special_")
        if name == "__get__":
            name = getattr(getattr(called, "__self__", None), "__name__", name)
        elif name == "backward":
            self._sweep(*arguments, **options)
        elif name == "__bool__" and self._known(arguments[0]):
            self._branch(arguments[0], result)
        tensors = list(self._tensors((arguments, options)))
        made = [each for each in self._tensors(result) if not any(each is tensor for tensor in tensors)]
        if name == "__setitem__" or (name.endswith("_") and not name.endswith("__")):
            self._overwritten(name, called, arguments, options)
        elif any(each.requires_grad for each in made):
            self._computed(name, called, arguments, options, result)
        elif name in COMPARISONS and any(self._known(tensor) for tensor in tensors):
            grid = self._operate(COMPARISONS[name], called, arguments, options, name)
            self._hold(made[0], grid, owner=True)

    def _computed(self, name: str, called: Any, arguments: Any, options: Mapping[str, Any], result: Any) -> None:
        if not any(tensor.requires_grad for tensor in self._tensors((arguments, options))):
            return  # a tensor was made, not computed: an input when it is used
        if name not in OPERATIONS:
            raise fault(f"torch's {name} cannot be recorded", "write it with simpler functions")
        before = len(self._tape.computed)
        grids = self._operate(OPERATIONS[name], called, arguments, options, name)
        new = {id(entry) for entry in self._tape.computed[before:]}
        if isinstance(grids, Grid):
            whole = folded(
                name, *map(self._whole, arguments), **{key: self._whole(each) for key, each in options.items()}
            )
            self._hold(result, grids, owner=all(id(entry) in new for entry in grids.entries), whole=whole)
            return
        for tensor, grid in zip(result, grids, strict=True):
            if grid is not None:
                self._hold(tensor, grid, owner=all(id(entry) in new for entry in grid.entries))

    def _operate(self, operation: Any, called: Any, arguments: Any, options: Mapping[str, Any], name: str) -> Any:
        count = 0

        def gridded(value: Any) -> Any:
            nonlocal count
            if isinstance(value, self._torch.Tensor):
                count += 1
                return value if count > 1 and name in POINTING and not value.requires_grad else self._grid(value)
            if isinstance(value, list | tuple):
                return type(value)(map(gridded, value)) if type(value) in (list, tuple) else value
            return value

        try:
            return operation(
                self._torch, called, *map(gridded, arguments), **{key: gridded(each) for key, each in options.items()}
            )
        except TypeError:
            raise fault(f"torch's {name} cannot be recorded with these arguments") from None

    def _whole(self, value: Any) -> Any:
        """A tensor as one recording object, and a number as it is; None for a tensor that cannot be said as one."""
        if not isinstance(value, self._torch.Tensor):
            return value
        held = self._held.get(id(value))
        if held is not None:
            return held.whole
        (constant, *more) = self._grid(value).entries or (None, None)
        return None if more else constant

    def _with_layers(self, program: Program) -> Program:
        """The program with its computed vectors and matrices, and numbers made of them, as they were written."""
        known = {*program.inputs, *(each.name for each in program.assignments)}
        needed = {
            held.whole.name: held
            for held in (*self._past, *self._held.values())
            if held.owner and held.whole is not None
            if held.whole.name
            and len(held.shape) < 3
            and {each.name for each in held.grid.entries if isinstance(each, Entry)} <= known
        }
        shapes = {name: held.shape for name, held in needed.items()}
        layers = list(program.layers)
        for name, tree in self._wholes.formulas([held.whole for held in needed.values()]).items():
            inside = names_in(tree)
            if {name, *inside} <= needed.keys() and any(shapes[each] for each in (name, *inside)):
                components = tuple(each.name for each in needed[name].grid.entries)
                layers.append(Layer(name, shapes[name], components, tree))
        return replace(program, layers=tuple(layers))

    def _hold(self, tensor: Any, grid: Grid, *, owner: bool, whole: Any = None) -> None:
        if tuple(tensor.shape) != grid.shape:
            raise SymgraphError(f"the shape {grid.shape} was expected where torch has {tuple(tensor.shape)}")
        if id(tensor) in self._held:
            self._past.append(self._held[id(tensor)])
        self._held[id(tensor)] = _Held(
            tensor, grid, tensor._version, owner, whole if isinstance(whole, Recorded) else None
        )

    def _known(self, tensor: Any) -> bool:
        held = self._held.get(id(tensor))
        return held is not None or bool(tensor.requires_grad)

    def _overwritten(self, name: str, called: Any, arguments: Any, options: Mapping[str, Any]) -> None:
        """x += y and the like: the tensor holds something else from now on."""
        tensor = arguments[0] if arguments else None
        others = list(self._tensors((arguments[1:], options)))
        if not isinstance(tensor, self._torch.Tensor):
            return
        if not (tensor.requires_grad and not tensor.is_leaf):
            return  # before anything was computed with it, or without gradients: an input that is met later
        held = self._held.get(id(tensor))
        shown = any(each.tensor._base is tensor for each in self._held.values())
        if name[:-1] not in OPERATIONS or name == "__setitem__" or tensor._base is not None or shown:
            raise fault(f"writing into a tensor ({name}) cannot be recorded", "give the result a name of its own")
        if held is None and not any(self._known(other) for other in others):
            return
        if held is not None:
            held.version = tensor._version  # so that it is taken for what it was before
        grid = self._operate(OPERATIONS[name[:-1]], called, arguments, options, name)
        self._hold(tensor, grid, owner=True)

    def _branch(self, tensor: Any, went: bool) -> None:
        (entry,) = self._grid(tensor).entries
        if isinstance(entry, Condition):
            if entry.holds() != went:
                raise fault("this branch is decided by rounding: its two sides are too close")
            self._tape.followed.append((entry, went))

    def _sweep(self, tensor: Any, gradient: Any = None, *unused: Any, **options: Any) -> None:
        grid = self._grid(tensor)
        rates = [Fraction(1)] * len(grid.entries)
        if gradient is not None:
            rates = [Fraction(self._decimal(each, gradient.dtype)) for each in gradient.flatten().tolist()]
        self._sweeps.append((grid, tuple(rates)))

    # Tensors and their names

    def _tensors(self, value: Any) -> Iterator[Any]:
        if isinstance(value, self._torch.Tensor):
            yield value
        elif isinstance(value, Mapping):
            yield from self._tensors(list(value.values()))
        elif isinstance(value, list | tuple):
            for each in value:
                yield from self._tensors(each)

    def _grid(self, tensor: Any) -> Grid:
        """What is known of a tensor; one that is new is an input, or a constant if it has no name and no gradient."""
        held = self._held.get(id(tensor))
        if held is not None and held.version == tensor._version:
            return held.grid
        if held is not None and not tensor.is_leaf:
            raise fault("a tensor was written into while it was in use", "give the result a name of its own")
        if tensor.requires_grad and not tensor.is_leaf:
            raise fault("a tensor was computed before the recording began", "begin the with statement above it")
        if tensor.is_complex():
            raise fault("complex numbers cannot be recorded")
        shape, numbers = tuple(tensor.shape), tensor.detach().flatten().tolist()
        name = self._variable(tensor)
        if not name and not tensor.requires_grad:
            return Grid(shape, tuple(self._decimal(each, tensor.dtype) for each in numbers))
        return self._input(tensor, name or "x", [Fraction(self._decimal(each, tensor.dtype)) for each in numbers])

    def _decimal(self, value: Any, dtype: Any) -> int | Decimal:
        """The shortest decimal that torch stores as this number; true and false, and whole numbers, as they are."""
        if isinstance(value, int):
            return value
        for digits in range(1, 18):
            text = f"{value:.{digits}g}"
            if self._torch.tensor(float(text), dtype=dtype).item() == value:
                return Decimal(text)
        raise fault(f"{value} is no number that a formula can hold")

    def _input(self, tensor: Any, name: str, numbers: Sequence[Fraction]) -> Grid:
        """A new input, its elements named, at the values that torch has for them."""
        shape = tuple(tensor.shape)
        base, names = self._element_names(name, shape)
        made = []
        for each, number in zip(names, numbers, strict=True):
            made.append(enter(self._tape, each, Rational(number.numerator, number.denominator)))
            self._point[made[-1].name] = number
        whole = Recorded(self._wholes, "", ())
        whole.name = made[0].name if len(made) == 1 else base
        if len(made) > 1 and len(shape) < 3:
            self._tape.layers.append(Layer(base, shape, tuple(each.name for each in made)))
        grid = Grid(shape, tuple(made))
        self._hold(tensor, grid, owner=True, whole=whole)
        self._held[id(tensor)].name = name
        return grid

    def _element_names(self, name: str, shape: tuple[int, ...]) -> tuple[str, list[str]]:
        """A tensor's name, and one for every element; where an earlier tensor had the name it gets a number."""
        base, count = legal_name(name), 0
        if self._torch.Size(shape).numel() == 1:
            return base, [name]  # the tape numbers those by itself
        while (base if not count else f"{base}{count}") in self._names:
            count += 1
        base = f"{base}{count}" if count else base
        self._names.add(base)
        places = self._torch.ones(shape).nonzero().add(1).tolist()
        return base, [component_name(base, place, shape) for place in places]

    def _name_variables(self, frame: FrameType | None) -> None:
        """Name what was computed after the variables that hold it by now."""
        for name, value in self._variables(frame):
            held = self._held.get(id(value))
            if held is not None and not held.name:
                held.name = name
                entries = held.grid.entries
                if all(isinstance(entry, Recorded) and not entry.name for entry in entries):
                    base, names = self._element_names(name, held.grid.shape)
                    for entry, wanted in zip(entries, names, strict=True):
                        self._tape.name(entry, wanted)
                    if held.whole is not None:
                        held.whole.name = entries[0].name if len(entries) == 1 else base

    def _variable(self, tensor: Any) -> str:
        """The variable that holds a tensor: of the innermost function, else of a module's parameters."""
        frame: FrameType | None = sys._getframe(1)
        for name, value in self._variables(frame):
            if value is tensor:
                return name
            if isinstance(value, self._torch.nn.Module):
                for parameter, each in value.named_parameters():
                    if each is tensor:
                        return parameter if name == "self" else f"{name}_{parameter}"
        return ""

    def _variables(self, frame: FrameType | None) -> Iterator[tuple[str, Any]]:
        """The variables of the running functions that are the user's, from the innermost to the with statement."""
        while frame is not None:
            if str(frame.f_globals.get("__name__")).split(".")[0] not in ("torch", "symgraph"):
                for name, value in list(frame.f_locals.items()):
                    if not name.startswith(("_", ".")):
                        yield name, value
                        if isinstance(value, list | tuple) and len(value) < 1000:
                            yield from ((f"{name}_{place}", each) for place, each in enumerate(value, 1))
            if frame is self._frame:
                return
            frame = frame.f_back

    def _outputs(self) -> list[tuple[str | None, Any]]:
        """What `backward` was called on; else what has a name and is not used any further."""
        swept = [entry for grid, _ in self._sweeps for entry in grid.entries]
        used = {id(argument) for entry in self._tape.computed for argument in entry.arguments}
        held = [
            each for each in self._held.values() if each.owner and each.tensor.requires_grad and not each.tensor.is_leaf
        ]
        last = [each for each in held if not any(id(entry) in used for entry in each.grid.entries)]
        ends = swept or [entry for each in last if each.name for entry in each.grid.entries]
        ends = ends or [entry for each in last for entry in each.grid.entries]
        if not ends:
            raise ProgramError(
                "nothing was recorded that torch differentiates", hint="make the inputs with requires_grad=True"
            )
        for place, entry in enumerate(ends, 1):
            if isinstance(entry, Recorded):
                self._tape.name(entry, f"y_{place}" if len(ends) > 1 else "y")
        return [(None, entry) for entry in ends]
