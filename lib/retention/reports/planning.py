"""What a run will do, decided and refused before any kernel starts."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from retention.company import is_address
from retention.notebooks import (
    arguments,
    nearest,
    notebooks_folder,
    parameters,
    project_root,
    question,
    read,
    report_copy,
)
from retention.reports.periods import ReportError

# Parameters of a notebook that the runner sets, and what a user gives instead.
SET_BY_RUNNER = {
    "company": "COMPANY",
    "period": "--period",
    "by": "--by",
    "at_risk": "--at-risk",
    "records": "",
}
# It reads what the others found, and so comes after them.
LAST = "claims"
WINDOW = "window_from"


@dataclass(frozen=True)
class Plan:
    """One study of a run.

    Attributes
    ----------
    name : str
        Key in `schema.STUDIES`.
    path : Path
        Its notebook.
    title : str
        The question the notebook asks.
    parameters : dict
        What will be injected, typed.
    skipped : str
        Why the study cannot run; "" when it can.
    fault : str
        Why the notebook may not be run at all; "" when it may.
    declared : tuple of str
        Names of the parameters that the notebook has.
    definition : str
        Hash of the code that the report runs: another one is another definition.
    cells : int
        How many cells of code that is.
    """

    name: str
    path: Path
    title: str
    parameters: dict
    skipped: str = ""
    fault: str = ""
    declared: tuple[str, ...] = ()
    definition: str = ""
    cells: int = 0

    def given(self, **values):
        """Same plan with these values for those of its parameters that it has."""
        own = {n: v for n, v in values.items() if n in self.declared}
        return replace(self, parameters=self.parameters | own)


def available_studies(folder=None) -> dict[str, Path]:
    """Notebook of each study that has one, in the order of their numbers.

    Parameters
    ----------
    folder : Path, optional
        The project's `notebooks` unless given.

    Returns
    -------
    dict of str to Path

    Examples
    --------
    >>> all(path.suffix == ".ipynb" for path in available_studies().values())
    True
    """
    from retention.schema import STUDIES

    folder = Path(folder or notebooks_folder())
    paths = {
        name: folder / f"{study.notebook}.ipynb" for name, study in STUDIES.items()
    }
    there = {name: path for name, path in paths.items() if path.exists()}
    return dict(sorted(there.items(), key=lambda item: item[1].name))


def located(source) -> tuple[str, dict[str, str]]:
    """Company as a kernel finds it, and what its path is called on paper.

    Parameters
    ----------
    source : str or Path
        Looked up from the working directory, then from the project root.

    Returns
    -------
    (str, dict of str to str)
        A path relative to the project root where it lies inside, else absolute;
        and the names that stand for absolute paths.
    """
    if is_address(source):
        # A page names the server and the database, not who reads them.
        scheme, _, rest = source.partition("://")
        return source, {
            source: f"{scheme}://{rest.partition('?')[0].rpartition('@')[2]}"
        }
    if not isinstance(source, (str, Path)):
        raise ReportError(
            "A report reads its company from a folder or a .duckdb file, since each "
            f"study runs in a process of its own; a {type(source).__name__} cannot "
            "be handed over."
        )
    root, here = project_root(), Path(source).expanduser()
    found = (here if here.exists() else root / here).resolve()
    if found.is_relative_to(root):
        return found.relative_to(root).as_posix(), {}
    return str(found), {str(found): found.name}


def chosen_studies(wanted, there) -> dict[str, Path]:
    """Wanted studies among those that have a notebook; all where none is named.

    Raises
    ------
    ReportError
        A name is unknown, or no notebook is there.
    """
    if not there:
        raise ReportError("No study notebook was found in the folder `notebooks`.")
    for name in wanted or ():
        if name not in there:
            raise ReportError(
                f"There is no study {name}.{nearest(name, there)} "
                f"Studies: {', '.join(there)}."
            )
    return {n: path for n, path in there.items() if not wanted or n in wanted}


def plans(company, studies, *, runner, given, window="") -> list[Plan]:
    """One plan for each study.

    Parameters
    ----------
    company : Company
    studies : dict of str to Path
    runner : dict
        company, period and by, as the runner sets them.
    given : mapping of str to str
        The user's parameters: each must belong to at least one study.
    window : str
        First month observed, for the studies that have `window_from`.

    Raises
    ------
    ReportError
        A parameter is the runner's own, or no study has a window to set.
    ParameterError
        A parameter is unknown to every study, or does not fit its type.
    """
    _refuse_runner_names(given)
    reasons = _reasons(company)
    drafts = [_opened(n, path, reasons.get(n, "")) for n, path in studies.items()]
    everything = [p for _, declared in drafts for p in declared]
    arguments(everything, given, notebook=" and ".join(studies))
    if window and not any(p.name == WINDOW for p in everything):
        raise ReportError("--months: none of these studies has a window to set.")
    filled = [_filled(plan, declared, runner, given) for plan, declared in drafts]
    return [plan.given(**{WINDOW: window}) if window else plan for plan in filled]


def _opened(name, path, skipped):
    """A plan still without parameters, and those its notebook declares."""
    from retention.schema import STUDIES

    try:
        nb = read(path)
        declared = parameters(nb)
    except ValueError as error:
        title = STUDIES[name].title
        return Plan(name, path, title, {}, skipped=skipped, fault=str(error)), []
    plan = Plan(
        name,
        path,
        question(nb) or name,
        {},
        skipped=skipped,
        declared=tuple(p.name for p in declared),
        **_code(nb),
    )
    return plan, declared


def _code(nb):
    code = [c.source for c in report_copy(nb).cells if c.cell_type == "code"]
    digest = hashlib.blake2b("\n".join(code).encode(), digest_size=8).hexdigest()
    return {"definition": digest, "cells": len(code)}


def _filled(plan, declared, runner, given):
    if plan.fault:
        return plan
    wanted = _runners(runner, declared) | _own(given, declared)
    return replace(
        plan, parameters=arguments(declared, wanted, notebook=plan.path.stem)
    )


def _own(given, declared):
    names = {p.name for p in declared}
    return {name: value for name, value in given.items() if name in names}


def _runners(runner, declared):
    """Runner's values; a notebook need not have an empty one, nor a split."""
    names = {p.name for p in declared}
    return {n: v for n, v in runner.items() if n in names or (v and n != "by")}


def _reasons(company):
    table = company.runnable()
    return {
        row.study: "" if row.runnable else str(row.reason)
        for row in table.itertuples(index=False)
    }


def _refuse_runner_names(given):
    for name, option in SET_BY_RUNNER.items():
        if name in given and option:
            raise ReportError(f"Give {name} as {option}, not as a parameter.")
        if name in given:
            raise ReportError(f"{name} is set by the report itself.")


def refuse_nothing_to_run(made) -> None:
    """Raise ReportError when every one of some plans is skipped."""
    if all(plan.skipped for plan in made):
        why = "\n".join(f"  {plan.name}: {plan.skipped}" for plan in made)
        raise ReportError(f"None of these studies can run on this company:\n{why}")


def refuse_unknown_column(company, by) -> None:
    """Raise ReportError unless customers have the columns that split answers."""
    for column in filter(None, by.split(",")):
        column = column.strip()
        if company.has("customers") and not company.has("customers", column):
            raise ReportError(
                f"--by {column}: the table customers has no such column. "
                "`retention check` lists what it has."
            )
