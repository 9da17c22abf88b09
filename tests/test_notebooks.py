"""Notebooks: the rules each keeps, the copies cut from it, its parameters."""

import ast
import json
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from retention import notebooks
from retention.intervals import Check, Estimate, Verdict
from retention.notebooks import __main__ as command
from retention.notebooks import names

ROOT = Path(__file__).parents[1]
FIXTURES = Path(__file__).parent / "fixtures" / "notebooks"
ALL = sorted((ROOT / "notebooks").rglob("*.ipynb"))
ALL = [path for path in ALL if ".ipynb_checkpoints" not in path.parts]
STUDIES = [
    path for path in ALL if path.parent.name == "notebooks" and path.name[:2] != "00"
]


def cell(source, *tags, kind=v4.new_code_cell, **more):
    made = kind(source, **more)
    if tags:
        made.metadata["tags"] = list(tags)
    return made


def text(source, *tags):
    return cell(source, *tags, kind=v4.new_markdown_cell)


def notebook(*cells):
    made = v4.new_notebook(cells=list(cells))
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    for number, ran in enumerate((c for c in cells if c.cell_type == "code"), 1):
        ran.execution_count = number
    return made


def good(*more):
    return notebook(
        text("# How long do customers stay?\n\n> You can say it."),
        cell("horizon: int = 12  # months ahead", "parameters"),
        *more,
        cell("record()", "record"),
    )


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_every_notebook_keeps_the_rules(path):
    assert notebooks.problems(notebooks.read(path), study=path in STUDIES) == []


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_papermill_lists_every_parameter(path):
    import papermill

    listed = papermill.inspect_notebook(path)
    declared = notebooks.parameters(notebooks.read(path))
    assert list(listed) == [p.name for p in declared]
    for parameter in declared:
        found = listed[parameter.name]
        assert found["inferred_type_name"] == parameter.type
        assert ast.literal_eval(found["default"]) == parameter.default
        assert found["help"] == parameter.help


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_study_takes_what_the_runner_sets(path):
    declared = {p.name: p for p in notebooks.parameters(notebooks.read(path))}
    assert {"company", "period", "by"} <= set(declared)
    assert declared["company"].default == "data/lakeshore"


def test_a_good_notebook_has_no_problem():
    assert notebooks.problems(good()) == []


PNG = v4.new_output("display_data", {"image/png": "iVBORw0K", "text/plain": "x"})
SVG = v4.new_output("display_data", {"image/svg+xml": "<svg/>"})
STDERR = v4.new_output("stream", name="stderr", text="warned")
ERROR = v4.new_output("error", ename="ValueError", evalue="x", traceback=[])
FOLDERS = ["/".join(["", *names]) for names in (["home", "someone"], ["tmp", "x"])]
HOME = v4.new_output("stream", name="stdout", text=f"{FOLDERS[0]}/data.csv")


@pytest.mark.parametrize(
    ("faulty", "says"),
    [
        (cell("1", "solutoin"), "tag `solutoin` is unknown"),
        (cell("plot();"), "ends in `;`"),
        (cell("plot();  # quietly"), "ends in `;`"),
        (cell("1", "nbval-check-output"), "to be checked, but none is stored"),
        (cell("1", outputs=[STDERR]), "stderr"),
        (cell("1", outputs=[ERROR]), "stores an error, ValueError"),
        (cell("1", outputs=[HOME]), "its output names a path"),
        (cell(f'open("{FOLDERS[1]}/y.csv")'), "its source names a path"),
        (cell(r'open("C:\\Users\\x")'), "its source names a path"),
        (cell("1", outputs=[PNG]), "no alternative text"),
        (cell("1", outputs=[SVG]), "not a PNG"),
        (cell("if"), "not Python"),
        (text("# A second title"), "2 headings of the first level"),
        (cell("x: int = 1  # again", "parameters"), "2 cells tagged `parameters`"),
        (cell("record()", "record"), "2 cells are tagged `record`"),
        (cell(""), "it is empty"),
        (cell("x = '" + "y" * 1_500_000 + "'"), "1,500,000 at most"),
    ],
)
def test_each_fault_is_named(faulty, says):
    found = notebooks.problems(good(faulty))
    assert [problem for problem in found if says in problem], found


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("x: int = 1  # 0 = none", "A second `=`"),
        ("x: int = 1", "x has no help"),
        ("x: int | None = None  # maybe", "not `name: type = default"),
        ("x = 1  # untyped", "not `name: type = default"),
        ('x: int = "1"  # text', "a default that is no int"),
        ("x: int = 1.5  # half", "a default that is no int"),
        ("x: int = y  # a name", "a default that is no int"),
        ("\n".join(f"x{i}: int = 1  # one" for i in range(11)), "10 at most"),
    ],
)
def test_faults_of_the_parameters_cell_are_named(line, says):
    faulty = good()
    faulty.cells[1].source = line
    found = notebooks.problems(faulty)
    assert [problem for problem in found if says in problem], found


def test_opening_must_ask_and_promise():
    faulty = good()
    faulty.cells[0].source = "# Tenure"
    found = " ".join(notebooks.problems(faulty))
    assert "not a question" in found and "No line `>" in found
    assert "question" not in " ".join(notebooks.problems(faulty, study=False))


def test_counts_and_kernel_must_be_normal():
    faulty = good()
    faulty.cells[1].execution_count = 7
    faulty.metadata["kernelspec"]["name"] = "conda-env"
    found = " ".join(notebooks.problems(faulty))
    assert "Execution counts" in found and "kernel is not named python3" in found


def test_a_copy_must_not_need_what_it_leaves_out():
    lesson = good(
        cell("seven = [1, 2]", "teaching"),
        cell("share = len(seven) / 7"),
        cell("answer = 3", "solution"),
        cell("answer + 1", "teaching"),
    )
    found = notebooks.problems(lesson)
    assert found == [
        "Cell 4: it uses `seven`, which cell 3 sets and the report leaves out.",
        "Cell 6: it uses `answer`, which cell 5 sets and the exercise copy leaves out.",
    ]


@pytest.mark.parametrize(
    ("lost", "kept", "taken"),
    [
        ("x = 1", "def f():\n    return x", ["x"]),
        ("x = 1", "x += 1", ["x"]),
        ("x = 1", "y = [x for x in range(3)]", []),
        ("x = 1", "for x in range(3):\n    print(x)", []),
        ("x = 1", "x = 2\nx", []),
        ("x = 1", "f(x=2)", []),
        ("import numpy as x", "x.pi", ["x"]),
        ("def x(): ...", "x()", ["x"]),
        ("for x in range(3): pass", "x", ["x"]),
    ],
)
def test_names_are_followed_as_python_binds_them(lost, kept, taken):
    nb = notebook(cell(lost, "teaching"), cell(kept))
    assert [name for _, name, _ in names.borrowed(nb, {"teaching"})] == taken


def test_copies_keep_what_their_reader_needs():
    study = notebooks.read(FIXTURES / "study.ipynb")
    before = json.dumps(study)
    tags = {
        made.__name__: [
            t for c in made(study).cells for t in c.metadata.get("tags", [])
        ]
        for made in (
            notebooks.report_copy,
            notebooks.exercise_copy,
            notebooks.solution_copy,
        )
    }
    assert not {"teaching", "exercise", "solution"} & set(tags["report_copy"])
    assert "record" in tags["report_copy"]
    assert "record" not in tags["exercise_copy"] + tags["solution_copy"]
    assert tags["exercise_copy"].count("solution") == 1
    assert tags["solution_copy"].count("solution") == 2
    assert json.dumps(study) == before


def test_exercise_copy_holds_no_answer():
    copy = notebooks.exercise_copy(notebooks.read(FIXTURES / "study.ipynb"))
    nbformat.validate(copy)
    sources = "\n".join(c.source for c in copy.cells)
    assert "Three of the seven" not in sources and "longer =" not in sources
    assert sources.count("# Your answer here.") == 1
    assert all(c.outputs == [] for c in copy.cells if c.cell_type == "code")


def test_handouts_are_written_side_by_side(tmp_path):
    written = notebooks.write_handouts([FIXTURES / "study.ipynb"], tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "exercises/study.ipynb",
        "solutions/study.ipynb",
    ]
    assert "Three of the seven" in written[1].read_text()


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("int", "024", 24),
        ("int", "1_000", 1000),
        ("str", "0123", "0123"),
        ("float", "0.1", 0.1),
        ("float", 2, 2.0),
        ("bool", "True", True),
        ("bool", "no", False),
    ],
)
def test_text_is_read_by_the_declared_type(kind, given, value):
    read = notebooks.Parameter("x", kind, None, "").value(given)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("int", "1.5"),
        ("int", True),
        ("int", 1.5),
        ("float", "nan"),
        ("float", "inf"),
        ("float", "much"),
        ("bool", "maybe"),
        ("bool", 1),
        ("str", 3),
    ],
)
def test_what_does_not_fit_the_type_is_refused(kind, given):
    with pytest.raises(notebooks.ParameterError, match="x takes"):
        notebooks.Parameter("x", kind, None, "the x").value(given)


def shown_by(monkeypatch, **content):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    notebooks.record(**content)
    return shown[0]


def test_record_is_plain_rounded_and_complete(monkeypatch):
    median = Estimate(30.123456789, 29.1, float("inf"), 100, "KM", "months")
    shown = shown_by(
        monkeypatch,
        study="tenure",
        answers={"median": ("Median", median, "Half stay 30 months.")},
        checks=[Check("Censoring", "REVIEW", "It varies.", "Split by year.")],
        sayings=[("A quarter leave", "folklore", Verdict("HOLDS", "It does."), "So.")],
    )
    content = json.loads(json.dumps(shown[notebooks.RECORD_MIME], allow_nan=False))
    answer = content["answers"][0]
    assert answer["value"] == 30.1235
    assert answer["upper"] is None and answer["se"] is None
    assert answer["key"] == "median" and answer["n"] == 100
    assert content["checks"][0]["remedy"] == "Split by year."
    assert content["sayings"][0]["verdict"] == "HOLDS"
    said = "Recorded for tenure: 1 answer, 1 check, 1 saying."
    assert shown["text/plain"] == said


def test_record_without_an_answer_is_refused():
    with pytest.raises(ValueError, match="no answer"):
        notebooks.record(study="tenure", answers={})


def test_question_is_the_first_heading():
    assert notebooks.question(good()) == "How long do customers stay?"


@pytest.fixture
def messy(tmp_path):
    """Notebook as JupyterLab might leave it."""
    nb = good(cell("import pandas as pd"))
    nb.cells[-1].source = "print('a')\nprint('b')"
    drawing = '_ = pd.Series([1, 2]).plot(title="T", xlabel="x", ylabel="y")'
    nb.cells.append(cell(drawing))
    nb.cells[2].metadata["execution"] = {"iopub.status.busy": "2026-01-01"}
    nb.cells[2].execution_count = 41
    nb.metadata["kernelspec"]["name"] = "elsewhere"
    nb.metadata["widgets"] = {}
    path = tmp_path / "01_messy.ipynb"
    path.write_text(notebooks.serialised(nb))
    return path


def test_stored_notebook_is_normal_and_stays_byte_for_byte(messy, capsys):
    ids = [c.id for c in notebooks.read(messy).cells]
    assert command.main([str(messy), "--check"]) == 1
    assert command.main([str(messy)]) == 0
    first = messy.read_bytes()
    assert command.main([str(messy), "--check"]) == 0
    assert messy.read_bytes() == first
    said = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in said] == [
        "would change",
        "stored",
        "unchanged",
    ]
    nb = notebooks.read(messy)
    assert notebooks.problems(nb) == []
    alt = nb.cells[-1].outputs[0].metadata["image/png"]["alt"]
    assert alt == "T: y by x."
    assert [c.id for c in nb.cells] == ids


def test_the_guide_beside_a_stored_notebook_is_counted_anew(messy, capsys):
    guide = messy.with_name("TRAINING.md")
    guide.write_text("# A\n\n<!-- counted -->\n<!-- end of counted -->\n\nB\n")
    assert command.main([str(messy), "--check"]) == 1
    assert "messy" not in guide.read_text()
    assert command.main([str(messy)]) == 0
    text = guide.read_text()
    assert text.startswith("# A\n") and text.endswith("\n\nB\n")
    assert "| `01_messy.ipynb` | " in text
    assert command.main([str(messy), "--check"]) == 0
    said = capsys.readouterr().out.splitlines()
    told = [line.split(": ")[1] for line in said if line.startswith("TRAINING.md")]
    assert told == ["would change", "counted anew", "unchanged"]


def test_a_notebook_that_fails_is_named_and_left_alone(tmp_path, capsys):
    path = tmp_path / "01_fails.ipynb"
    path.write_text(notebooks.serialised(good(cell("1 / 0"))))
    before = path.read_bytes()
    assert command.main([str(path)]) == 1
    assert "01_fails.ipynb: failed" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text_with_path", "without"),
    [
        (f"{ROOT}/data/lakeshore", "data/lakeshore"),
        (f'File "{ROOT}/lib/x.py", line 1', 'File "lib/x.py", line 1'),
        ('"/srv/acme"', '"acme"'),
        ("/srv/acme/customers.csv", "acme/customers.csv"),
        ("/srv/acme2/customers.csv", "/srv/acme2/customers.csv"),
        ("https://example.org/srv/acme", "https://example.org/srv/acme"),
        ("1 / 2 and 3/4", "1 / 2 and 3/4"),
    ],
)
def test_paths_of_the_machine_are_cut_and_nothing_else(text_with_path, without):
    found = notebooks.without_paths(text_with_path, names={"/srv/acme": "acme"})
    assert found == without


@pytest.mark.parametrize("path", STUDIES[:1], ids=lambda path: path.stem)
def test_the_exercise_copy_runs_from_top_to_bottom(path):
    from nbclient import NotebookClient

    copy = notebooks.exercise_copy(notebooks.read(path))
    with notebooks.kernel_surroundings() as folder:
        NotebookClient(
            copy,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            **notebooks.kernel_options(folder),
        ).execute()
    ran = [c for c in copy.cells if c.cell_type == "code"]
    assert all(c.execution_count for c in ran)
