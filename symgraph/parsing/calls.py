"""Functions and what they are applied to: sin(x), sin x, sin^2 x, sin^-1 x, log_2 x, √x, f(x, y), sums, integrals."""

from __future__ import annotations

import re
from collections.abc import Callable

from symgraph.errors import ReadingError
from symgraph.language.primitives import OVER_TERMS, PRIMITIVES, SHORTHANDS, SPELLINGS
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, Undefined
from symgraph.parsing.brackets import Brackets
from symgraph.parsing.cursor import OPERANDS, POSTFIX, POWER, PRODUCT, Bare
from symgraph.parsing.echo import echo
from symgraph.parsing.tokens import Token
from symgraph.parsing.words import BINDER_SPELLINGS

__all__ = ["Calls"]


# Functions with an index, and the row that has it.
_INDEXED = {
    "logarithm": "logarithm_base",
    "digamma": "polygamma",
    **{name: name for name in ("bessel_j", "bessel_y", "bessel_i", "bessel_k")},
}
_OPENING = frozenset("([{|⌊⌈‹")
_FENCED = frozenset({"absolute_value", "floor", "ceiling"})


class Calls(Brackets):
    """The part of the grammar that reads functions."""

    # functions ---------------------------------------------------------------------------------------------------

    def function(self, token: Token) -> Tree:
        """sin(x), sin x, sin^2 x, sin^-1 x, log_2 x, max(x, y), and the forms with conditions and bound names."""
        spelling = str(token.value or token.text)
        base = self.base(token, spelling) if self.at_sign("_") or self.at_order(spelling) else None
        power, inverse = self.function_power(token, spelling) if self.at_sign("^") else (None, False)
        if base is None and self.at_sign("_"):
            base = self.base(token, spelling)

        def apply(arguments: tuple[Tree, ...]) -> Tree:
            span = (token.start, self.last_end)
            if base is not None and len(arguments) == 1:
                row = _INDEXED[SPELLINGS[spelling]]
                in_order = (*arguments, base) if row == "logarithm_base" else (base, *arguments)
                tree: Tree = Apply(row, in_order, span)
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
        ready = self.peek.kind in OPERANDS
        signed = self.at_sign("-", "+") and not self.tokens[self.place + 1].space
        if not (ready or signed or self.at_sign("|", "⌊", "⌈", "‹")) or not row:
            raise self.fail(f"{spelling} of what?", token, f"write {spelling}(x)")
        if spelling not in SHORTHANDS and PRIMITIVES[row].arity != (1, 1):
            raise self.fail(f"{spelling} needs brackets", token, f"write {spelling}(x, y)")
        glued = re.match(r"[0-9A-Za-z]{2}", self.text[self.peek.start - 1 : self.peek.start + 1])
        self.deeper()
        argument = self.bare_argument()
        self.depth -= 1
        tree = apply(argument)
        inner = self.bare if self.bare and self.bare.end == self.place else None
        self.bare = Bare(spelling, argument, tree, token.start, self.place, apply)
        # nobody reads ln x, ln |x| or ln sin x in another way; of ln 2x, lnx and ln x sin x that is less sure
        single = isinstance(argument, Name | Number | Constant) or (
            isinstance(argument, Apply)
            and (argument.operator in _FENCED or (inner is not None and argument is inner.tree))
        )
        self.doubts += bool(glued) or not single or self.at_sign("*") or self.begins_operand(self.peek)
        return tree

    def begins_operand(self, token: Token) -> bool:
        if token.kind in OPERANDS:
            return True
        if token.kind != "sign" or token.text not in _OPENING:
            return False
        return token.text != "|" or not self.bars

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
        """The base of log_2 x and log_{10}(x), the order of J_2(x) and of ψ⁽²⁾(x)."""
        line = self.take()
        if SPELLINGS.get(spelling) not in _INDEXED or spelling == "ln":
            raise self.fail(f"{spelling} has no base", line, "only log has one: log_2(x)")
        if self.at_sign("{") and self.partner[self.place] == self.place + 1:
            raise self.fail("the base is missing", line, "write log_2(x)")
        if not (self.peek.kind in ("number", "name", "constant") or self.at_sign("{", "(")):
            raise self.fail("the base is missing", line, "write log_2(x)")
        return self.prefix(POSTFIX)

    def at_order(self, spelling: str) -> bool:
        """Whether an order in brackets is next: the (2) of ψ⁽²⁾(x), which is no power."""
        digamma = SPELLINGS.get(spelling) == "digamma"
        return digamma and self.at_sign("^") and self.at_sign("{", ahead=1) and self.at_sign("(", ahead=2)

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
            span = (token.end, self.last_end)
            power = Apply("negate", (power,), span) if value is None else Number(value, span=span)
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
        if not (ready or self.at_sign("(", "{", "[", "|", "‹")):
            raise self.fail("the root of what?", token, "write sqrt(x)")
        grouped = self.peek.kind == "sign"
        self.deeper()
        inside = self.prefix(POSTFIX)
        self.depth -= 1
        tree = self.rooted(inside, index, token)
        if token.text.startswith("\\"):
            return tree
        if grouped:
            self.doubts += self.at_sign("^")  # √(x+1)² is (√(x+1))²
            return tree
        after = self.peek
        unclear = self.at_sign("^", "!", "(") or (after.kind in ("name", "number", "constant") and not after.space)
        if unclear and not after.space:
            hint = f"write sqrt({echo(inside, times='*')}) or sqrt(…) with all of it"
            raise self.fail(f"where does {token.text} end?", token, hint)
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
        if not self.at_sign("(", "{"):
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
        if spelling in BINDER_SPELLINGS:
            return self.bound(spelling, arguments, token)
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

    def bound(self, spelling: str, arguments: tuple[Tree, ...], token: Token) -> Tree:
        """sum(k^2, k, 1, n), product(…), integral(f, t, a, x); or the sum and the product of plain terms."""
        row = BINDER_SPELLINGS[spelling]
        if len(arguments) == 4 and isinstance(arguments[1], Name):
            return Apply(row, arguments, (token.start, self.last_end))
        if row in OVER_TERMS and spelling.islower():
            return Apply(OVER_TERMS[row], arguments, (token.start, self.last_end))
        raise self.fail(f"{spelling} needs a formula, a name and two ends", token, f"write {spelling}(k^2, k, 1, n)")

    def called(self, row: str, arguments: tuple[Tree, ...], token: Token, spelling: str) -> Tree:
        fewest, most = PRIMITIVES[row].arity
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            several = f"{fewest} values" if most == fewest else f"{fewest} or more values"
            wanted = "one value" if (fewest, most) == (1, 1) else several
            raise self.wrong_count(spelling, wanted, len(arguments), token)
        return Apply(row, arguments, (token.start, self.last_end))

    def wrong_count(self, spelling: str, wanted: str, found: int, token: Token) -> ReadingError:
        hint = "a decimal number has a point: 0.5" if found == 2 else ""
        return self.fail(f"{spelling} takes {wanted}, and gets {found}", token, hint)

    def log(self, arguments: tuple[Tree, ...], token: Token) -> Tree:
        """log(x) is the natural logarithm, unless the manner says otherwise; log(x, 2) has the base 2."""
        span = (token.start, self.last_end)
        if len(arguments) == 1:
            if self.manner.logarithm == "decimal":
                self.note(token.start, token.end, "the logarithm to base 10")
                return Apply("logarithm_base", (*arguments, Number(10)), span)
            self.note(token.start, token.end, "the natural logarithm, ln")
            return Apply("logarithm", arguments, span)
        if len(arguments) != 2:
            raise self.wrong_count("log", "one value, or a value and a base", len(arguments), token)
        value, base = arguments
        if isinstance(value, Number) and not isinstance(base, Number):
            one, two = f"log_{echo(value)}({echo(base)})", f"log_({echo(base)})({echo(value)})"
            raise self.fail(f"this could be {one} or {two}", token, "write the one you mean", end=self.last_end)
        self.note(*span, f"the logarithm of {echo(value)} to base {echo(base)}")
        return Apply("logarithm_base", arguments, span)

    # LaTeX's shapes ----------------------------------------------------------------------------------------------

    def group(self, token: Token) -> Tree:
        """One {…} after a command."""
        if not self.at_sign("{"):
            raise self.fail(f"{token.text} needs its arguments in braces", token, f"write {token.text}{{…}}")
        return self.bracket()

    def stacked(self, token: Token) -> Tree:
        """\\frac{a}{b} and \\binom{n}{k}."""
        top = self.group(token)
        bottom = self.group(token)
        row = "divide" if token.kind == "fraction" else "binomial"
        return Apply(row, (top, bottom), (token.start, self.last_end))

    def large(self, token: Token) -> Tree:
        """\\sum_{k=1}^{n} k^2, \\prod, and \\int_{a}^{x} f(t)\\, dt."""
        row = str(token.value)
        name: Tree | None = None
        low: Tree | None = None
        high: Tree | None = None
        self.unbounded += 1
        for _ in range(2):
            if self.at_sign("_") and low is None:
                self.take()
                name, low = self.lower(token, row)
            elif self.at_sign("^") and high is None:
                self.take()
                high = self.prefix(POSTFIX)
        self.unbounded -= 1
        if low is None or high is None:
            raise self.fail(f"{token.text} needs both ends", token, f"write {token.text}_{{…}}^{{…}}")
        self.deeper()
        body = self.expression(0 if row == "integral" else PRODUCT)
        self.depth -= 1
        if row == "integral":
            if self.peek.kind != "differential":
                raise self.fail(f"{token.text} by what?", token, "end it with dx, or write integral(f, t, a, x)")
            name = self.differential()
        else:
            self.doubts += 1
        assert name is not None
        return Apply(row, (body, name, low, high), (token.start, self.last_end))

    def differential(self) -> Name:
        """dx at the end of an integral, as one token or as d and then a name."""
        token = self.take()
        if not token.text:
            if self.peek.kind != "name":
                raise self.fail("d of what?", token, "write dx")
            token = self.take()
        return Name(token.text, (token.start, token.end))

    def lower(self, token: Token, row: str) -> tuple[Tree | None, Tree]:
        """What stands under a large sign: k = 1, or the lower end of an integral."""
        if row == "integral":
            return None, self.prefix(POSTFIX)
        place = self.place
        if not self.at_sign("{"):
            raise self.fail(f"{token.text} over what?", token, f"write {token.text}_{{k=1}}^{{n}}")
        self.take()
        name = self.prefix(POSTFIX)
        if not isinstance(name, Name) or not self.at_sign("="):
            raise self.fail(f"{token.text} over what?", token, f"write {token.text}_{{k=1}}^{{n}}")
        self.take()
        low = self.expression()
        if self.place != self.partner[place]:
            raise self.unexpected()
        self.take()
        return name, low
