"""Cox's proportional hazards model from group sums."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.counts.sums import CoxSums
from retention.intervals import Check
from retention.survival.cox.climb import Surroundings, climbed
from retention.survival.cox.efron import PartialLikelihood, efron
from retention.survival.cox.risk import Moments, RiskSets, risk_sets
from retention.survival.hazards.ascent import (
    NEVER_EVENT,
    Peak,
    coefficient_table,
    term_names,
)
from retention.survival.hazards.wording import enough_events, strongest


@dataclass(frozen=True, eq=False)
class CoxFit:
    """Cox model, fitted.

    Attributes
    ----------
    table : DataFrame
        One row a coefficient: term, level (empty for a number), reference (the level
        compared with), coef (log hazard ratio; of a number, per unit), se,
        hazard_ratio with lower and upper, z, p, and note. A coefficient without a
        finite value is nan and its note says why.
    log_likelihood, null_log_likelihood : float
        Partial, with Efron's ties: at the estimates, and without effects.
    n, events : int
        Rows ever at risk and events.
    iterations : int
        Newton steps of the last climb.
    passes : int
        Group-bys over the customers for a step, the one in `cox_sums` among them.
    separated : tuple of str
        Terms without a coefficient; the others are what they would be with those that
        have no finite value at infinity, and without those that say no more than
        columns before them.
    covariance : ndarray
        Of the coefficients, in the order of `table`.
    confidence : float
        Coverage of the intervals.
    sets : RiskSets
        The risk sets, for `cox_zph`.
    position : PartialLikelihood
        Score and information of each set at the estimates, for standardised
        covariates.
    """

    table: pd.DataFrame
    log_likelihood: float
    null_log_likelihood: float
    n: int
    events: int
    iterations: int
    passes: int
    separated: tuple[str, ...]
    covariance: np.ndarray
    confidence: float
    sets: RiskSets
    position: PartialLikelihood

    @property
    def likelihood_ratio(self) -> float:
        """Chi-square of all effects together."""
        return 2 * (self.log_likelihood - self.null_log_likelihood)

    @property
    def summary(self) -> str:
        """The clearest effect in a sentence, with its interval and the counts."""
        base = f"{self.events:,} losses among {self.n:,} customers"
        return strongest(self.table, self.confidence, base)

    @property
    def check(self) -> Check:
        """Whether there are at least 20 events for each coefficient."""
        return enough_events(self.events, int(self.table["coef"].notna().sum()))


def cox(
    sums: CoxSums,
    *,
    reference: Mapping[str, object] | None = None,
    confidence: float = 0.95,
) -> CoxFit:
    """Hazard ratios of Cox's model with Efron's ties, exact, from group sums.

    Parameters
    ----------
    sums : CoxSums
        From `retention.counts.sums.cox_sums`. With continuous covariates the fit runs
        a few more group-bys there.
    reference : mapping, optional
        Level to compare with, such as ``{"plan": "basic"}``. By default the first
        level, in sorted order, that has an event.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    CoxFit

    Raises
    ------
    ValueError
        If there is no covariate, a reference level is unknown or has no event, or
        strata, times and coefficients are too many for memory.

    Notes
    -----
    Collapsing tied customers into weighted rows and giving those to a row-based
    implementation is not the same: a weighted row then counts as one tied event.

    Between the passes the covariates are taken as normal within each group, which is
    close enough that two passes after the first usually settle the answer. The
    answer itself does not rest on it: at its point the sums are the exact ones.

    References
    ----------
    Efron, B. (1977). The efficiency of Cox's likelihood function for censored data.
    Journal of the American Statistical Association 72, 557-565.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.counts.sums import cox_sums
    >>> customers = pd.DataFrame({
    ...     "plan": ["basic"] * 5 + ["plus"] * 5,
    ...     "duration": [1, 1, 2, 3, 4, 2, 3, 4, 4, 4],
    ...     "event": [1, 1, 1, 1, 0, 1, 0, 1, 0, 0]})
    >>> fit = cox(cox_sums(customers, categorical=["plan"]))
    >>> fit.table[["level", "reference", "coef", "se"]].round(4)
      level reference    coef      se
    0  plus     basic -1.2317  0.8777
    """
    sets = risk_sets(sums, reference=reference)
    origin = np.zeros(len(sets.terms))
    plain = sets.arranged(sums.plain)
    seen, lost = sets.moments(origin, plain)
    total = lost.first
    null = efron(seen, lost, deaths=sets.deaths, total=total, beta=origin)
    start, held = _start(sets, seen, lost)
    peak, passes = climbed(Surroundings(sets, total, start, plain), held=held)
    return _answer(sets, peak, passes, null.log_likelihood, confidence)


def _answer(
    sets: RiskSets, peak: Peak, passes: int, null: float, confidence: float
) -> CoxFit:
    """Coefficients back on the scale of the data."""
    scale = np.append(np.ones(sets.design.shape[1]), sets.sums.scale)
    covariance = peak.covariance() / np.outer(scale, scale)
    table = coefficient_table(
        sets.terms,
        peak.theta / scale,
        covariance,
        held=peak.held,
        confidence=confidence,
    )
    return CoxFit(
        table=table,
        log_likelihood=peak.position.log_likelihood,
        null_log_likelihood=null,
        n=sets.sums.n,
        events=int(sets.deaths.sum()),
        iterations=peak.iterations,
        passes=passes + 1,
        separated=tuple(term_names(sets.terms)[j] for j in sorted(peak.held)),
        covariance=covariance,
        confidence=confidence,
        sets=sets,
        position=peak.position,
    )


def _start(sets: RiskSets, seen: Moments, lost: Moments) -> tuple[np.ndarray, dict]:
    """Point to begin at, with levels that nobody left put at minus infinity."""
    start, held = np.zeros(len(sets.terms)), {}
    for j in range(sets.design.shape[1]):
        if seen.first[:, j].sum() == 0:
            held[j] = "never at risk when somebody left"
        elif lost.first[:, j].sum() == 0:
            start[j], held[j] = (
                NEVER_EVENT,
                "nobody with this level left: minus infinity",
            )
    return start, held
