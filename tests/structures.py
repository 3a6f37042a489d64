"""What course sites' formats look like, element by element, written from their published descriptions.

The schemas themselves may not be handed on. Here is what they demand of the elements that we write, and nothing more is
let through: an element, a child, an order of children or an attribute that is not in a table is a fault.

A row is: element -> (its children in order, as a regular expression over their names, each followed by a space;
the attributes that it must have; those that it may have). An attribute's or a text's own form is a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Row = tuple[str, Mapping[str, str], Mapping[str, str]]

ANY = r"(?s).*"
NAME = r"[A-Za-z_][\w.-]*"
NUMBER = r"-?\d+(\.\d+)?"
_BLOCK = r"((p|pre|blockquote|ul|ol|table|hr|h[1-6]|div) )"
_FLOW = r"((p|pre|blockquote|ul|ol|table|hr|h[1-6]|div|em|strong|code|br|a|sub|sup) )"
_INLINE = r"((em|strong|code|br|a|sub|sup) )"
_HTML: dict[str, Row] = {
    "p": (f"{_INLINE}*", {}, {}),
    "pre": (f"{_INLINE}*", {}, {}),
    "em": (f"{_INLINE}*", {}, {}),
    "strong": (f"{_INLINE}*", {}, {}),
    "code": (f"{_INLINE}*", {}, {"class": r"[\w-]+"}),
    "a": (f"{_INLINE}*", {"href": r"(https?:|mailto:).*"}, {}),
    "br": ("", {}, {}),
    "hr": ("", {}, {}),
    "ul": ("(li )+", {}, {}),
    "ol": ("(li )+", {}, {}),
    "li": (f"{_FLOW}*", {}, {}),
    "blockquote": (f"{_BLOCK}+", {}, {}),
    **{f"h{level}": (f"{_INLINE}*", {}, {}) for level in range(1, 7)},
}

QTI21: dict[str, Row] = {
    **_HTML,
    "assessmentItem": (
        "(responseDeclaration )*(outcomeDeclaration )*(itemBody )?(responseProcessing )?(modalFeedback )*",
        {"identifier": NAME, "title": ANY, "adaptive": "true|false", "timeDependent": "true|false"},
        {},
    ),
    "responseDeclaration": (
        "(defaultValue )?(correctResponse )?",
        {"identifier": NAME, "cardinality": "single", "baseType": "identifier"},
        {},
    ),
    "correctResponse": ("(value )+", {}, {}),
    "outcomeDeclaration": ("(defaultValue )?", {"identifier": NAME, "cardinality": "single", "baseType": "float"}, {}),
    "defaultValue": ("(value )+", {}, {}),
    "value": ("", {}, {}),
    "itemBody": (f"({_BLOCK}|choiceInteraction )*", {}, {}),
    "choiceInteraction": (
        "(prompt )?(simpleChoice )+",
        {"responseIdentifier": NAME, "shuffle": "true|false", "maxChoices": r"\d+"},
        {},
    ),
    "simpleChoice": (f"{_FLOW}*", {"identifier": NAME}, {}),
    "responseProcessing": (
        "",
        {"template": re.escape("http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct")},
        {},
    ),
}

QTI12: dict[str, Row] = {
    "questestinterop": ("assessment ", {}, {}),
    "assessment": ("(qtimetadata )*(section )+", {"ident": NAME}, {"title": ANY}),
    "section": ("(item )*", {"ident": NAME}, {"title": ANY}),
    "item": ("(itemmetadata )?presentation (resprocessing )*(itemfeedback )*", {"ident": NAME}, {"title": ANY}),
    "itemmetadata": ("(qtimetadata )*", {}, {}),
    "qtimetadata": ("(qtimetadatafield )+", {}, {}),
    "qtimetadatafield": ("fieldlabel fieldentry ", {}, {}),
    "fieldlabel": ("", {}, {}),
    "fieldentry": ("", {}, {}),
    "presentation": ("((material|response_lid) )+", {}, {}),
    "material": ("mattext ", {}, {}),
    "mattext": ("", {"texttype": "text/html"}, {}),
    "response_lid": (
        "(material )?render_choice (material )?",
        {"ident": NAME},
        {"rcardinality": "Single|Multiple|Ordered"},
    ),
    "render_choice": ("(response_label )+", {}, {}),
    "response_label": ("(material )*", {"ident": NAME}, {}),
    "resprocessing": ("outcomes (respcondition )+", {}, {}),
    "outcomes": ("(decvar )+", {}, {}),
    "decvar": (
        "",
        {"varname": NAME, "vartype": "Integer|Decimal"},
        {"minvalue": NUMBER, "maxvalue": NUMBER, "defaultval": NUMBER},
    ),
    "respcondition": ("conditionvar (setvar )*(displayfeedback )*", {}, {"continue": "Yes|No"}),
    "conditionvar": ("(varequal )+", {}, {}),
    "varequal": ("", {"respident": NAME}, {}),
    "setvar": ("", {"varname": NAME}, {"action": "Set|Add|Subtract|Multiply|Divide"}),
}

MANIFEST: dict[str, Row] = {
    "manifest": ("(metadata )?organizations resources ", {"identifier": NAME}, {}),
    "metadata": ("(schema )?(schemaversion )?", {}, {}),
    "schema": ("", {}, {}),
    "schemaversion": ("", {}, {}),
    "organizations": ("", {}, {}),
    "resources": ("(resource )*", {}, {}),
    "resource": (
        "(file )*",
        {"identifier": NAME, "type": "imsqti_xmlv1p2|imsqti_item_xmlv2p1", "href": r"[\w.-]+"},
        {},
    ),
    "file": ("", {"href": r"[\w.-]+"}, {}),
}


def _words(text: str) -> list[str]:
    return text.split()


_TEXT: Row = ("text ", {}, {"format": "html|moodle_auto_format|plain_text|markdown"})
_PLAIN: Row = ("", {}, {})
MOODLE: dict[str, Row] = {
    "quiz": ("(question )*", {}, {}),
    "category": _TEXT,
    "question": (ANY, {"type": "category|multichoice|stack"}, {}),  # its children: the next table
    **dict.fromkeys(
        _words(
            "name questiontext generalfeedback stackversion questionvariables specificfeedback questionnote "
            "prtcorrect prtpartiallycorrect prtincorrect feedbackvariables truefeedback falsefeedback feedback "
        ),
        _TEXT,
    ),
    **dict.fromkeys(
        _words(
            "text defaultgrade penalty hidden idnumber single shuffleanswers answernumbering questionsimplify "
            "assumepositive assumereal multiplicationsign sqrtsign complexno inversetrig logicsymbol matrixparens "
            "variantsselectionseed type tans boxsize strictsyntax insertstars syntaxhint syntaxattribute "
            "forbidwords allowwords forbidfloat requirelowestterms checkanswertype mustverify showvalidation "
            "options value autosimplify feedbackstyle description answertest sans testoptions quiet truescoremode "
            "truescore truepenalty truenextnode trueanswernote falsescoremode falsescore falsepenalty "
            "falsenextnode falseanswernote deployedseed testcase expectedscore expectedpenalty expectedanswernote "
        ),
        _PLAIN,
    ),
    "answer": ("text feedback ", {"fraction": r"100|0|-?\d+\.\d+"}, {"format": "html"}),
    "input": (
        "name type tans boxsize strictsyntax insertstars syntaxhint syntaxattribute forbidwords allowwords forbidfloat "
        "requirelowestterms checkanswertype mustverify showvalidation options ",
        {},
        {},
    ),
    "prt": ("name value autosimplify feedbackstyle feedbackvariables (node )+", {}, {}),
    "node": (
        "name description answertest sans tans testoptions quiet truescoremode truescore truepenalty "
        "truenextnode trueanswernote truefeedback falsescoremode falsescore falsepenalty falsenextnode "
        "falseanswernote falsefeedback ",
        {},
        {},
    ),
    "qtest": ("testcase description (testinput )+(expected )+", {}, {}),
    "testinput": ("name value ", {}, {}),
    "expected": ("name expectedscore expectedpenalty expectedanswernote ", {}, {}),
}
MOODLE_QUESTIONS = {
    "category": "category ",
    "multichoice": "name questiontext generalfeedback defaultgrade penalty hidden idnumber single shuffleanswers "
    "answernumbering (answer )+",
    "stack": (
        "name questiontext generalfeedback defaultgrade penalty hidden idnumber stackversion "
        "questionvariables specificfeedback questionnote questionsimplify assumepositive assumereal "
        "prtcorrect prtpartiallycorrect prtincorrect multiplicationsign sqrtsign complexno inversetrig "
        "logicsymbol matrixparens variantsselectionseed (input )+(prt )+(deployedseed )*(qtest )*"
    ),
}
# In these no text may stand between the children; the others hold text, or text and elements.
_MIXED = {"p", "pre", "em", "strong", "code", "a", "li", "simpleChoice", *(f"h{level}" for level in range(1, 7))}


def faults(root: Any, rows: Mapping[str, Row], namespace: str = "") -> list[str]:
    """What in a document is not as its format wants it."""
    found = []
    for element in root.iter():
        inside, _, name = element.tag.rpartition("}")
        if inside.lstrip("{") != namespace:
            found.append(f"{name} is in the namespace {inside}")
        if name not in rows or (name == "name" and len(element) == 0 and rows is not MOODLE):
            found.append(f"there is no element {name}")
            continue
        children, must, may = rows[name]
        if name == "question" and rows is MOODLE:
            children = MOODLE_QUESTIONS.get(element.get("type"), "")
        plain = rows is MOODLE and name in ("name", "value") and element.getparent().tag != "question"
        here = "".join(f"{child.tag.rpartition('}')[2]} " for child in element)
        if not re.fullmatch("" if plain else children, here):
            found.append(f"{name} has the children {here}")
        found += [f"{name} lacks {each}" for each in must if each not in element.attrib]
        for each, value in element.attrib.items():
            if not re.fullmatch({**must, **may}.get(each, "(?!)"), value):
                found.append(f"{name} has {each}={value!r}")
        loose = [element.text if len(element) else None, *(child.tail for child in element)]
        if name not in _MIXED and any(text and text.strip() for text in loose):
            found.append(f"text stands between the children of {name}")
    identifiers = [element.get("identifier") for element in root.iter() if element.get("identifier")]
    found += [f"{each} is there twice" for each in set(identifiers) if identifiers.count(each) > 1]
    return found
