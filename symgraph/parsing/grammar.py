"""Tokens -> syntax tree: a precedence (Pratt) parser.

From loose to tight: sums, products (written, implied, and quotients, left to right), a sign, powers (from the right),
factorial. `-x^2` is −(x²), `2^-x` is 2^(−x). One method reads a formula down to a given tightness; it calls itself only
for brackets, functions, exponents and signs, which are counted against `limits.depth`.

What is doubtful is never decided in silence: it is an error with both readings, or a reading in `notes`.
"""

from __future__ import annotations

from fractions import Fraction

from symgraph.errors import ReadingError
from symgraph.language.primitives import LETTERS
from symgraph.language.tree import Apply, Constant, Name, Number, Tree
from symgraph.parsing.calls import Calls
from symgraph.parsing.cursor import POWER, PRODUCT, SIGN, SUM, Bare, Manner, Note
from symgraph.parsing.echo import echo
from symgraph.parsing.tokens import CLOSES, Token

__all__ = ["Manner", "Note", "Parser"]

# letters that books use for a function: their product with a bracket is always reported
_FUNCTION_LETTERS = frozenset({"gamma", "beta", "zeta", "psi", "theta", "sigma", *LETTERS})
_BINARY = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "@": "matrix_multiply"}


class Parser(Calls):
    """Reads one statement's tokens; `notes` collects what was guessed.

    >>> from symgraph.parsing.tokens import Token
    >>> tokens = [Token("number", "2", 0, 1, value=Fraction(2)), Token("name", "x", 1, 2), Token("end", "", 2, 2)]
    >>> Parser("2x", tokens, Manner()).whole()
    Apply('multiply', (Number('2'), Name('x')))
    """

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
        if not (isinstance(top, Fraction) and isinstance(bottom, Fraction) and bottom > 1):
            return
        lowest = (top / bottom).denominator == bottom
        if lowest and (top == 1 or bottom <= 3):
            reading = f"({echo(left)})/{low.text}, not {echo(left.arguments[0])}^({exponent.text}/{low.text})"
            self.note(start, self.last_end, reading)

    def implied(self, start: int, left: Tree, quotient: tuple[Tree, Tree] | None) -> Tree:
        """A product without a sign: 2x, x(x+1), sin x cos x."""
        token, before = self.peek, self.tokens[self.place - 1]
        bare = self.bare if self.bare and self.bare.end == self.place else None
        if token.kind == before.kind == "number":
            raise self.fail("two numbers side by side", token, "write * for a product, or one number")
        if before.kind == "number" and token.kind == "fraction" and self.is_mixed():
            raise self.fail("a mixed number could be a sum or a product", token, "write 3 + 1/2, or 3 * 1/2")
        if token.text == "[" and before.kind == "name" and not token.space:
            raise self.fail("a component is not read like this", token, f"write {before.text}_1, or * for a product")
        if token.kind == "number" or self.looks_called(before, token):
            self.doubts += 1
        bracketed = token.kind == "sign"
        right = self.expression(SIGN)
        if bare and bracketed:
            self.after_bare(bare, start, right, "*")
        if _is_shape(left) and _is_shape(right):
            raise self.fail("which product of two vectors or matrices?", token, "write @ for the matrix product")
        tree = Apply("multiply", (left, right), (start, self.last_end))
        if quotient:
            top, bottom = quotient
            inside = Apply("divide", (top, Apply("multiply", (bottom, right))))
            one, two = echo(inside, times="*"), echo(tree, times="*", grouped=True)
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

    def is_mixed(self) -> bool:
        r"""Whether \frac{1}{2} is next, two numbers alone."""
        kinds = [each.kind for each in self.tokens[self.place + 1 : self.place + 7]]
        return kinds == ["sign", "number", "sign", "sign", "number", "sign"]

    def looks_called(self, before: Token, token: Token) -> bool:
        """y(x) and x(2) look like functions; they are products here."""
        if before.kind != "name" or token.text != "(" or token.space:
            return False
        if before.text.partition("_")[0] in _FUNCTION_LETTERS:
            return True
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
            return Apply("factorial", (left,), (start, self.last_end))
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
        if kind in ("fraction", "binomial"):
            return self.stacked(token)
        if kind == "large":
            return self.large(token)
        self.place -= 1
        raise self.missing()

    def sign(self, least: int) -> Tree:
        token = self.peek
        if token.text in CLOSES:
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
            sign, exponent = after[1].text, after[2].text
            if self.tokens[self.place + 3].text in ("*", "/"):
                message = f"{token.text}e{sign}{exponent} could be a power of ten or {token.text}*e {sign} {exponent}…"
                power = exponent if sign == "+" else f"(-{exponent})"
                raise self.fail(message, token, f"write {token.text}*10^{power} or {token.text}*e {sign} {exponent}")
            reading = f"{token.text}·e {sign} {exponent}, not as a power of ten"
            self.note(token.start, after[2].end, reading)
        written_out = token.scientific and token.value.denominator == 1 and token.value < 10**21
        shown = str(token.value) if written_out else literal.removesuffix(".")
        return Number(token.value, shown if shown.isascii() else "", (token.start, token.end))

    def constant(self, token: Token) -> Tree:
        if token.text == "infinity" and not self.unbounded:
            raise self.fail("infinity is not a number", token, "it may stand at the ends of a sum or an integral")
        return Constant(token.text, (token.start, token.end))


def _is_shape(tree: Tree) -> bool:
    return isinstance(tree, Apply) and tree.operator in ("vector", "matrix", "transpose", "matrix_multiply")
