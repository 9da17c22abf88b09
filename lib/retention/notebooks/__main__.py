"""`python -m retention.notebooks`: run all notebooks and store their outputs."""

import argparse
import sys
from pathlib import Path

from retention.notebooks.files import notebooks_folder
from retention.notebooks.storing import rerun


def main(argv=None) -> int:
    """Exit code: 0 done, 1 a notebook fails or (with --check) would change."""
    options = _arguments(argv)
    paths = options.notebook or _all_notebooks()
    return max((_store(path, check=options.check) for path in paths), default=0)


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="python -m retention.notebooks")
    parser.description = "Run notebooks from top to bottom and store their outputs."
    parser.add_argument("notebook", nargs="*", type=Path, help="all unless named")
    parser.add_argument(
        "--check", action="store_true", help="say which would change; change none"
    )
    return parser.parse_args(argv)


def _all_notebooks():
    folder = notebooks_folder()
    # JupyterLab's checkpoints lie in a hidden folder.
    return [*sorted(folder.glob("*.ipynb")), *sorted(folder.glob("[!.]*/*.ipynb"))]


def _store(path, *, check):
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    try:
        text = rerun(path)
    except (CellExecutionError, DeadKernelError, TimeoutError) as error:
        print(f"{path.name}: failed\n{error}", file=sys.stderr)
        return 1
    changed = text != path.read_text(encoding="utf-8")
    if changed and not check:
        path.write_text(text, encoding="utf-8")
    said = ("would change" if check else "stored") if changed else "unchanged"
    print(f"{path.name}: {said}")
    return int(changed and check)


if __name__ == "__main__":
    sys.exit(main())
