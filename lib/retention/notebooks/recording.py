"""The numbers a study hands to the report and to its history."""

import math

RECORD_MIME = "application/vnd.retention.record+json"
_DIGITS = 6


def record(*, study, answers, checks=(), sayings=(), measures=None):
    """Display a study's record, from which the report takes its numbers.

    Parameters
    ----------
    study : str
        Name in `schema.STUDIES`.
    answers : dict of str to (str, Estimate, str)
        Key: (label, estimate, sentence). The first is the study's headline.
    checks : sequence of Check
        One per assumption: PASS, REVIEW or FAIL, the finding and the remedy.
    sayings : sequence of (str, str, Verdict or str, str)
        The saying, its source, the verdict and the sentence that says it here.
    measures : dict of str to (Estimate or str), optional
        What the sayings of the study are judged by, for the claims ledger; a text is
        the reason why a measure is not identifiable here.

    Raises
    ------
    ValueError
        There is no answer, or a check's status is none of the three.
    EngineError
        The Spark that the study was counted with has ended.

    Notes
    -----
    Numbers keep six significant digits, so that a record compares equal
    wherever it is computed. What is infinite or undefined is recorded as null.

    Examples
    --------
    >>> from retention import notebooks
    >>> from retention.intervals import Estimate
    >>> median = Estimate(32.0, 30.0, 34.0, 900, "Kaplan-Meier", "months")
    >>> notebooks.record(study="tenure", answers={
    ...     "median": ("Median tenure", median, "Half are gone after 32 months.")
    ... })  # doctest: +ELLIPSIS
    {... 'text/plain': 'Recorded for tenure: 1 answer, 0 checks, 0 sayings.'}
    """
    from IPython.display import display

    from retention.company.collecting import refuse_ended

    refuse_ended()
    if not answers:
        raise ValueError(f"The record of {study} has no answer: give at least one.")
    content = {
        "study": study,
        "answers": [_answer(key, *answer) for key, answer in answers.items()],
        "checks": [_check(check) for check in checks],
        "sayings": [_saying(*saying) for saying in sayings],
        "measures": {key: _measure(m) for key, m in (measures or {}).items()},
    }
    display({RECORD_MIME: content, "text/plain": _summary(content)}, raw=True)


def _answer(key, label, estimate, sentence):
    return {
        "key": key,
        "label": label,
        "sentence": sentence,
        **_numbers(estimate),
        "value_text": estimate.value_text,
        "range_text": estimate.range_text,
    }


def _measure(found):
    return found if isinstance(found, str) else _numbers(found)


def _numbers(estimate):
    return {
        "value": _stable(estimate.value),
        "lower": _stable(estimate.lower),
        "upper": _stable(estimate.upper),
        "se": _stable(estimate.se),
        "confidence": _stable(estimate.confidence),
        "unit": estimate.unit,
        "n": int(estimate.n),
        "method": estimate.method,
    }


def _check(check):
    if check.status not in ("PASS", "REVIEW", "FAIL"):
        raise ValueError(
            f"The check {check.name!r} says {check.status!r}: PASS, REVIEW or FAIL."
        )
    return {
        "name": check.name,
        "status": check.status,
        "finding": check.finding,
        "remedy": check.remedy,
    }


def _saying(saying, source, verdict, sentence):
    word = str(getattr(verdict, "verdict", verdict))
    return {"saying": saying, "source": source, "verdict": word, "sentence": sentence}


def _stable(number):
    number = float(number)
    return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else None


def _summary(content):
    kinds = ("answers", "checks", "sayings")
    told = [_counted(len(content[kind]), kind) for kind in kinds]
    return f"Recorded for {content['study']}: {', '.join(told)}."


def _counted(number, plural):
    return f"{number} {plural if number != 1 else plural.removesuffix('s')}"
