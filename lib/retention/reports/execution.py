"""One study run in a kernel of its own, and the proof that it ran to its end.

papermill lets several wrong runs look right: a notebook without a parameters
cell keeps its defaults, `sys.exit(0)` counts as success, and a kernel that dies
or times out leaves cells marked "completed". Each is looked for here.
"""

import logging
import re
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from retention.company.collecting import retold
from retention.notebooks import (
    RECORD_MIME,
    kernel_options,
    read,
    report_copy,
    serialised,
    without_paths,
)

_COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
_ENGINE = "retention"
_DIED = "The kernel died, most often for want of memory."
_NOT_STARTED = "The kernel did not start. Run: retention check-setup"
_KERNEL_FAULTS = (_DIED, _NOT_STARTED)


@dataclass(frozen=True, eq=False)
class StudyRun:
    """What came of one study.

    Attributes
    ----------
    name, title, notebook : str
        Study, its question, the stem of its notebook.
    status : str
        "done", "failed" or "skipped".
    reason : str
        Why it failed or was skipped.
    parameters : dict
        As injected.
    record : dict
        As `notebooks.record` displays it; empty unless done.
    seconds : float
    """

    name: str
    title: str
    notebook: str
    status: str
    reason: str
    parameters: dict
    record: dict
    seconds: float = 0.0


def executed(plan, folder, *, kernels, names, timeout) -> StudyRun:
    """Outcome of one study, its executed notebook written into `folder`.

    A study whose forked kernel dies is run again in a kernel of its own before it
    is called failed. May be called from several threads.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Gets `<notebook>.ipynb` and, after a failure, `<notebook>.traceback.txt`.
    kernels : Kernels
        As yielded by `notebooks.kernel_surroundings`.
    names : dict of str to str
        What stands for absolute paths.
    timeout : int
        Seconds a cell may take.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    run = StudyRun(
        plan.name, plan.title, plan.path.stem, "done", "", plan.parameters, {}
    )
    if plan.skipped:
        return replace(run, status="skipped", reason=plan.skipped)
    target, started = Path(folder) / plan.path.name, time.monotonic()
    if plan.fault:
        _write_traceback(target, plan.fault)
        return replace(run, status="failed", reason=plan.fault)
    reason, traceback = _papermill(plan, target, kernel_options(kernels), timeout)
    if reason in _KERNEL_FAULTS and kernels.warm and not kernels.stopped:
        cold = kernel_options(kernels, cold=True)
        reason, traceback = _papermill(plan, target, cold, timeout)
    nb = _without_machine(target, names)
    reason = reason or _unfinished(nb) or _unrecorded(nb, plan.name)
    seconds = round(time.monotonic() - started, 1)
    if reason:
        _write_traceback(target, without_paths(traceback or reason, names=names))
        reason = without_paths(reason, names=names)
        return replace(run, status="failed", reason=reason, seconds=seconds)
    return replace(run, record=_records(nb)[0], seconds=seconds)


def _papermill(plan, target, options, timeout):
    """Reason and traceback of a failure; two empty strings otherwise."""
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    _prepare_papermill()
    try:
        papermill.execute_notebook(
            report_copy(read(plan.path)),
            target,
            parameters=plan.parameters,
            kernel_name="python3",
            language="python",
            engine_name=_ENGINE,
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=timeout,
            kept_in=target,
            # papermill's own `cwd` would change the directory of all threads.
            resources={"metadata": {"path": str(plan.path.parent)}},
            **options,
        )
    except papermill.PapermillExecutionError as error:
        traceback = _COLOUR_CODES.sub("", "\n".join(error.traceback))
        said = retold(error.ename, error.evalue, traceback)
        return said, traceback or said
    except CellTimeoutError as error:
        return f"A cell took longer than {timeout} seconds.", str(error)
    except DeadKernelError:
        return _DIED, ""
    except NoSuchKernel:
        return "No Python kernel is installed. Run: retention check-setup", ""
    except RuntimeError as error:
        return _NOT_STARTED, str(error)
    return "", ""


@cache
def _prepare_papermill():
    """Register an engine that keeps the notebook of a run that ends in an error."""
    from papermill.engines import NBClientEngine, papermill_engines

    class Keeping(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, *, kept_in, **options):
            try:
                NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)
            except BaseException:
                kept_in.write_text(serialised(nb_man.nb), encoding="utf-8")
                raise

    papermill_engines.register(_ENGINE, Keeping)
    # What papermill logs is told by the report; no handler would mean stderr.
    told = logging.getLogger("papermill")
    told.addHandler(logging.NullHandler())
    told.propagate = False


def _without_machine(target, names):
    """Executed notebook, rewritten without the paths of this machine."""
    nb = read(target)
    ran = nb.metadata.get("papermill", {})
    kept = ("parameters", "start_time", "end_time", "duration", "version")
    nb.metadata["papermill"] = {key: ran[key] for key in kept if key in ran}
    target.write_text(without_paths(serialised(nb), names=names), encoding="utf-8")
    return nb


def _unfinished(nb):
    """Why a run that raised nothing is no whole run; "" when it is one."""
    if not any("injected-parameters" in c.metadata.get("tags", []) for c in nb.cells):
        return "The parameters did not reach the notebook."
    for number, cell in enumerate(nb.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        errors = [o.ename for o in cell.outputs if o.output_type == "error"]
        ended = cell.metadata.get("papermill", {}).get("status") == "completed"
        if errors or not ended or cell.execution_count is None:
            why = f" ({errors[0]})" if errors else ""
            return f"The notebook stopped at cell {number}{why}; the rest never ran."
    return ""


def _records(nb):
    outputs = [o for c in nb.cells for o in c.get("outputs", [])]
    found = [o.data[RECORD_MIME] for o in outputs if RECORD_MIME in o.get("data", {})]
    return [_plain(record) for record in found]


def _unrecorded(nb, study):
    records = _records(nb)
    if len(records) != 1:
        return f"The notebook recorded its numbers {len(records)} times, not once."
    if records[0].get("study") != study:
        return f"The record is of {records[0].get('study')!r}, not of {study}."
    return ""


def _plain(node):
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if isinstance(node, list) else node


def _write_traceback(target, text):
    target.with_suffix(".traceback.txt").write_text(text + "\n", encoding="utf-8")
