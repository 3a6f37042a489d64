"""Problems -> questions that are programs: PrairieLearn's folders, WeBWorK's PG.

Both draw one of our own variants; several formulas have a box each. An answer about a curve may use the curve's
equation: it is compared at points of the curve, which were found and proved here.

>>> print(perl("it's (x)"))
'it~~'s (x)'
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from html import escape

from symgraph.homework.packages import Facts, Failures, Question, refusal
from symgraph.homework.problems import Homework

__all__ = ["perl", "pg", "prairielearn"]

# PrairieLearn --------------------------------------------------------------------------------------------------------

_SERVER = '''"""Draws one of the variants that were made and proved beforehand."""

import json
import pathlib

VARIANTS = json.loads(pathlib.Path(__file__).with_name("variants.json").read_text(encoding="utf-8"))


def chosen(data):
    return VARIANTS[int(data.get("variant_seed", 0)) % len(VARIANTS)]


def generate(data):
    variant = chosen(data)
    data["params"]["statement"] = variant["statement"]
    data["params"]["solution"] = variant["solution"]
    data["params"]["names"] = variant["names"]
    for name, answer in variant["answers"].items():
        data["correct_answers"][name] = answer
'''
_GRADE = '''

def grade(data):
    """Right is what agrees with the answer at points of the curve: it may use the curve's equation."""
    import prairielearn as pl
    import sympy

    variant = chosen(data)
    submitted = data["submitted_answers"].get("answer")
    if submitted is None or data["format_errors"]:
        return
    given = pl.from_json(submitted)
    for point, right in zip(variant["points"], variant["values"]):
        numbers = {symbol: sympy.Float(point[str(symbol)], 30) for symbol in given.free_symbols}
        value = complex(given.subs(numbers).evalf(30))
        if not abs(value - right) <= 1e-7 * (1 + abs(right)):
            return
    data["partial_scores"]["answer"] = {"score": 1, "weight": 1}
    pl.set_weighted_score_data(data)
'''


def prairielearn(homework: Homework, questions: Sequence[Question], failures: Failures) -> dict[str, str]:
    """A folder for each question: info.json, question.html, server.py, and the variants."""
    made: dict[str, str] = {}
    for problem, facts in questions:
        refused = refusal(facts, "prairielearn")
        if refused:
            failures.append((problem.id, refused))
            continue
        stem = f"prairielearn/{problem.id}"
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"symgraph:{homework.seed}:{problem.id}")
        info = {"uuid": str(identity), "title": problem.title, "topic": homework.title, "type": "v3"}
        made[f"{stem}/info.json"] = json.dumps(info, indent=2, ensure_ascii=False) + "\n"
        made[f"{stem}/question.html"] = _question(facts[0])
        made[f"{stem}/server.py"] = _SERVER + (_GRADE if facts[0]["curve"] else "")
        variants = [_variant(each) for each in facts]
        made[f"{stem}/variants.json"] = json.dumps(variants, indent=1, ensure_ascii=False) + "\n"
    return made


def _boxes(facts: Facts) -> list[str]:
    count = len(facts["parts"])
    return ["answer"] if count == 1 else [f"answer{number}" for number in range(1, count + 1)]


def _variant(facts: Facts) -> dict[str, object]:
    found: dict[str, object] = {
        "statement": facts["statement"],
        "solution": facts["worked"],
        "names": ", ".join(facts["names"]),
        "answers": {
            name: part["prairielearn"] for name, part in zip(_boxes(facts), facts["parts"], strict=True)
        },
    }  # fmt: skip
    if facts["curve"]:
        found |= {"points": facts["curve"], "values": facts["values"]}
    return found


def _question(facts: Facts) -> str:
    lines = ["<pl-question-panel>{{{params.statement}}}</pl-question-panel>"]
    for name, part in zip(_boxes(facts), facts["parts"], strict=True):
        label = f' label="${escape(part["label"])} =$"' if part["label"] else ""
        box = f'answers-name="{name}" variables="{{{{params.names}}}}"{label}'
        lines.append(f"<p><pl-symbolic-input {box}></pl-symbolic-input></p>")
    return "\n".join([*lines, "<pl-answer-panel>{{{params.solution}}}</pl-answer-panel>"]) + "\n"


# WeBWorK -------------------------------------------------------------------------------------------------------------


def pg(homework: Homework, questions: Sequence[Question], failures: Failures) -> dict[str, str]:
    """A PG file for each problem."""
    made: dict[str, str] = {}
    for problem, facts in questions:
        refused = refusal(facts, "webwork")
        if not refused and not facts[0]["curve"] and (_limits(facts) is None):
            refused = "no interval was found on which PG could compare answers safely"
        if refused:
            failures.append((problem.id, refused))
        else:
            made[f"pg/{problem.id}.pg"] = _pg_file(facts)
    return made


def _limits(facts: Sequence[Facts]) -> tuple[float, float] | None:
    """An interval that is safe for every variant."""
    found = [each["limits"] for each in facts]
    if any(each is None for each in found):
        return None
    low, high = max(each[0] for each in found), min(each[1] for each in found)
    return (low, high) if low < high else None


def _pg_file(facts: Sequence[Facts]) -> str:
    """The lines of a PG file; the points of a curve are in the order of the names' letters, as PG wants them."""
    lines = ["DOCUMENT();", 'loadMacros("PGstandard.pl", "MathObjects.pl", "PGML.pl");', 'Context("Numeric");']
    names, limits = sorted(facts[0]["names"]), _limits(facts)
    if names:
        lines.append("Context()->variables->are(" + ", ".join(f"{perl(name)} => 'Real'" for name in names) + ");")
        if limits is not None:
            low, high = limits
            lines += [f"Context()->variables->set({perl(name)} => {{limits => [{low}, {high}]}});" for name in names]
    lines.append("@statements = (" + ",\n  ".join(perl(_pgml(each["statement_md"])) for each in facts) + ");")
    rows = ["[" + ", ".join(perl(part["webwork"]) for part in each["parts"]) + "]" for each in facts]
    lines.append("@answers = (" + ", ".join(rows) + ");")
    lines.append(f"$k = random(0, {len(facts) - 1}, 1);" if len(facts) > 1 else "$k = 0;")
    lines.append("$statement = $statements[$k];")
    boxes = [f"$answer{number}" for number in range(1, len(facts[0]["parts"]) + 1)]
    lines += [f"{box} = Formula($answers[$k][{place}]);" for place, box in enumerate(boxes)]
    if facts[0]["curve"]:
        points = [
            "[" + ", ".join("[" + ", ".join(point[name] for name in names) + "]" for point in each["curve"]) + "]"
            for each in facts
        ]
        lines.append("@points = (" + ",\n  ".join(points) + ");")
        lines.append("$answer1->{test_points} = $points[$k];  # points of the curve: there its equation may be used")
    lines += ["BEGIN_PGML", "[$statement]**", ""]
    for box, part in zip(boxes, facts[0]["parts"], strict=True):
        label = f"[`{part['label']} =`] " if part["label"] else ""
        lines += [f"{label}[_]{{{box}}}{{30}}", ""]
    return "\n".join([*lines[:-1], "END_PGML", "ENDDOCUMENT();"]) + "\n"


def perl(text: str) -> str:
    """A text in single quotes as PG has them: there a backslash is itself, and what escapes is ~~.

    Nothing in it is a line of its own, so that no word of PG's, END_PGML say, can begin one.
    """
    apart = re.sub(r"~(?=[~'])", "~\0", text).replace("'", "~~'").replace("\0", "' . '")
    return "'" + apart.replace("\n", "' . \"~~n\" . '").replace("ENDDOCUMENT", "END' . 'DOCUMENT") + "'"


def _pgml(markdown: str) -> str:
    """A statement in PGML: maths in [` `], everything else as it stands."""
    pieces = re.split(r"\$\$(.+?)\$\$|(?<!\\)\$((?:[^$\\]|\\.)+?)\$", markdown, flags=re.S)
    written = []
    for place in range(0, len(pieces), 3):
        written.append(re.sub(r"([\\*_\[\]{}<>$`#|@~=:+.&-])", r"\\\1", pieces[place]))
        if place + 2 < len(pieces):
            written.append(f"[`{pieces[place + 1] or pieces[place + 2]}`]")
    return "".join(written)
