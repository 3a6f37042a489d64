"""The command line: `symgraph explain SOURCE`, and what else the rooms can do.

Exit codes: 0 done, 2 the input is at fault, 3 written, but something failed or was refuted, 4 a file cannot be written,
130 interrupted, 1 our fault.
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from symgraph import __version__, process
from symgraph.errors import FileProblem, ReadingError, SymgraphError, visible

__all__ = ["main"]


class Command(click.Command):
    """A command that says what it says in the language of its --lang, what is wrong included.

    Its argument may begin with a minus sign: `symgraph explain "-x^2"`.
    """

    def invoke(self, ctx: click.Context) -> Any:
        if "lang" not in ctx.params:
            return super().invoke(ctx)
        from symgraph.explanation.renderer import speaking, told

        with speaking(ctx.params.pop("lang")):
            try:
                return super().invoke(ctx)
            except click.UsageError as error:
                raise click.UsageError(told(error.message), error.ctx or ctx) from None
            except SymgraphError as error:
                click.echo(visible(f"symgraph: {told(error)}"), err=True)
                ctx.exit(error.exit_code)
            except KeyboardInterrupt:
                _tell("interrupted")
                ctx.exit(130)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._with_expressions_last(args))

    def _with_expressions_last(self, args: list[str]) -> list[str]:
        """The arguments with those that begin with a minus and are no option of ours behind a `--`."""
        takes_value = {
            name: not getattr(option, "is_flag", False)
            for option in self.params
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        first: list[str] = []
        last: list[str] = []
        rest = iter(args)
        for arg in rest:
            if arg == "--":
                last.extend(rest)
            elif arg in takes_value or arg.split("=")[0] in takes_value or arg in ("--help", "-h"):
                first.append(arg)
                if takes_value.get(arg):
                    first.extend(value for _, value in zip(range(1), rest, strict=False))
            elif arg.startswith("-") and not arg.startswith("--") and arg != "-":
                last.append(arg)
            else:
                first.append(arg)
        return [*first, "--", *last] if last else first


class Commands(click.Group):
    """The group; commands that are made by it take arguments that begin with a minus."""

    command_class = Command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symgraph")
@click.option("--verbose", is_flag=True, help="Say what is being done, on standard error.")
def commands(verbose: bool) -> None:
    """Derivatives told as a graph: local derivatives on the edges, products along the paths, and their sum."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(name)s: %(message)s")


_LANG = click.option("--lang", type=click.Choice(["en", "de"]), default="en", show_default=True, help="Its words.")


_DOCUMENT = (
    click.argument("source", required=False),
    click.option("--file", "file", metavar="FILE", help="Read the function from a file (SOURCE is never one)."),
    click.option("--to", "to", metavar="FORMAT", help="html, tex, txt, md, ipynb, svg, dot, json (pdf with -o)."),
    click.option("--wrt", metavar="NAMES", help="Differentiate by these (default: every input; of f(x) = … it is x)."),
    click.option("--of", metavar="NAMES", help="Differentiate these (default: what is assigned and never used)."),
    click.option("--at", metavar="POINT", help='Values for the inputs, exact: "a=2, b=1/3, x=[1, 2]".'),
    click.option("--shape", metavar="SHAPES", help='Inputs that are vectors or matrices: "x=5, w=5x3".'),
    click.option("--title", metavar="TEXT", help="The heading (default: the question)."),
    click.option("--detail", type=click.Choice(["answer", "main", "all"]), default="all", show_default=True),
    _LANG,
    click.option("--modes", is_flag=True, default=None, help="Tell forward and reverse mode in any case."),
    click.option("--grain", type=click.Choice(["operation", "statement", "textbook"]), help="What becomes a node."),
    click.option("-o", "--output", metavar="FILE", help="Write the document here; its ending chooses the format."),
    click.option("--pdf-engine", type=click.Choice(["pdflatex", "lualatex", "browser"]), help="What makes a .pdf."),
    click.option("--fragment", is_flag=True, help=r"LaTeX for \input in a document of yours, symgraph.sty beside it."),
)
_GIVEN = {
    "order": click.option("--order", type=click.IntRange(1), help="How often to differentiate."),
    "hold": click.option("--hold", metavar="NAMES", help="Quantities that are held still, computed ones too."),
    "seed": click.option("--seed", metavar="NUMBERS", help='A weight for each output: "1, 1", or one for all.'),
    "direction": click.option("--direction", metavar="NUMBERS", help='A number for each input: "3, 4" or "x=3, y=4".'),
    "rates": click.option("--rates", metavar="NUMBERS", help='How fast each input moves: "x=2, y=-1".'),
    "changes": click.option("--changes", metavar="NUMBERS", help='How much each input changes: "x=0.1, y=0".'),
    "errors": click.option("--errors", metavar="NUMBERS", help='How far each input may be off: "x=0.1, y=0.2".'),
    "near": click.option("--near", metavar="POINT", help='Where to use the tangent: "x=3.1".'),
    "step": click.option("--step", metavar="NUMBER", help="How far to go along the gradient."),
}
# The commands that ask one question: what they say of themselves, and what they may be given.
_QUESTIONS = {
    "gradient": ("The derivatives of one output, as a vector.", ()),
    "jacobian": ("The derivatives of all outputs by all inputs, as a matrix.", ()),
    "hessian": ("The second derivatives, each on the graph of a first one, as a matrix.", ()),
    "higher": ("The second, third, … derivative, each on the graph of the one before.", ("order",)),
    "mixed": ("The derivative by one name after the other: --wrt x,y.", ()),
    "directional": ("The derivative in a direction.", ("direction",)),
    "related-rates": ("How fast an output moves when its inputs do; SOURCE may be an equation.", ("rates",)),
    "vjp": ("The vector–Jacobian product: outputs weighted by a seed, in one reverse sweep.", ("seed",)),
    "tangent": ("The tangent line or plane at a point, and what it is worth nearby.", ("near",)),
    "differential": ("The differential; with changes, an estimate beside the true change.", ("changes",)),
    "propagate": ("How errors of the inputs pass on to the output.", ("errors",)),
    "steepest": ("The direction of steepest ascent, and a step along it.", ("step",)),
    "critical": ("Where all derivatives are 0, as far as it can be solved, and what is there.", ()),
    "held": ("A partial derivative against the total one.", ("hold",)),
    "implicit": ("dy/dx on a curve that is given by an equation.", ("order",)),
    "parametric": ("dy/dx on a curve that is given by a parameter.", ("order",)),
    "logarithmic": ("A derivative by way of the logarithm.", ()),
}


def _with_options(function: Callable[..., None], options: Iterable[Callable[..., Any]]) -> Callable[..., None]:
    for option in reversed(list(options)):
        function = option(function)
    return function


def _explain(
    source: str | None,
    file: str | None,
    to: str | None,
    output: str | None,
    pdf_engine: str | None,
    shape: str | None,
    fragment: bool,
    **options: Any,
) -> None:
    from symgraph.explanation.explainer import explain as explained

    document = explained(read_source(source, file), shapes=_shapes(shape), **options)
    for reading in document.program.readings:
        _tell(f"note: {reading}")
    if output is not None:
        document.save(output, to, pdf_engine, fragment=fragment)
        click.echo(output)
    elif to in (None, "txt") and not fragment:
        _print(document)
    else:
        click.echo(document.render(to or "tex", fragment=fragment), nl=False)


def _print(document: Any) -> None:
    """Plain text as the terminal can show it: in colour, in Unicode, or in ASCII."""
    from symgraph.explanation.renderer import path_colours, terminal

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 78
    pieces = terminal(document, sys.stdout.encoding or "ascii", width)
    if not sys.stdout.isatty():
        click.echo("".join(piece for piece, _ in pieces), nl=False)
        return
    from rich.console import Console
    from rich.text import Text

    colours = path_colours()
    text = Text.assemble(*((piece, f"bold {colours[letter]}" if letter else "") for piece, letter in pieces))
    # What is printed is laid out already; rich looks at NO_COLOR and at what the terminal can show.
    Console(highlight=False, soft_wrap=True).print(text, end="")


def explain(**options: Any) -> None:
    """Explain a derivative, step by step.

    SOURCE is an expression, "(a+b)*(b+1)"; a definition, "f(x) = x^2 sin x"; assignments, "c = a+b; d = b+1; e = c*d";
    an equation, "x^2 + y^2 = 25"; or - for standard input.
    """
    _explain(**options)


def _question_command(name: str, text: str, given: Iterable[str]) -> click.Command:
    def ask(**options: Any) -> None:
        _explain(question=name, **options)

    ask.__doc__ = text
    return commands.command(name)(_with_options(ask, [*_DOCUMENT, *(_GIVEN[key] for key in given)]))


_named = click.option("--question", metavar="NAME", help="What to ask: derivative, or one of the commands' names.")
commands.command("explain")(_with_options(explain, [*_DOCUMENT, _named, *_GIVEN.values()]))
for _name, (_text, _given) in _QUESTIONS.items():
    _question_command(_name, _text, _given)


def _shapes(text: str | None) -> dict[str, tuple[int, ...]] | None:
    """The shapes in "x=5, w=5x3"."""
    if text is None:
        return None
    shapes: dict[str, tuple[int, ...]] = {}
    for part in text.split(","):
        name, _, sides = part.partition("=")
        numbers = sides.strip().lower().replace("×", "x").split("x")
        if not name.strip() or not all(number.strip().isdecimal() for number in numbers) or len(numbers) > 2:
            raise click.UsageError(f"a shape is a length or rows x columns: x=5, w=5x3 (here: {part.strip()})")
        shapes[name.strip()] = tuple(int(number) for number in numbers)
    return shapes


@commands.command()
@click.option("-o", "--output", metavar="FOLDER", required=True, help="The folder of the site.")
@_LANG
def gallery(output: str) -> None:
    """Build a site: a page for each worked example that comes with symgraph, and an index."""
    from symgraph.gallery import build_site

    for written in build_site(Path(output)):
        click.echo(written)


_ASKED = (
    click.argument("source", required=False),
    click.option("--file", "file", metavar="FILE", help="Read the function from a file (SOURCE is never one)."),
    click.option("--wrt", metavar="NAMES", help="Differentiated by these; several ask for the gradient."),
    click.option("--of", metavar="NAMES", help="The outputs (default: what is assigned and never used)."),
    click.option("--at", metavar="POINT", help='The point, if a value is asked for: "a=2, b=1/3".'),
    click.option("--order", type=click.IntRange(1), default=1, help="How often it is differentiated."),
    click.option("--tangent", is_flag=True, help="The tangent at the point is asked for: y = 4x - 4."),
    _LANG,
)


def check(
    source: str | None, file: str | None, answer: str, to: str, reader: str, as_json: bool, **options: Any
) -> None:
    """Judge an answer, and say which edge or path was forgotten.

    The exit code is 0 whatever the verdict is; scripts read it from --json.
    """
    from symgraph.marking.checker import check as checked

    verdict = checked(read_source(source, file), answer, **options)
    click.echo(verdict.render("json" if as_json else to, reader), nl=False)


_with_check = (
    *_ASKED,
    click.option("--answer", metavar="TEXT", required=True, help="The answer: text or LaTeX; [.., ..] for several."),
    click.option("--form", metavar="FORM", default="any", help="How it is to be written: expanded, factored, …"),
    click.option("--assuming", metavar="CONDITIONS", help='What is known of the names: "x > 0".'),
    click.option("--tolerance", metavar="NUMBER", help="How far decimals may be off (default: they are exact)."),
    click.option("--to", metavar="FORMAT", default="txt", show_default=True, help="txt, html, tex, md or json."),
    click.option("--json", "as_json", is_flag=True, help="The same as --to json."),
    click.option("--reader", type=click.Choice(["student", "teacher"]), default="student", show_default=True),
)
commands.command("check")(_with_options(check, _with_check))


def hint(source: str | None, file: str | None, to: str, **options: Any) -> None:
    """The next hint for a derivative: paths, nodes, an edge, the factors, and only then the total."""
    from symgraph.marking.hints import hint as hinted

    click.echo(hinted(read_source(source, file), **options).render(to), nl=False)


_with_hint = (
    *_ASKED,
    click.option("--attempt", metavar="TEXT", help="What there is so far; it decides where to begin."),
    click.option("--given", type=click.IntRange(0), default=0, help="How many hints were given already."),
    click.option("--to", metavar="FORMAT", default="txt", show_default=True, help="txt, html, tex, md or json."),
)
commands.command("hint")(_with_options(hint, _with_hint))


def read_source(source: str | None, file: str | None) -> str:
    """The function's text: given, from a file, or from standard input."""
    from symgraph import files

    if (source is None) == (file is None):
        raise click.UsageError("give the function as SOURCE, or a file of it with --file")
    if file is not None:
        return files.read_text(file)
    assert source is not None
    return _standard_input() if source == "-" else source


def _standard_input() -> str:
    """What is piped in, as UTF-8."""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadingError(f"standard input is not UTF-8: byte {error.start + 1}") from None


# Homework ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and remaining time on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many are done in a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f}/s" if task.speed else "")

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextlib.contextmanager
def _resumed() -> Iterator[None]:
    """What Ctrl-C means for a long run."""
    try:
        yield
    except KeyboardInterrupt:
        _tell("what is finished is kept: the same command goes on from there")
        raise


_CLUSTER = click.option("--cluster", metavar="ADDRESS", help="Have it done by a Dask scheduler: tcp://host:8786.")
_WORKERS = click.option("--workers", type=click.IntRange(1), help="Processes here (default: one for each processor).")


@commands.command()
@click.argument("path", metavar="HOMEWORK.TOML", required=False)
@click.option("--bank", is_flag=True, help="List the problem bank that comes with symgraph.")
def new(path: str | None, bank: bool) -> None:
    """Write a commented problem set to start from."""
    from symgraph import files
    from symgraph.homework import bank as shelf
    from symgraph.homework.problems import START

    if bank:
        for chapter in shelf.chapters():
            for number, problem in enumerate(shelf.problems(chapter), 1):
                click.echo(f"{chapter}/{number}\t{problem['f']}")
        return
    if path is None:
        raise click.UsageError("say which file to write: symgraph new homework.toml")
    if Path(path).exists():
        raise FileProblem(f"{path} is there already: choose another name")
    click.echo(files.write(path, START))


@commands.command()
@click.argument("path", metavar="HOMEWORK.TOML")
@click.option("-o", "--output", metavar="DIR", help="The folder to write to (default: beside the file, of its name).")
@click.option("--make", default="sheet,key,worked", show_default=True,
              help="Of sheet, key, worked, scheme, booklets, choice, fill-in.")  # fmt: skip
@click.option("--format", "formats", default="html", show_default=True, help="Of html, tex, pdf, md, ipynb, jsonl.")
@click.option("--students", metavar="ROSTER.CSV", help="Who gets a booklet, and numbers of their own.")
@click.option("--pictures/--no-pictures", default=True, help="Whether the worked key has them.")
@click.option("--check", "checking", is_flag=True, help="Prove every key, test and saying; write nothing.")
@click.option("--force", is_flag=True, help="Work everything out again.")
@_CLUSTER
@_WORKERS
@_LANG
def key(
    path: str, output: str | None, make: str, formats: str, students: str | None, checking: bool, **options: Any
) -> int:
    """Sheets, keys, worked keys, marking schemes and booklets of a problem set."""
    from symgraph.homework.answer_key import answer_key, check

    with _resumed(), _progress("working out") as progress:
        if checking:
            del options["force"], options["pictures"]  # it always does, and there are none
            report = check(path, students=students, progress=progress, **options)
        else:
            report = answer_key(
                path, output, make=_list(make), formats=_list(formats), students=students, progress=progress, **options
            )
    for label, message in report.failures:
        _tell(f"failed: {label}: {message}")
    for label, claim, outcome, detail in [*report.refuted, *report.undecided]:
        _tell(f"{outcome}: {label}, {claim}: {detail}")
    proved = sum(claim[2] == "proved" for claim in report.claims)
    again = f", {report.kept} kept from before" if report.kept else ""
    _say(f"{report.done} variants worked out{again}; {proved} of {len(report.claims)} claims proved")
    for file in report.files[-1:]:
        click.echo(file)
    return report.exit_code


@commands.command()
@click.argument("path", metavar="HOMEWORK.TOML")
@click.argument("answers", metavar="ANSWERS.CSV")
@click.option("-o", "--output", metavar="DIR", default="marks", show_default=True, help="The folder to write to.")
@click.option("--students", metavar="ROSTER.CSV", help="Everyone who should have answered.")
@click.option("--columns", metavar="NAMES", default="", help="Which column is what: id=Email,chain-01=Q1.")
@click.option("--decide", "decisions", metavar="GROUP=SCORE", multiple=True,
              help="Decide on a group of equal answers (GROUP=SCORE:comment); kept beside the homework.")  # fmt: skip
@click.option("--force", is_flag=True, help="Mark everything again.")
@_CLUSTER
@_WORKERS
@_LANG
def mark(path: str, answers: str, output: str, columns: str, decisions: Sequence[str], **options: Any) -> int:
    """Mark what came back: marks.csv, feedback for each student, report.html."""
    from symgraph.homework.marker import Decision, mark_class, parse_columns

    decided = {}
    for text in decisions:
        group, _, rest = text.partition("=")
        score, _, said = rest.partition(":")
        try:
            decided[group.strip()] = Decision(float(score), said.strip())
        except ValueError:
            raise click.UsageError(f"--decide GROUP=SCORE, not {text!r}") from None
    with _resumed(), _progress("marking") as progress:
        marking = mark_class(
            path, answers, output, columns=parse_columns(columns) if columns else None, decisions=decided,
            progress=progress, **options,
        )  # fmt: skip
    _say(visible(f"columns: {marking.columns}"))
    for note in marking.notes:
        _tell(f"note: {note}")
    for line, message in marking.bad_rows:
        _tell(f"line {line}: {message}")
    for where, message in marking.failures:
        _tell(f"failed: {where}: {message}")
    for row in marking.mistakes:
        _say(f"{row.problem}: {row.count} of {row.of}: {row.sentence}")
    _say(f"{marking.students} students, {marking.answers} answers: {marking.right} right, {marking.wrong} wrong, "
         f"{marking.review} to look at")  # fmt: skip
    click.echo(marking.files[-1])
    return marking.exit_code


@commands.command("export")
@click.argument("path", metavar="HOMEWORK.TOML")
@click.option("--to", "site", required=True, metavar="SITE", help="stack, moodle, prairielearn, pg, qti12, qti21.")
@click.option("-o", "--output", metavar="DIR", help="The folder to write to (default: beside the file, of its name).")
@click.option("--force", is_flag=True, help="Work everything out again.")
@_CLUSTER
@_WORKERS
def export(path: str, site: str, output: str | None, **options: Any) -> int:
    """Write a problem set for a course site."""
    from symgraph.homework.exporter import export as exported

    with _resumed(), _progress("working out") as progress:
        report = exported(path, site, output, progress=progress, **options)
    for label, message in report.failures:
        _tell(f"failed: {label}: {message}")
    for file in report.files:
        click.echo(file)
    return report.exit_code


def _tell(message: str) -> None:
    """Say something on standard error; what came from files cannot move the terminal's cursor."""
    _say(visible(message), err=True)


def _say(message: str, *, err: bool = False) -> None:
    """Say something in the language that is being spoken."""
    from symgraph.explanation.renderer import told

    click.echo(told(message), err=err)


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    process.prepare()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = commands.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except SymgraphError as error:
        _tell(f"symgraph: {error}")
        code = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    gc.freeze()  # nor is it looked through at the end
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
