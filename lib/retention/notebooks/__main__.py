"""`python -m retention.notebooks`: run all notebooks and store their outputs.

After that the minutes in the trainer's guide beside them are counted anew.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from retention.notebooks.files import notebooks_folder
from retention.notebooks.guide import GUIDE, counted_guide
from retention.notebooks.kernels import kernel_surroundings, with_own_loop
from retention.notebooks.storing import rerun

_AT_ONCE = 2


def main(argv=None) -> int:
    """Exit code: 0 done, 1 a notebook fails or (with --check) would change."""
    options = _arguments(argv)
    paths = options.notebook or _all_notebooks()
    with (
        kernel_surroundings(warm=len(paths) > 1) as kernels,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        texts = [pool.submit(with_own_loop, rerun, p, kernels=kernels) for p in paths]
        stored = [
            _store(path, text, check=options.check)
            for path, text in zip(paths, texts, strict=True)
        ]
    guides = sorted({Path(path).resolve().parent / GUIDE for path in paths})
    counted = [_count(g, check=options.check) for g in guides if g.is_file()]
    return max([*stored, *counted], default=0)


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


def _store(path, text, *, check):
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    try:
        text = text.result()
    except (CellExecutionError, DeadKernelError, TimeoutError) as error:
        print(f"{path.name}: failed\n{error}", file=sys.stderr)
        return 1
    changed = text != path.read_text(encoding="utf-8")
    if changed and not check:
        path.write_text(text, encoding="utf-8")
    said = ("would change" if check else "stored") if changed else "unchanged"
    print(f"{path.name}: {said}")
    return int(changed and check)


def _count(path, *, check):
    """Count the minutes of a trainer's guide again."""
    text = counted_guide(path)
    changed = text != path.read_text(encoding="utf-8")
    if changed and not check:
        path.write_text(text, encoding="utf-8")
    said = ("would change" if check else "counted anew") if changed else "unchanged"
    print(f"{path.name}: {said}")
    return int(changed and check)


if __name__ == "__main__":
    sys.exit(main())
