"""What a report says, in Markdown, for a chat or a mail."""

import re
import unicodedata

from retention.reports import pages
from retention.reports.wording import period_name

_ACTIVE = re.compile(r"([\\`*_<>\[\]#|~])")


def markdown(record, before, page) -> str:
    """Summary of a report: answers, what changed, what to look at, where it lies.

    Parameters
    ----------
    record : dict
        Content of `record.json`.
    before : dict or None
        Record of the period before.
    page : str or Path
        The executive page.

    Returns
    -------
    str
        Text of the company appears as it is written and can neither be markup nor
        move the cursor.

    Examples
    --------
    >>> from retention import reports
    >>> skipped = {"status": "skipped", "title": "How long do customers stay?",
    ...            "reason": "there is no table customers."}
    >>> record = {"company": {"name": "Acme", "label": "REAL"}, "period": "2025-12",
    ...           "smallest_group": 5, "studies": {"tenure": skipped}}
    >>> print(reports.markdown(record, None, "reports/acme/2025-12/index.html"))
    # Acme, December 2025
    <BLANKLINE>
    - How long do customers stay? Skipped; there is no table customers.
    <BLANKLINE>
    Report: reports/acme/2025-12/index.html
    """
    company = record["company"]
    lines = [f"# {plain(company['name'])}, {period_name(record['period'])}", ""]
    if company["label"] != "REAL":
        lines += [f"*{company['label'].capitalize()} data.*", ""]
    studies = pages.told(record, before)
    lines += [_line(study) for study in studies]
    lines += _since(record, before)
    lines += _checks(studies)
    return "\n".join([*lines, "", f"Report: {page}"])


def plain(text) -> str:
    r"""Text that Markdown and a terminal show as it is written.

    Examples
    --------
    >>> print(plain("<b>A</b> & *B*"))
    \<b\>A\</b\> & \*B\*
    """
    kept = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in str(text))
    return _ACTIVE.sub(r"\\\1", kept)


def _line(study):
    title = plain(study["title"])
    if study["status"] == "done":
        return f"- **{title}** {plain(study['headline'])}"
    if study["status"] == "failed":
        return f"- **{title}** FAILED: {plain(study['reason'])}"
    return f"- {title} Skipped; {plain(study['reason'])}"


def _since(record, before):
    found = pages.since(record, before)
    if not found:
        return []
    title = f"Since {period_name(before['period'])}"
    changed = [
        f"- {plain(t['label'])}: {t['value_text']}, was {t['change']['before']}"
        for t in found["changed"]
    ]
    turned = [
        f"- {plain(s['saying'])} ({plain(s['source'])}): {s['verdict']}, was {s['was']}"
        for s in found["turned"]
    ]
    said = changed + turned or ["- No number changed by more than chance explains."]
    return ["", f"## {title}", "", *said, *(f"- {plain(m)}" for m in found["marks"])]


def _checks(studies):
    open_ones = [
        f"- {check['status']}: {plain(check['name'])}. {plain(check['finding'])} "
        f"{plain(check['remedy'])}".rstrip()
        for study in studies
        for check in study["checks"]
        if check["status"] != "PASS"
    ]
    return ["", "## To look at", "", *open_ones] if open_ones else []
