"""Problems -> multiple choice for course sites, each variant a question: Moodle XML, QTI 1.2 and 2.1.

Besides, what the questions for all sites share: XML that can be read back, and why a site cannot hold a question.

>>> xml(put(start("a"), "b", "1 < 2 \\x00").getparent())
b"<?xml version='1.0' encoding='utf-8'?>\\n<a>\\n  <b>1 &lt; 2 </b>\\n</a>\\n"
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from symgraph.errors import SymgraphError
from symgraph.homework.notations import NOTATIONS
from symgraph.homework.problems import Homework, Problem

__all__ = [
    "Facts",
    "Failures",
    "Question",
    "category",
    "clean",
    "moodle",
    "put",
    "qti12",
    "qti21",
    "refusal",
    "start",
    "titled",
    "xml",
]

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
                start_ = "_" if problem.id[0].isdigit() else ""  # an identifier begins with a letter, or this
                found.append((problem, each, f"{start_}{problem.id}-{each['label']}"))
            else:
                told = "no multiple choice: it has too few wrong options that are proved to be different"
                failures.append((f"{problem.id}, variant {each['label']}", told))
    return found


def _option(option: Mapping[str, Any]) -> str:
    latex = option["tex"].strip("$").replace("&", "&amp;").replace("<", r"\lt ").replace(">", r"\gt ")
    return f"<p>\\({latex}\\)</p>"


FEWEST = 4  # points of a curve at which a site compares two formulas


def refusal(facts: Sequence[Facts], name: str, formulas: str = "parts") -> str:
    """Why a site cannot hold a question; "" if it can.

    Args:
        name: of the site's notation.
        formulas: what goes into its boxes: the "parts" of an answer, or the whole "answer".
    """
    notation = NOTATIONS[name]
    for each in facts:
        for part in each["parts"] if formulas == "parts" else [each[formulas]]:
            if name in part["refused"]:
                return str(part["refused"][name])
        try:
            for letter in each["names"]:
                notation.name(letter)
        except SymgraphError as fault:
            return str(fault)
        if each["curve"] is not None and len(each["curve"]) < FEWEST:
            return f"too few points of the curve were found at which {notation.site} could compare answers"
    return ""


# Moodle --------------------------------------------------------------------------------------------------------------


def titled(parent: Any, tag: str, text: str, format_: str = "") -> Any:
    """An element whose text stands in a <text> of its own, as Moodle has it."""
    child = put(parent, tag, **({"format": format_} if format_ else {}))
    put(child, "text", text)
    return child


def category(root: Any, title: str) -> None:
    """Where in the question bank of a Moodle course what follows goes."""
    question = put(root, "question", type="category")
    titled(question, "category", "$course$/" + re.sub(r"[/$]", " ", title))


def moodle(homework: Homework, questions: Sequence[Question], failures: Failures) -> dict[str, bytes]:
    """Plain Moodle XML, multiple choice: a question for each variant."""
    root = start("quiz")
    category(root, homework.title)
    for problem, facts, identifier in _choices(questions, failures):
        _choice_question(root, problem, facts, identifier)
    return {"moodle.xml": xml(root)}


def _choice_question(root: Any, problem: Problem, facts: Facts, identifier: str) -> None:
    question = put(root, "question", type="multichoice")
    titled(question, "name", f"{problem.title} ({facts['label']})" if facts["label"] != "1" else problem.title)
    titled(question, "questiontext", facts["statement"], "html")
    titled(question, "generalfeedback", facts["worked"], "html")
    for tag, value in (("defaultgrade", f"{problem.points:g}"), ("penalty", "0.3333333"), ("hidden", "0"),
                       ("idnumber", identifier), ("single", "true"),
                       ("shuffleanswers", "true"), ("answernumbering", "abc")):  # fmt: skip
        put(question, tag, value)
    for option in facts["choice"]:
        answer = put(question, "answer", fraction="100" if option["right"] else "0", format="html")
        put(answer, "text", _option(option))
        titled(answer, "feedback", "", "html")


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
    """HTML of ours as elements of the same namespace, with the attributes that QTI knows."""
    from lxml import etree, html

    for piece in html.fragments_fromstring(clean(page)):
        if isinstance(piece, str):
            put(parent, "p", piece)
            continue
        made = etree.fromstring(etree.tostring(piece, with_tail=False))
        for element in made.iter():
            for name in set(element.attrib) - {"href", "class"}:
                del element.attrib[name]
        parent.append(made)
        if piece.tail and piece.tail.strip():
            put(parent, "p", piece.tail.strip())


def _manifest(kind: str, names: Sequence[str]) -> bytes:
    root = start("manifest", identifier="homework", xmlns="http://www.imsglobal.org/xsd/imscp_v1p1")
    put(put(root, "metadata"), "schema", "IMS Content")
    put(root, "organizations")
    resources = put(root, "resources")
    for number, name in enumerate(names):
        resource = put(resources, "resource", identifier=f"r{number}", type=kind, href=name)
        put(resource, "file", href=name)
    return xml(root)
