"""Tokens -> syntax tree: a precedence (Pratt) parser.

From loose to tight: sums, products (written, implied, and quotients, left to right), a sign, powers (from the right),
factorial. `-x^2` is −(x²), `2^-x` is 2^(−x). One method reads a formula down to a given tightness; it calls itself only
for brackets, functions, exponents and signs, which are counted against `limits.depth`.

What is doubtful is never decided in silence: it is an error with both readings, or a reading in `notes`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from symgraph.errors import ReadingError
from symgraph.language.primitives import PRIMITIVES, SHORTHANDS, SPELLINGS
from symgraph.language.tree import Apply, Constant, Name, Number, Span, Tree, Undefined, postorder
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.echo import echo
from symgraph.parsing.tokens import CLOSES, Token, match_brackets
from symgraph.parsing.words import BINDER_SPELLINGS

__all__ = ["Manner", "Parser", "Note"]

SUM, PRODUCT, SIGN, POWER, POSTFIX = 10, 20, 30, 40, 50
_OPERAND_SIGNS = frozenset("([{|⌊⌈")
_COMPARISONS = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "=": "equal",
    "==": "equal",
    "!=": "unequal",
}
_BINARY = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "@": "matrix_multiply"}


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


class Parser:
    """Reads one statement's tokens; `notes` collects what was guessed.

    >>> from symgraph.parsing.tokens import Token
    >>> tokens = [Token("number", "2", 0, 1, value=Fraction(2)), Token("name", "x", 1, 2), Token("end", "", 2, 2)]
    >>> Parser("2x", tokens, Manner()).whole()
    Apply('multiply', (Number('2'), Name('x')))
    """

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

    # a whole statement -------------------------------------------------------------------------------------------

    def whole(self) -> Tree:
        """The formula that all tokens make.

        Raises:
            ReadingError: it is none, or more than one, or could be two.
            LimitExceeded: it is nested more deeply than `limits.depth`.
        """
        tree = self.expression()
        if self.peek.kind != "end":
            raise self.unexpected()
        return tree

    def condition(self) -> Tree:
        """A condition that all tokens make: `a != n and a > 2`."""
        tree = self.either()
        if self.peek.kind != "end":
            raise self.unexpected()
        return tree

    def unexpected(self) -> ReadingError:
        """What stands where the formula should have ended."""
        token = self.peek
        if token.text in ("=", "=="):
            hint = "write one side only: the expression itself"
            return self.fail("an equation, where an expression is wanted", token, hint)
        if token.text in _COMPARISONS:
            return self.fail("a condition, where an expression is wanted", token, "conditions stand in {x if x < 0, …}")
        if token.text == ",":
            return self.comma()
        if token.kind == "keyword":
            return self.fail(f"{token.text} stands in conditions only", token, "write {x if x < 0, -x otherwise}")
        if token.text == ";":
            return self.fail("; is not expected here", token, "a statement ends outside brackets")
        return self.fail(f"{token.text or 'the end'} is not expected here", token)

    def comma(self) -> ReadingError:
        token = self.peek
        before, after = self.tokens[self.place - 1], self.tokens[self.place + 1]
        if before.kind == after.kind == "number" and not token.space and not after.space:
            hint = f"write {before.text}.{after.text} with a point, or {before.text}{after.text} without a comma"
            return self.fail("a comma inside a number", token, hint)
        return self.fail("a comma is not expected here", token, "vectors are written [x, y]")

    # the Pratt loop ----------------------------------------------------------------------------------------------

    def expression(self, least: int = 0) -> Tree:
        """A formula in which nothing binds more loosely than `least`."""
        start, doubts = self.peek.start, self.doubts
        left = self.prefix(least)
        quotient: tuple[Tree, Tree] | None = None
        while True:
            token = self.peek
            sign = token.text if token.kind == "sign" else ""
            if sign in ("+", "-") and least <= SUM:
                self.say_doubts(start, left, doubts)
                self.take()
                left = Apply(_BINARY[sign], (left, self.expression(PRODUCT)), (start, self.last_end))
                quotient = None
            elif sign in ("*", "/", "@") and least <= PRODUCT:
                left, quotient = self.times(start, left, sign)
            elif sign in ("^", "!", "ᵀ"):
                left = self.raised(start, left, sign)
            elif least <= PRODUCT and self.begins_operand(token):
                left, quotient = self.implied(start, left, quotient), None
            else:
                break
        if least <= PRODUCT:
            self.say_doubts(start, left, doubts)
        return left

    def say_doubts(self, start: int, tree: Tree, before: int) -> None:
        """Note the term that has just ended, if something in it was guessed."""
        if self.doubts > before:
            self.note(start, self.last_end, echo(tree))
            self.doubts = before

    def begins_operand(self, token: Token) -> bool:
        if token.kind in ("name", "number", "function", "constant", "call", "root", "fraction", "form"):
            return True
        if token.kind != "sign" or token.text not in _OPERAND_SIGNS:
            return False
        return token.text != "|" or not self.bars

    def times(self, start: int, left: Tree, sign: str) -> tuple[Tree, tuple[Tree, Tree] | None]:
        """A written product or quotient; the quotient is kept, in case a factor follows it."""
        bare = self.bare if self.bare and self.bare.end == self.place else None
        self.take()
        where = self.place
        right = self.expression(SIGN)
        if sign == "/" and bare:
            self.after_bare(bare, start, right, "/")
        if sign == "/":
            self.slash_after_power(start, left, where)
        tree = Apply(_BINARY[sign], (left, right), (start, self.last_end))
        return tree, (left, right) if sign == "/" else None

    def slash_after_power(self, start: int, left: Tree, where: int) -> None:
        """x^1/2 is (x^1)/2, and often meant as x^(1/2): say so."""
        exponent, slash, low = self.tokens[where - 2], self.tokens[where - 1], self.tokens[where]
        if not (
            isinstance(left, Apply)
            and left.operator == "power"
            and exponent.kind == low.kind == "number"
            and self.place == where + 1
            and not slash.space
            and not low.space
        ):
            return
        top, bottom = exponent.value, low.value
        if isinstance(top, Fraction) and isinstance(bottom, Fraction) and bottom and (top / bottom).denominator > 1:
            reading = f"({echo(left)})/{low.text}, not {echo(left.arguments[0])}^({exponent.text}/{low.text})"
            self.note(start, self.last_end, reading)

    def implied(self, start: int, left: Tree, quotient: tuple[Tree, Tree] | None) -> Tree:
        """A product without a sign: 2x, x(x+1), sin x cos x."""
        token, before = self.peek, self.tokens[self.place - 1]
        bare = self.bare if self.bare and self.bare.end == self.place else None
        if token.kind == before.kind == "number":
            raise self.fail("two numbers side by side", token, "write * for a product, or one number")
        if token.text == "[" and before.kind == "name" and not token.space:
            raise self.fail("a component is not read like this", token, f"write {before.text}_1, or * for a product")
        if token.kind == "number" or self.looks_called(before, token):
            self.doubts += 1
        bracketed = token.kind == "sign"
        right = self.expression(SIGN)
        if bare and bracketed:
            self.after_bare(bare, start, right, "*")
        tree = Apply("multiply", (left, right), (start, self.last_end))
        if quotient:
            top, bottom = quotient
            inside = Apply("divide", (top, Apply("multiply", (bottom, right))))
            one, two = echo(inside, times="*"), f"({echo(left, times='*')})*{echo(right, times='*')}"
            if not self.manner.lenient:
                raise ReadingError(
                    "a product after a quotient can be read in two ways",
                    self.text,
                    start,
                    self.last_end,
                    hint=f"{two} or {one}? write the one you mean",
                )
            self.note(start, self.last_end, f"{two}, not {one}")
        return tree

    def looks_called(self, before: Token, token: Token) -> bool:
        """y(x) and x(2) look like functions; they are products here."""
        if before.kind != "name" or token.text != "(" or token.space:
            return False
        return self.partner[self.place] == self.place + 2 and self.tokens[self.place + 1].kind in ("name", "number")

    def after_bare(self, bare: Bare, start: int, right: Tree, sign: str) -> None:
        """sin x/2 and sin x(x+1): does the function end before the sign, or after it?"""
        operator = "divide" if sign == "/" else "multiply"
        inner = bare.again(Apply(operator, (bare.argument, right)))
        outer = Apply(operator, (bare.tree, right))
        one, two = echo(outer, times="*"), echo(inner, times="*")
        if not self.manner.lenient:
            raise ReadingError(
                f"{bare.spelling} without brackets, then {'/' if sign == '/' else 'a bracket'}: where does it end?",
                self.text,
                bare.start,
                self.last_end,
                hint=f"{one} or {two}?",
            )
        self.note(start, self.last_end, f"{one}, not {two}")

    def raised(self, start: int, left: Tree, sign: str) -> Tree:
        """A power, a factorial, a transpose."""
        token = self.take()
        if sign == "ᵀ":
            return Apply("transpose", (left,), (start, self.last_end))
        if sign == "!":
            if self.at_sign("!"):
                raise self.fail(
                    "!! could be (x!)! or a double factorial", token, "write (x!)! with brackets", end=self.peek.end
                )
            return self.apply("factorial", (left,), (start, self.last_end))
        self.deeper()
        first = self.place
        exponent = self.expression(POWER)
        self.depth -= 1
        single = self.place == first + 1 and self.tokens[first].kind == "number"
        constant = isinstance(left, Constant | Number)
        if single and constant and self.peek.kind in ("name", "constant", "function"):
            self.doubts += 1  # e^2x is e^2·x
        span = (start, self.last_end)
        if isinstance(left, Constant) and left.name == "e":
            return Apply("exponential", (exponent,), span)
        return Apply("power", (left, exponent), span)

    # what a formula can begin with -------------------------------------------------------------------------------

    def prefix(self, least: int) -> Tree:
        token = self.peek
        kind = token.kind
        if kind == "sign":
            return self.sign(least)
        if kind in ("end", "break", "keyword"):
            raise self.missing()
        self.take()
        if kind == "number":
            return self.number(token)
        if kind == "name":
            return Name(token.text, (token.start, token.end))
        if kind == "constant":
            return self.constant(token)
        if kind == "function":
            return self.function(token)
        if kind == "call":
            return self.call(token)
        if kind == "root":
            return self.root(token)
        raise self.missing()

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

    def sign(self, least: int) -> Tree:
        token = self.peek
        if token.text in ("(", "[", "{", "⌊", "⌈"):
            return self.bracket()
        if token.text == "|":
            return self.absolute()
        if token.text not in ("+", "-"):
            raise self.missing()
        self.take()
        after = self.tokens[self.place + 1] if self.peek.kind == "number" else None
        if token.text == "-" and after is not None and after.text not in ("^", "!"):
            number = self.number(self.take())
            return Number(-number.value, f"-{number.text}", (token.start, self.last_end))
        self.deeper()
        tree = self.expression(max(least, PRODUCT))
        self.depth -= 1
        return tree if token.text == "+" else Apply("negate", (tree,), (token.start, self.last_end))

    def number(self, token: Token) -> Number:
        assert isinstance(token.value, Fraction)
        literal = token.text.lower()
        after = self.tokens[self.place : self.place + 3]
        tight = len(after) == 3 and not any(each.space for each in after)
        if token.scientific and ("-" in literal or "+" in literal):
            self.note(token.start, token.end, f"{literal.replace('e', '·10^')}")
            if self.begins_operand(self.peek) and self.peek.kind != "number":
                mantissa = literal.partition("e")
                raise self.fail(
                    f"{token.text} could be a power of ten or {mantissa[0]}*e {mantissa[2][0]} {mantissa[2][1:]}…",
                    token,
                    "write * after it, or spaces around the sign",
                )
        elif tight and after[0].text == "e" and after[1].text in ("+", "-") and after[2].kind == "number":
            reading = f"{token.text}·e {after[1].text} {after[2].text}, not as a power of ten"
            self.note(token.start, after[2].end, reading)
        shown = str(token.value) if token.scientific and token.value.denominator == 1 else literal
        return Number(token.value, shown if shown.isascii() else "", (token.start, token.end))

    def constant(self, token: Token) -> Tree:
        if token.text == "infinity" and not self.unbounded:
            raise self.fail("infinity is not a number", token, "it may stand at the ends of a sum or an integral")
        return Constant(token.text, (token.start, token.end))

    def bracket(self) -> Tree:
        """(…), […] around one formula or as a vector, {…} as a group or by cases, ⌊…⌋ and ⌈…⌉."""
        place = self.place
        token = self.take()
        self.deeper()
        bars, self.bars = self.bars, 0
        if token.text == "[" and self.is_list(place):
            tree = self.listed(place)
        elif token.text == "{" and self.is_cases(place):
            tree = self.cases(place)
        else:
            tree = self.expression()
        if self.place != self.partner[place]:
            raise self.unexpected()
        self.take()
        self.bars = bars
        self.depth -= 1
        if token.text in ("⌊", "⌈"):
            return Apply("floor" if token.text == "⌊" else "ceiling", (tree,), (token.start, self.last_end))
        return tree

    def absolute(self) -> Tree:
        token = self.take()
        self.deeper()
        self.bars += 1
        tree = self.expression()
        if not self.at_sign("|"):
            if self.peek.kind in ("end", "break") or self.peek.text in CLOSES.values():
                raise self.fail("this | is not closed", token, "write |x| or abs(x)")
            raise self.unexpected()
        self.take()
        self.bars -= 1
        self.depth -= 1
        return Apply("absolute_value", (tree,), (token.start, self.last_end))

    # vectors, cases, conditions ----------------------------------------------------------------------------------

    def separators(self, place: int) -> list[int]:
        """The commas and semicolons directly inside the bracket that opens at `place`."""
        found = []
        at, end = place + 1, self.partner[place]
        while at < end:
            token = self.tokens[at]
            if token.kind == "sign" and token.text in (",", ";"):
                found.append(at)
            at = self.partner[at] + 1 if self.partner.get(at, -1) > at else at + 1
        return found

    def rows(self, place: int) -> list[int]:
        """The places of the brackets, when everything inside this bracket is one bracket […] after the other."""
        end = self.partner[place]
        starts = [place + 1, *(at + 1 for at in self.separators(place))]
        stops = [*(at for at in self.separators(place)), end]
        whole = all(
            self.tokens[at].text == "[" and self.partner.get(at) == stop - 1
            for at, stop in zip(starts, stops, strict=True)
        )
        return starts if whole else []

    def is_list(self, place: int) -> bool:
        if self.separators(place):
            return True
        rows = self.rows(place)
        return bool(rows) and bool(self.separators(rows[0]))

    def listed(self, place: int) -> Tree:
        """A vector [1, 2], or a matrix [[1, 2], [3, 4]] or [1, 2; 3, 4]."""
        start = self.tokens[place].start
        rows = self.rows(place)
        ruled = [at for at in self.separators(place) if self.tokens[at].text == ";"]
        if rows:
            found = []
            for at in rows:
                self.place = at + 1
                found.append(self.row(self.tokens[at].start, self.partner[at]))
            self.place = self.partner[rows[-1]] + 1
        elif ruled:
            found = [self.row(self.peek.start, stop) for stop in (*ruled, self.partner[place])]
            self.place = self.partner[place]
        else:
            vector = self.row(start, self.partner[place])
            self.place = self.partner[place]
            return vector
        if len({len(row.arguments) for row in found}) > 1:
            raise self.fail("the rows of this matrix differ in length", self.tokens[place], end=self.peek.end)
        return Apply("matrix", tuple(found), (start, self.peek.end))

    def row(self, start: int, stop: int) -> Apply:
        """The formulas up to a place, as a vector; leaves the place after it."""
        entries = [self.expression()]
        while self.at_sign(",") and self.place < stop:
            self.take()
            entries.append(self.expression())
        if self.place != stop:
            raise self.unexpected()
        self.take()
        return Apply("vector", tuple(entries), (start, self.last_end))

    def is_cases(self, place: int) -> bool:
        """Whether braces hold conditions or separators, and not one formula."""
        at, end = place + 1, self.partner[place]
        while at < end:
            token = self.tokens[at]
            if token.kind == "keyword" or (token.kind == "sign" and token.text in (",", ";", *_COMPARISONS)):
                return True
            at = self.partner[at] + 1 if self.partner.get(at, -1) > at else at + 1
        return False

    def cases(self, place: int) -> Tree:
        """{x^2 if x < 0, x otherwise}: values with conditions, the last one for all that remains."""
        end = self.partner[place]
        pieces: list[Tree] = []
        while True:
            pieces.append(self.expression())
            if self.at_sign(",") and self.place < end:
                self.take()
            if self.peek.kind == "keyword" and self.peek.text in ("otherwise", "else", "true", "True"):
                self.take()
                break
            if self.peek.kind == "keyword" and self.peek.text in ("if", "for", "when", "where"):
                self.take()
                if self.peek.kind == "keyword" and self.peek.text in ("otherwise", "true", "True"):
                    self.take()
                    break
            if self.place >= end:
                raise self.fail("a value without a condition", self.tokens[place], "write {x^2 if x < 0, x otherwise}")
            pieces.append(self.either())
            if self.place < end and self.at_sign(",", ";"):
                self.take()
            if self.place >= end:
                break
        return self.piecewise(pieces, self.tokens[place], end)

    def piecewise(self, pieces: list[Tree], token: Token, end: int) -> Tree:
        """Values and conditions as a row of the table; without `otherwise` the conditions must leave nothing open."""
        if len(pieces) % 2 == 0:
            if not covers(pieces[1::2]):
                raise self.fail(
                    "the cases may leave some values open",
                    token,
                    "end with a case for all others: {x^2 if x < 0, x otherwise}",
                    end=self.tokens[end].end,
                )
            pieces = pieces[:-1]
        if len(pieces) == 1:
            return pieces[0]
        return Apply("piecewise", tuple(pieces), (token.start, self.tokens[end].end))

    def either(self) -> Tree:
        """Conditions joined by or."""
        start = self.peek.start
        tree = self.both()
        while self.peek.kind == "keyword" and self.peek.text == "or":
            self.take()
            tree = Apply("or", (tree, self.both()), (start, self.last_end))
        return tree

    def both(self) -> Tree:
        """Conditions joined by and."""
        start = self.peek.start
        tree = self.comparison()
        while self.peek.kind == "keyword" and self.peek.text == "and":
            self.take()
            tree = Apply("and", (tree, self.comparison()), (start, self.last_end))
        return tree

    def comparison(self) -> Tree:
        """x < 1, 0 < x <= 1 (both parts must hold), not …, or a condition in brackets."""
        token = self.peek
        self.deeper()
        if token.kind == "keyword" and token.text == "not":
            self.take()
            tree: Tree = Apply("not", (self.comparison(),), (token.start, self.last_end))
        elif token.text == "(" and self.is_cases(self.place):
            place = self.place
            self.take()
            tree = self.either()
            if self.place != self.partner[place]:
                raise self.unexpected()
            self.take()
        else:
            tree = self.chain()
        self.depth -= 1
        return tree

    def chain(self) -> Tree:
        start = self.peek.start
        left = self.expression()
        found: list[Tree] = []
        while self.peek.kind == "sign" and self.peek.text in _COMPARISONS:
            operator = _COMPARISONS[self.take().text]
            right = self.expression()
            found.append(Apply(operator, (left, right), (start, self.last_end)))
            left = right
        if not found:
            raise self.fail("a condition is wanted here, such as x < 0", self.peek)
        tree = found[0]
        for other in found[1:]:
            tree = Apply("and", (tree, other), (start, self.last_end))
        return tree

    # functions ---------------------------------------------------------------------------------------------------

    def function(self, token: Token) -> Tree:
        """sin(x), sin x, sin^2 x, sin^-1 x, log_2 x, max(x, y), and the forms with conditions and bound names."""
        spelling = str(token.value or token.text)
        base = self.base(token, spelling) if self.at_sign("_") else None
        power, inverse = self.function_power(token, spelling) if self.at_sign("^") else (None, False)
        if base is None and self.at_sign("_"):
            base = self.base(token, spelling)

        def apply(arguments: tuple[Tree, ...]) -> Tree:
            span = (token.start, self.last_end)
            if base is not None and len(arguments) == 1:
                tree: Tree = Apply("logarithm_base", (*arguments, base), span)
            elif inverse:
                tree = self.called(f"inverse_{SPELLINGS[spelling]}", arguments, token, spelling)
            else:
                tree = self.spelled(spelling, arguments, token)
            return tree if power is None else Apply("power", (tree, power), span)

        if self.at_sign("(", "{") or (self.at_sign("[") and not self.peek.space):
            if self.at_sign("["):
                self.doubts += 1
            if spelling in ("piecewise", "Piecewise"):
                return self.piecewise_call(token)
            return apply(self.arguments(bounds=spelling in BINDER_SPELLINGS))
        return self.without_brackets(token, spelling, lambda argument: apply((argument,)))

    def without_brackets(self, token: Token, spelling: str, apply: Callable[[Tree], Tree]) -> Tree:
        row = SPELLINGS.get(spelling) or (SHORTHANDS[spelling][0] if spelling in SHORTHANDS else "")
        ready = self.peek.kind in ("number", "name", "function", "constant", "call", "root", "fraction", "form")
        if not (ready or self.at_sign("-", "+", "|", "⌊", "⌈")) or not row:
            raise self.fail(f"{spelling} of what?", token, f"write {spelling}(x)")
        if spelling not in SHORTHANDS and PRIMITIVES[row].arity != (1, 1):
            raise self.fail(f"{spelling} needs brackets", token, f"write {spelling}(x, y)")
        self.deeper()
        argument = self.bare_argument()
        self.depth -= 1
        tree = apply(argument)
        self.bare = Bare(spelling, argument, tree, token.start, self.place, apply)
        self.doubts += 1
        return tree

    def bare_argument(self) -> Tree:
        """The product of numbers, letters and powers after a function: sin 2x, cos pi x, sin cos x, ln |x|."""
        start = self.peek.start
        if self.at_sign("-", "+"):
            minus = self.take().text == "-"
            tree = self.bare_argument()
            return Apply("negate", (tree,), (start, self.last_end)) if minus else tree
        whole = self.peek.kind in ("function", "call") or self.peek.kind == "sign"
        tree = self.expression(POWER)
        while not whole and self.peek.kind in ("name", "constant", "root", "fraction"):
            tree = Apply("multiply", (tree, self.expression(POWER)), (start, self.last_end))
        return tree

    def base(self, token: Token, spelling: str) -> Tree:
        """The base of log_2 x and log_{10}(x)."""
        line = self.take()
        if SPELLINGS.get(spelling) != "logarithm" or spelling == "ln":
            raise self.fail(f"{spelling} has no base", line, "only log has one: log_2(x)")
        if self.at_sign("{") and self.partner[self.place] == self.place + 1:
            raise self.fail("the base is missing", line, "write log_2(x)")
        if not (self.peek.kind in ("number", "name", "constant") or self.at_sign("{", "(")):
            raise self.fail("the base is missing", line, "write log_2(x)")
        return self.prefix(POSTFIX)

    def function_power(self, token: Token, spelling: str) -> tuple[Tree | None, bool]:
        """The exponent in sin^2 x, and whether it is the −1 of an inverse function."""
        self.take()
        if not (self.peek.kind in ("number", "name", "constant") or self.at_sign("(", "{", "-", "+")):
            raise self.fail(f"{spelling} to which power?", token, f"write {spelling}^2(x)")
        self.deeper()
        minus = self.at_sign("-")
        if self.at_sign("-", "+"):
            self.take()
        power = self.prefix(POSTFIX)
        self.depth -= 1
        if self.at_sign("^"):
            raise self.fail(f"a tower of powers on {spelling}", token, f"write ({spelling}(x))^(…)")
        value = power.value if isinstance(power, Number) else None
        if minus:
            value = None if value is None else -value
            power = Apply("negate", (power,), power.span) if value is None else Number(value)
        if value != -1:
            self.doubts += value is not None and value < 0
            return power, False
        if spelling not in SPELLINGS or f"inverse_{SPELLINGS[spelling]}" not in PRIMITIVES:
            other = {"ln": "e^x", "log": "e^x", "exp": "ln(x)", "sqrt": "x^2"}.get(spelling, "the inverse function")
            raise self.fail(f"{spelling}^-1 could be 1/{spelling}(x) or {other}", token, "write the one you mean")
        self.doubts += 1
        return None, True

    def arguments(self, *, bounds: bool = False) -> tuple[Tree, ...]:
        """What stands in a function's brackets, separated by commas; Sum(k^2, (k, 1, n)) as four of them."""
        place = self.place
        opened = self.take()
        self.deeper()
        bars, self.bars = self.bars, 0
        self.unbounded += bounds
        end = self.partner[place]
        if self.place == end:
            raise self.missing()
        found: list[Tree] = []
        inner = self.at_sign("(") and self.partner[self.place] == end - 1 and opened.text == "{"
        if inner:
            place, end = self.place, end - 1
            self.take()
        while True:
            if bounds and found and self.at_sign("(") and self.separators(self.place):
                close = self.partner[self.place]
                self.take()
                found.extend(self.listing(close))
                self.take()
            else:
                found.append(self.expression())
            if not self.at_sign(",") or self.place >= end:
                break
            self.take()
        if self.place != end:
            raise self.unexpected()
        self.take()
        if inner:
            self.take()
        self.limits.check("arguments", len(found))
        self.unbounded -= bounds
        self.bars = bars
        self.depth -= 1
        return tuple(found)

    def listing(self, close: int) -> list[Tree]:
        found = [self.expression()]
        while self.at_sign(",") and self.place < close:
            self.take()
            found.append(self.expression())
        return found

    def piecewise_call(self, token: Token) -> Tree:
        """piecewise(x^2, x < 0, x), or with pairs: piecewise((x^2, x < 0), (x, True))."""
        place = self.place
        end = self.partner[place]
        self.take()
        self.deeper()
        pieces: list[Tree] = []
        while True:
            pair = self.at_sign("(") and bool(self.separators(self.place))
            if pair:
                self.take()
            pieces.append(self.expression())
            if self.at_sign(","):
                self.take()
                if self.peek.kind == "keyword" and self.peek.text in ("otherwise", "true", "True"):
                    self.take()
                else:
                    pieces.append(self.either())
            if pair:
                if not self.at_sign(")"):
                    raise self.unexpected()
                self.take()
            if not self.at_sign(",") or self.place >= end:
                break
            self.take()
        if self.place != end:
            raise self.unexpected()
        self.take()
        self.depth -= 1
        return self.piecewise(pieces, token, end)

    def root(self, token: Token) -> Tree:
        """√x, ∛(x+1), √2: the sign takes what stands next to it, and nothing that could be meant otherwise."""
        index = Number(int(str(token.value)))
        if token.text.startswith("\\") and self.at_sign("["):
            place = self.place
            self.take()
            tree = self.expression()
            if self.place != self.partner[place]:
                raise self.unexpected()
            self.take()
            index = tree if isinstance(tree, Number) else index
            if not isinstance(tree, Number):
                return self.rooted(self.prefix(POSTFIX), tree, token)
        ready = self.peek.kind in ("number", "name", "constant", "function", "call", "root", "fraction", "form")
        if not (ready or self.at_sign("(", "{", "[", "|")):
            raise self.fail("the root of what?", token, "write sqrt(x)")
        grouped = self.peek.kind == "sign"
        self.deeper()
        inside = self.prefix(POSTFIX)
        self.depth -= 1
        tree = self.rooted(inside, index, token)
        if grouped or token.text.startswith("\\"):
            return tree
        after = self.peek
        unclear = self.at_sign("^", "!", "(") or (after.kind in ("name", "number", "constant") and not after.space)
        if unclear and not after.space:
            raise self.fail(
                f"where does {token.text} end?", token, f"write sqrt({echo(inside, times='*')}) or sqrt(…) with all of it"
            )
        self.doubts += after.kind in ("name", "number", "constant")
        return tree

    def rooted(self, inside: Tree, index: Tree, token: Token) -> Tree:
        span = (token.start, self.last_end)
        if index == Number(2):
            return Apply("square_root", (inside,), span)
        if index == Number(3):
            return Apply("cube_root", (inside,), span)
        return Apply("real_root", (inside, index), span)

    def call(self, token: Token) -> Tree:
        """f(x, y), a function of the program or one about which nothing is known."""
        name = token.text
        if not self.at_sign("("):
            raise self.fail(f"{name} of what?", token, f"write {name}(x)")
        return Undefined(name, self.arguments(), (), (token.start, self.last_end))

    def spelled(self, spelling: str, arguments: tuple[Tree, ...], token: Token) -> Tree:
        """A spelling of the table applied to arguments."""
        span = (token.start, self.last_end)
        if spelling in SHORTHANDS:
            row, slots = SHORTHANDS[spelling]
            if len(arguments) != 1:
                raise self.wrong_count(spelling, "one value", len(arguments), token)
            return Apply(row, tuple(arguments[0] if slot is None else Number(slot) for slot in slots), span)
        if spelling in BINDER_SPELLINGS and (len(arguments) == 4 or spelling not in SPELLINGS):
            if len(arguments) != 4 or not isinstance(arguments[1], Name):
                raise self.fail(
                    f"{spelling} needs a formula, a name and two ends", token, f"write {spelling}(k^2, k, 1, n)"
                )
            return Apply(BINDER_SPELLINGS[spelling], arguments, span)
        if spelling == "log":
            return self.log(arguments, token)
        row = SPELLINGS[spelling]
        if row == "real_root" and len(arguments) == 2:
            first, second = arguments
            if isinstance(first, Number) and not isinstance(second, Number):
                self.doubts += 1
                arguments = (second, first)
            return self.rooted(*arguments, token)
        return self.called(row, arguments, token, spelling)

    def called(self, row: str, arguments: tuple[Tree, ...], token: Token, spelling: str) -> Tree:
        fewest, most = PRIMITIVES[row].arity
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            wanted = "one value" if (fewest, most) == (1, 1) else f"{fewest}{'' if most == fewest else ' or more'} values"
            raise self.wrong_count(spelling, wanted, len(arguments), token)
        return self.apply(row, arguments, (token.start, self.last_end))

    def wrong_count(self, spelling: str, wanted: str, found: int, token: Token) -> ReadingError:
        hint = "a decimal number has a point: 0.5" if found == 2 else ""
        return self.fail(f"{spelling} takes {wanted}, and gets {found}", token, hint)

    def log(self, arguments: tuple[Tree, ...], token: Token) -> Tree:
        """log(x) is the natural logarithm, unless the manner says otherwise; log(x, 2) has the base 2."""
        span = (token.start, self.last_end)
        if len(arguments) == 1:
            if self.manner.logarithm == "decimal":
                self.note(*span, f"the logarithm to base 10, log_10({echo(arguments[0])})")
                return Apply("logarithm_base", (*arguments, Number(10)), span)
            self.note(*span, f"the natural logarithm, ln({echo(arguments[0])})")
            return Apply("logarithm", arguments, span)
        if len(arguments) != 2:
            raise self.wrong_count("log", "one value, or a value and a base", len(arguments), token)
        value, base = arguments
        if isinstance(value, Number) and not isinstance(base, Number):
            one, two = f"log_{echo(value)}({echo(base)})", f"log_({echo(base)})({echo(value)})"
            raise self.fail(f"this could be {one} or {two}", token, "write the one you mean", end=self.last_end)
        self.note(*span, f"the logarithm of {echo(value)} to base {echo(base)}")
        return Apply("logarithm_base", arguments, span)

    def apply(self, row: str, arguments: tuple[Tree, ...], span: Span) -> Tree:
        return Apply(row, arguments, span)


def covers(conditions: list[Tree]) -> bool:
    """Whether conditions leave no value open, as far as one can see without doubt.

    Comparisons of one name with numbers are decided on every number named, between and beyond them.

    >>> x, one = Name("x"), Number(1)
    >>> covers([Apply("less", (x, one)), Apply("greater_equal", (x, one))])
    True
    >>> covers([Apply("less", (x, one)), Apply("greater", (x, one))])
    False
    """
    names = {piece.name for each in conditions for piece in postorder(each) if isinstance(piece, Name)}
    numbers: set[Fraction] = set()
    for each in conditions:
        for piece in postorder(each):
            if isinstance(piece, Number):
                numbers.add(piece.value)
            elif not isinstance(piece, Name) and not (isinstance(piece, Apply) and piece.operator in _DECIDABLE):
                return _opposite(conditions)
    if len(names) != 1:
        return _opposite(conditions)
    marks = sorted(numbers)
    between = [(low + high) / 2 for low, high in zip(marks, marks[1:], strict=False)]
    points = [*marks, *between, *([marks[0] - 1, marks[-1] + 1] if marks else [Fraction(0)])]
    return all(any(_holds(each, point) for each in conditions) for point in points)


_DECIDABLE = frozenset({*_COMPARISONS.values(), "and", "or", "not"})
_OPPOSITES = {"less": "greater_equal", "greater": "less_equal", "less_equal": "greater", "greater_equal": "less"}


def _opposite(conditions: list[Tree]) -> bool:
    """Whether the last two conditions are x < y and x >= y."""
    if len(conditions) < 2:
        return False
    one, two = conditions[-2:]
    if not (isinstance(one, Apply) and isinstance(two, Apply)) or len(conditions) > 2:
        return False
    return _OPPOSITES.get(one.operator) == two.operator and one.arguments == two.arguments


def _holds(condition: Tree, point: Fraction) -> bool:
    """Whether a condition on one name holds at a number."""
    done: dict[int, Fraction | bool] = {}
    for piece in postorder(condition):
        if isinstance(piece, Number):
            done[id(piece)] = piece.value
        elif isinstance(piece, Name):
            done[id(piece)] = point
        elif isinstance(piece, Apply):
            done[id(piece)] = _TRUTH[piece.operator](*(done[id(part)] for part in piece.arguments))
    return bool(done[id(condition)])


_TRUTH: dict[str, Callable[..., bool]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "unequal": operator.ne,
    "and": lambda one, two: bool(one and two),
    "or": lambda one, two: bool(one or two),
    "not": operator.not_,
}
