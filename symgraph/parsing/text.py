"""Calculator and textbook notation -> Program: the one door for text that people type.

>>> parse("(a+b)*(b+1)").expr
(a + b)*(b + 1)
>>> parse("f(x) = x^2 sin 2x").readings
('read x^2 sin 2x as x^2·sin(2·x)',)
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

import re
from collections.abc import Iterable

from sympy import Expr

from symgraph.errors import DomainError, LimitExceeded, ReadingError, SymgraphError
from symgraph.language.constructors import check_numbers, construct, span_of
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.definitions import check_definitions
from symgraph.parsing.grammar import Manner, Note, Parser
from symgraph.parsing.resolver import has_shape, resolve
from symgraph.parsing.signs import IGNORED, SPACES
from symgraph.parsing.statements import Statement, bound_names, only_called, read_statement, split, unknown_functions
from symgraph.parsing.tokens import Token, tokenize
from symgraph.parsing.words import Vocabulary, check_name

__all__ = [
    "check_name",
    "has_more_than_a_line",
    "parse",
    "parse_condition",
    "parse_equation",
    "parse_expression",
    "parse_point",
]


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
    outputs = None if of is None else [check_name(name) for name in ((of,) if isinstance(of, str) else of) if name]
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
    reading = _Reading(text, limits, False, "natural", definitions=False)
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
    reading = _Reading(text, limits, False, "natural", definitions=False)
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


_BLANK = "".join(sorted({*SPACES, *IGNORED, *"\n\r;"}))


def has_more_than_a_line(text: str) -> bool:
    """Whether a text surely has several statements: its first line is one, and something follows.

    >>> has_more_than_a_line("u = x^2\\ny = u^2"), has_more_than_a_line("x^2 + y^2 = 25")
    (True, False)
    """
    first, *rest = re.split("[\n\r;]", text.strip(_BLANK), maxsplit=1)
    if not rest or is_latex(text):
        return False
    try:
        tokenize(first)
    except SymgraphError:  # a bracket that is closed further down
        return False
    return True


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX: it has a backslash, or stands between dollar signs.

    >>> is_latex("$x^2$"), is_latex("x^2")
    (True, False)
    """
    bare = text.strip()
    return "\\" in text or (len(bare) > 2 and bare[0] == bare[-1] == "$" and "$" not in bare.strip("$"))


class _Reading:
    """One text on its way to a Program: tokens, statements, vocabulary, trees, readings."""

    def __init__(
        self,
        text: str,
        limits: Limits,
        lenient: bool,
        logarithm: str,
        *,
        point: bool = False,
        notation: str = "",
        definitions: bool = True,
    ) -> None:
        if not isinstance(text, str):
            raise ReadingError(f"text is wanted here, not a {type(text).__name__}")
        if logarithm not in ("natural", "decimal"):
            raise ReadingError(f"log is natural or decimal, not {logarithm!r}")
        limits.check("program_characters", len(text))
        self.text, self.limits = text, limits
        self.manner = Manner(lenient, logarithm, limits)
        if notation == "latex" or (notation == "" and is_latex(text)):
            from symgraph.parsing.commands import tokenize_latex

            self.tokens = tokenize_latex(text, limits)
        else:
            self.tokens = tokenize(text, limits, signed_exponents=point)
        self.statements = [
            read_statement(text, part, definitions=definitions) for part in split(self.tokens, commas=point)
        ]
        limits.check("statements", len(self.statements))
        self.vocabulary = Vocabulary()
        self.notes: list[Note] = []

    def only(self, what: str) -> Statement:
        """The one statement of a text that may have no more."""
        if not self.statements:
            raise ReadingError("there is nothing here", self.text, hint=f"write {what}")
        if len(self.statements) > 1:
            span = self.statements[1].span
            raise ReadingError(f"{what} is wanted, not several", self.text, *span, hint="write one of them")
        self.refuse_semicolon()
        return self.statements[0]

    def refuse_semicolon(self) -> None:
        """x^2; is an expression and then nothing: is something missing?"""
        if len(self.statements) == 1 and self.statements[0].name is None:
            for token in self.tokens:
                if token.kind == "break" and token.text == ";":
                    raise ReadingError("a semicolon beside an expression", self.text, token.start, hint="delete it")

    def equation(self, statement: Statement) -> ReadingError:
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
            (functions if bracket else names).add(check_name(name.strip(" ")))
        for statement in self.statements:
            if left_sides and statement.name is not None:
                names.update((statement.name, *statement.parameters))
                functions.update([statement.name] if statement.parameters else [])
            names.update(bound_names(statement.tokens))
        unknown = unknown_functions(self.statements, names | functions) if inputs is None else set()
        words = [token for statement in self.statements for token in statement.tokens if token.kind == "word"]
        self.vocabulary = Vocabulary(
            frozenset(names),
            inputs is not None,
            frozenset(functions | unknown),
            frozenset(unknown),
            frozenset(token.text for token in words if len(token.text) == 1),
            frozenset(only_called(self.statements, {"sigma"})),
            any(has_shape(statement.tokens) for statement in self.statements),
        )

    def program(self, inputs: Iterable[str] | None, of: Iterable[str] | None) -> Program:
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
        check_definitions(assignments, self.text, self.limits)
        given = None if inputs is None else [check_name(name) for name in inputs if "(" not in name]
        readings = self.readings()
        return assemble(assignments, text=self.text, of=of, inputs=given, readings=readings, limits=self.limits)

    def tree(self, statement: Statement, *, start: int = 0, stop: int | None = None, condition: bool = False) -> Tree:
        """The syntax tree of a statement, or of one side of it."""
        tokens = statement.tokens[start:stop]
        place = tokens[-1].end if tokens else statement.span[1]
        resolved, notes = resolve(tokens, self.vocabulary, self.text)
        parser = Parser(self.text, [*resolved, Token("end", "", place, place)], self.manner)
        try:
            tree = parser.condition() if condition else parser.whole()
        except RecursionError:
            raise LimitExceeded("depth", self.limits.depth, "too many", "brackets, functions and powers") from None
        self.notes.extend(notes + parser.notes)
        self.check_numbers(tree)
        return tree

    def check_numbers(self, tree: Tree) -> None:
        """Numbers that are too large, or have no value, are found here, with the place where they stand."""
        try:
            check_numbers(tree, limits=self.limits)
        except DomainError as problem:
            start, end = span_of(problem) or (0, len(self.text))
            raise DomainError(str(ReadingError(str(problem), self.text, start, end))) from None
        except LimitExceeded as problem:
            start, end = span_of(problem) or (0, len(self.text))
            shown = " ".join(self.text[start:end].split())
            detail = f"in {shown if len(shown) < 60 else shown[:59] + '…'}"
            raise LimitExceeded(problem.limit, problem.allowed, problem.found, detail) from None

    def readings(self) -> tuple[str, ...]:
        """Every guess, in the order of the text, each once."""
        self.notes.sort(key=lambda note: (note.start, note.end))
        return tuple(dict.fromkeys(note.sentence for note in self.notes))
