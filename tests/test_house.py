"""The house itself: the map, who imports whom, what is written where, and that all documentation runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import symgraph

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "symgraph"

LINE_OF_MAP = re.compile(r" {4}((?: {4})*)(\w+)(\.py|/) {2,}(\S.*)")


def the_map() -> list[str]:
    """The modules of the package's docstring in its order: ["errors", …, "language.tree", …]."""
    modules: list[str] = []
    rooms: list[str] = []
    for line in (symgraph.__doc__ or "").splitlines():
        if found := LINE_OF_MAP.fullmatch(line):
            depth, name, kind, _ = len(found[1]) // 4, found[2], found[3], found[4]
            rooms[depth:] = [name]
            if kind == ".py":
                modules.append(".".join(rooms))
    return modules


MAP = the_map()
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def path_of(name: str) -> Path:
    return PACKAGE / (name.replace(".", "/") + ".py")


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


@cache
def source(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def load(name: str) -> ModuleType:
    """A module of ours; the test is skipped where the optional part that it is about is missing."""
    if name == "parsing.pytorch":
        pytest.importorskip("torch", reason="needs torch: pip install '.[torch]'")
    return importlib.import_module(f"symgraph.{name}")


every_module = pytest.mark.parametrize("path", FILES, ids=module_name)


# The map


def test_the_map_names_every_module_once_and_no_other() -> None:
    assert sorted(MAP) == sorted(map(module_name, FILES))


def test_no_module_is_empty() -> None:
    assert [module_name(path) for path in FILES if len(source(path).body) < 3] == []


def imports_of_ours(path: Path) -> Iterator[tuple[int, str]]:
    """Every import of a part of this package, wherever it stands in the file, but for the type checker's alone."""
    for_types = {
        id(inner)
        for block in ast.walk(source(path))
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for inner in block.body
    }
    for statement in ast.walk(source(path)):
        if id(statement) in for_types:
            continue
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if alias.name.split(".")[0] == "symgraph":
                    yield statement.lineno, alias.name.partition(".")[2]
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{path}:{statement.lineno}: a relative import"
            if (statement.module or "").split(".")[0] == "symgraph":
                inside = statement.module.partition(".")[2]  # type: ignore[union-attr] # it is not None here
                for alias in statement.names:
                    deeper = f"{inside}.{alias.name}".lstrip(".")
                    yield statement.lineno, deeper if deeper in MAP else inside or f"({alias.name})"


@every_module
def test_a_module_imports_only_from_those_above_it(path: Path) -> None:
    above = MAP[: MAP.index(module_name(path))]
    wrong = [f"line {line}: {name}" for line, name in imports_of_ours(path) if name not in [*above, "(__version__)"]]
    assert wrong == []


@every_module
def test_what_others_use_of_a_module_is_public(path: Path) -> None:
    wrong = [
        f"line {statement.lineno}: {statement.module}.{alias.name}"
        for statement in ast.walk(source(path))
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").partition(".")[2] in MAP
        for alias in statement.names
        if alias.name not in (declared(path_of((statement.module or "").partition(".")[2])) or ())
    ]
    assert wrong == []


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_package_itself_loads_nothing() -> None:
    loaded = python("import sys, symgraph; print([name for name in sys.modules if name.startswith(('sym', 'net'))])")
    assert loaded.strip() == "['symgraph']"


def test_the_core_needs_neither_compiled_nor_optional_packages() -> None:
    core = [name for name in MAP if name.split(".")[0] in ("errors", "limits", "files", "language", "parsing",
                                                           "calculus", "explanation")]  # fmt: skip
    code = """
import importlib, sys
for name in ("flint", "lxml", "nh3", "torch", "numpy", "dask", "distributed", "playwright", "fcntl", "resource"):
    sys.modules[name] = None
for name in sys.argv[1].split():
    importlib.import_module("symgraph." + name)
"""
    python(code.replace("sys.argv[1]", repr(" ".join(core))))


# Greps that hold


def uses(path: Path) -> Iterator[tuple[int, str]]:
    """Every name that a file mentions as code, not as text: names, attributes, and what is imported."""
    for piece in ast.walk(source(path)):
        if isinstance(piece, ast.Name):
            yield piece.lineno, piece.id
        elif isinstance(piece, ast.Attribute):
            owner = piece.value.id if isinstance(piece.value, ast.Name) else ""
            yield piece.lineno, f"{owner}.{piece.attr}"
        elif isinstance(piece, ast.Import | ast.ImportFrom):
            inside = f"{piece.module}." if isinstance(piece, ast.ImportFrom) else ""
            for alias in piece.names:
                yield piece.lineno, f"{inside}{alias.name}"


def found(pattern: str) -> dict[str, list[str]]:
    """Where code mentions a name that matches the whole pattern: {module: ["line 3: eval"]}."""
    places: dict[str, list[str]] = {}
    for path in [*FILES, PACKAGE / "__init__.py"]:
        hits = [f"line {line}: {name}" for line, name in sorted(uses(path)) if re.fullmatch(pattern, name)]
        if hits:
            places[module_name(path)] = hits
    return places


def test_nothing_evaluates_text() -> None:
    evaluators = """eval exec compile __import__ sympify _sympify parse_expr parse_latex pickle marshal shelve
                    run_module run_path"""
    assert found(rf"(?!re\.compile$)(.*\.)?({'|'.join(evaluators.split())})(\..*)?") == {}


def test_sympys_s_is_never_called() -> None:
    calls = [
        f"{module_name(path)}, line {piece.lineno}"
        for path in FILES
        for piece in ast.walk(source(path))
        if isinstance(piece, ast.Call)
        and (piece.func.id if isinstance(piece.func, ast.Name) else getattr(piece.func, "attr", "")) == "S"
    ]
    assert calls == []


def test_jinja_is_only_where_the_templates_are_read() -> None:
    assert set(found(r"jinja2(\..*)?")) == {"explanation.templates"}
    markup = ("formats", "page_script", "dressing")
    assert set(found(r"markupsafe(\..*)?")) == {f"explanation.{name}" for name in markup}


def test_latex_is_printed_only_in_typesetting() -> None:
    printers = found(r"sympy(\..*)?\.(latex|LatexPrinter|mathml|pretty)|sympy\.printing.*")
    assert set(printers) <= {"explanation.typesetting"}


MODULES_BY_NAME = {
    "__init__": "loads the public names, from a table of its own",
    "worker": "runs a task of a closed table of its own",
}
OPENS_FILES = {
    "files": "it is the one that does",
    "explanation.pdf": "works in a temporary folder of its own",
    "explanation.templates": "reads what comes with the package, and keeps the templates compiled beside them",
    "worker": "speaks over a pipe",
}


def test_modules_are_never_loaded_by_a_name_from_outside() -> None:
    assert set(found(r"(.*\.)?(import_module|spec_from_file_location)")) == set(MODULES_BY_NAME)


def test_the_users_files_are_opened_only_in_files() -> None:
    ways = r"open|(os|io|codecs|gzip)\.open|.*\.(fdopen|read_text|read_bytes|write_text|write_bytes|NamedTemporaryFile)"
    opened = found(rf"(?!(files|self)\.)({ways})|(?!files|self)\w*\.(open|touch|unlink|rename|replace|mkdir)")
    opened = {module: [hit for hit in hits if not hit.endswith(".replace")] for module, hits in opened.items()}
    assert {module for module, hits in opened.items() if hits} == set(OPENS_FILES)


# What the project's files say


def project_files() -> list[Path]:
    folders = [PACKAGE, *(ROOT / name for name in ("templates", "tests", "examples", "benchmarks", ".ci", "docs"))]
    inside = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    beside = [path for path in ROOT.iterdir() if path.suffix in (".md", ".toml", ".cfg") or path.name == "LICENSE"]
    return sorted([*inside, *beside])


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def test_no_file_names_a_machine_or_a_registry() -> None:
    machine = r"(?<![\w.<])/(?:" + "|".join(["work", "farm", "root", "home", r"tmp/\w"]) + r")(?:/|\b)"
    host = "|".join(["py" + "pi.org", "python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian"])
    wrong = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for path in project_files()
        for hit in re.finditer(f"{machine}|{host}", text_of(path))
        if path.suffix not in (".woff2", ".png", ".pdf")
    ]
    assert wrong == []


def test_nothing_is_left_open() -> None:
    words = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME"]) + r")\b")
    code = [path for path in project_files() if path.suffix in (".py", ".j2")]
    assert [str(path.relative_to(ROOT)) for path in code if words.search(text_of(path))] == []


def test_no_template_trusts_text() -> None:
    templates = [path for path in project_files() if path.suffix == ".j2"]
    assert templates
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false")
    assert [str(path.relative_to(ROOT)) for path in templates if unsafe.search(text_of(path))] == []
    for path in FILES:
        for piece in ast.walk(source(path)):
            if isinstance(piece, ast.Call) and isinstance(piece.func, ast.Name | ast.Attribute):
                name = piece.func.id if isinstance(piece.func, ast.Name) else piece.func.attr
                made = [part for argument in piece.args for part in ast.walk(argument)]
                assert name != "Markup" or not any(isinstance(part, ast.JoinedStr) for part in made), path


# Names


def declared(path: Path) -> list[str] | None:
    for statement in source(path).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "__all__":
            names: list[str] = ast.literal_eval(statement.value)
            return names
    return None


def as_ruff_sorts(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@every_module
def test_every_module_says_what_is_public(path: Path) -> None:
    names = declared(path)
    assert names is not None, "no __all__"
    assert names == sorted(set(names), key=as_ruff_sorts)
    module = load(module_name(path))
    assert [name for name in names if not hasattr(module, name)] == []


@every_module
def test_every_public_name_is_documented(path: Path) -> None:
    module = load(module_name(path))
    for name in ["", *(declared(path) or ())]:
        thing = getattr(module, name) if name else module
        if inspect.isclass(thing) or inspect.isfunction(thing) or inspect.ismodule(thing):
            first = (inspect.getdoc(thing) or "").split("\n\n")[0]
            assert re.search(r"[.:?)]$", first), f"{module.__name__}.{name} does not begin with a sentence"


def test_the_public_names_are_the_same_in_all_three_lists() -> None:
    typed = {
        alias.name: (statement.module or "").partition(".")[2]
        for block in source(PACKAGE / "__init__.py").body
        if isinstance(block, ast.If)
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert typed == symgraph._HOMES
    assert symgraph.__all__ == sorted(typed, key=as_ruff_sorts)
    assert set(dir(symgraph)) == {*symgraph.__all__, "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        symgraph.nothing  # type: ignore[attr-defined] # noqa: B018 # that it is refused is the point


@pytest.mark.parametrize("name", symgraph.__all__)
def test_a_public_name_leads_to_its_room(name: str) -> None:
    load(symgraph._HOMES[name])
    thing = getattr(symgraph, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        assert inspect.getdoc(thing)
    assert name in (declared(path_of(symgraph._HOMES[name])) or ())


# Documentation runs


@pytest.mark.parametrize("name", ["", *MAP])
def test_the_examples_in_docstrings(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(load(name) if name else symgraph, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def readme_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)


def readme_commands() -> list[tuple[str, str]]:
    """Every command of ours in the README with the output shown under it ("" where none is shown)."""
    commands: list[tuple[str, str]] = []
    for block in readme_blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            commands.append((command, output))
    for block in readme_blocks("sh"):
        for line in block.splitlines():
            commands += [(part.strip(), "") for part in line.split("&&")]
    return [(command, output) for command, output in commands if command.startswith("symgraph ")]


def test_the_commands_in_the_readme(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text("z = x*y\n", encoding="utf-8")  # the file that the README supposes
    commands = readme_commands()
    assert commands
    for command, output in commands:
        words = shlex.split(command, comments=True)[1:]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, "-m", "symgraph", *words], capture_output=True, cwd=tmp_path, timeout=120, env=environment
        )
        printed = done.stdout.decode()
        assert done.returncode == 0, f"{command}\n{done.stderr.decode()}"
        if output.rstrip().endswith("…"):  # only the beginning is shown
            assert printed.startswith(output.rstrip("…\n")), command
        elif output:
            assert printed.strip() == output.strip(), command


def test_the_python_in_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = readme_blocks("python")
    assert blocks
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", "README.md", 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(test)
    assert test.examples
    assert runner.summarize().failed == 0
