"""The libraries that we are measured against; each does what its users do, and counts its own operations.

A library that is not installed is left out. Operations are counted in the result as a shared graph: a sum or product of
k parts is k − 1 operations, a quotient one, minus none, every function and power one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from typing import Any

from benchmarks.workloads import Row

__all__ = ["PEERS", "Casadi", "Jax", "Peer", "Symengine", "Sympy", "SympyCse", "Torch"]


class Peer:
    """One library: `build` makes the outputs, `differentiate` their derivatives, `count` says how large they are."""

    name = ""
    module = ""

    def available(self) -> bool:
        """Whether it is installed."""
        return find_spec(self.module) is not None

    def load(self) -> None:
        """Import it; called once, before anything is timed."""
        raise NotImplementedError

    def build(self, row: Row) -> Any:
        """The outputs and the inputs by which they are differentiated."""
        raise NotImplementedError

    def differentiate(self, built: Any) -> Any:
        """Every output by every input."""
        raise NotImplementedError

    forget: Callable[[], None] | None = None  # empties the library's caches, where it remembers what it did

    def count(self, built: Any, result: Any) -> tuple[int, int] | None:
        """Operations of the outputs and of the derivatives; None where the library does not say."""
        return None


class Sympy(Peer):
    """SymPy's `diff`, output by output and input by input."""

    name = "SymPy"
    module = "sympy"

    def load(self) -> None:
        import sympy
        from sympy.core.cache import clear_cache

        self.library: Any = sympy
        self.forget = clear_cache

    def build(self, row: Row) -> Any:
        symbols = dict(zip(row.names, self.library.symbols(row.names), strict=True))
        outputs = row.compute(self.library, list(symbols.values()))
        return outputs, [symbols[name] for name in row.varying]

    def differentiate(self, built: Any) -> Any:
        outputs, inputs = built
        return [output.diff(x) for output in outputs for x in inputs]

    def count(self, built: Any, result: Any) -> tuple[int, int] | None:
        return _operations(built[0]), _operations(result)


class SympyCse(Sympy):
    """The same, with SymPy's search for common subexpressions after it."""

    name = "SymPy + cse"

    def differentiate(self, built: Any) -> Any:
        return self.library.cse(super().differentiate(built))

    def count(self, built: Any, result: Any) -> tuple[int, int] | None:
        replacements, reduced = result
        return _operations(built[0]), _operations([*(value for _, value in replacements), *reduced])


class Symengine(Sympy):
    """symengine: SymPy's ideas in C++."""

    name = "symengine"
    module = "symengine"

    def load(self) -> None:
        import symengine

        self.library = symengine

    def build(self, row: Row) -> Any:
        symbols = {name: self.library.Symbol(name) for name in row.names}
        outputs = row.compute(self.library, list(symbols.values()))
        return outputs, [symbols[name] for name in row.varying]


def _operations(expressions: Iterable[Any]) -> int:
    """The operations of SymPy's or symengine's expressions, equal ones counted once."""
    seen: set[Any] = set()
    stack = list(expressions)
    total = 0
    while stack:
        piece = stack.pop()
        if piece in seen or not piece.args:
            continue
        seen.add(piece)
        total += _own_operations(piece, stack)
    return total


def _own_operations(piece: Any, stack: list[Any]) -> int:
    """What one sum, product, power or function costs; what it is made of goes on the stack."""
    if piece.is_Add:
        stack.extend(piece.args)
        return len(piece.args) - 1
    if not piece.is_Mul:
        if piece.is_Pow and piece.args[1] == -1:
            stack.append(piece.args[0])
            return 1
        stack.extend(piece.args)
        return 1
    above = below = 0
    for factor in piece.args:
        if factor.is_Pow and factor.args[1] == -1:
            below += 1
            stack.append(factor.args[0])
        elif factor != -1:
            above += 1
            stack.append(factor)
    return max(above - 1, 0) + below


class Casadi(Peer):
    """CasADi's SX: scalar operations in C++, reverse mode or coloured forward mode as it sees fit."""

    name = "CasADi"
    module = "casadi"

    def load(self) -> None:
        import casadi

        self.library: Any = casadi

    def build(self, row: Row) -> Any:
        symbols = {name: self.library.SX.sym(name) for name in row.names}
        outputs = row.compute(self.library, list(symbols.values()))
        return outputs, [symbols[name] for name in row.varying]

    def differentiate(self, built: Any) -> Any:
        outputs, inputs = built
        all_inputs = self.library.vertcat(*inputs)
        if len(outputs) == 1:
            return self.library.gradient(outputs[0], all_inputs)
        return self.library.jacobian(self.library.vertcat(*outputs), all_inputs)

    def count(self, built: Any, result: Any) -> tuple[int, int] | None:
        return self._operations(self.library.vertcat(*built[0])), self._operations(result)

    def _operations(self, expression: Any) -> int:
        """The instructions of a function that computes it; those that do the same to the same are one."""
        library = self.library
        function = library.Function("f", [library.vertcat(*library.symvar(expression))], [expression])
        free = {library.OP_CONST, library.OP_INPUT, library.OP_OUTPUT, library.OP_NEG}
        held: dict[int, Any] = {}  # by register: which operation's result
        known: dict[Any, int] = {}
        total = 0
        for place in range(function.n_instructions()):
            code = function.instruction_id(place)
            if code == library.OP_OUTPUT:
                continue
            if code == library.OP_CONST:
                what: Any = ("number", function.instruction_constant(place))
            elif code == library.OP_INPUT:
                what = ("input", *function.instruction_input(place))
            else:
                registers = [held[register] for register in function.instruction_input(place)]
                what = (code, *(sorted(registers) if code in (library.OP_ADD, library.OP_MUL) else registers))
            if what not in known:
                known[what] = len(known)
                total += code not in free
            held[function.instruction_output(place)[0]] = known[what]
        return total


class Torch(Peer):
    """Torch's scalar autograd: numbers, not formulas; a graph of operations is made and swept all the same."""

    name = "torch"
    module = "torch"

    def load(self) -> None:
        import torch

        torch.set_num_threads(1)
        self.library: Any = torch

    def build(self, row: Row) -> Any:
        values = [self.library.tensor(_value(place), dtype=self.library.float64) for place in range(len(row.names))]
        tensors = dict(zip(row.names, values, strict=True))
        for name in row.varying:
            tensors[name].requires_grad_(True)
        outputs = row.compute(self.library, list(tensors.values()))
        return outputs, [tensors[name] for name in row.varying]

    def differentiate(self, built: Any) -> Any:
        outputs, inputs = built
        return [self.library.autograd.grad(out, inputs, retain_graph=True, allow_unused=True) for out in outputs]


def _value(place: int) -> float:
    """Where tensors stand: anywhere that all the functions have values."""
    return 0.5 + 0.25 * math.sin(place + 1)


class Jax(Peer):
    """JAX's `grad` and `jacobian`, traced to a jaxpr and not compiled."""

    name = "JAX"
    module = "jax"

    def load(self) -> None:
        import jax
        import jax.numpy

        self.library: Any = jax

    def build(self, row: Row) -> Any:
        fixed = len(row.names) - len(row.varying)
        values = [_value(place) for place in range(len(row.names))]

        def function(*varying: Any) -> Any:
            outputs = row.compute(self.library.numpy, [*values[:fixed], *varying])
            return outputs[0] if len(outputs) == 1 else tuple(outputs)

        return function, values[fixed:]

    def differentiate(self, built: Any) -> Any:
        function, values = built
        return self.library.make_jaxpr(self.library.jacrev(function, argnums=tuple(range(len(values)))))(*values)


PEERS: Sequence[Callable[[], Peer]] = (Casadi, Symengine, Torch, Jax, Sympy, SympyCse)
