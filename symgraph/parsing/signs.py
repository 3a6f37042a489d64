"""The signs that people type, one explicit table each: what a character means, and what it only looks like.

Never Unicode normalisation: NFKC turns x² into x2 and ½ into three characters.

>>> LETTERS["𝑥"], SUPERSCRIPTS["²"], CONFUSABLES["а"]
('x', '2', 'Cyrillic a looks like Latin a')
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

__all__ = [
    "CONFUSABLES",
    "CONNECTIVES",
    "DIGITS",
    "FRACTIONS",
    "GREEK",
    "GREEK_NAMES",
    "HINTS",
    "IGNORED",
    "LETTERS",
    "OPERATORS",
    "ROOTS",
    "SPACES",
    "SUBSCRIPTS",
    "SUPERSCRIPTS",
    "describe",
]

_LOWER = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
)
_UPPER = {
    "Γ": "Gamma",
    "Δ": "Delta",
    "Θ": "Theta",
    "Λ": "Lambda",
    "Ξ": "Xi",
    "Π": "Pi",
    "Σ": "Sigma",
    "Υ": "Upsilon",
    "Φ": "Phi",
    "Ψ": "Psi",
    "Ω": "Omega",
}
_VARIANTS = {"ϵ": "epsilon", "ϑ": "theta", "ϕ": "phi", "ϱ": "rho", "ϰ": "kappa", "µ": "mu", "ℼ": "pi"}

# ο and ς are left out: the one looks like a Latin o, the other is a sigma only at the end of a word. Capital Υ and
# all other capitals that look Latin are confusables.
_GREEK = {
    **{chr(0x3B1 + place): name for place, name in enumerate(_LOWER) if place not in (14, 17)},
    **{letter: name for letter, name in _UPPER.items() if letter != "Υ"},
    **_VARIANTS,
}

# Mathematical alphabets of Word and of MathML, as ranges: (first capital alpha, length) of each Greek style. Their
# order is Α…Ω with a theta sign at 17, a nabla, α…ω, then ∂ϵϑϰϕϱϖ.
for _start in (0x1D6A8, 0x1D6E2, 0x1D71C, 0x1D756, 0x1D790):
    for _place in range(25):
        _capital = chr(0x391 + _place)
        if _place != 17 and _capital in _GREEK:
            _GREEK[chr(_start + _place)] = _GREEK[_capital]
        _small = chr(0x3B1 + _place)
        if _small in _GREEK:
            _GREEK[chr(_start + 26 + _place)] = _GREEK[_small]

GREEK: Mapping[str, str] = MappingProxyType(_GREEK)

# Greek names that may be typed out, and LaTeX's variants, which are names of their own.
GREEK_NAMES: frozenset[str] = frozenset(
    {*_LOWER, *(name for name in _UPPER.values() if name != "Pi"), "varepsilon", "vartheta", "varphi", "varrho"}
    - {"omicron", "pi"}
)


def _letters() -> dict[str, str]:
    found = {chr(0xFF21 + place): chr(65 + place) for place in range(26)}
    found |= {chr(0xFF41 + place): chr(97 + place) for place in range(26)}
    # bold, italic, bold italic, script, …: 13 styles of 52 letters
    for style in range(13):
        for place in range(52):
            plain = chr(65 + place) if place < 26 else chr(97 + place - 26)
            found[chr(0x1D400 + 52 * style + place)] = plain
    return {**found, "ℎ": "h", "ℯ": "e", "ⅇ": "e"}


def _digits() -> dict[str, str]:
    found = {chr(0xFF10 + place): chr(48 + place) for place in range(10)}
    for style in range(5):
        for place in range(10):
            found[chr(0x1D7CE + 10 * style + place)] = chr(48 + place)
    return found


# Other shapes of Latin letters and of digits (full width, and the mathematical alphabets).
LETTERS: Mapping[str, str] = MappingProxyType(_letters())
DIGITS: Mapping[str, str] = MappingProxyType(_digits())

OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "−": "-",
        "–": "-",
        "‐": "-",
        "‑": "-",
        "﹣": "-",
        "－": "-",
        "＋": "+",
        "·": "*",
        "⋅": "*",
        "∙": "*",
        "•": "*",
        "×": "*",
        "∗": "*",
        "⊙": "*",  # each component with each, which is what * says of vectors
        "✕": "*",
        "\u2062": "*",  # MathML's invisible product
        "＊": "*",
        "÷": "/",
        "∕": "/",
        "⁄": "/",
        "／": "/",
        "＾": "^",
        "＝": "=",
        "（": "(",
        "）": ")",
        "［": "[",
        "］": "]",
        "｛": "{",
        "｝": "}",
        "｜": "|",
        "∣": "|",
        "，": ",",
        "；": ";",
        "！": "!",
        "．": ".",
        "＿": "_",
        "＜": "<",
        "＞": ">",
        "≤": "<=",
        "⩽": "<=",
        "≦": "<=",
        "≥": ">=",
        "⩾": ">=",
        "≧": ">=",
        "≠": "!=",
        "∞": "∞",
        "⌊": "⌊",
        "⌋": "⌋",
        "⌈": "⌈",
        "⌉": "⌉",
    }
)

CONNECTIVES: Mapping[str, str] = MappingProxyType({"∧": "and", "∨": "or", "¬": "not"})

SPACES: frozenset[str] = frozenset(
    " \t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
IGNORED: frozenset[str] = frozenset("\u2061")  # MathML's invisible "function application"

SUPERSCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁱⁿ", "0123456789+-()in", strict=True)),
        **dict(zip("ᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ", "abcdefghjklmoprstuvwxyzT", strict=True)),
        **{"ᵅ": "α", "ᵝ": "β", "ᵞ": "γ", "ᵟ": "δ", "ᶿ": "θ", "ᵠ": "φ", "ᵡ": "χ"},
    }
)
SUBSCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
        **dict(zip("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "aehijklmnoprstuvx", strict=True)),
    }
)

FRACTIONS: Mapping[str, Fraction] = MappingProxyType(
    {letter: Fraction(unicodedata.normalize("NFKC", letter).replace("⁄", "/")) for letter in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"}
)
ROOTS: Mapping[str, int] = MappingProxyType({"√": 2, "∛": 3, "∜": 4})

_LOOKS_LIKE = {
    "Cyrillic": dict(zip("аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅ", "aeopcyxijshdqwABEKMHOPCTYXIJS", strict=True)),
    "Greek": dict(zip("οςΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ", "ocABEZHIKMNOPTYXcj", strict=True)),
    "Armenian": dict(zip("օսհոցյ", "ouhngj", strict=True)),
}
_NAMED = {
    "ſ": "the long s looks like f and is an s",
    "ı": "the dotless i looks like i",
    "ℓ": "the script l is not read: write l, or a name such as ell",
    "\u212a": "the Kelvin sign looks like K",
    "\u212b": "the Ångström sign looks like A",
    "\u2126": "the Ohm sign looks like Greek Omega",
    "∆": "the increment sign looks like Greek Delta",
    "∶": "the ratio sign looks like a colon",
    "ɑ": "the phonetic alpha looks like a",
    "ʋ": "this v is a phonetic letter",
    "ᴨ": "this small capital looks like pi",
    "∏": "the product sign: write product(k, k, 1, n)",
    "∑": "the sum sign: write sum(k^2, k, 1, n)",
    "∫": "the integral sign: write integral(f, t, a, x)",
}

CONFUSABLES: Mapping[str, str] = MappingProxyType(
    {
        **{
            letter: f"{script} {latin} looks like Latin {latin}"
            for script, table in _LOOKS_LIKE.items()
            for letter, latin in table.items()
        },
        **_NAMED,
    }
)

# What to write instead of a sign that has a meaning, only not here.
HINTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "'": ("a prime (derivative mark) is not read", "write the function itself, and say what to differentiate by"),
        "°": ("degrees are not read", "angles are in radians: write x*pi/180"),
        "%": ("a percent sign is not read", "write 5/100 for 5 percent"),
        "∂": ("∂ is not read", "write the function itself, and say what to differentiate by"),
        "∇": ("∇ is not read", "write the function itself, and ask for its gradient"),
        "—": ("an em dash is not read", "write - for minus"),
        "…": ("dots are not read", "write every term, or sum(k^2, k, 1, n)"),
        "±": ("± is two expressions", "write one with + and one with -"),
        "∓": ("∓ is two expressions", "write one with + and one with -"),
        "#": ("# is not read", "there are no comments here"),
        "&": ("& is not read", "in a condition, write and"),
        "~": ("~ is not read", "write * for a product"),
        "?": ("? is not read", ""),
        ":": (": is not read", "write name = expression to define something"),
        "$": ("$ is not read", "write the formula without dollar signs"),
        "→": ("arrows are not read", "write f(x) = x^2 to define a function"),
        '"': ("quotation marks are not read", "write the formula alone"),
        "`": ("` is not read", "write the formula alone"),
        "\\": ("a backslash starts a LaTeX command", "write \\frac, \\sin, …, or / for a quotient"),
    }
)
_PRIMES = "'’‘′″‴´ʹʼ＇"
_QUOTES = '"“”„«»'


def describe(letter: str) -> tuple[str, str]:
    """What is wrong with a character that is not read, and what to write instead.

    >>> describe("а")
    ('Cyrillic a looks like Latin a', 'type the letter again')
    >>> describe("‮")
    ('an invisible character (U+202E RIGHT-TO-LEFT OVERRIDE)', 'delete it')
    """
    if letter in CONFUSABLES:
        message, _, hint = CONFUSABLES[letter].partition(": ")
        return message, hint or "type the letter again"
    key = "'" if letter in _PRIMES else '"' if letter in _QUOTES else letter
    if key in HINTS:
        return HINTS[key]
    code = f"U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}"
    category = unicodedata.category(letter)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"an invisible character ({code})", "delete it"
    if category in ("Mn", "Me", "Mc"):
        return f"an accent ({code})", "write a letter without it; x_1, x2 and x_bar are names"
    if category in ("Nd", "No", "Nl"):
        return f"{code} is not one of the digits 0 to 9", "type the number again"
    return f"{letter} is not read here ({code})", ""
