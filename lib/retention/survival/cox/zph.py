"""Score test of proportional hazards, from the sums of the fit."""

import numpy as np
import pandas as pd

from retention.counts.sums import EVENT
from retention.survival.cox.fit import CoxFit
from retention.survival.cox.risk import RiskSets

TRANSFORMS = ("km", "rank", "identity", "log")


def cox_zph(fit: CoxFit, *, transform: str = "km") -> pd.DataFrame:
    """Test of proportional hazards for each covariate and for all together.

    It is the score test of adding x g(t) to the model, for a transform g of time,
    as `cox.zph` of R's survival package makes it from version 3 on. Nothing is
    read again: the score and information of each risk set suffice.

    Parameters
    ----------
    fit : CoxFit
        From `cox`.
    transform : {"km", "rank", "identity", "log"}
        g(t): one minus the Kaplan-Meier curve just before t (R's default), the rank
        of t among the rows' last times, t itself, or its logarithm.

    Returns
    -------
    DataFrame
        term, chi2, df, p: a row a covariate and a last row GLOBAL. Covariates whose
        every coefficient is without a finite value are left out. With many customers
        a small p says little: look at `proportionality` for the size and shape.

    References
    ----------
    Grambsch, P. M. and Therneau, T. M. (1994). Proportional hazards tests and
    diagnostics based on weighted residuals. Biometrika 81, 515-526.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.counts.sums import cox_sums
    >>> from retention.survival.cox import cox
    >>> customers = pd.DataFrame({
    ...     "plan": ["basic"] * 5 + ["plus"] * 5,
    ...     "duration": [1, 1, 2, 3, 4, 2, 3, 4, 4, 4],
    ...     "event": [1, 1, 1, 1, 0, 1, 0, 1, 0, 0]})
    >>> cox_zph(cox(cox_sums(customers, categorical=["plan"]))).round(3)
         term   chi2  df      p
    0    plan  0.763   1  0.383
    1  GLOBAL  0.763   1  0.383
    """
    g = _transformed(fit.sets, transform)[fit.sets.place]
    g = g - np.average(g, weights=fit.sets.deaths)
    free = np.flatnonzero(fit.table["coef"].notna())
    score = (g @ fit.position.score_at)[free]
    info = fit.position.information_at[:, free[:, None], free]
    once, twice = (np.tensordot(g**k, info, axes=1) for k in (1, 2))
    variance = twice - once @ np.linalg.solve(info.sum(axis=0), once)
    term = fit.table["term"].to_numpy()[free]
    groups = [(name, np.flatnonzero(term == name)) for name in pd.unique(term)]
    groups.append(("GLOBAL", np.arange(len(free))))
    rows = [
        (name, *_score_test(score[j], variance[np.ix_(j, j)])) for name, j in groups
    ]
    return pd.DataFrame(rows, columns=["term", "chi2", "df", "p"])


def _score_test(score: np.ndarray, variance: np.ndarray) -> tuple[float, int, float]:
    from scipy.special import chdtrc

    chi2 = float(score @ np.linalg.solve(variance, score))
    return chi2, len(score), float(chdtrc(len(score), chi2))


def _transformed(sets: RiskSets, transform: str) -> np.ndarray:
    """Transform of each distinct time of an event."""
    if transform not in TRANSFORMS:
        raise ValueError(
            f"transform is one of {', '.join(TRANSFORMS)}, not {transform!r}."
        )
    if transform == "km":
        return _lost_before(sets)
    if transform == "rank":
        return _mean_rank(sets)
    return np.log(sets.times) if transform == "log" else sets.times.astype(float)


def _lost_before(sets: RiskSets) -> np.ndarray:
    """1 - S(t-) of all customers together, strata ignored."""
    width = len(sets.times)
    net = sets.sign * sets.sums.plain[sets.order, 0]
    row = np.repeat(np.arange(len(sets.edges) - 1), np.diff(sets.edges))
    change = np.bincount(row % width, net, minlength=width)
    events = np.bincount(sets.place, sets.deaths, minlength=width)
    survival = np.cumprod(1 - events / change[::-1].cumsum()[::-1])
    return 1 - np.append(1.0, survival[:-1])


def _mean_rank(sets: RiskSets) -> np.ndarray:
    """Rank of each time among the last times of all rows, ties averaged."""
    own = sets.sums.kind <= EVENT
    time, rows = sets.sums.time[own], sets.sums.plain[own, 0]
    order = np.argsort(time, kind="stable")
    below = np.append(0.0, rows[order].cumsum())
    first, last = (
        np.searchsorted(time[order], sets.times, side=s) for s in ("left", "right")
    )
    return (below[first] + below[last] + 1) / 2
