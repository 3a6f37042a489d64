"""A table of rows: by name, by spelling, and by the SymPy class that reads back as a row.

The program's own table is `primitives.TABLE`; a caller's functions make a larger one, and nothing changes the old:

>>> import sympy
>>> from symgraph.language.elementary_functions import POWERS
>>> small = Table.of(POWERS)
>>> larger = small.extended({"cube": Primitive("cube", (), (1, 1), lambda u: u**3, lambda u: (3 * u**2,))})
>>> larger.spellings["cube"], "cube" in small.rows
('cube', False)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import sympy
from sympy import Add, Mul, Pow, S

from symgraph.errors import NameProblem
from symgraph.language.rows import ZERO, Primitive

__all__ = ["Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and the ways in which they are found; every mapping is read-only.

    Args:
        rows: by name.
        spellings: what is typed -> name.
        heads: SymPy class -> name.
    """

    rows: Mapping[str, Primitive]
    spellings: Mapping[str, str]
    heads: Mapping[Any, str]

    @classmethod
    def of(cls, rows: Iterable[Primitive]) -> Table:
        """The table of these rows; two with one name, spelling or class are a ValueError."""
        names: dict[str, Primitive] = {}
        spellings: dict[str, str] = {}
        heads: dict[Any, str] = {}
        for row in rows:
            _enter(names, row.name, row, "name")
            for spelling in row.spellings:
                _enter(spellings, spelling, row.name, "spelling")
            if row.head is not None:
                _enter(heads, row.head, row.name, "SymPy class")
        return cls(MappingProxyType(names), MappingProxyType(spellings), MappingProxyType(heads))

    def extended(self, extra: Mapping[Any, Primitive] | None) -> Table:
        """This table with a caller's own rows: {f: Primitive(...)}.

        A key is how the function is typed, or the SymPy function or Python function of that name; the row is found
        by its key besides its own spellings. A name that the table has already raises NameProblem.
        """
        if not extra:
            return self
        rows = list(self.rows.values())
        for key, row in extra.items():
            typed = key if isinstance(key, str) else getattr(key, "__name__", "")
            if not typed.isidentifier():
                raise NameProblem(f"{key!r} does not name a function")
            if not isinstance(row, Primitive):
                raise NameProblem(f"{typed} is given as {type(row).__name__}: it must be a Primitive")
            spellings = row.spellings if typed in row.spellings else (typed, *row.spellings)
            head = key if row.head is None and isinstance(key, type) else row.head
            rows.append(replace(row, spellings=spellings, head=head))
        try:
            return Table.of(rows)
        except ValueError as problem:
            raise NameProblem(f"a function of your own cannot be added: {problem}") from None

    def read(self, piece: Any) -> tuple[Primitive, tuple[Any, ...]] | None:
        """The row that a SymPy object is, with its arguments; None for what no row says (atoms, undefined functions).

        Sums, products and powers of SymPy come back as `add`, `multiply` (with all their terms) and `power`.

        >>> import sympy
        >>> from symgraph.language.primitives import TABLE
        >>> row, arguments = TABLE.read(sympy.digamma(sympy.Symbol("x")))
        >>> row.name, arguments
        ('digamma', (x,))
        """
        if not piece.args:
            return None
        reader = _READERS.get(piece.func)
        if reader is not None:
            found = reader(piece)
            return None if found is None or found[0] not in self.rows else (self.rows[found[0]], found[1])
        name = self.heads.get(piece.func)
        return None if name is None else (self.rows[name], tuple(piece.args))


def _enter(place: dict[Any, Any], key: Any, value: Any, what: str) -> None:
    if key in place:
        raise ValueError(f"{getattr(key, '__name__', key)} is the {what} of another function already")
    place[key] = value


Reading = tuple[str, tuple[Any, ...]] | None


def _read_polygamma(piece: Any) -> Reading:
    order, argument = piece.args
    return ("digamma", (argument,)) if order == 0 else ("polygamma", (order, argument))


def _read_heaviside(piece: Any) -> Reading:
    return ("heaviside", piece.args[:1]) if piece.args[1] == S.Half else None


def _read_lambert(piece: Any) -> Reading:
    return ("lambert_w", piece.args[:1]) if len(piece.args) == 1 or piece.args[1] == ZERO else None


def _read_beta(piece: Any) -> Reading:
    return "beta", (piece.args[0], piece.args[-1])


def _read_logarithm(piece: Any) -> Reading:
    # Unevaluated, SymPy's log keeps its base.
    return ("logarithm", piece.args) if len(piece.args) == 1 else ("logarithm_base", piece.args)


def _read_piecewise(piece: Any) -> Reading:
    flat = [part for pair in piece.args for part in pair.args]
    return "piecewise", tuple(flat[:-1] if flat[-1] is S.true else flat)


# SymPy's binders may hold several variables at once, the first innermost: a sum of sums.
def _read_binder(name: str) -> Any:
    def read(piece: Any) -> Reading:
        limit = piece.limits[-1]
        if len(limit) != 3:
            return None
        rest = piece.limits[:-1]
        body = piece.func(piece.function, *rest) if rest else piece.function
        return name, (body, *limit)

    return read


_READERS: Mapping[Any, Any] = MappingProxyType(
    {
        Add: lambda piece: ("add", piece.args),
        Mul: lambda piece: ("multiply", piece.args),
        Pow: lambda piece: ("power", piece.args),
        sympy.polygamma: _read_polygamma,
        sympy.Heaviside: _read_heaviside,
        sympy.LambertW: _read_lambert,
        sympy.beta: _read_beta,
        sympy.log: _read_logarithm,
        sympy.Piecewise: _read_piecewise,
        sympy.Sum: _read_binder("sum"),
        sympy.Product: _read_binder("product"),
        sympy.Integral: _read_binder("integral"),
    }
)
