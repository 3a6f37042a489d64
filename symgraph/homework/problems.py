"""A problem-set file -> Problems, and their seeded variants.

>>> homework = read_text('''
... schema = 1
... seed = "MATH101"
... [[problem]]
... id = "chain-01"
... text = "Differentiate ${{f}}$."
... f = "sin(a*x^n)"
... wrt = "x"
... params = { a = "2..8", n = [2, 3] }
... where = "a != n"
... ''')
>>> variant = vary(homework.problems[0], homework.seed, "1")
>>> variant.drawn, variant.statement("txt")
('a = 2, n = 3', 'Differentiate sin(2x³).')

The file is TOML, schema 1. Everything that is wrong with it is reported at once, each fault with file, line and field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sympy import Expr, Rational

from symgraph import files
from symgraph.calculus import curves
from symgraph.calculus.graph import keeping
from symgraph.errors import SymgraphError
from symgraph.explanation import typesetting
from symgraph.homework import bank, statements
from symgraph.homework.draws import Draw, Space, draw, holds, index, put_in, space, text_of_draw
from symgraph.homework.faults import LONGEST, Faults, lines, load, not_plain, shown, unknown
from symgraph.homework.statements import Listed
from symgraph.language.constructors import construct
from symgraph.language.primitives import SPELLINGS
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Name, Rate, Tree, names_in
from symgraph.limits import DEFAULT, Limits
from symgraph.marking.forms import FORMS
from symgraph.marking.lines import FUNCTIONS, Tangent, free_height, height_of
from symgraph.marking.question import ask
from symgraph.marking.tasks import Task, pose
from symgraph.parsing import text as door

__all__ = [
    "EACH",
    "START",
    "Homework",
    "Problem",
    "Reply",
    "Variant",
    "program_text",
    "read",
    "read_text",
    "vary",
]

EACH = "each"  # variants = "each": every student has numbers of their own
NICE = ("integer-value", "integer-coefficients", "small-fractions")
QUESTIONS = ("derivative", "implicit", "parametric", "tangent")
SMALL = 12  # numerators and denominators of a small fraction
MOST_VARIANTS = 10_000
MOST_PROBLEMS = 2_000
LONG = 20_000  # characters of a statement, or of a program
MOST_ENTRIES = 100  # parameters of a problem, and of its feedback and tests

_KINDS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "id": (str,),
        "title": (str,),
        "text": (str,),
        "f": (str,),
        "wrt": (str, list),
        "of": (str, list),
        "order": (int,),
        "at": (str,),
        "question": (str,),
        "params": (dict,),
        "where": (str,),
        "nice": (str, list),
        "key": (str,),
        "points": (int, float),
        "form": (str,),
        "domain": (str,),
        "tolerance": (int, float, str),
        "variants": (int, str),
        "feedback": (list,),
        "test": (list,),
        "use": (str,),
    }
)
_KIND_WORDS = {str: "text", list: "a list", dict: "a table", int: "a number", float: "a number"}
_DEFAULTABLE = ("points", "form", "domain", "variants", "tolerance", "wrt", "nice", "text")
_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "order": 1,
        "question": "derivative",
        "points": 1,
        "form": "any",
        "domain": "real",
        "variants": 1,
    }
)
_REPLY_KINDS = {
    "feedback": {"when": (str,), "score": (int, float), "say": (str,)},
    "test": {"answer": (str,), "score": (int, float)},
}


@dataclass(frozen=True)
class Problem:
    """One problem as it was written; `fields` has every field of the file, defaults included."""

    fields: Mapping[str, Any]
    line: int = field(default=0, compare=False)

    @property
    def id(self) -> str:
        return str(self.fields["id"])

    @property
    def points(self) -> float:
        return float(self.fields["points"])

    @property
    def variants(self) -> int | str:
        """How many versions there are, or "each"."""
        found: int | str = self.fields["variants"]
        return found

    @property
    def is_tangent(self) -> bool:
        """Whether an equation of the tangent is asked for."""
        return bool(self.fields["question"] == "tangent")

    @cached_property
    def question(self) -> str:
        """What f gives: a function, "derivative", or a curve by an equation, "implicit", or a parameter, "parametric".

        Raises:
            SymgraphError: f cannot be read.
        """
        if not self.is_tangent:
            return str(self.fields["question"])
        if curves.is_equation(self.fields["f"]):
            return "implicit"
        program = door.parse(self.fields["f"], declared=[*self.spaces, *self.wrt])
        assigned = {each.name for each in program.assignments if each.name}
        along = (self.wrt[0] if self.wrt else "x") in assigned and len(assigned) > 1
        return "parametric" if along else "derivative"

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names differentiated by; empty: all that moves."""
        return _names(self.fields.get("wrt"))

    @property
    def title(self) -> str:
        return str(self.fields.get("title", self.id))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in the function, parameters among them: inputs, then what is assigned."""
        declared = [*self.spaces, *self.wrt]
        if self.question == "implicit":
            left, right = door.parse_equation(self.fields["f"], declared=declared)
            return tuple({**names_in(left), **names_in(right)})
        program = door.parse(self.fields["f"], declared=declared)
        return (*program.inputs, *(each.name for each in program.assignments if each.name))

    @cached_property
    def spaces(self) -> Mapping[str, Space]:
        """What may be drawn for each parameter."""
        return {name: space(given) for name, given in self.fields.get("params", {}).items()}

    def data(self) -> dict[str, Any]:
        """The fields as JSON has them; how many variants there are changes none of them, and is left out."""
        return {name: value for name, value in self.fields.items() if name != "variants"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a teacher says to one answer: an entry of `feedback` (`say`) or `test` (what it must score)."""

    answer: str
    score: float
    say: str = ""


@dataclass(frozen=True)
class Homework:
    """A problem set.

    Args:
        problems: in the order of the file.
        path: the file; None where it was text.
    """

    title: str
    seed: str
    problems: tuple[Problem, ...]
    path: Path | None = None

    @property
    def versions(self) -> int:
        """How many versions of the sheet there are, students with numbers of their own left aside."""
        return max((problem.variants for problem in self.problems if isinstance(problem.variants, int)), default=1)

    @property
    def is_personal(self) -> bool:
        """Whether some problem has other numbers for every student."""
        return any(problem.variants == EACH for problem in self.problems)

    @property
    def points(self) -> float:
        return sum(problem.points for problem in self.problems)

    def version(self, student: str) -> str:
        """The version of the sheet that a student gets."""
        return str(1 + index(self.versions, self.seed, "version", student))

    def label(self, problem: Problem, student: str, version: str = "") -> str:
        """What a student's variant of a problem is drawn from: the student, or the number of a version."""
        if problem.variants == EACH:
            return student
        assert isinstance(problem.variants, int)
        number = int(version or self.version(student))
        return str(1 + (number - 1) % problem.variants)


@dataclass(frozen=True)
class Variant:
    """A problem with its numbers.

    Args:
        label: what it was drawn from: a student, or the number of a version.
        values: what was drawn.
        program: the function; for an implicit question that of F = left − right.
        equation: what was written, for an implicit question.
    """

    problem: Problem
    seed: str
    label: str
    values: Draw
    program: Program
    equation: str = ""

    @property
    def drawn(self) -> str:
        return text_of_draw(self.values)

    @property
    def wrt(self) -> tuple[str, ...]:
        return self.problem.wrt or self.program.varying

    @property
    def order(self) -> int:
        return int(self.problem.fields["order"])

    @property
    def at(self) -> Mapping[str, Expr] | None:
        """The point, if a value is asked for."""
        written = self.problem.fields.get("at")
        if written is None:
            return None
        trees = _point_trees(written, self.problem.spaces)
        return {name: construct(put_in(tree, self.values)) for name, tree in trees.items()}

    @property
    def source(self) -> str:
        """The function (the equation) as text that reads back."""
        if self.equation:
            return self.equation
        return program_text(self.program)

    @cached_property
    def task(self) -> Task:
        """What is asked, for the checker."""
        domain = self.problem.fields["domain"]
        assuming: Any = None
        if domain == "positive":
            assuming = dict.fromkeys(self.program.inputs, "positive")
        elif domain != "real":
            assuming = domain
        form = self.problem.fields["form"]
        source: Any = self.program
        wrt, of = self.wrt, _names(self.problem.fields.get("of"))
        if self.problem.question != "derivative":
            source, wrt, of = self.source, (self.curve[0],), (self.curve[1],)
        return pose(
            source,
            wrt,
            of=of or None,
            at=self.at,
            form=form,
            assuming=assuming,
            order=self.order,
            tolerance=self.problem.fields.get("tolerance"),
            key=self.key_tree if form == "same-shape" else None,
            tangent=self.problem.is_tangent,
        )

    @property
    def tangent(self) -> Tangent | None:
        """The tangent, where an equation of it is asked for."""
        return self.task.tangent if self.problem.is_tangent else None

    @property
    def curve(self) -> tuple[str, str]:
        """The two coordinates of a curve: what moves, and what follows."""
        of = _names(self.problem.fields.get("of"))
        if self.problem.question == "implicit":
            wrt = self.problem.wrt[0] if self.problem.wrt else self.program.inputs[0]
            return wrt, of[0] if of else next(name for name in self.program.inputs if name != wrt)
        assigned = [each.name for each in self.program.assignments if each.name]
        wrt = self.problem.wrt[0] if self.problem.wrt else "x"
        return wrt, of[0] if of else next((name for name in assigned if name != wrt), "y")

    @cached_property
    def slope(self) -> Expr:
        """The answer to an implicit or parametric question."""
        wrt, of = self.curve
        if self.problem.question == "implicit":
            return curves.implicit(self.equation, wrt, of, self.at, order=self.order)
        return curves.parametric(self.program, wrt, of, self.at, order=self.order)

    @cached_property
    def key_tree(self) -> Tree | None:
        """The teacher's key, with the numbers."""
        key = self.problem.fields.get("key")
        return None if key is None else self.read(key)

    @property
    def key(self) -> str | None:
        return None if self.key_tree is None else typesetting.text(self.key_tree, ascii=True)

    def read(self, written: str) -> Tree:
        """A formula of the teacher's about this problem, with the numbers; of a tangent, an equation."""
        names = (*self.program.inputs, *(each.name for each in self.program.assignments if each.name), *self.values)
        if not self.problem.is_tangent:
            return put_in(door.parse_expression(written, inputs=dict.fromkeys(names)), self.values)
        of = _names(self.problem.fields.get("of")) or self.program.outputs
        up = self.curve[1] if self.problem.question != "derivative" else height_of(self.program, of[0] or "")
        return put_in(_equation(written, names, up), self.values)

    def replies(self, kind: str) -> list[Reply]:
        """The entries of "feedback" or "test", with the numbers."""
        found = []
        for entry in self.problem.fields.get(kind, ()):
            written = entry["when" if kind == "feedback" else "answer"]
            answer = written
            if kind == "feedback" or self.values:
                answer = typesetting.text(self.read(written), ascii=True)
            found.append(Reply(answer, float(entry.get("score", 0)), entry.get("say", "")))
        return found

    def formulas(self) -> dict[str, Any]:
        """What the names in double braces stand for."""
        found: dict[str, Any] = dict(self.values)
        trees = [(each.name, each.tree) for each in self.program.assignments]
        if self.equation:
            left, right = door.parse_equation(self.equation, declared=self.program.inputs)
            found["f"] = Apply("equals", (left, right))
        elif len(trees) == 1:
            found["f"] = trees[0][1]
        else:
            found["f"] = Listed(tuple(_named(each, tree) for each, tree in trees))
        if self.problem.question != "derivative":
            wrt, of = self.curve
            found["slope"] = Rate(of, wrt, straight=True, order=self.order)
        found["wrt"] = Listed(tuple(map(_name_tree, self.wrt)))
        if self.problem.fields.get("at") is not None:
            points = _point_trees(self.problem.fields["at"], self.problem.spaces)
            found["at"] = Listed(tuple(_named(name, put_in(tree, self.values)) for name, tree in points.items()))
        return found

    def statement(self, to: str) -> str:
        """What the student reads, in a format: "html", "tex", "md", "txt"."""
        return statements.write(self.problem.fields["text"], self.formulas(), to)


def _equation(written: str, names: Iterable[str], up: str) -> Tree:
    """An equation of the teacher's; y = … where it is one side alone."""
    known = dict.fromkeys((*names, up))
    called = re.match(r"\s*([A-Za-z])\s*\([^()=]*\)\s*=", written)
    if called is not None and called[1] not in known:  # t(x) = …
        written = written[called.end() :]
    if "=" in written:
        return Apply("equals", door.parse_equation(written, inputs=known))
    return Apply("equals", (_name_tree(up), door.parse_expression(written, inputs=known)))


def program_text(program: Program) -> str:
    """A program as text that reads back.

    >>> program_text(door.parse("c = a+b; e = c*(b+1)"))
    'c = a + b; e = c*(b + 1)'
    """
    written = []
    for each in program.assignments:
        left = f"{each.name}({', '.join(each.parameters)})" if each.parameters else each.name
        right = typesetting.text(each.tree, ascii=True)
        written.append(f"{left} = {right}" if left else right)
    return "; ".join(written)


def _named(name: str | None, tree: Tree) -> Tree:
    return tree if name is None else Apply("equals", (_name_tree(name), tree))


def _name_tree(name: str) -> Tree:
    """A name as it is read; a letter is one already."""
    if len(name) == 1 and name.isascii() and name.isalpha():
        return Name(name)
    return door.parse_expression(name, declared=[name])


def _names(given: Any) -> tuple[str, ...]:
    if given is None:
        return ()
    return tuple(name.strip() for name in (given.split(",") if isinstance(given, str) else given))


def _point_trees(written: str, names: Mapping[str, Any]) -> dict[str, Tree]:
    """The values of a point, which may use parameters: x = pi/a, y = 2."""
    found: dict[str, Tree] = {}
    for part in _outside_brackets(written):
        name, equals, value = part.partition("=")
        if not equals or not name.strip():
            raise SymgraphError(f'a point is made of values, "x = 2, y = 1/3", not {part.strip()!r}')
        if name.strip() in found:
            raise SymgraphError(f"{name.strip()} has two values")
        found[door.check_name(name.strip())] = door.parse_expression(value, inputs=dict.fromkeys(names))
    return found


def _outside_brackets(written: str) -> list[str]:
    return [part for part in re.split(r",(?![^(]*\))", written) if part.strip()]


# Drawing -------------------------------------------------------------------------------------------------------------


def vary(problem: Problem, seed: str, label: str, limits: Limits = DEFAULT) -> Variant:
    """The variant of a problem that belongs to a student, or to a version.

    Raises:
        SymgraphError: no draw meets `where` and `nice` in so many tries; or what was drawn fits nowhere.
    """
    where = problem.fields.get("where")
    nice = _names(problem.fields.get("nice"))
    condition = None if where is None else door.parse_condition(where, inputs=dict.fromkeys(problem.spaces))
    made: dict[str, Variant] = {}

    def accepts(values: Draw) -> bool:
        if condition is not None and not holds(condition, values, limits):
            return False
        variant = _variant(problem, seed, label, values, limits)
        if nice and not all(_is_nice(variant, rule) for rule in nice):
            return False
        made["it"] = variant
        return True

    draw(problem.spaces, seed, problem.id, label, accepts)
    return made["it"]


def _variant(problem: Problem, seed: str, label: str, values: Draw, limits: Limits) -> Variant:
    written = problem.fields["f"]
    declared = [*problem.spaces, *problem.wrt]
    if problem.question == "implicit":
        left, right = (put_in(side, values) for side in door.parse_equation(written, declared=declared, limits=limits))
        equation = f"{typesetting.text(left, ascii=True)} = {typesetting.text(right, ascii=True)}"
        return Variant(problem, seed, label, values, curves.equation_of(equation, problem.wrt).program, equation)
    kept = keeping(written, _names(problem.fields.get("of")) or None, limits, declared)
    program = kept if isinstance(kept, Program) else door.parse(written, declared=declared, limits=limits)
    statements_ = [
        Assignment(each.name, put_in(each.tree, values), each.span, each.parameters) for each in program.assignments
    ]
    drawn = assemble(statements_, text=written, readings=program.readings, of=program.outputs, limits=limits)
    text = program_text(drawn)
    return Variant(
        problem, seed, label, values, assemble(drawn.assignments, text=text, of=drawn.outputs, limits=limits)
    )


def _is_nice(variant: Variant, rule: str) -> bool:
    """Whether the answer is as simple as the teacher wants it."""
    if variant.problem.is_tangent:
        tangent = variant.tangent
        assert tangent is not None
        if rule == "integer-value":
            return all(slope.is_integer for slope in tangent.slopes.values())
        answer = tangent.right
    else:
        answer = variant.slope if variant.problem.question != "derivative" else _answer(variant)
    if rule == "integer-value":
        at = variant.at
        if at is not None and variant.problem.question == "derivative":
            answer = answer.subs({variant.program.symbol(name): value for name, value in at.items()})
        return bool(answer.is_integer)
    rationals = [each for each in answer.atoms(Rational) if isinstance(each, Rational)]
    if rule == "integer-coefficients":
        return all(each.q == 1 or abs(each) == Rational(1, 2) for each in rationals)
    return all(abs(each.p) <= SMALL and each.q <= SMALL for each in rationals)


def _answer(variant: Variant) -> Expr:
    """The derivative, as the graph gives it, without what documents need of it."""
    ends = _names(variant.problem.fields.get("of")) or variant.program.outputs
    return ask(variant.program, variant.wrt[0], ends[0] or None, variant.order).answer


# Reading -------------------------------------------------------------------------------------------------------------


def read(path: str | Path, limits: Limits = DEFAULT) -> Homework:
    """Read a problem-set file.

    Raises:
        SymgraphError: what is wrong with it, a line for each fault: file, line, field.
    """
    return read_text(files.read_text(path, limits=limits), str(path))


def read_text(text: str, name: str = "homework.toml", *, bank: bool = False) -> Homework:
    """Read a problem set from text; `name` is what messages call it."""
    data = load(text, name)
    faults = Faults(name, lines(text))
    homework = _homework(data, faults, Path(name))
    if faults.found:
        raise SymgraphError("\n".join(faults.found))
    return homework


def _homework(data: dict[str, Any], faults: Faults, path: Path) -> Homework:
    if data.get("schema") != 1:
        faults.add(("schema",), f"the schema is 1, not {shown(data.get('schema'))}: write schema = 1")
    for name, kinds in {"title": (str,), "seed": (str, int)}.items():
        if name in data and (not isinstance(data[name], kinds) or isinstance(data[name], bool)):
            faults.add((name,), "text in quotes is wanted")
        elif told := not_plain(data.get(name, "")):
            faults.add((name,), told)
    for name in data:
        if name not in ("schema", "title", "seed", "defaults", "problem"):
            faults.add((name,), unknown(name, ["schema", "title", "seed", "defaults", "problem"]))
    defaults = data.get("defaults", {})
    if not isinstance(defaults, dict):
        faults.add(("defaults",), "a table is wanted: [defaults]")
        defaults = {}
    for name in defaults:
        if name not in _DEFAULTABLE:
            faults.add(("defaults", name), unknown(name, _DEFAULTABLE))
    entries = data.get("problem", [])
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        faults.add((), "there is no problem: write [[problem]] and its fields")
        entries = []
    if len(entries) > MOST_PROBLEMS:
        faults.add((), f"{len(entries)} problems: the limit is {MOST_PROBLEMS}")
        entries = []
    problems = [_problem(entry, defaults, faults, number) for number, entry in enumerate(entries)]
    _check_ids(problems, faults)
    title = str(data.get("title", path.stem))
    return Homework(title, str(data.get("seed", "")), tuple(each for each in problems if each is not None), path)


def _check_ids(problems: Sequence[Problem | None], faults: Faults) -> None:
    """Ids are file names: two that differ only in capitals would be one file on some systems."""
    seen: dict[str, str] = {}
    for number, problem in enumerate(problems):
        if problem is None:
            continue
        place = ("problem", number, "id")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", problem.id):
            told = "letters without accents, digits, - and _, 60 at most, a letter or digit first"
            faults.add(place, f"{shown(problem.id)} cannot be an id: {told}")
        elif files.safe_name(problem.id.casefold()) != problem.id.casefold():
            faults.add(place, f"{problem.id!r} cannot be an id: some systems take it for a device, or change it")
        elif problem.id.casefold() in seen:
            faults.add(place, f"{problem.id!r} is taken (by {seen[problem.id.casefold()]!r}): files would collide")
        seen.setdefault(problem.id.casefold(), problem.id)


def _problem(entry: dict[str, Any], defaults: dict[str, Any], faults: Faults, number: int) -> Problem | None:
    """One problem, looked at field by field; None where too much is wrong to look further."""
    here = ("problem", number)
    before = len(faults.found)
    base: dict[str, Any] = {}
    fields: dict[str, Any]
    if "use" in entry and isinstance(entry["use"], str):
        try:
            base = bank.take(entry["use"])
        except SymgraphError as fault:
            faults.add((*here, "use"), fault)
            return None
    if base:  # the file's defaults for points and versions hold for problems of the bank, too
        defaults = {name: value for name, value in defaults.items() if name in ("points", "variants")}
        fields = {**_DEFAULTS, **base, **defaults, **entry}
    else:
        fields = {**_DEFAULTS, **defaults, **entry}
    fields.pop("use", None)
    sound: dict[str, Any] = {}
    for name, value in list(fields.items()):
        kinds = _KINDS.get(name)
        right: bool = kinds is not None and isinstance(value, kinds) and not isinstance(value, bool)
        if kinds is None:
            faults.add((*here, name), unknown(name, list(_KINDS)))
        elif not right:
            wanted = " or ".join(dict.fromkeys(_KIND_WORDS[kind] for kind in kinds))
            faults.add((*here, name), f"{wanted} is wanted, not {shown(value)}")
        elif told := not_plain(value, LONG if name in ("text", "f") else LONGEST):
            faults.add((*here, name), told)
        elif name in ("wrt", "of", "nice") and not all(isinstance(each, str) for each in value):
            faults.add((*here, name), f"text in quotes is wanted, not {shown(value)}")
        elif name in ("params", *_REPLY_KINDS) and len(value) > MOST_ENTRIES:
            faults.add((*here, name), f"{len(value)} entries: the limit is {MOST_ENTRIES}")
        else:
            sound[name] = value
    if "text" not in fields:
        fields["text"] = _plain_statement(sound)
    for name in ("id", "f"):
        if name not in fields:
            faults.add((*here, name), f"a problem needs the field {name}")
    if len(faults.found) > before:
        return None
    problem = Problem(MappingProxyType(json.loads(json.dumps(fields))), faults.line(*here))
    for name, check in _CHECKS.items():
        try:
            check(problem)
        except SymgraphError as fault:
            faults.add((*here, name), fault)
            if name in ("params", "question", "f"):  # what follows would fail for the same reason
                return None
    for kind, kinds_of in _REPLY_KINDS.items():
        for place, reply in enumerate(fields.get(kind, [])):
            _check_reply(problem, reply, kinds_of, faults, (*here, kind, place))
    return problem


def _plain_statement(fields: Mapping[str, Any]) -> str:
    """What is asked, for a problem that has no words of its own, in the language that is being spoken."""
    from symgraph.explanation import renderer

    order = fields.get("order", 1)
    wrt, letters = _names(fields.get("wrt")), _letters(fields)
    defined = re.match(r"\s*([A-Za-z])\(\s*([A-Za-z])\s*\)\s*=", str(fields.get("f")))  # f(x) = …
    if defined is not None:
        wrt, letters = wrt or (defined[2],), letters - {defined[1]}
    all_of_them = not wrt and len(letters) > 1 and order < 3 and "=" not in str(fields.get("f"))
    asked = {
        "tangent": fields.get("question") == "tangent",
        "height": _height(str(fields.get("f")), letters),
        "slope": fields.get("question") in ("implicit", "parametric"),
        "several": len(wrt) > 1 or all_of_them,
        "order": order,
        "by": bool(wrt and letters - set(wrt)),
        "at": "at" in fields,
    }
    return renderer.say("plain_statement", asked, words="words_homework.j2")


def _height(f: str, letters: set[str]) -> str:
    """What stands before a function whose tangent is asked for: y =; nothing, where it stands there already."""
    if curves.is_equation(f) or ";" in f:
        return ""
    assigned = re.match(r"\s*([A-Za-z]\w*)\s*=", f)
    if assigned is not None and assigned[1] not in FUNCTIONS:
        return assigned[1]
    return free_height(letters)


def _letters(fields: Mapping[str, Any]) -> set[str]:
    """The letters in a function that are no parameters: with several of them a student must be told which one moves."""
    runs = [run for run in re.findall("[A-Za-z]+", str(fields.get("f", ""))) if run not in SPELLINGS and run != "pi"]
    params = fields.get("params")
    return {letter for run in runs for letter in run} - {"e"} - set(params if isinstance(params, dict) else ())


def _check_reply(problem: Problem, reply: Any, kinds: Mapping[str, Any], faults: Faults, here: tuple[Any, ...]) -> None:
    if not isinstance(reply, dict):
        faults.add(here, f"a table is wanted: [[problem.{here[2]}]]")
        return
    first = next(iter(kinds))
    for name, value in reply.items():
        if name not in kinds:
            faults.add((*here, name), unknown(name, list(kinds)))
        elif not isinstance(value, kinds[name]) or isinstance(value, bool):
            faults.add((*here, name), f"{shown(value)} is not what is wanted here")
        elif name == "score" and not 0 <= value <= 1:
            faults.add((*here, name), "a score is a part of the points, from 0 to 1")
    if first not in reply:
        faults.add((*here, first), f"it needs the field {first}")
    elif first == "when" and isinstance(reply[first], str):
        try:
            _read_in(problem, reply[first])
        except SymgraphError as fault:
            faults.add((*here, first), fault)


def _read_in(problem: Problem, written: str) -> Tree:
    names = [*problem.names, *problem.spaces]
    if problem.is_tangent:
        return _equation(written, [*names, "y", "z"], "y")
    return door.parse_expression(written, inputs=dict.fromkeys(names))


def _check_f(problem: Problem) -> None:
    names = {*problem.names, *_names_at(problem)}
    for name in problem.spaces:
        if name not in names and name not in statements.placeholders(problem.fields["text"]):
            raise SymgraphError(f"the parameter {name} is nowhere in it")


def _names_at(problem: Problem) -> set[str]:
    """The parameters that the point is made with; what is wrong with it is said of the point."""
    try:
        trees = _point_trees(problem.fields.get("at", ""), problem.spaces)
    except SymgraphError:
        return set(problem.spaces)
    return {name for tree in trees.values() for name in names_in(tree)}


def _check_wrt(problem: Problem) -> None:
    names = problem.names
    for name in problem.wrt:
        if name not in names:
            raise SymgraphError(f"{name} is no name of f: they are {', '.join(names)}")
        if name in problem.spaces:
            raise SymgraphError(f"{name} is a parameter: it stands for a number")


def _check_text(problem: Problem) -> None:
    statements.check(problem.fields["text"])
    known = ["f", "wrt", *(["at"] if "at" in problem.fields else []), *problem.spaces]
    known += ["slope"] if problem.question != "derivative" else []
    for name in statements.placeholders(problem.fields["text"]):
        if name not in known:
            raise SymgraphError(f"{{{{{name}}}}} is no name here: there are {', '.join(known)}")


def _check_where(problem: Problem) -> None:
    if "where" in problem.fields:
        door.parse_condition(problem.fields["where"], inputs=dict.fromkeys(problem.spaces))


def _one_of(name: str, known: Sequence[str]) -> Any:
    def check(problem: Problem) -> None:
        for value in _names(problem.fields.get(name)):
            if value not in known:
                raise SymgraphError(f"{value!r} is not one of {', '.join(known)}")

    return check


def _check_variants(problem: Problem) -> None:
    found = problem.variants
    if found != EACH and (not isinstance(found, int) or not 1 <= found <= MOST_VARIANTS):
        raise SymgraphError(f'a number from 1 to {MOST_VARIANTS} is wanted, or "{EACH}" (each student their own)')


def _check_positive(problem: Problem) -> None:
    if not problem.points > 0 or problem.points > 10**6:
        raise SymgraphError("points are more than 0")


def _check_order(problem: Problem) -> None:
    if not 1 <= problem.fields["order"] <= 10:
        raise SymgraphError("the order of a derivative is 1, 2, …, 10")
    if problem.is_tangent and problem.fields["order"] != 1:
        raise SymgraphError("a tangent has the first derivative for its slope: order=1")


def _check_domain(problem: Problem) -> None:
    domain = problem.fields["domain"]
    if domain not in ("real", "positive"):
        for part in domain.split(","):
            door.parse_condition(part)


def _check_at(problem: Problem) -> None:
    if "at" in problem.fields:
        _point_trees(problem.fields["at"], problem.spaces)
    elif problem.is_tangent:
        raise SymgraphError('a tangent touches at a point: at = "x = 1"')


def _check_key(problem: Problem) -> None:
    if "key" in problem.fields:
        _read_in(problem, problem.fields["key"])


_CHECKS: Mapping[str, Any] = MappingProxyType(
    {
        "params": lambda problem: problem.spaces,
        "question": _one_of("question", QUESTIONS),
        "f": _check_f,
        "wrt": _check_wrt,
        "text": _check_text,
        "where": _check_where,
        "nice": _one_of("nice", NICE),
        "form": _one_of("form", tuple(FORMS)),
        "variants": _check_variants,
        "points": _check_positive,
        "order": _check_order,
        "domain": _check_domain,
        "at": _check_at,
        "key": _check_key,
    }
)


START = """# A problem set: `symgraph key homework.toml` prints the sheet, the key and the worked key,
# `symgraph mark homework.toml answers.csv` marks what comes back.
schema = 1
title  = "Homework 1: the chain rule"
seed   = "CHANGE-ME"    # a variant depends on (seed, problem id, student) and on nothing else

[defaults]              # what holds for every problem that says nothing else
points   = 2
form     = "any"        # any, expanded, factored, single-fraction, lowest-terms, simplified, same-shape
domain   = "real"       # real, positive, or a condition: "x > 0"
variants = 1            # versions of the sheet; "each": every student has numbers of their own

[[problem]]
id     = "chain-01"     # a file name: letters, digits, - and _
text   = \'\'\'Differentiate $f(x) = {{f}}$ with respect to $x$.\'\'\'    # Markdown with LaTeX maths
f      = "sin(a*x^n)"   # or a program: "u = a*x^n; y = sin(u)"
wrt    = "x"            # a list is a gradient; order = 2; at = "x = 1" asks for a value,
                        # and with question = "tangent" for an equation of the tangent there
params = { a = "2..8", n = [2, 3, 4] }
where  = "a != n"       # a condition on what is drawn; nice = "integer-coefficients" is another
key    = "a*n*x^(n-1)*cos(a*x^n)"    # optional; verified, never trusted

  [[problem.feedback]]  # adds to the diagnoses that symgraph makes by itself
  when  = "cos(a*x^n)"
  score = 0.5
  say   = "You left out the derivative of the inside."

  [[problem.test]]      # your own cases, run by `symgraph key homework.toml --check`
  answer = "a*n*cos(a*x^n)*x^(n-1)"
  score  = 1

[[problem]]
use = "product/3"       # from the bank that comes with symgraph: `symgraph new --bank` lists it
"""
