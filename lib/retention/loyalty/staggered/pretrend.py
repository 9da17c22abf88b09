"""Whether enrolled customers were on another path before, and what would show."""

from dataclasses import dataclass

import numpy as np

from retention.intervals import Check, Estimate
from retention.loyalty.placebo import judged
from retention.loyalty.staggered.aggregates import averages, estimate, weighted
from retention.loyalty.staggered.cells import Cells, jackknife_covariance

DRIFT = "path before enrolment"


@dataclass(frozen=True, eq=False)
class Pretrend:
    """Test of equal paths before enrolment, with its power.

    Attributes
    ----------
    drift : Estimate
        Extra change a period before enrolment, enrolled minus control.
    carried_on : Estimate
        What that drift would add to the effect, had it gone on after enrolment.
    p : float
        Joint test that no period before enrolment differs; nan without buckets.
    periods : int
        Periods before enrolment in the test.
    detectable_drift, detectable_bias : float
        Drift that the joint test would find four times in five, and what it would
        add to the effect if it went on.
    """

    drift: Estimate
    carried_on: Estimate
    p: float
    periods: int
    detectable_drift: float
    detectable_bias: float


def pretrend(cells: Cells, *, unit: str, n: int) -> Pretrend | None:
    """Test of the periods before enrolment; None where there are none.

    References
    ----------
    Roth, J. (2022). Pretest with caution: event-study estimates after testing for
    parallel trends. American Economic Review: Insights 4, 305-322.
    """
    early = (cells.table["event_time"] < 0).to_numpy()
    if not early.any():
        return None
    length = (cells.table["time"] - cells.table["base"]).to_numpy(float)
    weight = np.where(early, cells.n, 0.0)
    drift = weighted(cells.effect / length, weight * length**2)
    reach = _mean_distance(cells)
    words = {"unit": unit, "method": "grouped jackknife"}
    p, k, drift_found = _joint(cells, early, length)
    return Pretrend(
        drift=estimate(drift, n, **words),
        carried_on=estimate(drift * reach, n, **words),
        p=p,
        periods=k,
        detectable_drift=drift_found,
        detectable_bias=drift_found * float(reach[0]),
    )


def _mean_distance(cells: Cells) -> np.ndarray:
    """Mean periods from the base to the months whose effect is averaged."""
    post = (cells.table["event_time"] >= 0).to_numpy()
    distance = (cells.table["time"] - cells.table["base"]).to_numpy(float)
    return weighted(np.tile(distance, (len(cells.n), 1)), np.where(post, cells.n, 0.0))


def _joint(cells: Cells, early: np.ndarray, length: np.ndarray):
    """Joint p-value, periods, and the drift that 80 % of such tests would find."""
    from scipy.special import chdtri, chndtrinc, fdtrc

    found = averages(cells, early, "event_time")
    whole = np.isfinite(found.value).all(axis=0)
    value, k = found.value[:, whole], int(whole.sum())
    size = cells.buckets
    if size < 2 * k + 2 or k == 0:
        return np.nan, k, np.nan
    covariance = jackknife_covariance(value)
    inverse = np.linalg.pinv(covariance, hermitian=True)
    wald = float(value[0] @ inverse @ value[0])
    p = float(fdtrc(k, size - k, wald * (size - k) / (k * (size - 1))))
    event = cells.table["event_time"].to_numpy()
    pattern = np.array([length[early & (event == e)].mean() for e in found.key[whole]])
    needed = float(chndtrinc(chdtri(k, 0.05), k, 0.20))
    return p, k, float(np.sqrt(needed / (pattern @ inverse @ pattern)))


def pretrend_check(found: Pretrend | None, effect: Estimate) -> Check:
    """Whether another path before enrolment could make up the effect."""
    if found is None:
        return Check(
            DRIFT,
            "FAIL",
            "No period before enrolment was observed.",
            "Without one nothing can be said about equal paths.",
        )
    bias = found.carried_on
    if np.isnan(bias.se):
        return Check(
            DRIFT,
            "REVIEW",
            "Published means carry no standard errors, so equal paths are not tested.",
            "Ask for the customers, or for counts by bucket.",
        )
    finding = (
        f"Before enrolment the gap moved by {found.drift.text} a period; going on, "
        f"that alone would come to {bias.text}. Joint test of {found.periods} "
        f"periods: p = {found.p:.2g}; it would find a drift that adds "
        f"{found.detectable_bias:.2g} four times in five."
    )
    status, remedy = judged(bias, effect)
    return Check(DRIFT, status, finding, remedy)


def placebo_check(found: Estimate | None, effect: Estimate) -> Check:
    """Whether a pretended earlier launch seems to have an effect."""
    name = "placebo launch"
    if found is None:
        return Check(
            name,
            "REVIEW",
            "No placebo launch was tried: the records before the launch are too short.",
            "Keep more months before the launch.",
        )
    finding = f"A launch pretended earlier would seem to bring {found.text}."
    status, remedy = judged(found, effect)
    return Check(name, status, finding, remedy)
