"""A reader's own texts (titles, names, statements) made harmless: as TeX, plain text, Markdown.

>>> print(tex_text("√2 – 100% of café_1 😀"))
\\ensuremath{\\surd }2 \\textendash{} 100\\% of caf\\'{e}\\_1 [grinning face]\\allowbreak{}

Why TeX gets commands and no letters beyond ASCII: pdflatex stops at a letter that its fonts do not have, and lualatex
leaves it out without a word. What has no command is named in brackets, so that nothing is lost and everything compiles.
"""

from __future__ import annotations

import re
import unicodedata

from symgraph.explanation.letters import GREEK, SIGNS

__all__ = ["markdown_text", "plain_text", "tex_text"]

_TEX_SPECIALS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "-": "{-}",
    '"': "{''}",
    "'": "{'}",
    "`": "{`}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_TEX_LETTERS = {
    **{"ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}"},
    **{"ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "ȷ": r"\j{}", "å": r"\aa{}", "Å": r"\AA{}"},
    **{"–": r"\textendash{}", "—": r"\textemdash{}", "‐": "{-}", "‑": "{-}", "‒": r"\textendash{}"},
    **{"‘": r"\textquoteleft{}", "’": r"\textquoteright{}", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}"},
    **{"„": "{,}{,}", "‚": "{,}", "«": r"\ensuremath{\ll }", "»": r"\ensuremath{\gg }", "…": r"\dots{}"},
    **{"¡": r"\textexclamdown{}", "¿": r"\textquestiondown{}", "§": r"\S{}", "¶": r"\P{}", "©": r"\copyright{}"},
    **{"\xa0": "~", "\u202f": r"\,", "\u2009": r"\,", "£": r"\pounds{}", "•": r"\textbullet{}", "€": "EUR"},
}
_TEX_SIGNS = {
    **{sign: tex for tex, sign, *_ in SIGNS.values() if not sign.isascii()},
    **{"√": r"\surd", "∂": r"\partial", "∇": r"\nabla", "∫": r"\int", "∑": r"\sum", "∏": r"\prod", "∞": r"\infty"},
    **{"±": r"\pm", "∓": r"\mp", "·": r"\cdot", "÷": r"\div", "∈": r"\in", "∉": r"\notin", "∘": r"\circ"},
    "°": r"^\circ",
    **{"←": r"\leftarrow", "↔": r"\leftrightarrow", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "↦": r"\mapsto"},
    **{"↑": r"\uparrow", "↓": r"\downarrow", "⇐": r"\Leftarrow", "∀": r"\forall", "∃": r"\exists", "∅": r"\emptyset"},
    **{"⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap", "∝": r"\propto", "≡": r"\equiv", "∥": r"\|"},
    **{"ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}"},
    "ℓ": r"\ell",
    **{"⋯": r"\cdots", "∗": r"\ast", "⊕": r"\oplus", "⊗": r"\otimes", "⟂": r"\perp", "⊥": r"\perp", "µ": r"\mu"},
    **{"∼": r"\sim", "≃": r"\simeq", "≅": r"\cong", "≪": r"\ll", "≫": r"\gg", "⟨": r"\langle", "⟩": r"\rangle"},
}
_TEX_GREEK = {
    **{letter: rf"\{name}" for name, letter in GREEK.items() if not name.startswith("omicron")},
    **{"ϵ": r"\epsilon", "ε": r"\varepsilon", "ϕ": r"\phi", "φ": r"\varphi", "ϑ": r"\vartheta", "ϱ": r"\varrho"},
    **{"ς": r"\varsigma", "ο": "o", "Ω": r"\Omega"},
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", (rf"\mathrm{{{each}}}" for each in "ABEZHIKMNOPTYX"), strict=True)),
}
_MATHS = _TEX_SIGNS | _TEX_GREEK
_ACCENTS = {
    **{"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u0304": "=", "\u0307": "."},
    **{"\u0306": "u", "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c", "\u0323": "d", "\u0331": "b"},
}


def tex_text(value: object) -> str:
    """A text that TeX prints as it stands: special characters escaped, letters and signs as commands that every
    engine has; what has none is named in brackets.

    >>> tex_text("100% of a_1")
    '100\\\\% of a\\\\_1'
    >>> tex_text("Übung: x² ≤ α")
    '\\\\"{U}bung: x\\\\textsuperscript{2} \\\\ensuremath{\\\\le } \\\\ensuremath{\\\\alpha }'
    """
    joined = unicodedata.normalize("NFC", str(value)).replace("\u200d", "")
    return "".join(map(_in_tex, plain_text(joined)))


def _in_tex(letter: str) -> str:
    if letter.isascii():
        return _TEX_SPECIALS.get(letter, letter)
    if letter in _TEX_LETTERS:
        return _TEX_LETTERS[letter]
    if letter in _MATHS:
        return rf"\ensuremath{{{_MATHS[letter]} }}"
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if base.isascii() and base.isalpha() and marks and all(mark in _ACCENTS for mark in marks):
        for mark in marks:
            base = rf"\{_ACCENTS[mark]}{{{base}}}"
        return base
    if marks and base in _TEX_GREEK:
        return _in_tex(base)
    return _spelled_in_tex(letter)


def _spelled_in_tex(letter: str) -> str:
    """A letter that has no command: raised, lowered or of another width; else its name, or its number."""
    kind, _, plain = unicodedata.decomposition(letter).rpartition(">")
    same = "".join(chr(int(code, 16)) for code in plain.split()).replace("⁄", "/")
    if kind in ("<super", "<sub") and len(same) == 1:
        return rf"\text{kind[1:]}script{{{_in_tex(same)}}}"
    if kind and same.isascii() and same.isprintable():
        return "".join(map(_in_tex, same))
    if unicodedata.category(letter) in ("Mn", "Me", "Sk"):
        return ""  # an accent of its own, or the colour of a skin
    name = unicodedata.name(letter, "")
    if stroked := re.fullmatch(r"LATIN (CAPITAL|SMALL) LETTER ([A-Z])(?: WITH .*)?", name):
        return stroked[2] if stroked[1] == "CAPITAL" else stroked[2].lower()
    name = name.lower() if unicodedata.category(letter) in ("So", "Sm", "Sc") else f"U+{ord(letter):04X}"
    return f"[{name}]\\allowbreak{{}}".replace("-", "{-}")


def plain_text(value: object) -> str:
    """A text for a terminal or a file: control and direction-changing characters made visible.

    >>> plain_text("a" + chr(27) + "[2Jb")
    'a\\\\u001b[2Jb'
    """
    return "".join(
        letter if letter.isprintable() or letter in (" ", "\xa0", "\u202f", "\u2009") else f"\\u{ord(letter):04x}"
        for letter in str(value)
    )


_MARKDOWN_SPECIALS = frozenset("\\`*_{}[]<>()#+-.!|$&~^")


def markdown_text(value: object) -> str:
    """A text that Markdown shows as it stands.

    >>> print(markdown_text("2*3 <b>"))
    2\\*3 \\<b\\>
    """
    return "".join(f"\\{letter}" if letter in _MARKDOWN_SPECIALS else letter for letter in plain_text(value))
