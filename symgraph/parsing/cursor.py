"""Walking over the tokens of one statement: where we are, what was guessed, and what is said when something is wrong.

The parser (`grammar.py`) and its two helpers, `brackets.py` and `calls.py`, share this state; each of them is a part of
one grammar and calls the others through the two methods left open here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from symgraph.errors import ReadingError
from symgraph.language.tree import Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.tokens import CLOSES, Token, match_brackets

__all__ = ["COMPARISONS", "OPERANDS", "POSTFIX", "POWER", "PRODUCT", "SIGN", "SUM", "Bare", "Cursor", "Manner", "Note"]

# How tightly things bind.
SUM, PRODUCT, SIGN, POWER, POSTFIX = 10, 20, 30, 40, 50
OPERANDS = frozenset({"name", "number", "function", "constant", "call", "root", "fraction", "binomial", "large"})
COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "=": "equal",
    "==": "equal",
    "!=": "unequal",
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is to be read: strictly or not, what `log` is, whether ∞ may stand anywhere."""

    lenient: bool = False
    logarithm: str = "natural"
    limits: Limits = field(default=DEFAULT)


@dataclass(frozen=True, slots=True)
class Note:
    """One guess: where, and what was read."""

    start: int
    end: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A function without brackets that ended before token `end`: sin x. `again` applies it to something else."""

    spelling: str
    argument: Tree
    tree: Tree
    start: int
    end: int
    again: Callable[[Tree], Tree]


class Cursor:
    """The state of reading one statement."""

    def __init__(self, text: str, tokens: Sequence[Token], manner: Manner) -> None:
        self.text, self.tokens, self.manner = text, tokens, manner
        self.limits = manner.limits
        self.partner = match_brackets(tokens)
        self.place = 0
        self.depth = 0
        self.bars = 0  # open | | at this level of brackets
        self.unbounded = 0  # > 0 where infinity may stand: the ends of sums and integrals
        self.doubts = 0  # readings in the term being read that its note will show
        self.bare: Bare | None = None  # the function without brackets that has just ended
        self.notes: list[Note] = []

    # walking over the tokens -------------------------------------------------------------------------------------

    @property
    def peek(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.tokens[self.place]
        self.place += 1
        return token

    def at_sign(self, *signs: str, ahead: int = 0) -> bool:
        place = min(self.place + ahead, len(self.tokens) - 1)
        token = self.tokens[place]
        return token.kind == "sign" and token.text in signs

    @property
    def last_end(self) -> int:
        return self.tokens[self.place - 1].end

    def fail(self, message: str, token: Token, hint: str = "", *, end: int | None = None) -> ReadingError:
        return ReadingError(message, self.text, token.start, token.end if end is None else end, hint=hint)

    def note(self, start: int, end: int, reading: str) -> None:
        self.notes.append(Note(start, end, f"read {self.shown(start, end)} as {reading}"))

    def shown(self, start: int, end: int) -> str:
        written = " ".join(self.text[start:end].split())
        return written if len(written) <= 60 else written[:59] + "…"

    def deeper(self) -> None:
        self.depth += 1
        self.limits.check("depth", self.depth)

    def expression(self, least: int = 0) -> Tree:
        """A formula in which nothing binds more loosely than `least` (in `grammar.py`)."""
        raise NotImplementedError

    def prefix(self, least: int) -> Tree:
        """What a formula can begin with (in `grammar.py`)."""
        raise NotImplementedError

    # what is wrong -----------------------------------------------------------------------------------------------

    def unexpected(self) -> ReadingError:
        """What stands where the formula should have ended."""
        token = self.peek
        if token.text in ("=", "=="):
            hint = "write one side only: the expression itself"
            return self.fail("an equation, where an expression is wanted", token, hint)
        if token.text in COMPARISONS:
            return self.fail("a condition, where an expression is wanted", token, "conditions stand in {x if x < 0, …}")
        if token.text == ",":
            return self.comma()
        if token.kind == "differential":
            hint = "leave it out: write the function alone"
            return self.fail(f"{self.shown(token.start, token.end)} is not read", token, hint)
        if token.kind == "keyword":
            return self.fail(f"{token.text} stands in conditions only", token, "write {x if x < 0, -x otherwise}")
        if token.text == ";":
            return self.fail("; is not expected here", token, "a statement ends outside brackets")
        return self.fail(f"{token.text or 'the end'} is not expected here", token)

    def comma(self) -> ReadingError:
        token = self.peek
        before, after = self.tokens[self.place - 1], self.tokens[self.place + 1]
        if before.kind == after.kind == "number" and not token.space and not after.space:
            thousands = len(after.text) == 3 and not before.text.startswith("0")
            hint = f"write {before.text}.{after.text} with a point"
            hint += f", or {before.text}{after.text} without a comma" if thousands else ""
            which = f": is it {before.text}.{after.text} or {before.text}{after.text}?" if thousands else ""
            return self.fail(f"a comma inside a number{which}", token, hint)
        return self.fail("a comma is not expected here", token, "vectors are written [x, y]")

    def missing(self) -> ReadingError:
        """Nothing stands where something should: the fault is the sign before it, or the sign itself."""
        token = self.peek
        before = self.tokens[self.place - 1] if self.place else None
        ends = token.kind in ("end", "break") or token.text in (*CLOSES.values(), ",", ";")
        if before is None:
            if ends:
                return self.fail("there is nothing here", token, "write an expression, such as (a+b)*(b+1)")
            return self.fail(f"{token.text} has nothing before it", token, "write what it applies to")
        if before.text in CLOSES and CLOSES[before.text] == token.text:
            return self.fail("there is nothing in these brackets", before, "write what stands there", end=token.end)
        if ends or token.kind == "keyword":
            return self.fail(f"something is missing after {before.text}", before)
        return self.fail(f"{token.text} has nothing before it", token, "write what it applies to")
