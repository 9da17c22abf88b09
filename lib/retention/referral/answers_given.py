"""What customers say of who sent them, corrected for silence and error."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate, measured, wilson

FEWEST_AUDITED = 10


def rogan_gladen(
    share: Estimate, sensitivity: tuple[int, int], specificity: tuple[int, int]
) -> Estimate:
    """Share corrected for the errors of a test, with the errors' own uncertainty.

    Parameters
    ----------
    share : Estimate
        Share that tested positive, with its standard error.
    sensitivity : (int, int)
        Positive among the checked who truly are, and how many these are.
    specificity : (int, int)
        Negative among the checked who truly are not, and how many these are.

    Returns
    -------
    Estimate
        (share + specificity - 1)/(sensitivity + specificity - 1), by the delta
        method, kept between 0 and 1.

    Raises
    ------
    ValueError
        If the answers say nothing: sensitivity + specificity is 1 or less.

    References
    ----------
    Rogan and Gladen (1978), "Estimating prevalence from the results of a screening
    test", American Journal of Epidemiology 107, 71-76.

    Examples
    --------
    >>> said = Estimate(0.40, 0.38, 0.42, 5000, "share", "%", 0.007)
    >>> rogan_gladen(said, (92, 100), (200, 200)).text
    '43 % (95 % CI 41 to 47 %)'
    """
    hits, true = sensitivity
    misses, false = specificity
    se, sp = hits / true, misses / false
    power = se + sp - 1
    if power <= 0:
        raise ValueError(
            f"Answers are right for {100 * se:.0f} % of the referred and "
            f"{100 * sp:.0f} % of the others: they say nothing about who was referred."
        )
    value = float(np.clip((share.value + sp - 1) / power, 0, 1))
    variance = share.se**2 + value**2 * _variance(hits, true)
    variance += (1 - value) ** 2 * _variance(misses, false)
    return measured(
        value,
        float(np.sqrt(variance) / power),
        share.n,
        method="answers, corrected for silence and error (Rogan-Gladen)",
        unit="%",
        scale="logit",
    )


def raw_told_share(table: pd.DataFrame) -> Estimate:
    """Share that says "a customer sent me", of those who answered at all.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`: `told` and `n` are used.

    Returns
    -------
    Estimate
        A share of those who answered, with Wilson's interval.

    Examples
    --------
    >>> table = pd.DataFrame({"told": ["referral", "other", "no answer"],
    ...                       "n": [30, 70, 900]})
    >>> raw_told_share(table).text
    '30 % (95 % CI 22 to 40 %)'
    """
    answered = table["told"] != "no answer"
    said = int(table.loc[table["told"] == "referral", "n"].sum())
    return wilson(said, int(table.loc[answered, "n"].sum()))


def told_share(table: pd.DataFrame, *, by: Sequence[str] = ()) -> Estimate:
    """Share that would say so if everybody answered like others of its stratum.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`.
    by : sequence of str
        Strata. Each counts with all its new customers, not only with those who
        answered (the same as weighting answers by one over the answer rate).

    Returns
    -------
    Estimate
        A fraction with unit "%"; NaN if a stratum has no answer.

    Examples
    --------
    In the first shop 10 of 100 customers answered and half of them were sent, in the
    second all 100 answered and 10 were: (50 + 10) / 200.

    >>> table = pd.DataFrame({"shop": [1, 1, 1, 2, 2],
    ...     "told": ["referral", "other", "no answer", "referral", "other"],
    ...     "n": [5, 5, 90, 10, 90]})
    >>> [round(told_share(table, by=by).value, 2) for by in (["shop"], [])]
    [0.3, 0.14]
    """
    cells = table[list(by)].assign(
        customers=table["n"],
        answered=table["n"] * (table["told"] != "no answer"),
        said=table["n"] * (table["told"] == "referral"),
    )
    numbers = ["customers", "answered", "said"]
    if by:
        cells = cells.groupby(list(by), dropna=False)[numbers].sum()
    else:
        cells = cells[numbers].sum().to_frame().T
    weight = cells["customers"] / max(cells["customers"].sum(), 1)
    share = cells["said"] / cells["answered"].replace(0, np.nan)
    value = float((weight * share).sum(skipna=False))
    variance = weight**2 * share * (1 - share) / cells["answered"].replace(0, np.nan)
    method = f"answers, weighted by {' and '.join(by)}" if by else "answers as given"
    return measured(
        value,
        float(np.sqrt(variance.sum(skipna=False))),
        int(cells["answered"].sum()),
        method=method,
        unit="%",
        scale="logit",
    )


def corrected_share(
    table: pd.DataFrame, audited: pd.DataFrame, *, by: Sequence[str] = ()
) -> Estimate | str:
    """Share referred by what customers say, corrected with a checked sample.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`.
    audited : DataFrame
        From `retention.counts.audited`.
    by : sequence of str
        Strata whose answer rates differ.

    Returns
    -------
    Estimate or str
        A text says why there is none.

    Examples
    --------
    Of the checked, four in five who were sent say so, and nobody else does. So the 40 %
    who say it stand for one half:

    >>> table = pd.DataFrame({"told": ["referral", "other"], "n": [400, 600]})
    >>> audited = pd.DataFrame({"true": ["referral", "referral", "ads"],
    ...     "told": ["referral", "other", "other"], "n": [80, 20, 100]})
    >>> round(corrected_share(table, audited).value, 3)
    0.5
    """
    said = told_share(table, by=by)
    if not np.isfinite(said.se):
        return "Nobody of a stratum answered, so its share is unknown."
    sensitivity, specificity = error_counts(audited)
    if min(sensitivity[1], specificity[1]) < FEWEST_AUDITED:
        return (
            f"Fewer than {FEWEST_AUDITED} checked customers answered and were "
            "referred, or answered and were not."
        )
    if sensitivity[0] / sensitivity[1] + specificity[0] / specificity[1] <= 1:
        return "The checked sample shows that the answers tell nothing."
    return rogan_gladen(said, sensitivity, specificity)


def error_counts(audited: pd.DataFrame) -> tuple[tuple[int, int], tuple[int, int]]:
    """Sensitivity and specificity of the answers, as (right, checked) each.

    Parameters
    ----------
    audited : DataFrame
        From `retention.counts.audited`: `true`, `told` and `n` are used.

    Returns
    -------
    ((int, int), (int, int))
        Of the checked who answered: said so and truly were sent, of how many who were;
        did not say so and truly were not, of how many who were not.

    Examples
    --------
    >>> audited = pd.DataFrame({"true": ["referral", "referral", "ads"],
    ...     "told": ["referral", "other", "other"], "n": [80, 20, 100]})
    >>> error_counts(audited)
    ((80, 100), (100, 100))
    """
    answered = audited[audited["told"] != "no answer"]
    true, said = answered["true"] == "referral", answered["told"] == "referral"
    n = answered["n"]
    return (
        (int(n[true & said].sum()), int(n[true].sum())),
        (int(n[~true & ~said].sum()), int(n[~true].sum())),
    )


def _variance(hits: int, of: int) -> float:
    """Variance of a share that stays above zero when nobody or everybody is hit."""
    smoothed = (hits + 0.5) / (of + 1)
    return smoothed * (1 - smoothed) / of
