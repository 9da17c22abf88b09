"""Claims as tables for the eye."""

import pandas as pd

from retention.claims.judging import Judged
from retention.claims.rows import read

# A sign beside the word, so that no verdict hangs on colour.
SIGNS = {
    "HOLDS": "✓",
    "DOES NOT HOLD": "✗",
    "UNDECIDED": "?",
    "NOT IDENTIFIABLE": "–",
    "INCONSISTENT": "!",
}


def rules(study: str = "") -> pd.DataFrame:
    """The sayings under test with the rule for each, as written before the data.

    Parameters
    ----------
    study : str
        As in `schema.STUDIES`; all by default.

    Returns
    -------
    DataFrame
        Index `id`; `saying`, `reading` (what it means on the tables), `true_if` (the
        region in which the 95 % interval must lie) and `source`.

    Examples
    --------
    >>> rules("tenure").loc["L04a", "true_if"]
    '20 to 30 %'
    """
    rows = [(c.id, c.saying, c.reading, c.rule, c.source) for c in read(study)]
    names = ["id", "saying", "reading", "true_if", "source"]
    return pd.DataFrame(rows, columns=names).set_index("id")


def table(judged: list[Judged]) -> pd.DataFrame:
    """Verdicts beside what was found.

    Parameters
    ----------
    judged : list of Judged
        From `judge`.

    Returns
    -------
    DataFrame
        Index `id`; `saying`, `reading`, `here` (estimate with its interval, empty
        where there is none), `true_if`, `verdict`, `why`.

    Examples
    --------
    >>> from retention import claims
    >>> from retention.intervals import Estimate
    >>> loss = Estimate(0.19, 0.18, 0.199, 6_000, "Kaplan-Meier", "%")
    >>> found = {"yearly_loss_of_stock": loss, "first_year_loss": "No date is known."}
    >>> judged = claims.judge("tenure", found)
    >>> claims.table(judged)[["true_if", "verdict"]]
                 true_if           verdict
    id
    L04a      20 to 30 %     DOES NOT HOLD
    L04b      20 to 30 %  NOT IDENTIFIABLE
    L46   no data needed      INCONSISTENT
    """
    rows = [
        (
            each.claim.id,
            each.claim.saying,
            each.claim.reading,
            each.estimate.text if each.estimate else "",
            each.claim.rule,
            each.verdict.verdict,
            each.verdict.reason,
        )
        for each in judged
    ]
    names = ["id", "saying", "reading", "here", "true_if", "verdict", "why"]
    return pd.DataFrame(rows, columns=names).set_index("id")


def regions(judged: list[Judged]) -> pd.DataFrame:
    """Regions and intervals of the claims that have an estimate.

    Parameters
    ----------
    judged : list of Judged
        From `judge`.

    Returns
    -------
    DataFrame
        `id`, `saying`, `reading`, `low`, `high`, `value`, `lower`, `upper`, `unit`,
        `verdict`: what `plots.sayings` draws, for claims of one scale.

    Examples
    --------
    >>> from retention import claims
    >>> from retention.intervals import Estimate
    >>> loss = Estimate(0.19, 0.18, 0.199, 6_000, "Kaplan-Meier", "%")
    >>> found = {"yearly_loss_of_stock": loss, "first_year_loss": "No date is known."}
    >>> judged = claims.judge("tenure", found)
    >>> claims.regions(judged)[["id", "low", "high", "value", "verdict"]]
         id  low  high  value        verdict
    0  L04a  0.2   0.3   0.19  DOES NOT HOLD
    """
    rows = [
        (
            each.claim.id,
            each.claim.saying,
            each.claim.reading,
            each.claim.low,
            each.claim.high,
            each.estimate.value,
            each.estimate.lower,
            each.estimate.upper,
            each.estimate.unit,
            each.verdict.verdict,
        )
        for each in judged
        if each.estimate
    ]
    names = ["id", "saying", "reading", "low", "high", "value", "lower", "upper"]
    return pd.DataFrame(rows, columns=[*names, "unit", "verdict"])
