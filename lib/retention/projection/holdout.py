"""Whether a projection foretold what then happened."""

import pandas as pd

from retention.intervals import Check
from retention.projection.beta_geometric import ShiftedBetaGeometric
from retention.projection.beta_weibull import BetaDiscreteWeibull

CLOSE, FAR = 0.02, 0.05
REMEDIES = {
    "PASS": "",
    "REVIEW": "Quote this projection only with its error beside it.",
    "FAIL": "Do not extend the curve with this model; quote what was observed.",
}


def holdout_check(
    name: str,
    model: ShiftedBetaGeometric | BetaDiscreteWeibull,
    curve: pd.DataFrame,
    *,
    fitted_to: int,
    last: int,
) -> Check:
    """Compare a projection with the observed curve beyond the periods of its fit.

    Parameters
    ----------
    name : str
        What the model is called.
    model : ShiftedBetaGeometric or BetaDiscreteWeibull
        Fitted to the periods up to ``fitted_to``.
    curve : DataFrame
        One stratum of :func:`retention.survival.kaplan_meier`.
    fitted_to, last : int
        The comparison runs over the periods after the first and up to the second.

    Returns
    -------
    Check
        PASS when the share still here is never off by more than 2 percentage
        points, REVIEW up to 5, FAIL beyond. These are sizes that matter, not
        tests: with enough customers every model is rejected.

    Examples
    --------
    >>> from retention.projection import fit_sbg
    >>> kept = pd.Series([1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183])
    >>> curve = pd.DataFrame({"time": kept.index, "survival": kept / 1000})
    >>> holdout_check("sBG", fit_sbg(kept[:8]), curve, fitted_to=7, last=11).status
    'PASS'
    """
    later = curve[(curve["time"] > fitted_to) & (curve["time"] <= last)]
    name = f"projection against what happened: {name}"
    if later.empty:
        return Check(
            name, "REVIEW", "No period is left to compare with.", "Observe longer."
        )
    foretold = model.survival(later["time"]).to_numpy()
    off = pd.Series(foretold - later["survival"].to_numpy(), later["time"])
    worst = off.abs().idxmax()
    size = abs(off[worst])
    status = "PASS" if size <= CLOSE else "REVIEW" if size <= FAR else "FAIL"
    finding = (
        f"Fitted to {fitted_to} periods, it is off by {100 * off[worst]:+.1f} "
        f"percentage points at most, in period {worst}."
    )
    return Check(name, status, finding, REMEDIES[status])
