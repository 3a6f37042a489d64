"""The operations of a program: equal ones counted once, numbered in an order of computation, each with a name.

>>> from symgraph.language.program import Assignment, assemble
>>> from symgraph.language.tree import Apply
>>> total = Apply("add", (Name("x"), Name("y")))
>>> pieces = Pieces(assemble([Assignment("z", Apply("multiply", (Apply("sine", (total,)), total)))]))
>>> for name, formula in pieces.formulas("operation"):
...     print(name, formula)
u Apply('add', (Name('x'), Name('y')))
v Apply('sine', (Name('u'),))
z Apply('multiply', (Name('v'), Name('u')))

A grain says which of them become nodes; a node's formula is what was written, down to the next nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from symgraph.calculus.grains import textbook_nodes
from symgraph.language.branches import PARTLY, operations, stays_whole
from symgraph.language.program import Assignment, Program
from symgraph.language.tree import BINDERS, Apply, Constant, Name, Number, Tree, Undefined, postorder, rebuild

__all__ = ["Grain", "Pieces"]

Grain = Literal["operation", "statement", "textbook"]

_APPLIED = (Apply, Undefined)


class Pieces:
    """The operations of a program's trees, and the name of the node that each would be.

    Args:
        program: its trees must live as long as this does.

    Attributes:
        names: of the operations, by their numbers.
        rules: every row of the table that stands in the program.

    Raises:
        LimitExceeded: there are more than `limits.nodes`.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._number_of: dict[int, int] = {}  # id(piece) -> its number
        self._piece: list[Tree] = []  # number -> the first piece that has it
        self._roots: dict[str, int] = {}  # assigned name -> number
        self._claimed: set[int] = set()  # numbers that an assigned name has
        self._reserved: set[str] = set()  # names that no node may take: constants and unknown functions in use
        self.rules: set[str] = set()
        numbers: dict[Any, int] = {}
        for assignment in program.assignments:
            self._enter(assignment, numbers)
        program.limits.check("nodes", len(self._piece) + len(program.inputs))
        if "exponential" in self.rules:
            self._reserved.add("e")
        self.names = self._named()

    def _enter(self, assignment: Assignment, numbers: dict[Any, int]) -> None:
        """Number the operations of one assignment in which a name occurs; equal ones get the same number."""
        tree = assignment.tree
        number_of, roots = self._number_of, self._roots
        for piece in self._listed(tree):
            own: Any = piece.operator if isinstance(piece, Apply) else (piece.name, piece.orders)
            key = [own]
            varies = False
            for argument in piece.arguments:
                if type(argument) is Name:
                    key.append(roots.get(argument.name, argument.name))
                    varies = True
                elif type(argument) is Number:
                    key.append(argument.value.as_integer_ratio())
                else:
                    number = number_of.get(id(argument))
                    key.append(argument if number is None else number)
                    varies = varies or number is not None
            if own in PARTLY:
                varies = varies or own in BINDERS or _has_names(piece)
                key = [own, piece] if own in BINDERS else key
            if not varies:
                continue
            number = numbers.setdefault(tuple(key), len(self._piece))
            if number == len(self._piece) or (piece is tree and number in self._claimed):
                number = self._append(piece)  # what the user named is a node of its own, even when equal
            number_of[id(piece)] = number
        root = number_of[id(tree)] if id(tree) in number_of else self._append(tree)
        self._claimed.add(root)
        roots[assignment.name or ""] = root

    def _listed(self, tree: Tree) -> list[Apply | Undefined]:
        """The operations of a tree; the rules and names in it are noted."""
        found: list[Apply | Undefined] = []
        reserved, rules = self._reserved, self.rules
        partly = False
        seen: set[int] = set()
        stack: list[Any] = [tree]  # None: the piece below it comes now, its arguments are done
        while stack:
            piece = stack.pop()
            kind = type(piece)
            if piece is None:
                found.append(stack.pop())
            elif kind is Name:
                reserved.add(piece.name)
            elif kind is Apply or kind is Undefined:
                if id(piece) not in seen:
                    seen.add(id(piece))
                    stack += (piece, None)
                    stack += piece.arguments[::-1]
                    if kind is Apply:
                        rules.add(piece.operator)
                        partly = partly or piece.operator in PARTLY
                    else:
                        reserved.add(piece.name)
            elif kind is Constant:
                reserved.add("e")
        return operations(tree) if partly else found

    def _append(self, piece: Tree) -> int:
        self._piece.append(piece)
        return len(self._piece) - 1

    def _named(self) -> list[str]:
        """User names first; then the next letters of the alphabet, or u, v, w, …."""
        owner = {number: name for name, number in self._roots.items()}
        taken = {*self.program.inputs, *self._roots, *self._reserved}
        fresh, last = _fresh_names(self.program.inputs, taken)
        if "" in self._roots and last is not None:
            owner[self._roots[""]] = last()
        return [owner.get(number) or next(fresh) for number in range(len(self._piece))]

    def named(self, name: str) -> str:
        """The node's name of an assigned name ("" is the unnamed expression)."""
        return self.names[self._roots[name]] if name in self._roots else name

    def formulas(self, grain: Grain) -> list[tuple[str, Tree]]:
        """Each node's name and formula, in an order of computation."""
        roots = set(self._roots.values())
        nodes = roots | self._chosen(grain)
        inner = set() if grain == "statement" else nodes
        return [(self.names[number], self._formula(number, inner)) for number in sorted(nodes)]

    def _chosen(self, grain: Grain) -> set[int]:
        """The operations that are nodes besides the assigned names."""
        if grain == "operation":
            return set(range(len(self._piece)))
        if grain == "statement":
            return set()
        chosen: set[int] = set()
        for assignment in self.program.assignments:
            nodes = textbook_nodes(assignment.tree)
            chosen |= {self._number_of[identity] for identity in nodes if identity in self._number_of}
        return chosen

    def _formula(self, own: int, nodes: set[int]) -> Tree:
        """What was written, down to the next nodes."""
        piece = self._piece[own]
        if not nodes or not isinstance(piece, _APPLIED):
            return piece
        if not isinstance(piece, Apply) or piece.operator in PARTLY:
            return self._rebuilt(own, nodes)
        arguments: list[Tree] = []
        same = True
        for argument in piece.arguments:
            if isinstance(argument, _APPLIED):
                number = self._number_of.get(id(argument))
                if number is not None:
                    if number not in nodes:
                        return self._rebuilt(own, nodes)
                    argument, same = Name(self.names[number], argument.span), False
            arguments.append(argument)
        return piece if same else Apply(piece.operator, tuple(arguments), piece.span)

    def _rebuilt(self, own: int, nodes: set[int]) -> Tree:
        """The same for a formula of several operations.

        What stands in a condition may be an operation that is numbered later, elsewhere: it is not named here.
        """
        piece = self._piece[own]
        if stays_whole(piece):
            return piece

        def name_of(part: Tree) -> Tree | None:
            number = self._number_of.get(id(part))
            if part is piece or number is None or number >= own or number not in nodes:
                return part if part is not piece and stays_whole(part) else None
            return Name(self.names[number], part.span) if isinstance(part, _APPLIED) else None

        return rebuild(piece, name_of)


def _has_names(piece: Tree) -> bool:
    return any(isinstance(part, Name) for part in postorder(piece))


_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _fresh_names(used: Iterable[str], taken: set[str]) -> tuple[Iterator[str], Callable[[], str] | None]:
    """Names for what the user did not name, and the one for the unnamed output if it is not simply the next.

    a, b continue with c, d, e; anything else with u, v, w, …, then u1, u2, …, and the output is y.
    """
    names = sorted(used)
    alphabetical = bool(names) and names == list(_ALPHABET[: len(names)])
    letters = _ALPHABET[len(names) :] if alphabetical else "uvwpqrst"

    def fresh() -> Iterator[str]:
        for letter in letters:
            if letter not in taken:
                yield letter
        number = 1
        while True:
            if f"u{number}" not in taken:
                yield f"u{number}"
            number += 1

    def last() -> str:
        choice = next(letter for letter in "yzfFYZ" if letter not in taken) if set("yzfFYZ") - taken else "y0"
        taken.add(choice)
        return choice

    return fresh(), None if alphabetical else last
