"""Do strata leave at different rates? Log-rank and weighted tests on counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.survival.curves.risk_sets import RiskSets, numbered, risk_sets
from retention.survival.curves.risk_sets import strata as listed

WEIGHTS = ("logrank", "gehan", "tarone-ware", "peto")


@dataclass(frozen=True, eq=False)
class RateTest:
    """Weighted log-rank test of equal hazards.

    Attributes
    ----------
    chi_square : float
        Test statistic.
    degrees_of_freedom : int
        Compared levels minus one.
    p_value : float
        Probability of a statistic so large if all leave at the same rates.
    n, events : int
        Customers compared and how many of them left.
    method : str
        Which weights, and which strata.
    table : DataFrame
        The compared columns, ``n``, ``observed`` and ``expected`` (customers who
        left; expected if all levels shared one hazard), unweighted.
    """

    chi_square: float
    degrees_of_freedom: int
    p_value: float
    n: int
    events: int
    method: str
    table: pd.DataFrame = field(repr=False)

    @property
    def summary(self) -> str:
        """One sentence with the statistic, its degrees of freedom and n."""
        p = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        finding = (
            "leave at different rates"
            if self.p_value < 0.05
            else ("leave at rates that these data cannot tell apart")
        )
        return (
            f"The {len(self.table)} groups {finding} ({self.method}: chi-square "
            f"{self.chi_square:,.1f} on {self.degrees_of_freedom} "
            f"degree{'' if self.degrees_of_freedom == 1 else 's'} of freedom, "
            f"{p}; {self.n:,} customers, {self.events:,} left)."
        )


def logrank(
    tenure: pd.DataFrame,
    *,
    by: str | Sequence[str],
    strata: str | Sequence[str] = (),
    weights: str = "logrank",
) -> RateTest:
    """Test that customers leave at the same rates whatever their ``by`` level.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table; customers who came under observation late count from then on.
    by : str or sequence of str
        Columns whose levels are compared.
    strata : str or sequence of str
        Columns within whose levels the comparison is made.
    weights : {"logrank", "gehan", "tarone-ware", "peto"}
        Weight of period k: 1; the customers at risk (Gehan's generalised Wilcoxon);
        their root; or the pooled survival prod (1 - d / (n + 1)) up to and including
        k (Peto and Peto). All but the first look harder at early periods.

    Returns
    -------
    RateTest

    Raises
    ------
    ValueError
        With fewer than two levels that share a risk set, or nobody leaving there.

    References
    ----------
    Peto & Peto (1972), Journal of the Royal Statistical Society A 135, 185-207.
    Gehan (1965), Biometrika 52, 203-223. Tarone & Ware (1977), Biometrika 64,
    156-160. Klein & Moeschberger (2003), Survival Analysis, sections 7.3 and 7.5.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"plan": list("aabb"), "duration": [2, 6] * 2, "event": [1, 0] * 2,
    ...      "n": [60, 40, 20, 80]}
    ... )
    >>> test = logrank(tenure, by="plan")
    >>> round(test.chi_square, 3), test.degrees_of_freedom
    (33.167, 1)
    """
    if weights not in WEIGHTS:
        raise ValueError(
            f"Unknown weights {weights!r}: choose one of {', '.join(WEIGHTS)}."
        )
    by, within = listed(by), listed(strata)
    sets = risk_sets(tenure, by=[*within, *by])
    levels, at_risk, events, ending = _by_stratum(sets, by, within)
    score, variance, expected = _score(at_risk, events, weights)
    chi_square, freedom = _quadratic_form(score, variance)
    n, observed = ending.sum(axis=(0, 2)), events.sum(axis=(0, 2))
    return RateTest(
        chi_square,
        freedom,
        _chi_square_tail(chi_square, freedom),
        round(float(n.sum())),
        round(float(observed.sum())),
        _named(weights, within),
        _compared(levels, n=n, observed=observed, expected=expected),
    )


def _compared(levels: pd.DataFrame, **measures: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({c: levels[c].array for c in levels.columns} | measures)


def _named(weights: str, within: list[str]) -> str:
    name = {"logrank": "log-rank", "gehan": "Gehan-Wilcoxon"}.get(
        weights, weights.title()
    )
    return f"{name} within {' and '.join(within)}" if within else name


def _by_stratum(
    sets: RiskSets, by: list[str], within: list[str]
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Levels, and risk sets, events and last sightings by (stratum, level, period)."""
    if within:
        level, levels = numbered(sets.levels, by)
        stratum, held = numbered(sets.levels, within)
    else:  # they are in the order of their levels as it is
        level, levels, stratum, held = slice(None), sets.levels, 0, [0]
    shape = (len(held), len(levels), sets.at_risk.shape[1] - 1)

    def dense(counts: np.ndarray) -> np.ndarray:
        filled = np.zeros(shape, counts.dtype)
        filled[stratum, level] = counts[:, 1:]
        return filled

    counts = (sets.at_risk, sets.events, sets.events + sets.censored)
    return levels, *map(dense, counts)


def _score(
    at_risk: np.ndarray, events: np.ndarray, weights: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted observed minus expected, its covariance, and unweighted expected."""
    n, d = at_risk.sum(axis=1), events.sum(axis=1)  # by stratum and period
    share = np.divide(
        at_risk, n[:, None], out=np.zeros(at_risk.shape), where=n[:, None] > 0
    )
    expected = share * d[:, None]
    weight = _period_weights(n, d, weights)
    score = np.einsum("sk,sgk->g", weight, events - expected)
    # Hypergeometric variance: d (n - d) / (n - 1) times the shares' covariance.
    spread = weight**2 * d * (n - d) / np.maximum(n - 1, 1)
    variance = np.diag(np.einsum("sk,sgk->g", spread, share))
    variance = variance - np.einsum("sk,sgk,shk->gh", spread, share, share)
    return score, variance, expected.sum(axis=(0, 2))


def _period_weights(n: np.ndarray, d: np.ndarray, weights: str) -> np.ndarray:
    if weights == "gehan":
        return n.astype(float)
    if weights == "tarone-ware":
        return np.sqrt(n)
    if weights == "peto":
        return np.cumprod(1 - d / (n + 1), axis=1)
    return np.ones(n.shape)


def _quadratic_form(score: np.ndarray, variance: np.ndarray) -> tuple[float, int]:
    """Chi-square and degrees of freedom, of the levels that share a risk set."""
    compared = np.diag(variance) > 0
    if compared.sum() < 2:
        raise ValueError(
            "There is nothing to compare: fewer than two levels share a period in "
            "which somebody left. Check the levels, or lengthen the window."
        )
    score, variance = score[compared][1:], variance[np.ix_(compared, compared)][1:, 1:]
    # Levels that only ever meet their own kind leave the matrix short of rank.
    solution, _, rank, _ = np.linalg.lstsq(variance, score, rcond=1e-10)
    return float(score @ solution), int(rank)


def _chi_square_tail(chi_square: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, chi_square))
