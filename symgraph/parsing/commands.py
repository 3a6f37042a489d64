r"""LaTeX -> the same tokens: a table of commands over the lexer of calculator notation.

>>> [token.text for token in tokenize_latex(r"\frac{x}{2} + \sin^{2}\theta")]
['\\frac', '{', 'x', '}', '{', '2', '}', '+', 'sin', '^', '{', '2', '}', 'theta', '']

It reads what `sympy.latex`, Word, MathQuill and textbooks write. A command that is not in the table is an error that
names it: nothing is expanded, defined or included. \left| and \lvert are bars that are known to open.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from symgraph.errors import ReadingError
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.signs import GREEK_NAMES, SPACES
from symgraph.parsing.tokens import CLOSES, Lexer, Token, Word, plain
from symgraph.parsing.words import BESSEL, CONDITION_WORDS, FUNCTIONS, GERMAN, nearest

__all__ = ["tokenize_latex"]

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("cdot", "times", "ast", "cdotp", "odot"), "*"),
        **dict.fromkeys(("div", "slash"), "/"),
        **dict.fromkeys(("le", "leq", "leqslant"), "<="),
        **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
        **dict.fromkeys(("ne", "neq"), "!="),
        **{"lt": "<", "gt": ">", "lbrace": "(", "rbrace": ")", "{": "(", "}": ")"},
        **{"lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")", "vert": "|", "mid": "|"},
        **{"lvert": "‹", "rvert": "›", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉"},
    }
)
_SPACING = frozenset(
    {
        *(",", ";", ":", "!", ">", " ", "/", "(", ")", "[", "]", "quad", "qquad", "space", "thinspace", "enspace"),
        *("displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "medspace", "thickspace", "negthinspace"),
        *("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "strut"),
        *("mathopen", "mathclose", "mathord", "mathbin", "mathrel", "nonumber", "notag", "allowbreak", "hfill"),
    }
)
_KEYWORDS: Mapping[str, str] = MappingProxyType(
    {"land": "and", "wedge": "and", "lor": "or", "vee": "or", "lnot": "not", "neg": "not"}
)
_LETTER_STYLES = frozenset(
    {
        *(
            "mathrm",
            "text",
            "textrm",
            "mathit",
            "textit",
            "mathbf",
            "textbf",
            "boldsymbol",
            "bm",
            "mathsf",
            "mathtt",
            "vec",
        ),
        *("operatorname", "mbox", "mathnormal", "textnormal", "rm"),
    }
)
_ACCENTS: Mapping[str, str] = MappingProxyType({"bar": "bar", "overline": "bar", "hat": "hat", "tilde": "tilde"})
_TEXT_STYLES = frozenset({"text", "textrm", "mbox", "textnormal"})
_FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"})
_BINOMIALS = frozenset({"binom", "dbinom", "tbinom"})
_LARGE: Mapping[str, str] = MappingProxyType({"sum": "sum", "prod": "product", "int": "integral"})
_MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"})
_CASES = frozenset({"cases", "dcases", "rcases"})
_LINES = frozenset({"aligned", "align", "align*", "gathered", "gather", "gather*", "equation", "equation*", "split"})
_DERIVATIVE = "write the function itself, and say what to differentiate by"
_REFUSED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("partial", "nabla"), ("is not read", _DERIVATIVE)),
        **dict.fromkeys(("prime", "dot", "ddot"), ("is a derivative, and is not read", "write the function itself")),
        **dict.fromkeys(("dots", "ldots", "cdots", "dotsc"), ("is not read", "write every term")),
        **dict.fromkeys(("pm", "mp"), ("is two expressions", "write one with + and one with -")),
        **dict.fromkeys(("lim", "limsup", "liminf"), ("is not read", "write the function itself")),
        **dict.fromkeys(("to", "rightarrow", "mapsto", "implies"), ("is not read", "write f(x) = x^2 to define it")),
        **dict.fromkeys(("degree", "circ"), ("is not read", r"angles are in radians: write x\pi/180")),
        **dict.fromkeys(("oint", "iint", "iiint"), ("is not read", r"write \int_{a}^{b} … dx")),
        "%": ("is not read", "write 5/100 for 5 percent"),
        "vmatrix": ("is not read", ""),
        "omicron": ("looks like the letter o", "write o"),
    }
)


def tokenize_latex(text: str, limits: Limits = DEFAULT) -> list[Token]:
    """Split LaTeX into the tokens of calculator notation.

    Raises:
        ReadingError: an unknown command, a brace that is not closed, a character that is not read.
        LimitExceeded: as `tokenize`.
    """
    return _Latex(text, limits, False).run()


class _Latex(Lexer):
    """The lexer, with commands; `waiting` are the arguments that commands still want, by depth of brackets."""

    def __init__(self, text: str, limits: Limits, signed_exponents: bool) -> None:
        super().__init__(text, limits, signed_exponents)
        self.waiting: list[tuple[int, int]] = []
        self.environments: list[tuple[str, bool, int]] = []
        self.integrals = 0
        self.skip_delimiter = False

    def _fail(self, message: str, start: int, end: int, hint: str = "") -> ReadingError:
        return ReadingError(message, self.text, start, end, hint=hint)

    def _step(self, letter: str) -> None:
        if letter == "\\":
            self._command()
        elif letter in "~$" or (letter in "\n\r" and not self._new_statement()):
            self.space = True
            self.at += 1
        elif letter == "&":
            self._ampersand()
        elif self.text.startswith("{,}", self.at):
            raise self._fail("a decimal comma", self.at, self.at + 3, "write a point: 0.5")
        elif letter == "^" and self._many_digits():
            digits = self.text[self.at + 1 : self._digits(self.at + 1)]
            raise ReadingError(
                f"in LaTeX this is ^{digits[0]} and then {digits[1:]}",
                self.text,
                self.at,
                self.at + 1 + len(digits),
                hint=f"write ^{{{digits}}}",
            )
        else:
            super()._step(letter)

    def _new_statement(self) -> bool:
        """Whether a new line ends a statement: only between two lines with an = sign each, outside brackets."""
        if self.open or self.environments or not any(token.text == "=" for token in self.tokens[self.first :]):
            return False
        rest = self.text[self.at + 1 :].lstrip("\n\r").partition("\n")[0]
        return "=" in rest

    def _many_digits(self) -> bool:
        return self._digits(self.at + 1) - self.at > 2

    def _close(self, token: Token) -> None:
        super()._close(token)
        if self.waiting and self.waiting[-1][0] == len(self.open):
            depth, count = self.waiting.pop()
            if count > 1:
                self._arguments(depth, count - 1)

    # commands ----------------------------------------------------------------------------------------------------

    def _name(self, at: int) -> str:
        """The name of the command whose backslash stands at a place."""
        end = at + 1
        while end < len(self.text) and self.text[end].isascii() and self.text[end].isalpha():
            end += 1
        return self.text[at + 1 : end] or self.text[at + 1 : at + 2]

    def _command(self) -> None:
        start = self.at
        name = self._name(start)
        end = start + 1 + len(name)
        if self.text[end : end + 1] == "*" and name in ("operatorname", "hspace"):
            end += 1
        if name == "\\":
            self._new_row(start, end)
        elif name in ("left", "right", "middle"):
            self._delimiter(name, end)
        elif name in _SPACING:
            self.space = True
            self.at = end
        elif name in _SIGNS:
            self._bracketed(self._add("sign", _SIGNS[name], start, end))
        elif name in _KEYWORDS:
            self._add("keyword", _KEYWORDS[name], start, end)
        elif name in _REFUSED:
            raise self._fail(f"\\{name} {_REFUSED[name][0]}", start, end, _REFUSED[name][1])
        elif name in ("begin", "end"):
            self._environment(name, start, end)
        elif name in _LETTER_STYLES:
            self._styled(name, start, end)
        else:
            self._symbol(name, start, end)

    def _symbol(self, name: str, start: int, end: int) -> None:
        """Functions, Greek letters, and what takes arguments."""
        if name in _FRACTIONS or name in _BINOMIALS:
            self._no_derivative(start, end)
            self._add("fraction" if name in _FRACTIONS else "binomial", f"\\{name}", start, end)
            self._arguments(len(self.open), 2)
        elif name == "sqrt":
            self._add("root", "\\sqrt", start, end, 2)
            self._after_root()
        elif name in _LARGE:
            self.integrals += name == "int"
            self._add("large", f"\\{name}", start, end, _LARGE[name])
        elif name == "infty":
            self._add("constant", "infinity", start, end)
        elif name in ("top", "intercal"):
            self._transpose(start, end)
        elif name in GREEK_NAMES or name == "pi":
            self.at = end
            subscript, stop = self._subscript(end)
            self._add("word", name, start, stop, Word(name, (start, end), subscript, True, True))
        elif name in _ACCENTS:
            self._accent(name, start, end)
        elif name in FUNCTIONS:
            self._function(name, start, end)
        else:
            shown = name[:20] if name.isprintable() else "?"
            raise self._fail(f"unknown command: \\{shown}", start, end, _suggestion(name))

    def _transpose(self, start: int, end: int) -> None:
        r"""A^\top and A^{\top}."""
        before = [token.text for token in self.tokens[-2:]]
        if before[-1:] == ["^"]:
            self.tokens.pop()
        elif before == ["^", "{"] and self.text[end : end + 1] == "}" and self.open[-1] is self.tokens[-1]:
            del self.tokens[-2:]
            self.open.pop()
            end += 1
        else:
            raise self._fail(f"{self.text[start:end]} is not read here", start, end, r"it transposes: A^\top")
        self._add("sign", "ᵀ", start, end)

    def _function(self, name: str, start: int, end: int) -> None:
        """\\sin, \\log_2, \\operatorname{atan}_{2}: a word that is never taken apart."""
        if name == "atan" and self.text.startswith("_{2}", end):
            self._add("word", "atan2", start, end + 4, Word("atan2", (start, end + 4), None, whole=True))
            return
        self._add("word", name, start, end, Word(name, (start, end), None, whole=True))

    def _arguments(self, depth: int, count: int) -> None:
        """The next argument of a command: {…}, or one letter, digit or command, for which braces are put in."""
        while self.at < len(self.text) and (self.text[self.at] in SPACES or self.text[self.at] in "\n\r"):
            self.at += 1
        letter = self.text[self.at : self.at + 1]
        if letter == "{":
            self.waiting.append((depth, count))
            return
        if not letter or (letter != "\\" and not plain(letter)):
            raise self._fail("a command without its argument", self.tokens[-1].start, self.tokens[-1].end, "write {…}")
        start = self.at
        opened = self._add("sign", "{", start, start)
        self._open(opened)
        if letter.isdigit():
            self._add("number", letter, start, start + 1, _digit_value(letter))
        elif letter == "\\":
            self._command()
        else:
            self._add("word", letter, start, start + 1, Word(letter, (start, start + 1)))
        closed = self._add("sign", "}", self.at, self.at)
        super()._close(closed)
        if count > 1:
            self._arguments(depth, count - 1)
        elif letter.isdigit() and self._digits(self.at) > self.at:
            raise self._fail(
                "in LaTeX a number without braces is its first digit", start, self._digits(start), "write {…}"
            )

    def _after_root(self) -> None:
        at = self.at
        while at < len(self.text) and self.text[at] in SPACES:
            at += 1
        if self.text[at : at + 1] != "[":
            if self.text[at : at + 1]:
                self._arguments(len(self.open), 1)
            else:
                raise self._fail("the root of what?", self.tokens[-1].start, at, r"write \sqrt{x}")

    def _no_derivative(self, start: int, end: int) -> None:
        r"""\frac{d}{dx}, \frac{dy}{dx} and \frac{\partial f}{\partial x} ask for what is to be computed here."""
        letters = self.text[end : end + 60].replace(" ", "").replace("\\mathrm{d}", "d")
        top, _, rest = letters.removeprefix("{").partition("}")
        below = rest.removeprefix("{")
        derivative = top in ("d", "\\partial") or (top[:1] == "d" and len(top) == 2 and top.isalpha())
        if (derivative or top.startswith("\\partial")) and (below[:1] == "d" or below.startswith("\\partial")):
            raise self._fail("a derivative is not read", start, end, _DERIVATIVE)

    # letters -----------------------------------------------------------------------------------------------------

    def _word(self) -> None:
        """A run of letters; inside an integral one that ends with dx ends the integral."""
        start = self.at
        super()._word()
        token = self.tokens[-1]
        if not self.integrals or token.kind != "word" or not isinstance(token.value, Word):
            return
        word = token.value
        if word.letters == "d" and word.subscript is None:
            self.tokens[-1] = Token("differential", "", start, token.end, token.space)
            self.integrals -= 1
        elif len(word.letters) > 1 and word.letters[-2] == "d" and word.letters[-1].isalpha():
            self._differential(word, token)

    def _differential(self, word: Word, token: Token) -> None:
        self.tokens.pop()
        self.integrals -= 1
        cut = len(word.letters) - 2
        if cut:
            places = word.places[: cut + 1]
            self.tokens.append(
                Token("word", word.letters[:cut], places[0], places[-1], token.space, Word(word.letters[:cut], places))
            )
        self.tokens.append(Token("differential", word.letters[-1], word.places[cut], token.end, True))

    def _styled(self, name: str, start: int, end: int) -> None:
        r"""\mathrm{e}, \operatorname{arctan}, \text{if}: upright letters are one word."""
        open_at = end
        while self.text[open_at : open_at + 1] == " ":
            open_at += 1
        close = self.text.find("}", open_at)
        if self.text[open_at : open_at + 1] != "{" or close < 0:
            raise self._fail(f"\\{name} needs {{…}}", start, end, f"write \\{name}{{…}}")
        inside = self.text[open_at + 1 : close].replace("~", " ").strip()
        words = inside.replace(",", " ").replace(":", " ").split()
        after = close + 1
        if not words:
            self.space, self.at = True, after
        elif name in _TEXT_STYLES and all(word.lower() in CONDITION_WORDS for word in words):
            words = [GERMAN.get(word.lower(), word.lower()) for word in words]
            for word in words[:1] if words[-1] not in ("otherwise", "else") else words[-1:]:
                self._add("keyword", word, start, after)
        elif len(words) == 1 and words[0] == "d":
            self.integrals = max(0, self.integrals - 1)
            self._add("differential", "", start, after)
        elif name == "mathsf" and words == ["T"] and [each.text for each in self.tokens[-2:]][-1:] in (["^"], ["{"]):
            self._transpose(start, after)
        elif words == ["ln\\Gamma"]:
            self._function("loggamma", start, after)
        elif len(words) == 1:
            self._upright(words[0], start, after, name)
        else:
            raise self._fail("words are not read", start, after, "write formulas only")

    def _accent(self, name: str, start: int, end: int) -> None:
        r"""\bar{x} is the name x_bar."""
        while self.text[end : end + 1] in (" ", "{") and end < len(self.text):
            end += 1
        letter = self.text[end : end + 1]
        closed = end + 1 + (self.text[end + 1 : end + 2] == "}")
        braces = self.text[start:end].count("{")
        if not plain(letter or " ").isalpha() or braces > 1 or (braces == 1) != (closed == end + 2):
            raise self._fail(f"\\{name} of what?", start, end, f"write \\{name}{{x}}, or the name x_{_ACCENTS[name]}")
        letters = plain(letter)
        self._add("word", letters, start, closed, Word(letters, (start, closed), _ACCENTS[name], whole=True))

    def _upright(self, word: str, start: int, after: int, style: str) -> None:
        letters = _greek_or_plain(word)
        if letters in FUNCTIONS or letters.lower() in FUNCTIONS:
            self._function(letters if letters in FUNCTIONS else letters.lower(), start, after)
            return
        if letters in BESSEL and style == "operatorname":
            self._function(letters, start, after)  # what stands below is its order, and no part of a name
            return
        if letters == "B":
            letters = "Beta" if self.text.startswith(("\\left(", "("), after) else "B"
        if not letters.isascii() or not letters.isalnum() or not letters[:1].isalpha():
            raise self._fail("these letters are no name", start, after, "a name is letters and digits")
        self.at = after
        subscript, stop = self._subscript(after)
        self._add("word", letters, start, stop, Word(letters, (start, after), subscript, whole=True))

    def _low(self, at: int) -> tuple[str, int]:
        r"""A subscript: one letter or digit, or a group: x_1, x_{12}, x_{\text{max}}, \rho_{c_0}."""
        place = at + 1
        while self.text[place : place + 1] == " ":
            place += 1
        after = self.text[place : place + 1]
        if after != "{":
            if after == "\\":
                name = self._name(place)
                if name in GREEK_NAMES:
                    return name, place + 1 + len(name)
            if not plain(after or " "):
                raise self._fail("a subscript is missing", at, at + 1, "write x_{1}")
            end = self._digits(place) if plain(after).isdigit() else place + 1
            return "".join(map(plain, self.text[place:end])), end
        end = _matching(self.text, place)
        if end < 0:
            raise self._fail("a brace is not closed", place, place + 1, "add }")
        inside = _subscript_letters(self.text[place + 1 : end])
        if not inside:
            raise self._fail("a subscript is letters and digits", at, end + 1, "x_{1}, w_{12} and a_{prev} are names")
        return inside, end + 1

    # delimiters and rows -----------------------------------------------------------------------------------------

    def _delimiter(self, name: str, at: int) -> None:
        r"""\left( and \right|: the bracket itself, or nothing for \left. and \right."""
        while self.text[at : at + 1] == " ":
            at += 1
        letter = self.text[at : at + 1]
        command = self._name(at) if letter == "\\" else ""
        end = at + 1 + len(command) if command else at + 1
        sign = _SIGNS.get(command, "") if command else letter
        if name == "right" and self.skip_delimiter:
            self.skip_delimiter = False
            self.at = end
            return
        if sign == "|":
            sign = "‹" if name == "left" else "›"
        if sign == ".":
            self.at = end
            return
        if sign not in CLOSES and sign not in CLOSES.values():
            raise self._fail(f"\\{name} what?", self.at, end, r"write \left( … \right)")
        self._bracketed(self._add("sign", sign, self.at, end))

    def _bracketed(self, token: Token) -> None:
        if token.text in CLOSES:
            self._open(token)
        elif token.text in CLOSES.values():
            self._close(token)

    def _environment(self, what: str, start: int, end: int) -> None:
        close = self.text.find("}", end)
        if self.text[end : end + 1] != "{" or close < 0:
            raise self._fail(f"\\{what} needs {{…}}", start, end, r"write \begin{cases} … \end{cases}")
        name = self.text[end + 1 : close].strip()
        if name not in _MATRICES and name not in _CASES and name not in _LINES:
            shown = name[:20] if name.isprintable() else "?"
            raise self._fail(f"{shown} is not read", start, close + 1, "cases and matrix are")
        self.at = close + 1
        if what == "begin":
            self._begin(name, start)
        else:
            self._end(name, start)

    def _begin(self, name: str, start: int) -> None:
        if name in _LINES:
            if self.open:
                raise self._fail(f"{name} inside brackets", start, self.at, "close the brackets first")
            self.environments.append((name, False, 0))
            return
        wrapped = bool(self.tokens) and bool(self.open) and self.tokens[-1] is self.open[-1]
        sign = "{" if name in _CASES else "["
        if wrapped and name not in _CASES and self.tokens[-1].text in ("(", "["):
            opened = self.tokens.pop()
            self.open.pop()
            # \left\{ \begin{array} … is how cases are written without the package
            brace = self.text[opened.start : opened.end].rstrip().endswith("{")
            sign = "{" if brace else sign
        else:
            wrapped = False
        if name == "array" and self.text[self.at : self.at + 1] == "{":
            end = self.text.find("}", self.at)
            self.at = len(self.text) if end < 0 else end + 1
        self._open(self._add("sign", sign, start, self.at, "cases" if sign == "{" else None))
        self.environments.append((name, wrapped, len(self.open)))

    def _end(self, name: str, start: int) -> None:
        if not self.environments or self.environments[-1][0] != name:
            raise self._fail(f"\\end{{{name}}} closes nothing", start, self.at, f"write \\begin{{{name}}}")
        _, wrapped, depth = self.environments.pop()
        if name in _LINES:
            return
        if len(self.open) != depth:
            raise self._fail("a bracket is not closed before this", start, self.at, "close it")
        if self.tokens[-1].text == ";":
            self.tokens.pop()  # a \\ after the last row
        token = self._add("sign", CLOSES[self.open[-1].text], start, self.at)
        self._close(token)
        if wrapped:
            self._skip_closing()

    def _skip_closing(self) -> None:
        r"""The \right] after a matrix, whose opening bracket was left out, too."""
        while self.text[self.at : self.at + 1] in (" ", "\n") and self.at < len(self.text):
            self.at += 1
        if self.text.startswith("\\right", self.at):
            self.skip_delimiter = True
        elif self.text[self.at : self.at + 1] in (")", "]"):
            self.at += 1

    def _inside_rows(self) -> bool:
        return bool(self.environments) and self.environments[-1][2] == len(self.open)

    def _ampersand(self) -> None:
        if not self._inside_rows():
            raise self._fail("& is not read here", self.at, self.at + 1, r"it stands in cases and matrices")
        if self.environments[-1][0] in _LINES:
            self.at += 1
            return
        self._add("sign", ",", self.at, self.at + 1)

    def _new_row(self, start: int, end: int) -> None:
        if self.open and not self._inside_rows():
            raise self._fail("a new line inside brackets", start, end, "close the brackets first")
        if self.environments and self.environments[-1][0] not in _LINES:
            self._add("sign", ";", start, end)
            return
        self._add("break", "\\\\", start, end)
        self.began, self.first = self.at, len(self.tokens)


def _matching(text: str, place: int) -> int:
    """Where the brace that opens at a place closes; −1 where it does not."""
    depth = 0
    for at in range(place, min(len(text), place + 200)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return at
    return -1


def _subscript_letters(inside: str) -> str:
    r"""The letters and digits of a subscript group, without spaces, styles and braces; empty where it holds more."""
    found = ""
    at = 0
    while at < len(inside):
        letter = inside[at]
        if letter == "\\":
            end = at + 1
            while end < len(inside) and inside[end].isalpha():
                end += 1
            name = inside[at + 1 : end]
            if name in GREEK_NAMES:
                found += name
            elif name not in _LETTER_STYLES and name not in _SPACING:
                return ""
            at = end
            continue
        if plain(letter):
            found += plain(letter)
        elif letter not in " {}_":
            return ""
        at += 1
    return found


def _greek_or_plain(word: str) -> str:
    return word[1:] if word.startswith("\\") and word[1:] in GREEK_NAMES else word


def _digit_value(digit: str) -> Fraction:
    return Fraction(int(digit))


_TEX = frozenset(
    {
        *("input", "include", "def", "let", "write", "openout", "immediate", "newcommand", "renewcommand", "csname"),
        *("usepackage", "documentclass", "catcode", "expandafter", "special", "directlua", "read", "loop", "newwrite"),
    }
)


def _suggestion(name: str) -> str:
    if name in _TEX:
        return "only formulas are read: nothing is defined, expanded or included"
    known = {*_SIGNS, *_LARGE, *_FRACTIONS, "sqrt", "operatorname", "mathrm", "text", "left", "right", "begin"}
    found = nearest(name, {each for each in (*FUNCTIONS, *GREEK_NAMES, *known) if len(each) > 2})
    return found.replace("mean ", "mean \\") if found else r"write \operatorname{…} for a function"
