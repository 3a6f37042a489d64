"""Calculator and textbook notation -> Program: the one door for text that people type.

>>> parse("(a+b)*(b+1)").expr
(a + b)*(b + 1)
>>> parse("f(x) = x^2 sin x").readings
('read x^2 sin x as x^2·sin(x)',)
>>> parse("xy", inputs=("x", "y")).expr
x*y
>>> parse("sin x/2")
Traceback (most recent call last):
    ...
symgraph.errors.ReadingError: sin without brackets, then /: where does it end? (line 1, column 1)
  sin x/2
  ^^^^^^^
hint: sin(x)/2 or sin(x/2)?

Nothing is evaluated: text becomes tokens (`tokens.py`, `commands.py` for LaTeX), words get their meaning (`words.py`),
a precedence parser builds the syntax tree (`grammar.py`), and the tree is a Program (`language/program.py`). What is
doubtful is an error that shows both readings, or is reported in `readings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr

from symgraph.errors import DomainError, LimitExceeded, NameProblem, ReadingError
from symgraph.language.constructors import check_numbers, construct, span_of
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Span, Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.commands import tokenize_latex
from symgraph.parsing.grammar import Manner, Note, Parser
from symgraph.parsing.signs import GREEK_NAMES
from symgraph.parsing.tokens import Token, Word, match_brackets, tokenize
from symgraph.parsing.words import (
    BINDER_SPELLINGS,
    CONDITION_WORDS,
    FUNCTIONS,
    Vocabulary,
    check_name,
    is_name,
    read_word,
)

__all__ = ["check_name", "parse", "parse_condition", "parse_equation", "parse_expression", "parse_point"]

_UNKNOWN_FUNCTIONS = frozenset({"f", "g", "h", "F", "G", "H", "phi", "psi"})
_OFTEN_CONSTANTS = {"E": "Euler's number", "I": "the imaginary unit", "i": "the imaginary unit"}


def parse(
    text: str,
    *,
    inputs: Iterable[str] | None = None,
    of: str | Iterable[str] | None = None,
    declared: Iterable[str] = (),
    lenient: bool = False,
    logarithm: str = "natural",
    limits: Limits = DEFAULT,
    notation: str = "",
) -> Program:
    """Read one expression, a definition f(x) = …, or named assignments, one a line or separated by semicolons.

    Args:
        text: what was typed; with a backslash in it, it is read as LaTeX.
        inputs: the names that the problem has; then any other name is an error.
        of: the outputs to keep.
        declared: names that are meant as such (`mass`), and functions about which nothing is known (`f(x)`).
        lenient: where a quotient or a function without brackets could end in two places, take the nearer one and
            report it, instead of an error.
        logarithm: what `log` means, "natural" or "decimal".
        notation: "latex" for LaTeX; by default a text is LaTeX when it has a backslash in it.

    Raises:
        ReadingError: it cannot be read, or in two ways; line, column and hint say where and what to write.
        NameProblem: a name that the problem does not have, or an unknown function.
        ProgramError: statements that do not fit together.
        LimitExceeded: it is longer, deeper or larger than `limits` allow.

    >>> program = parse("c = a+b; d = b+1; e = c*d")
    >>> program.inputs, program.outputs
    (('a', 'b'), ('e',))
    """
    reading = _Reading(text, limits, lenient, logarithm, notation=notation)
    outputs = (of,) if isinstance(of, str) else None if of is None else tuple(of)
    reading.declare(inputs, (*declared, *(outputs or ())))
    return reading.program(inputs, outputs)


def parse_expression(
    text: str,
    *,
    inputs: Iterable[str] | None = None,
    declared: Iterable[str] = (),
    lenient: bool = False,
    logarithm: str = "natural",
    limits: Limits = DEFAULT,
    notation: str = "",
) -> Tree:
    """Read one expression as a syntax tree.

    >>> parse_expression("2x")
    Apply('multiply', (Number('2'), Name('x')))
    """
    reading = _Reading(text, limits, lenient, logarithm, notation=notation)
    reading.declare(inputs, declared)
    statement = reading.only("an expression")
    if statement.equals is not None:
        raise reading.equation(statement)
    return reading.tree(statement)


def parse_condition(
    text: str, *, inputs: Iterable[str] | None = None, declared: Iterable[str] = (), limits: Limits = DEFAULT
) -> Tree:
    """Read a condition such as `a != n and a > 2`.

    >>> parse_condition("a != n")
    Apply('unequal', (Name('a'), Name('n')))
    """
    reading = _Reading(text, limits, False, "natural")
    reading.declare(inputs, declared, left_sides=False)
    return reading.tree(reading.only("a condition"), condition=True)


def parse_equation(
    text: str, *, inputs: Iterable[str] | None = None, declared: Iterable[str] = (), limits: Limits = DEFAULT
) -> tuple[Tree, Tree]:
    """Read an equation as its two sides.

    >>> left, right = parse_equation("x^2 + y^2 = 25")
    >>> right
    Number('25')
    """
    reading = _Reading(text, limits, False, "natural")
    reading.declare(inputs, declared, left_sides=False)
    statement = reading.only("an equation")
    if statement.equals is None:
        raise ReadingError("an equation is wanted here", text, *statement.span, hint="write both sides: x^2 + y^2 = 25")
    return reading.tree(statement, stop=statement.equals), reading.tree(statement, start=statement.equals + 1)


def parse_point(text: str, *, limits: Limits = DEFAULT) -> dict[str, Expr]:
    """Read the values of names, `a=2, b=1/3, x=1e-3, t=pi/6`, as exact numbers.

    >>> parse_point("a=2, b=1/3, x=1e-3, t=pi/6")
    {'a': 2, 'b': 1/3, 'x': 1/1000, 't': pi/6}
    """
    reading = _Reading(text, limits, False, "natural", point=True)
    reading.vocabulary = Vocabulary(frozenset(), closed=True)
    values: dict[str, Expr] = {}
    for statement in reading.statements:
        if statement.name is None or statement.parameters or statement.equals is None:
            raise ReadingError(
                "a point is made of values", text, *statement.span, hint="write name = value: a=2, b=1/3"
            )
        if statement.name in values:
            raise ReadingError(f"{statement.name} has two values", text, *statement.span, hint="leave one out")
        values[statement.name] = construct(reading.tree(statement, start=statement.equals + 1), limits=limits)
    if not values:
        raise ReadingError("there is no value here", text, hint="write name = value: a=2, b=1/3")
    return values


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX: it has a backslash, or stands between dollar signs.

    >>> is_latex("$x^2$"), is_latex("x^2")
    (True, False)
    """
    bare = text.strip()
    return "\\" in text or (len(bare) > 2 and bare[0] == bare[-1] == "$" and "$" not in bare.strip("$"))


@dataclass(frozen=True, slots=True)
class _Statement:
    """The tokens of one statement, and what stands before its = (nothing, a name, or f(x, y))."""

    tokens: tuple[Token, ...]
    span: Span
    equals: int | None = None  # the place of the first = outside brackets
    name: str | None = None
    parameters: tuple[str, ...] = ()


class _Reading:
    """One text on its way to a Program: tokens, statements, vocabulary, trees, readings."""

    def __init__(
        self, text: str, limits: Limits, lenient: bool, logarithm: str, *, point: bool = False, notation: str = ""
    ) -> None:
        if not isinstance(text, str):
            raise ReadingError(f"text is wanted here, not a {type(text).__name__}")
        if logarithm not in ("natural", "decimal"):
            raise ReadingError(f"log is natural or decimal, not {logarithm!r}")
        self.text, self.limits = text, limits
        self.manner = Manner(lenient, logarithm, limits)
        latex = notation == "latex" or (notation == "" and is_latex(text))
        tokens = tokenize_latex(text, limits) if latex else tokenize(text, limits, signed_exponents=point)
        self.statements = [_statement(text, part) for part in _split(tokens, commas=point)]
        self.last = next((token.text for token in reversed(tokens[:-1])), "")
        limits.check("statements", len(self.statements))
        self.vocabulary = Vocabulary()
        self.notes: list[Note] = []

    def only(self, what: str) -> _Statement:
        """The one statement of a text that may have no more."""
        if not self.statements:
            raise ReadingError("there is nothing here", self.text, hint=f"write {what}")
        if len(self.statements) > 1:
            raise ReadingError(
                f"{what} is wanted, not several", self.text, *self.statements[1].span, hint="write one of them"
            )
        self.refuse_semicolon()
        return self.statements[0]

    def refuse_semicolon(self) -> None:
        if len(self.statements) == 1 and self.statements[0].name is None and self.last == ";":
            place = self.text.rfind(";")
            raise ReadingError("a semicolon after an expression", self.text, place, hint="delete it")

    def equation(self, statement: _Statement) -> ReadingError:
        assert statement.equals is not None
        sign = statement.tokens[statement.equals]
        hint = "write the right side alone" if statement.name else "write one side alone, or ask an implicit question"
        return ReadingError("an equation, where an expression is wanted", self.text, sign.start, sign.end, hint=hint)

    def declare(self, inputs: Iterable[str] | None, declared: Iterable[str], *, left_sides: bool = True) -> None:
        """Collect every name that counts as declared."""
        names: set[str] = set()
        functions: set[str] = set()
        for entry in (*(inputs or ()), *declared):
            name, bracket, _ = entry.partition("(")
            (functions if bracket else names).add(check_name(name.strip()))
        if left_sides:
            for statement in self.statements:
                if statement.name is not None:
                    names.add(statement.name)
                names.update(statement.parameters)
                if statement.parameters:
                    functions.add(statement.name or "")
        for statement in self.statements:
            names.update(_bound_names(statement.tokens))
        if inputs is None:
            functions |= _unknown_functions(self.statements, names)
        self.vocabulary = Vocabulary(frozenset(names), inputs is not None, frozenset(functions))

    def program(self, inputs: Iterable[str] | None, of: Sequence[str] | None) -> Program:
        if not self.statements:
            raise ReadingError("there is nothing here", self.text, hint="write an expression, such as (a+b)*(b+1)")
        self.refuse_semicolon()
        assignments = []
        for statement in self.statements:
            if statement.equals is not None and statement.name is None:
                raise self.equation(statement)
            start = 0 if statement.equals is None else statement.equals + 1
            tree = self.tree(statement, start=start)
            assignments.append(Assignment(statement.name, tree, statement.span, statement.parameters))
        return assemble(
            assignments, text=self.text, of=of, inputs=inputs, readings=self.readings(), limits=self.limits
        )

    def tree(self, statement: _Statement, *, start: int = 0, stop: int | None = None, condition: bool = False) -> Tree:
        """The syntax tree of a statement, or of one side of it."""
        tokens = statement.tokens[start:stop]
        place = tokens[-1].end if tokens else statement.span[0]
        resolved = self.resolve(tokens)
        parser = Parser(self.text, [*resolved, Token("end", "", place, place)], self.manner)
        try:
            tree = parser.condition() if condition else parser.whole()
        except RecursionError:
            raise LimitExceeded("depth", self.limits.depth, "too many", "brackets, functions and powers") from None
        self.notes.extend(parser.notes)
        self.check_numbers(tree)
        return tree

    def check_numbers(self, tree: Tree) -> None:
        """Numbers that are too large, or have no value, are found here, with the place where they stand."""
        try:
            check_numbers(tree, limits=self.limits)
        except DomainError as problem:
            start, end = span_of(problem) or (0, len(self.text))
            located = DomainError(str(ReadingError(str(problem), self.text, start, end)))
            raise located from None
        except LimitExceeded as problem:
            start, end = span_of(problem) or (0, len(self.text))
            shown = " ".join(self.text[start:end].split())
            detail = f"in {shown if len(shown) < 60 else shown[:59] + '…'}"
            raise LimitExceeded(problem.limit, problem.allowed, problem.found, detail) from None

    def readings(self) -> tuple[str, ...]:
        """Every guess, in the order of the text, each once."""
        self.notes.sort(key=lambda note: (note.start, note.end))
        return tuple(dict.fromkeys(note.sentence for note in self.notes))

    def resolve(self, tokens: Sequence[Token]) -> list[Token]:
        """Words become names, functions and constants."""
        found: list[Token] = []
        for place, token in enumerate(tokens):
            if token.kind != "word":
                if token.scientific and "e" in self.vocabulary.names:
                    message = f"{token.text} could be a power of ten or have the name e in it"
                    raise ReadingError(message, self.text, token.start, token.end, hint="write * or 10^…")
                found.append(token)
                continue
            assert isinstance(token.value, Word)
            after = tokens[place + 1] if place + 1 < len(tokens) else None
            called = after is not None and after.kind == "sign" and _opens(tokens, place + 1)
            pieces = read_word(token.value, self.vocabulary, text=self.text, called=called)
            for number, piece in enumerate(pieces):
                value: Fraction | None = Fraction(int(piece.text)) if piece.kind == "number" else None
                kind = "name" if piece.kind == "letter" else piece.kind
                space = token.space and number == 0
                found.append(Token(kind, piece.text, piece.start, piece.end, space, value))
            self.report(token, found[-len(pieces) :])
        return found

    def report(self, token: Token, pieces: Sequence[Token]) -> None:
        """Say how a word was read, where that was a choice."""
        written = self.text[token.start : token.end]
        names = self.vocabulary.names
        if len(pieces) > 1:
            if all(piece.kind == "name" for piece in pieces) and not all(piece.text in names for piece in pieces):
                reading = "·".join(piece.text for piece in pieces)
                self.notes.append(Note(token.start, token.end, f"read {written} as {reading}"))
            return
        piece = pieces[0]
        if piece.kind == "constant" and piece.text == "e":
            self.notes.append(Note(token.start, token.end, "read e as Euler's number"))
        elif piece.kind in ("function", "constant") and piece.text != written and written.isascii():
            self.notes.append(Note(token.start, token.end, f"read {written} as {piece.text}"))
        elif piece.kind == "name" and piece.text in _OFTEN_CONSTANTS and piece.text not in names:
            reading = f"read {piece.text} as a name, not as {_OFTEN_CONSTANTS[piece.text]}"
            self.notes.append(Note(token.start, token.end, reading))


def _opens(tokens: Sequence[Token], place: int) -> bool:
    """Whether a bracket for arguments opens here: ( or LaTeX's {( ."""
    if tokens[place].text == "{" and place + 1 < len(tokens):
        place += 1
    return tokens[place].kind == "sign" and tokens[place].text == "("


def _split(tokens: Sequence[Token], *, commas: bool = False) -> list[list[Token]]:
    """The tokens of each statement; with `commas`, those outside brackets separate statements, too."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "sign" and token.text in ("(", "[", "{"):
            depth += 1
        elif token.kind == "sign" and token.text in (")", "]", "}"):
            depth -= 1
        if token.kind in ("break", "end") or (commas and depth == 0 and token.kind == "sign" and token.text == ","):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _statement(text: str, tokens: Sequence[Token]) -> _Statement:
    """A statement with its left side, if it has one."""
    span = (tokens[0].start, tokens[-1].end)
    equals = _equals(tokens)
    if equals is None:
        return _Statement(tuple(tokens), span)
    left = [token for token in tokens[:equals] if not (token.kind == "sign" and token.text in ("{", "}"))]
    name = _left_name(text, left[0]) if left else None
    if name is None or (len(left) > 1 and not _is_definition(left)):
        return _Statement(tuple(tokens), span, equals)
    parameters = tuple(_left_name(text, token) or "" for token in left[2:-1:2])
    if len(set(parameters)) < len(parameters):
        raise ReadingError("a parameter stands here twice", text, left[0].start, left[-1].end)
    return _Statement(tuple(tokens), span, equals, name, parameters)


def _equals(tokens: Sequence[Token]) -> int | None:
    depth = 0
    for place, token in enumerate(tokens):
        if token.kind == "sign":
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
            if token.text == "=" and depth == 0:
                return place
    return None


def _is_definition(left: Sequence[Token]) -> bool:
    """Whether tokens are f ( x , y )."""
    signs = [token.text for token in left[1::2]]
    words = all(token.kind == "word" for token in left[::2])
    return len(left) > 3 and len(left) % 2 == 0 and words and signs == ["(", *[","] * (len(signs) - 2), ")"]


def _left_name(text: str, token: Token) -> str | None:
    """The name that a left side assigns, or an error when it may not be assigned."""
    if token.kind != "word" or not isinstance(token.value, Word):
        return None
    word = token.value
    name = word.letters + (f"_{word.subscript}" if word.subscript else "")
    if name == "pi" or (name in FUNCTIONS and name not in GREEK_NAMES):
        what = "a constant" if name == "pi" else "a function"
        raise NameProblem(f"{name} is {what} and cannot be assigned", text, token.start, token.end)
    if not is_name(name) or name in CONDITION_WORDS:
        raise NameProblem(f"{name} cannot be a name", text, token.start, token.end)
    return name


def _bound_names(tokens: Sequence[Token]) -> set[str]:
    """The names that sums, products and integrals bind: k in sum(k^2, k, 1, n)."""
    found: set[str] = set()
    for place, token in enumerate(tokens):
        if token.kind == "differential":
            found.add(token.text or tokens[min(place + 1, len(tokens) - 1)].text)
        elif token.kind == "large" and [each.text for each in tokens[place + 1 : place + 3]] == ["_", "{"]:
            found.add(tokens[min(place + 3, len(tokens) - 1)].text)
    found = {name for name in found if is_name(name)}
    if not any(token.kind == "word" and token.text in BINDER_SPELLINGS for token in tokens):
        return found
    partner = match_brackets(tokens)
    for place, token in enumerate(tokens[:-1]):
        opens = place + 1
        if token.kind != "word" or token.text not in BINDER_SPELLINGS or opens not in partner:
            continue
        at, end = opens + 1, partner[opens]
        while at < end and not (tokens[at].kind == "sign" and tokens[at].text == ","):
            at = partner[at] + 1 if partner.get(at, -1) > at else at + 1
        word = tokens[at + 2 if at + 1 < end and tokens[at + 1].text == "(" else at + 1] if at + 1 < end else token
        if word is not token and isinstance(word.value, Word):
            found.add(word.value.letters + (f"_{word.value.subscript}" if word.value.subscript else ""))
    return found


def _unknown_functions(statements: Sequence[_Statement], names: set[str]) -> set[str]:
    """Single letters such as f that stand before a bracket and never as a value."""
    called: set[str] = set()
    valued: set[str] = set()
    for statement in statements:
        for token, after in zip(statement.tokens, (*statement.tokens[1:], None), strict=True):
            if token.kind == "word" and token.text in _UNKNOWN_FUNCTIONS:
                bracket = after is not None and after.kind == "sign" and after.text in ("(", "{")
                (called if bracket else valued).add(token.text)
    return called - valued - names
