"""What one problem may cost: every limit has a name, a default and a clear error.

The defaults are for text from strangers. A caller who is trusted overrides them one by one:

>>> Limits().characters
2000
>>> Limits(characters=50_000).characters
50000
"""

from __future__ import annotations

from dataclasses import dataclass

from symgraph.errors import LimitExceeded

__all__ = ["DEFAULT", "Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one problem. Those of a text hold for each statement by itself."""

    characters: int = 2_000  # in one statement
    tokens: int = 1_000  # in one statement
    depth: int = 80  # nested brackets, functions, powers in one statement
    digits: int = 40  # in one number literal
    bits: int = 4_096  # of an exact number, checked before it is computed
    exponent: int = 10_000  # of an integer power of a name
    root_bits: int = 256  # of a number under a root that is no exact power (it is factored)
    factorial: int = 200  # argument of a factorial of a number
    arguments: int = 20  # of one function
    program_characters: int = 1_000_000  # in one text, all its statements together
    statements: int = 20_000  # in one program
    nodes: int = 200_000  # in one graph
    listed_paths: int = 64  # in a document
    marked_paths: int = 10_000  # when an answer is marked
    answer_operations: int = 20_000  # in an answer substituted back into the inputs
    expanded_terms: int = 500  # in an expansion
    seconds: float = 5.0  # of work that can run away, in a worker that is killed
    memory: int = 1 << 30  # bytes, of such a worker (where the system can limit it)
    file_bytes: int = 1 << 25  # of one file that is read

    def check(self, limit: str, found: float, detail: str = "") -> None:
        """Raise LimitExceeded when `found` is more than the limit of that name.

        >>> Limits().check("depth", 81)
        Traceback (most recent call last):
            ...
        symgraph.errors.LimitExceeded: 81 depth: the limit is 80 (limits.depth)
        """
        allowed = getattr(self, limit)
        if found > allowed:
            raise LimitExceeded(limit, allowed, found, detail)


DEFAULT = Limits()
