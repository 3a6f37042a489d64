"""What stands in brackets: groups, absolute values, vectors and matrices, cases, conditions."""

from __future__ import annotations

from symgraph.language.tree import Apply, Tree
from symgraph.parsing.cursor import COMPARISONS, Cursor
from symgraph.parsing.tokens import CLOSES, Token

__all__ = ["Brackets"]


_FENCES = {"⌊": "floor", "⌈": "ceiling", "‹": "absolute_value"}


class Brackets(Cursor):
    """The part of the grammar that reads brackets."""

    def bracket(self) -> Tree:
        """(…), […] around one formula or as a vector, {…} as a group or by cases, ⌊…⌋, ⌈…⌉ and LaTeX's |…|."""
        place = self.place
        token = self.take()
        self.deeper()
        bars, self.bars = self.bars, 0
        if token.text == "[" and self.is_list(place):
            tree = self.listed(place)
        elif token.text == "{" and self.is_cases(place):
            tree = self.cases(place)
        else:
            self.refuse_placeholder(place)
            tree = self.expression()
        if self.place != self.partner[place]:
            raise self.unexpected()
        self.take()
        self.bars = bars
        self.depth -= 1
        row = _FENCES.get(token.text)
        return Apply(row, (tree,), (token.start, self.last_end)) if row else tree

    def refuse_placeholder(self, place: int) -> None:
        """{{f}} is where a template wants something put in; LaTeX has braces in braces."""
        opening, inner = self.tokens[place], self.tokens[place + 1]
        doubled = opening.text == inner.text == "{" and inner.start == opening.start + 1
        whole = doubled and self.partner[place + 1] == self.partner[place] - 1
        if whole and "\\" not in self.text and not self.is_cases(place + 1):
            raise self.fail("{{ is a placeholder", opening, "put the formula in its place", end=inner.end)

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
            if all(len(row.arguments) == 1 for row in found):
                return Apply("vector", tuple(row.arguments[0] for row in found), (start, self.peek.end))
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
        if self.tokens[place].value == "cases":
            return True
        at, end = place + 1, self.partner[place]
        while at < end:
            token = self.tokens[at]
            if token.kind == "keyword" or (token.kind == "sign" and token.text in (",", ";", *COMPARISONS)):
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
            while self.place < end and self.at_sign(",", ";"):
                self.take()
            if self.place >= end:
                if self.tokens[end - 1].text == "," and self.tokens[place].value != "cases":
                    raise self.missing()
                break
        return self.piecewise(pieces, self.tokens[place], end)

    def piecewise(self, pieces: list[Tree], token: Token, end: int) -> Tree:
        """Values and conditions as a row of the table; an odd one at the end holds for all that remains."""
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
        while self.peek.kind == "sign" and self.peek.text in COMPARISONS:
            operator = COMPARISONS[self.take().text]
            right = self.expression()
            found.append(Apply(operator, (left, right), (start, self.last_end)))
            left = right
        if not found:
            raise self.fail("a condition is wanted here, such as x < 0", self.peek)
        tree = found[0]
        for other in found[1:]:
            tree = Apply("and", (tree, other), (start, self.last_end))
        return tree
