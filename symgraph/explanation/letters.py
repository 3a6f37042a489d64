"""Letters, words and signs: how names, constants, functions, operators and counts are spelled in each output.

Names are the only text from outside that reaches a formula, and `checked_name` is the one door for them, whatever
SymPy object they came from.

>>> checked_name("theta_1"), SIGNS["less_equal"], function_words(r"\\operatorname{ln\\Gamma}")
(('theta', '1'), ('\\\\le', '≤', ' ≤ ', ' <= '), ['ln', 'Γ'])
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from symgraph.errors import NameProblem
from symgraph.language.numerals import digit_count
from symgraph.language.primitives import OVER_TERMS, PRIMITIVES, SPELLINGS
from symgraph.language.tree import Apply, Number

__all__ = [
    "CONSTANTS",
    "GREEK",
    "PLAIN_GREEK",
    "SIGNS",
    "SPELLED",
    "SQUARED",
    "checked_name",
    "command",
    "count_tex",
    "count_text",
    "function_words",
    "greek_function",
    "is_one_letter",
    "is_squared_function",
    "is_word",
    "spelling",
    "text_name",
]

# Every sign once: LaTeX, MathML (inside <mo>), text, ASCII. Spaces are those of the plain outputs.
SIGNS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "plus": ("+", "+", " + ", " + "),
        "minus": ("-", "−", " − ", " - "),
        "negative": ("-", "−", "−", "-"),
        "dot": (r"\cdot", "⋅", "·", "*"),
        "wide_dot": (r"\cdot", "⋅", " · ", "*"),
        "cross": (r"\times", "×", "×", "*"),
        "slash": ("/", "/", "/", "/"),
        "circled_dot": (r"\odot", "⊙", " ⊙ ", " .* "),
        "at": (r"\,", "\u2062", " @ ", " @ "),
        "equals": ("=", "=", " = ", " = "),
        "about": (r"\approx", "≈", " ≈ ", " ~ "),
        "less": ("<", "<", " < ", " < "),
        "less_equal": (r"\le", "≤", " ≤ ", " <= "),
        "greater": (">", ">", " > ", " > "),
        "greater_equal": (r"\ge", "≥", " ≥ ", " >= "),
        "unequal": (r"\ne", "≠", " ≠ ", " != "),
        "and": (r"\land", "∧", " ∧ ", " and "),
        "or": (r"\lor", "∨", " ∨ ", " or "),
        "not": (r"\lnot", "¬", "¬", "not "),
        "to": (r"\to", "→", "→", "->"),
        "factorial": ("!", "!", "!", "!"),
        "prime": ("'", "′", "'", "'"),
        "through": (r"\dots", "…", " … ", " ... "),
    }
)

# Greek: what the name is in LaTeX, and its letter. LaTeX's variants are names of their own, as the parser has them.
_SMALL = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "vartheta": "ϑ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "varrho": "ϱ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "ϕ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
}
_CAPITAL = {
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
GREEK: Mapping[str, str] = MappingProxyType(_SMALL | _CAPITAL)
# In plain text the usual letters stand for the usual names, and the variants are spelled, so that both read back.
PLAIN_GREEK = dict(GREEK) | {"epsilon": "ε", "phi": "φ"}
for _variant in ("varepsilon", "vartheta", "varphi", "varrho"):
    del PLAIN_GREEK[_variant]
SPELLED = {letter: word for word, letter in PLAIN_GREEK.items()} | {
    "ϵ": "epsilon",
    "ϕ": "phi",
    "ϑ": "theta",
    "ϱ": "rho",
    "ς": "sigma",
}

# The letters of the constants, and of signs that are written like letters.
CONSTANTS = {"pi": "π", "infinity": "∞", "partial": "∂", "transposed": "T", "nabla": "∇", "change": "Δ"}

_NAME = re.compile(
    r"(?P<stem>[A-Za-z][A-Za-z0-9]{0,29}|[Γ-Ωα-ωϵϕϑϱ][0-9]{0,9})(?:_(?P<below>[A-Za-z0-9]{1,10}|[Γ-Ωα-ω]))?"
)
_STEM = re.compile(r"(?P<letters>[A-Za-zΓ-Ωα-ωϵϕϑϱ]*?)(?P<digits>[0-9]*)")


@lru_cache(maxsize=4_096)
def checked_name(name: str) -> tuple[str, str]:
    """A name's letters and its subscript; nothing else can reach a document as a name.

    Raises:
        NameProblem: the name breaks the rule of names.

    >>> checked_name("x_1"), checked_name("x1"), checked_name("α"), checked_name("w1_prev")
    (('x', '1'), ('x', '1'), ('alpha', ''), ('w', '1,prev'))
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise NameProblem(
            f"{name[:40]!r} cannot be shown as a name",
            hint="a letter, then letters and digits, then perhaps one subscript: x, x1, x_1, a_prev, alpha_0",
        )
    stem, below = match["stem"], match["below"] or ""
    inner = _STEM.fullmatch(stem)
    letters, digits = (inner["letters"], inner["digits"]) if inner else (stem, "")
    letters = SPELLED.get(letters, letters)
    return letters, ",".join(part for part in (digits, SPELLED.get(below, below)) if part)


# Functions ----------------------------------------------------------------------------------------------------------

SQUARED = frozenset(
    f"{kind}{name}"
    for kind in ("", "hyperbolic_")
    for name in ("sine", "cosine", "tangent", "cotangent", "secant", "cosecant")
)  # the functions of which sin²x is the square, not the second iterate


def command(operator: str) -> str:
    """A row's LaTeX command; \\operatorname of its name where it has none.

    >>> command("sine"), command("my_own")
    ('\\\\sin', '\\\\operatorname{myown}')
    """
    row = PRIMITIVES.get(operator)
    return (row.latex if row else "") or rf"\operatorname{{{operator.replace('_', '')}}}"


def spelling(operator: str) -> str:
    """How a row is typed."""
    row = PRIMITIVES.get(operator)
    return row.spellings[0] if row and row.spellings else operator


def text_name(operator: str) -> str:
    """A function's name in text: as in print where that reads back (Γ, arcsin), else as it is typed.

    >>> text_name("gamma"), text_name("sign"), text_name("sigmoid")
    ('Γ', 'sgn', 'sigmoid')
    """
    if operator in OVER_TERMS.values():  # sum(x), product(x): the parser takes them over terms
        return next(spelled for spelled, row in OVER_TERMS.items() if row == operator)
    printed = "".join(function_words(command(operator)))
    typed = SPELLED.get(printed, printed)
    return printed if SPELLINGS.get(typed, SPELLINGS.get(typed.lower())) == operator else spelling(operator)


def greek_function(latex: str) -> str | None:
    """The Greek word of a function that is written as one Greek letter, from its LaTeX command."""
    word = latex.removeprefix("\\")
    return word if word in GREEK else None


def is_word(operator: str) -> bool:
    """Is the function written as a word (sin, ReLU) and not as a letter (σ, Γ)?"""
    return greek_function(command(operator)) is None and len(command(operator)) > 1


def is_one_letter(name: str) -> bool:
    """Is this name written with one letter, subscripts apart?"""
    letters = checked_name(name)[0]
    return len(letters) == 1 or letters in GREEK


def is_squared_function(part: Apply) -> bool:
    """Is this power written sin²x: a whole power from 2 up of a trigonometric or hyperbolic function?"""
    base, exponent = part.arguments
    return (
        isinstance(base, Apply)
        and base.operator in SQUARED
        and isinstance(exponent, Number)
        and exponent.value.denominator == 1
        and exponent.value >= 2
    )


_COMMAND = re.compile(r"\\(?:operatorname|mathrm)\{(?:\w|\\[A-Za-z]+)+\}|(?:\\[A-Za-z]+)+|[A-Za-z]")
_COMMAND_WORD = re.compile(r"\\?(\w+)")


def function_words(latex: str) -> list[str]:
    """The words of a function's LaTeX command, Greek ones as letters; anything else is a ValueError."""
    if not _COMMAND.fullmatch(latex):
        raise ValueError(f"not a function's LaTeX command: {latex!r}")
    inside = latex.removeprefix(r"\operatorname").removeprefix(r"\mathrm")
    return [GREEK.get(word, word) for word in _COMMAND_WORD.findall(inside)]


def count_text(number: int) -> str:
    """A count in a sentence: a narrow space between thousands; one too long to read as a power of ten.

    >>> count_text(12345678), count_text(3**200)
    ('12\u202f345\u202f678', 'about 10^95')
    """
    if abs(number) < 10**15:
        return f"{number:,}".replace(",", "\u202f") if number >= 10_000 else str(number)
    return f"about 10^{digit_count(number) - 1}"


def count_tex(number: int) -> str:
    """The same in a sentence of TeX, the power of ten as a formula."""
    return re.sub(r"(10\^)([0-9]+)", r"$\1{\2}$", count_text(number)).replace("\u202f", r"\,")
