"""Study notebooks: their parameters and tags, their copies, their stored outputs.

One notebook serves the analyst, the class and the report, because each cell
carries its audience as a tag. This room reads those tags; it runs kernels only
to store outputs (`python -m retention.notebooks`).
"""

from retention.notebooks.copies import (
    TAGS,
    exercise_copy,
    report_copy,
    solution_copy,
    write_handouts,
)
from retention.notebooks.figures import alternative_text, describe_figures
from retention.notebooks.files import (
    notebooks_folder,
    project_root,
    question,
    read,
    serialised,
    without_paths,
)
from retention.notebooks.kernels import (
    Kernels,
    kernel_manager,
    kernel_options,
    kernel_surroundings,
    with_own_loop,
)
from retention.notebooks.parameters import (
    Parameter,
    ParameterError,
    arguments,
    nearest,
    parameters,
)
from retention.notebooks.recording import RECORD_MIME, record
from retention.notebooks.rules import problems
from retention.notebooks.saying import say
from retention.notebooks.sliding import slide
from retention.notebooks.storing import rerun

__all__ = [
    "RECORD_MIME",
    "TAGS",
    "Kernels",
    "Parameter",
    "ParameterError",
    "alternative_text",
    "arguments",
    "describe_figures",
    "exercise_copy",
    "kernel_manager",
    "kernel_options",
    "kernel_surroundings",
    "nearest",
    "notebooks_folder",
    "parameters",
    "problems",
    "project_root",
    "question",
    "read",
    "record",
    "report_copy",
    "rerun",
    "say",
    "serialised",
    "slide",
    "solution_copy",
    "with_own_loop",
    "without_paths",
    "write_handouts",
]
