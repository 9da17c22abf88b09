"""Pages printed to PDF by the browser that is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from retention.reports.periods import ReportError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
_SECONDS = 120
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-extensions",
    "--no-first-run",
    "--no-pdf-header-footer",
)


def browser() -> str:
    """Path of a browser that prints.

    Raises
    ------
    ReportError
        None is installed.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise ReportError(
            "--pdf needs Chromium, Chrome or Edge on the PATH. On Debian and Ubuntu: "
            "apt-get install chromium. Any browser prints the pages to PDF as well."
        )
    return found


def print_pages(folder) -> list[Path]:
    """PDF files written beside the pages of a folder.

    Raises
    ------
    OSError
        The browser printed nothing.
    """
    return [_printed(page) for page in sorted(Path(folder).glob("*.html"))]


def _printed(page):
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            browser(),
            *_OPTIONS,
            # Chromium refuses its sandbox to root, as in most containers.
            *(["--no-sandbox"] if _is_root() else []),
            f"--user-data-dir={profile}",
            f"--print-to-pdf={target.resolve()}",
            page.resolve().as_uri(),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
        except subprocess.SubprocessError as error:
            raise OSError(f"{page.name} could not be printed: {error}") from error
    if not target.exists():
        raise OSError(f"The browser printed nothing of {page.name}")
    return target


def _is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0
