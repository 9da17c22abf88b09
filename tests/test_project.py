"""The project's own promises: one set of bounds, one way of importing, true docs."""

import ast
import doctest
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
LIB = ROOT / "lib" / "retention"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONDA_NAMES = {"matplotlib": "matplotlib-base", "duckdb": "python-duckdb"}

# Bottom to top: a room imports only from rooms to its left.
ROOMS = [
    "schema",
    "company",
    "simulate",
    "counts",
    "intervals",
    "survival",
    "projection",
    "economics",
    "satisfaction",
    "referral",
    "loyalty",
    "value",
    "claims",
    "exercises",
    "plots",
    "notebooks",
    "reports",
    "cli",
]


def wanted() -> list[Requirement]:
    groups = PROJECT["dependency-groups"]
    texts = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["examples"],
        *PROJECT["project"]["optional-dependencies"]["causal"],
        *groups["lab"],
        *groups["test"],
    ]
    return [Requirement(text) for text in texts]


def conda() -> dict[str, str]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    texts = [entry for entry in listed if isinstance(entry, str)]
    texts += [e for e in listed[-1]["pip"] if not e.startswith("-e")]
    parsed = [Requirement(text) for text in texts]
    return {requirement.name: str(requirement.specifier) for requirement in parsed}


def test_environment_yml_has_the_names_and_bounds_of_pyproject():
    ours = {CONDA_NAMES.get(r.name, r.name): str(r.specifier) for r in wanted()}
    theirs = conda()
    assert theirs.pop("python") == str(
        Requirement(f"python{PROJECT['project']['requires-python']}").specifier
    )
    assert theirs.pop("pip") == ""
    assert theirs == ours


def test_lock_pins_every_dependency_inside_its_bounds():
    lock = (ROOT / "requirements.lock").read_text()
    for requirement in wanted():
        pins = re.findall(rf"^{re.escape(requirement.name)}==([^ ;\\]+)", lock, re.M)
        assert pins, f"{requirement.name} is not in the lock: make lock"
        assert all(requirement.specifier.contains(pin) for pin in pins)


def test_lock_names_no_host_and_no_path():
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"https?:|file:|--index|--find-links", lock)


def test_installed_versions_are_inside_the_bounds():
    outside = [
        f"{r.name} {version(r.name)}"
        for r in wanted()
        if not r.specifier.contains(version(r.name))
    ]
    assert outside == []


def room(path: Path) -> str:
    return path.relative_to(LIB).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module == "retention":
            names = [f"retention.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {n.split(".")[1] for n in names if n.startswith("retention.")}
    return found


@pytest.mark.parametrize("path", sorted(LIB.rglob("*.py")), ids=lambda p: p.stem)
def test_imports_point_one_way(path):
    if path.parent == LIB and path.stem in ("__init__", "__main__"):
        return
    below = set(ROOMS[: ROOMS.index(room(path)) + 1])
    assert imported_rooms(path) <= below


def test_only_plots_imports_the_drawing_libraries():
    for path in LIB.rglob("*.py"):
        if room(path) != "plots":
            assert not re.search(
                r"(import|from) (matplotlib|seaborn)\b", path.read_text()
            )


def test_modules_stay_small():
    long = {
        str(path.relative_to(LIB)): count
        for path in LIB.rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 320
    }
    assert long == {}


def body_lines(function: ast.FunctionDef) -> int:
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_stay_short():
    functions = [
        (f"{path.relative_to(LIB)}:{node.name}", body_lines(node))
        for path in LIB.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    lengths = sorted(length for _, length in functions)
    assert [name for name, length in functions if length > 40] == []
    assert lengths[len(lengths) // 2] <= 8


@pytest.mark.parametrize("name", ROOMS)
def test_every_public_function_has_an_example_with_a_result(name):
    module = importlib.import_module(f"retention.{name}")
    public = {n: getattr(module, n) for n in module.__all__}
    functions = {
        n: inspect.getdoc(thing) or ""
        for n, thing in public.items()
        if callable(thing) and not inspect.isclass(thing)
    }
    examples = {
        n: doctest.DocTestParser().get_examples(d) for n, d in functions.items()
    }
    assert [n for n, found in examples.items() if not any(e.want for e in found)] == []


def test_importing_survival_brings_no_heavy_library():
    code = (
        "import sys; from retention import survival; "
        "print([m for m in ('scipy', 'statsmodels', 'lifelines', 'duckdb', "
        "'matplotlib', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_readme_names_every_notebook_and_room():
    readme = (ROOT / "README.md").read_text()
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        assert notebook.name in readme
    for name in {room(path) for path in LIB.rglob("*.py")} - {"__init__", "__main__"}:
        assert f"`{name}`" in guide


def test_data_readme_names_every_data_set():
    described = (ROOT / "data" / "README.md").read_text()
    folders = [p for p in (ROOT / "data").iterdir() if p.is_dir()]
    examples = [p for p in (ROOT / "data" / "examples").iterdir() if p.is_dir()]
    for folder in [*folders, *examples]:
        assert f"{folder.name}/" in described


def test_every_make_target_has_a_line_of_help():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M).group(1).split()
    documented = re.findall(r"^([a-z]+):.*##", makefile, re.M)
    assert sorted(phony) == sorted(documented)


def test_nothing_tells_of_the_machine_it_was_made_on():
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    told = re.compile(rb"/(home|root|Users|work|tmp)/[a-z]")
    found = [
        name
        for name in tracked
        if (ROOT / name).is_file()
        if not name.endswith((".parquet", "test_project.py"))
        if told.search((ROOT / name).read_bytes())
    ]
    assert found == []
