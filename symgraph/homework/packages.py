"""Problems -> WeBWorK's PG, and QTI 1.2 and 2.1 for Canvas and others.

PG draws one of our own variants and compares answers on an interval on which the function was seen to have values; QTI
holds a multiple choice of each variant.

>>> xml(put(start("a"), "b", "1 < 2 \\x00").getparent())
b"<?xml version='1.0' encoding='utf-8'?>\\n<a>\\n  <b>1 &lt; 2 </b>\\n</a>\\n"
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from symgraph.homework.problems import Homework, Problem

__all__ = ["clean", "pg", "put", "qti12", "qti21", "start", "xml"]

Facts = Mapping[str, Any]
Question = tuple[Problem, list[Facts]]
Failures = list[tuple[str, str]]


def clean(text: str) -> str:
    """What XML 1.0 can hold of a text."""
    return "".join(
        letter
        for letter in text
        if letter in "\t\n" or (letter >= " " and letter not in "\ufffe\uffff" and not "\ud800" <= letter <= "\udfff")
    )


def start(tag: str, **attributes: str) -> Any:
    """The root of a document."""
    from lxml import etree

    return etree.Element(tag, attributes)


def put(parent: Any, tag: str, text: str = "", **attributes: str) -> Any:
    """A new element at the end of another."""
    from lxml import etree

    child = etree.SubElement(parent, tag, attributes)
    child.text = clean(text) or None
    return child


def xml(root: Any) -> bytes:
    """A document as bytes; what cannot be read back is not written."""
    from lxml import etree

    made: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    etree.fromstring(made)
    return made


def _archive(parts: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes depend on its parts alone."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in sorted(parts.items()):
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return sink.getvalue()


def _choices(questions: Sequence[Question], failures: Failures) -> list[tuple[Problem, Facts, str]]:
    """Every variant that has options, with an identifier."""
    found = []
    for problem, facts in questions:
        for each in facts:
            if each["choice"]:
                found.append((problem, each, f"{problem.id}-{each['label']}"))
            else:
                told = "no multiple choice: it has too few wrong options that are proved to be different"
                failures.append((f"{problem.id}, variant {each['label']}", told))
    return found


def _option(option: Mapping[str, Any]) -> str:
    latex = option["tex"].strip("$").replace("&", "&amp;").replace("<", r"\lt ").replace(">", r"\gt ")
    return f"<p>\\({latex}\\)</p>"


# QTI -----------------------------------------------------------------------------------------------------------------


def qti12(homework: Homework, questions: Sequence[Question], failures: Failures) -> dict[str, bytes]:
    """A QTI 1.2 package, as Canvas imports it."""
    root = start("questestinterop", xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2")
    test = put(root, "assessment", ident="homework", title=clean(homework.title))
    section = put(test, "section", ident="root_section")
    for problem, facts, identifier in _choices(questions, failures):
        item = put(section, "item", ident=identifier, title=clean(problem.title))
        metadata = put(put(item, "itemmetadata"), "qtimetadata")
        for label, entry in (("question_type", "multiple_choice_question"), ("points_possible", f"{problem.points:g}")):
            field = put(metadata, "qtimetadatafield")
            put(field, "fieldlabel", label)
            put(field, "fieldentry", entry)
        presentation = put(item, "presentation")
        put(put(presentation, "material"), "mattext", facts["statement"], texttype="text/html")
        response = put(presentation, "response_lid", ident="response1", rcardinality="Single")
        render = put(response, "render_choice")
        for number, option in enumerate(facts["choice"]):
            label_ = put(render, "response_label", ident=f"o{number}")
            put(put(label_, "material"), "mattext", _option(option), texttype="text/html")
        processing = put(item, "resprocessing")
        put(put(processing, "outcomes"), "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
        condition = put(processing, "respcondition", **{"continue": "No"})
        right = next(number for number, option in enumerate(facts["choice"]) if option["right"])
        put(put(condition, "conditionvar"), "varequal", f"o{right}", respident="response1")
        put(condition, "setvar", "100", action="Set", varname="SCORE")
    manifest = _manifest("imsqti_xmlv1p2", ["homework.xml"])
    return {"qti12.zip": _archive({"homework.xml": xml(root), "imsmanifest.xml": manifest})}


_QTI21 = "http://www.imsglobal.org/xsd/imsqti_v2p1"


def qti21(homework: Homework, questions: Sequence[Question], failures: Failures) -> dict[str, bytes]:
    """A QTI 2.1 package: an item for each variant."""
    parts: dict[str, bytes] = {}
    for problem, facts, identifier in _choices(questions, failures):
        item = start(
            "assessmentItem", xmlns=_QTI21, identifier=identifier, title=clean(problem.title), adaptive="false",
            timeDependent="false",
        )  # fmt: skip
        declared = put(item, "responseDeclaration", identifier="RESPONSE", cardinality="single", baseType="identifier")
        right = next(number for number, option in enumerate(facts["choice"]) if option["right"])
        put(put(declared, "correctResponse"), "value", f"o{right}")
        score = put(item, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
        put(put(score, "defaultValue"), "value", "0")
        body = put(item, "itemBody")
        _embed(body, facts["statement"])
        interaction = put(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="true", maxChoices="1")
        for number, option in enumerate(facts["choice"]):
            _embed(put(interaction, "simpleChoice", identifier=f"o{number}"), _option(option))
        put(item, "responseProcessing", template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct")
        parts[f"{identifier}.xml"] = xml(item)
    parts["imsmanifest.xml"] = _manifest("imsqti_item_xmlv2p1", sorted(parts))
    return {"qti21.zip": _archive(parts)}


def _embed(parent: Any, page: str) -> None:
    """HTML of ours as elements of the same namespace."""
    from lxml import etree, html

    for piece in html.fragments_fromstring(clean(page)):
        if isinstance(piece, str):
            put(parent, "p", piece)
            continue
        parent.append(etree.fromstring(etree.tostring(piece, with_tail=False)))


def _manifest(kind: str, names: Sequence[str]) -> bytes:
    root = start("manifest", identifier="homework", xmlns="http://www.imsglobal.org/xsd/imscp_v1p1")
    put(put(root, "metadata"), "schema", "IMS Content")
    put(root, "organizations")
    resources = put(root, "resources")
    for number, name in enumerate(names):
        resource = put(resources, "resource", identifier=f"r{number}", type=kind, href=name)
        put(resource, "file", href=name)
    return xml(root)


# WeBWorK -------------------------------------------------------------------------------------------------------------


def pg(homework: Homework, questions: Sequence[Question], failures: Failures) -> dict[str, str]:
    """A PG file for each problem."""
    made: dict[str, str] = {}
    for problem, facts in questions:
        if facts[0]["answer"]["ascii"].startswith("["):
            failures.append((problem.id, "one formula is wanted in PG, not several"))
        elif facts[0]["limits"] is None:
            failures.append((problem.id, "no interval was found on which PG could compare answers safely"))
        else:
            made[f"pg/{problem.id}.pg"] = _pg_file(problem, facts)
    return made


def _pg_file(problem: Problem, facts: Sequence[Facts]) -> str:
    low = max(each["limits"][0] for each in facts)
    high = min(each["limits"][1] for each in facts)
    lines = ["DOCUMENT();", 'loadMacros("PGstandard.pl", "MathObjects.pl", "PGML.pl");', 'Context("Numeric");']
    names = facts[0]["names"]
    if names:
        lines.append("Context()->variables->are(" + ", ".join(f"{_perl(name)} => 'Real'" for name in names) + ");")
        lines += [f"Context()->variables->set({_perl(name)} => {{limits => [{low}, {high}]}});" for name in names]
    lines.append("@statements = (" + ",\n  ".join(_perl(_pgml(each["statement_md"])) for each in facts) + ");")
    lines.append("@answers = (" + ", ".join(_perl(each["answer"]["ascii"]) for each in facts) + ");")
    lines += [f"$k = random(0, {len(facts) - 1}, 1);" if len(facts) > 1 else "$k = 0;"]
    lines += ["$statement = $statements[$k];", "$answer = Formula($answers[$k]);", "BEGIN_PGML", "[$statement]**", ""]
    lines += ["[_]{$answer}{30}", "END_PGML", "ENDDOCUMENT();"]
    return "\n".join(lines) + "\n"


def _perl(text: str) -> str:
    """A text in Perl's single quotes, in which nothing is put in."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pgml(markdown: str) -> str:
    """A statement in PGML: maths in [` `], everything else as it stands."""
    pieces = re.split(r"\$\$(.+?)\$\$|(?<!\\)\$((?:[^$\\]|\\.)+?)\$", markdown, flags=re.S)
    written = []
    for place in range(0, len(pieces), 3):
        written.append(re.sub(r"([\\*_\[\]{}<>$`#|@])", r"\\\1", pieces[place]))
        if place + 2 < len(pieces):
            body = json.dumps(pieces[place + 1] or pieces[place + 2], ensure_ascii=False)[1:-1].replace("\\\\", "\\")
            written.append(f"[`{body}`]")
    return "".join(written)
