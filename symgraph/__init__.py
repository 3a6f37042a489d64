"""Derivatives told as a graph: local derivatives on the edges, products along the paths, and their sum.

What people write becomes a Program, a Program a graph, a graph an Explanation, an Explanation a document:

    what people write ─ parsing ─→ Program ─ calculus ─→ graph, paths, sweeps ─ explanation ─→ document

Nothing flows back. The rooms, in that order; a module imports only from modules above it in this map:

    errors.py                   the tree of exceptions, drawn in its docstring
    limits.py                   what one problem may cost: characters, depth, digits, nodes, paths, seconds, memory
    files.py                    the only reader and writer of the user's files: safe names, whole files, locks
    process.py                  what a process of ours sets before SymPy is imported
    worker.py                   one task in a process that can be killed; many of them over an Executor
    language/                   what a formula is
        guards.py                   sizes checked before SymPy is called, and on what it returns
        unknowns.py                 functions about which nothing is known, f(u, v), and their derivatives
        tree.py                     the syntax tree: as written, every piece with its span
        numerals.py                 numbers -> trees: exact where that is short, else to so many digits
        opaque.py                   building SymPy objects without the questions that SymPy asks and that take forever
        ranges.py                   between which numbers an expression lies, whatever real numbers its names are
        rows.py                     what a row of the table of functions is
        table.py                    a table of rows: by name, by spelling, by SymPy class
        elementary_functions.py     rows: arithmetic, powers, roots, exponentials, trigonometric, hyperbolic
        special_functions.py        rows: steps, gamma, error, integral and Bessel functions, lists of terms
        structures.py               rows: conditions, cases, vectors, matrices
        binders.py                  rows: sums, products and integrals with limits
        primitives.py               the table: name, spellings, arity, constructor, local derivatives, domain, kinks
        constructors.py             tree -> SymPy, sizes checked where the real arguments are seen
        branches.py                 what of a formula is computed where: cases and their conditions
        notation.py                 SymPy -> tree, as a textbook would print it
        program.py                  Program: inputs and named assignments; where everything starts
        components.py               vectors and matrices -> their components: w becomes w₁₁, w₁₂, …
    parsing/                    what people write -> Program
        definitions.py              what the functions that a text defines would grow to
        signs.py                    the characters that people type, one explicit table each
        tokens.py                   text -> tokens: numbers, words and signs
        cursor.py                   walking over the tokens of one statement
        brackets.py                 what stands in brackets: groups, absolute values, vectors, matrices, conditions
        words.py                    what a run of letters means: a name, a product, a function, a constant
        commands.py                 LaTeX -> the same tokens: a table of commands
        resolver.py                 words of a statement -> names, functions and constants
        statements.py               tokens -> statements, and the names that a text declares by using them so
        echo.py                     tree -> calculator notation, for saying how something was read
        calls.py                    functions and what they are applied to: sin x, sin^2 x, log_2 x, f(x, y)
        grammar.py                  tokens -> tree
        text.py                     calculator notation; the one door for untrusted text
        latex.py                    LaTeX notation, the same grammar
        tape.py                     what running code computed, in order, and the Program that it amounts to
        recording.py                objects that stand in for numbers and write down what is done with them
        function.py                 a Python function, traced, with the names in its source
        torch_operations.py         what each of torch's functions does to the elements of tensors
        pytorch.py                  a torch program, recorded (extra)
    calculus/                   Program -> graph -> derivatives; all the mathematics
        polynomials.py              polynomials and their quotients with exact coefficients, never larger than a limit
        standins.py                 concrete functions in the place of those about which nothing is known
        grains.py                   which pieces of an expression a teacher would give a name to
        patterns.py                 local derivatives of a formula, made once for all that differ in names only
        pieces.py                   the operations of a program: equal ones counted once, numbered, named
        graph.py                    Program -> frozen MultiDiGraph; Node; the three grains
        paths.py                    Path; count, find, product, sum
        sweeps.py                   forward and reverse: the same sum, merged at every node, as Rows
        factoring.py                expanded -> merged -> factored, read off a sweep
        arena.py                    operations as numbers: equal ones are one, trivial ones are not there
        elimination.py              derivatives in an arena: reverse, forward, vertex by vertex
        shortening.py               fewer operations: like terms, common factors, repeated pairs
        expansion.py                everything multiplied out, where like terms meet
        compact.py                  f and its derivatives as a short program of named assignments
        quantities.py               models that code makes, written straight into an arena
        swelling.py                 how large rates would be in the inputs, counted and not made
        substitution.py             back into the inputs: a memoised rebuild, lazy, guarded by an exact size count
        implication.py              does one condition follow from others
        seams.py                    where one formula ends and the next begins: do they meet smoothly?
        domains.py                  where a node has no value or no derivative, and why
        rough.py                    numbers with estimated errors, for where balls are not to be had
        reals.py                    real functions on exact rational numbers and on balls
        heads.py                    what each of SymPy's classes does to real values, and each row of our own table
        integrals.py                definite integrals as balls, for integrands that are analytic along the way
        points.py                   points at which expressions are looked at
        balls.py                    certified numbers: what an expression is at an exact rational point
        circuits.py                 a whole graph's formulas and local derivatives as one line of operations in balls
        agreement.py                two ways to the same expression, compared in certified balls
        assumptions.py              what is assumed of names: signs, comparisons, bounds
        exchange.py                 SymPy expressions as JSON and back: heads from a closed list
        heavy.py                    what may run away, and is done in a worker only
        kernels.py                  quotients of polynomials in kernels, with which expressions are proved equal
        algebraic.py                algebraic numbers that are zero: a ball below a root bound
        bases.py                    exponents and angles in a basis over the rational numbers
        exponents.py                powers, roots, logarithms and exponentials in kernels
        angles.py                   sines and cosines as rational functions of half-angle tangents
        rewriting.py                how each of SymPy's functions is written in kernels: one row a function
        solving.py                  equations solved, in a worker
        zeros.py                    is a normal form zero wherever the expressions are real?
        constancy.py                equal because the derivatives are, and the values at one point of every piece
        evaluation.py               values of every node and edge at a point
        taylor.py                   the first terms of a Taylor series, with exact coefficients
        sides.py                    a function of one input on the two sides of a point where a step has no derivative
        gradients.py                torch's gradients beside ours, node by node
        equality.py                 are two expressions equal: proof, counterexample, or undecided
        measure.py                  how long an expression is in print, as a textbook would count
        ingredients.py              what an expression is made of, for print
        forms.py                    the forms that one expression can be printed in
        simplifier.py               the shortest of several forms, each proved equal
        crosscheck.py               the same answer by every route that the size allows
        derivatives.py              derivatives written in the inputs, simplified and checked
        bounds.py                   equations that nothing satisfies, polynomials that are smallest where they are zero
        curves.py                   slopes of curves given by an equation or by a parameter
        given.py                    numbers for names, as people write them with a question
        directions.py               several inputs that move at once, and several outputs that are weighted
        holding.py                  partial against total derivatives: some quantities held still, computed ones too
        logarithms.py               differentiation by logarithms
        questions.py                several derivatives at once: gradient, Jacobian, Hessian, mixed derivatives
        extrema.py                  where a function is level, and what it has there
        tangents.py                 a straight line in the place of a curve: tangents, differentials, errors
    explanation/                graph -> document
        folding.py                  many nodes -> few blocks, for a picture that can still be read
        letters.py                  how names, functions, operators and counts are spelled in each output
        escaping.py                 a reader's own texts made harmless: as TeX, plain text, Markdown
        pdf.py                      TeX or a browser -> PDF
        shown.py                    what can be shown as a formula: a syntax tree, or one of five ways of showing
        pens.py                     how each output writes the parts of a formula
        mathml.py                   how formulas are written in MathML Core
        page.py                     the machine that writes a formula with a pen, and where brackets go
        products.py                 sums, products and quotients: signs, brackets, what stands between factors
        shapes.py                   how each operator and each kind of tree is written: the table of shapes
        typesetting.py              trees and our nouns -> LaTeX, MathML, text, and their sizes
        sizes.py                    how much room a formula takes, and its outlines for pictures that stand alone
        steps.py                    what an explanation is made of: data, no words
        conditions.py               conditions on the inputs as one would say them: −2 < x < 2 for 4 − x² > 0
        formulas.py                 the formulas that steps show: rates, products, sums, nothing worked out
        failing.py                  where an explanation does not hold
        asking.py                   what a question's telling is made from
        layers.py                   vectors and matrices told folded
        one_graph.py                questions that one graph answers: gradients, directions, rates, tangents, errors
        scripting.py                graph and point -> the numbers and functions that the page works with
        several_graphs.py           questions that need more: second derivatives, curves, logarithms, what is held
        inquiries.py                the table of questions
        layering.py                 which row, and which place in it, each part of a picture has
        placing.py                  how far across each node and label of a picture stands
        routing.py                  how each edge of a picture runs
        drawing.py                  graph -> where each node, edge and label goes: numbers only
        lines.py                    long formulas in lines of a width that can be read
        pictures.py                 which nodes and edges each picture has, and which formulas stand at them
        views.py                    what templates look at: the facts of an explanation, worked out for printing
        plain_data.py               a whole document as plain data, for JSON
        sentences.py                what is worded in English, said in another language: a table of whole sentences
        story.py                    graph -> the steps that tell it
        templates.py                where the templates lie, and what they are compiled to, which is kept
        formats.py                  the table of formats: how each sets a formula and a text
        page_script.py              what the script of a page is given: numbers, functions, words
        dressing.py                 an explanation in the dress of a format: its words and its pictures
        notebooks.py                an explanation in a notebook
        renderer.py                 document -> text: the door to the formats
        explainer.py                graph -> Explanation; which steps, in which order
        explained.py                a Python function that can explain itself
    marking/                    one answer
        unit_vectors.py             vectors as sums of unit vectors, 2x i + 3 j, and their entries
        answers.py                  what a student wrote -> formulas, a harmless left side taken off and noted
        forms.py                    is an answer written in the form that was asked for?
        question.py                 what was asked: one derivative of one graph, its paths, points to look at it
        edits.py                    a graph edit, and the derivative that it makes: in numbers or in formulas
        powers.py                   what is a power in disguise: √u is u^(1/2), 1/u³ is u^(−3)
        whole_edits.py              slips about the whole: a path left out or counted twice, another derivative
        unbracketed.py              what a line of typing leaves out: the brackets of a fraction or an exponent
        wrong_rules.py              what people take for the derivative of each elementary function
        places.py                   where a slip can be made: the arguments that move, chains, multiples
        power_edits.py              slips at powers and exponentials: the exponent, and which of the two rules it is
        local_edits.py              slips at one operation: a factor left out, a wrong rule, a sign, a quotient
        mistakes.py                 the table of graph edits that make a wrong answer
        candidates.py               which edits give this answer: all screened in numbers, those that fit proved
        implicit_edits.py           slips of implicit differentiation, made in both parts of a slope at once
        slopes.py                   answers about curves: where an equation or a parameter gives the curve
        lines.py                    the tangent as an answer: what other equations may have come from
        equations.py                what a student wrote -> the equation of a line
        bends.py                    answers about the second derivatives of curves
        entries.py                  gradients and matrices whose right entries stand in other places
        domains.py                  where a function has values, as far as conditions say it
        tasks.py                    what is asked, read and looked at once for all answers to it
        decimals.py                 how near one number is to another: within a tolerance, or in so many digits
        formulas.py                 the formulas that marking shows: paths, symbols of derivatives, names of nodes
        spoilers.py                 what gives the answer away, and no student may see
        telling.py                  a mistake as its sentence sees it
        grounds.py                  what an outcome rests on, as its sentence sees it
        outcomes.py                 an outcome, what it rests on, and the mistakes that explain it
        views.py                    what templates look at: the facts of a verdict, worked out for printing
        credit.py                   partial credit: points for each path and each edge
        verdicts.py                 what marking an answer comes to: its outcome, its score, and its words
        diagnoses.py                what explains a wrong answer: what fits it, and what is found in the answer itself
        formula_verdicts.py         the verdict on a formula: equal to the derivative, or not, with a certificate
        value_verdicts.py           the verdict on a number, where the value at a point is asked for
        curve_verdicts.py           the verdict on the slope of a curve, or on its second derivative
        line_verdicts.py            the verdict on an equation, where that of the tangent is asked for
        checker.py                  is an answer right, and if not, which edge or path was forgotten?
        assertions.py               a claim about a derivative, checked
        decomposition.py            a student's own steps, line by line: the first wrong one is named
        hints.py                    hints that never spoil: how many paths, which nodes, one edge
    homework/                   many problems, many students
        bank.py                     the problem bank that comes with symgraph
        faults.py                   a problem-set file as plain values, and what is wrong with it: file, line, field
        draws.py                    numbers that differ from student to student
        notations.py                trees -> the notations of course sites: Maxima, PrairieLearn's, WeBWorK's
        running.py                  many pieces of work: where they run, and what a second run need not do again
        statements.py               a problem's words: Markdown with LaTeX maths, and what was drawn
        problems.py                 a problem-set file -> problems, and their seeded variants
        options.py                  multiple choice: wrong options that are named mistakes, certified different
        items.py                    one variant of one problem, worked out: what every document is put together from
        exports.py                  what a course site needs of one variant
        grading.py                  one variant's answers, judged, and which of them are equal
        packages.py                 problems -> multiple choice for course sites: Moodle XML, QTI 1.2 and 2.1
        stack.py                    problems -> Moodle questions for STACK
        programs.py                 problems -> questions that are programs: PrairieLearn's, WeBWorK's PG
        tables.py                   tables that people and course sites export
        answer_key.py               problems -> sheet, key, worked key, marking scheme, booklets
        exporter.py                 problems -> course sites: Moodle with STACK, PrairieLearn, and the others
        marker.py                   a class's answers -> marks, feedback, report
    gallery.py                  examples -> a site: a page for each worked example, and an index
    __main__.py                 the command line

Importing this package loads none of them; a public name loads its room when it is first used:

>>> import symgraph
>>> symgraph.SymgraphError.__module__
'symgraph.errors'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symgraph.calculus.compact import compact
    from symgraph.calculus.curves import implicit, parametric
    from symgraph.calculus.derivatives import differentiate
    from symgraph.calculus.directions import directional, related_rates, steepest, vjp
    from symgraph.calculus.extrema import critical
    from symgraph.calculus.gradients import compare_gradients
    from symgraph.calculus.graph import Node, build
    from symgraph.calculus.holding import held
    from symgraph.calculus.logarithms import logarithmic
    from symgraph.calculus.paths import Path, count_paths, find_paths, path_sum
    from symgraph.calculus.questions import gradient, hessian, jacobian, mixed
    from symgraph.calculus.sweeps import Row, forward, reverse
    from symgraph.calculus.tangents import differential, propagate, tangent
    from symgraph.errors import SymgraphError
    from symgraph.explanation.explained import explained
    from symgraph.explanation.explainer import Explanation, explain
    from symgraph.explanation.renderer import render, speaking
    from symgraph.homework.answer_key import answer_key
    from symgraph.language.primitives import Primitive
    from symgraph.language.program import Program
    from symgraph.limits import Limits
    from symgraph.marking.assertions import assert_derivative
    from symgraph.marking.checker import check
    from symgraph.marking.credit import award
    from symgraph.marking.decomposition import check_steps
    from symgraph.marking.hints import hint
    from symgraph.marking.verdicts import Diagnosis, Outcome, Verdict
    from symgraph.parsing.pytorch import record
    from symgraph.parsing.recording import functions
    from symgraph.parsing.text import parse

__version__ = "0.1.0"

__all__ = [
    "Diagnosis",
    "Explanation",
    "Limits",
    "Node",
    "Outcome",
    "Path",
    "Primitive",
    "Program",
    "Row",
    "SymgraphError",
    "Verdict",
    "answer_key",
    "assert_derivative",
    "award",
    "build",
    "check",
    "check_steps",
    "compact",
    "compare_gradients",
    "count_paths",
    "critical",
    "differential",
    "differentiate",
    "directional",
    "explain",
    "explained",
    "find_paths",
    "forward",
    "functions",
    "gradient",
    "held",
    "hessian",
    "hint",
    "implicit",
    "jacobian",
    "logarithmic",
    "mixed",
    "parametric",
    "parse",
    "path_sum",
    "propagate",
    "record",
    "related_rates",
    "render",
    "reverse",
    "speaking",
    "steepest",
    "tangent",
    "vjp",
]

_HOMES = {
    "Diagnosis": "marking.verdicts",
    "Explanation": "explanation.explainer",
    "Limits": "limits",
    "Node": "calculus.graph",
    "Outcome": "marking.verdicts",
    "Path": "calculus.paths",
    "Primitive": "language.primitives",
    "Program": "language.program",
    "Row": "calculus.sweeps",
    "SymgraphError": "errors",
    "Verdict": "marking.verdicts",
    "answer_key": "homework.answer_key",
    "assert_derivative": "marking.assertions",
    "award": "marking.credit",
    "build": "calculus.graph",
    "check": "marking.checker",
    "check_steps": "marking.decomposition",
    "compact": "calculus.compact",
    "compare_gradients": "calculus.gradients",
    "count_paths": "calculus.paths",
    "critical": "calculus.extrema",
    "differential": "calculus.tangents",
    "differentiate": "calculus.derivatives",
    "directional": "calculus.directions",
    "explain": "explanation.explainer",
    "explained": "explanation.explained",
    "find_paths": "calculus.paths",
    "forward": "calculus.sweeps",
    "functions": "parsing.recording",
    "gradient": "calculus.questions",
    "held": "calculus.holding",
    "hessian": "calculus.questions",
    "hint": "marking.hints",
    "implicit": "calculus.curves",
    "jacobian": "calculus.questions",
    "logarithmic": "calculus.logarithms",
    "mixed": "calculus.questions",
    "parametric": "calculus.curves",
    "parse": "parsing.text",
    "path_sum": "calculus.paths",
    "propagate": "calculus.tangents",
    "record": "parsing.pytorch",
    "related_rates": "calculus.directions",
    "render": "explanation.renderer",
    "reverse": "calculus.sweeps",
    "speaking": "explanation.renderer",
    "steepest": "calculus.directions",
    "tangent": "calculus.tangents",
    "vjp": "calculus.directions",
}


if not TYPE_CHECKING:  # to a type checker the names above are all there are

    def __getattr__(name: str) -> object:
        """The public name, from the room where it lives (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'symgraph' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"symgraph.{home}"), name)
        return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
