"""Effects of what was assigned by lot, from sums an arm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, measured, wilson
from retention.intervals.formulas import critical
from retention.loyalty.randomised.checks import (
    balanced,
    compliance,
    sample_ratio,
    strength,
)
from retention.loyalty.randomised.contrast import (
    Contrast,
    arm_sums,
    contrast,
    p_value,
)

PER_CUSTOMER = "EUR per customer"


@dataclass(frozen=True, eq=False)
class Randomised:
    """What being offered something did, and what it did to those who took it.

    Attributes
    ----------
    itt, itt_plain : Estimate
        Intention to treat, arm minus control: with each customer's own past taken
        out (Lin), and the plain difference of means.
    cace, cace_plain : Estimate
        The same for each customer who took the offer, with Fieller's interval; nan
        where nobody did.
    take_up : Estimate
        Share of the arm that took the offer, minus that of the control.
    variance_reduction : float
        Share of the variance that the customers' past took out.
    p : float
        Two-sided, of the adjusted intention to treat.
    table : DataFrame
        `estimator`, `value`, `lower`, `upper`, `se`, `n`.
    checks : list of Check
    """

    itt: Estimate
    itt_plain: Estimate
    cace: Estimate
    cace_plain: Estimate
    take_up: Estimate
    variance_reduction: float
    p: float
    table: pd.DataFrame
    checks: list[Check]

    @property
    def estimate(self) -> Estimate:
        """The adjusted intention to treat."""
        return self.itt

    @property
    def summary(self) -> str:
        """What the lot says, in one sentence."""
        taken = "" if np.isnan(self.cace.value) else f"; {self.cace.text} who took it"
        return (
            f"Offering it changed the outcome by {self.itt.text}{taken} "
            f"(randomised, {self.itt.n:,} customers)."
        )


def randomised(
    arms: pd.DataFrame,
    *,
    outcome: str = "margin",
    arm: str = "programme",
    control: str = "holdout",
    planned: Mapping[str, float] | None = None,
    covariates: pd.DataFrame | None = None,
    unit: str = PER_CUSTOMER,
) -> Randomised:
    """Intention to treat and effect on the takers, from sums an arm.

    Parameters
    ----------
    arms : DataFrame
        `arm`, `outcome` and the sums `n`, `d`, `y`, `x`, `yy`, `xy`, `xx`, `dy`, `dx`
        (`retention.counts.holdout_arms`); further columns are summed over.
    outcome : str
        Which outcome.
    arm, control : str
        The two arms to compare.
    planned : mapping of str to float, optional
        Planned share of each arm, for the sample-ratio test.
    covariates : DataFrame, optional
        From `retention.counts.arm_covariates`, for the balance check.
    unit : str
        Of the outcome.

    Returns
    -------
    Randomised

    Raises
    ------
    ValueError
        If an arm or the outcome is not in the table, or an arm holds fewer than
        three customers.

    References
    ----------
    Lin, W. (2013). Agnostic notes on regression adjustments to experimental data.
    Annals of Applied Statistics 7, 295-318. Deng, A., Xu, Y., Kohavi, R. and Walker,
    T. (2013). Improving the sensitivity of online controlled experiments by
    utilizing pre-experiment data. WSDM.

    Examples
    --------
    Four customers an arm; half of those offered it took it, and gained 4 each:

    >>> import numpy as np, pandas as pd
    >>> def sums(arm, d, y):
    ...     d, y = np.array(d), np.array(y, float)
    ...     return dict(arm=arm, outcome="margin", n=4, d=d.sum(), y=y.sum(), x=0,
    ...                 yy=y @ y, xy=0, xx=0, dy=d @ y, dx=0)
    >>> arms = pd.DataFrame([sums("programme", [1, 1, 0, 0], [14, 12, 8, 10]),
    ...                      sums("holdout", [0] * 4, [10, 8, 8, 10])])
    >>> found = randomised(arms)
    >>> round(found.itt.value, 2), round(found.cace.value, 2)
    (2.0, 4.0)
    """
    given, without = (arm_sums(arms, outcome, name) for name in (arm, control))
    plain = contrast(given, without, adjusted=False)
    lin = contrast(given, without, adjusted=True)
    words = {"unit": unit, "n": lin.n}
    itt = _effect(lin, method="difference of means, own past taken out (Lin)", **words)
    itt_plain = _effect(plain, method="difference of means", **words)
    cace = _on_takers(lin, method="ratio to take-up, Fieller", **words)
    cace_plain = _on_takers(plain, method="ratio to take-up, Fieller", **words)
    take_up = _take_up(given, without)
    return Randomised(
        itt=itt,
        itt_plain=itt_plain,
        cace=cace,
        cace_plain=cace_plain,
        take_up=take_up,
        variance_reduction=float(1 - lin.covariance[0, 0] / plain.covariance[0, 0]),
        p=p_value(itt),
        table=_rows(itt_plain, itt, cace_plain, cace),
        checks=[
            sample_ratio(arms, planned=planned, only=(arm, control)),
            *balanced(covariates, arm, control),
            compliance(without),
            strength(lin),
        ],
    )


def _effect(found: Contrast, *, method: str, unit: str, n: int) -> Estimate:
    se = float(np.sqrt(found.covariance[0, 0]))
    return measured(found.effect[0], se, n, method=method, unit=unit)


def _on_takers(found: Contrast, *, method: str, unit: str, n: int) -> Estimate:
    """Effect over take-up; Fieller's bounds are infinite where the take-up is weak."""
    (y, d), v = found.effect, found.covariance
    if d <= 0:
        nan = float("nan")
        return Estimate(nan, nan, nan, n, method, unit)
    ratio, z = y / d, critical(0.95)
    variance = v[0, 0] - 2 * ratio * v[0, 1] + ratio**2 * v[1, 1]
    a, b = d**2 - z**2 * v[1, 1], y * d - z**2 * v[0, 1]
    inside = b**2 - a * (y**2 - z**2 * v[0, 0])
    ends = (-np.inf, np.inf)
    if a > 0:
        root = np.sqrt(max(inside, 0.0))
        ends = ((b - root) / a, (b + root) / a)
    se = float(np.sqrt(variance) / d)
    return Estimate(float(ratio), float(ends[0]), float(ends[1]), n, method, unit, se)


def _take_up(given: pd.Series, without: pd.Series) -> Estimate:
    share, own = given["d"] / given["n"], wilson(given["d"], given["n"])
    if without["d"] == 0:
        return own
    other = without["d"] / without["n"]
    noise = share * (1 - share) / given["n"] + other * (1 - other) / without["n"]
    n = int(given["n"] + without["n"])
    words = {"method": "difference of shares", "unit": "%"}
    return measured(share - other, np.sqrt(noise), n, **words)


def _rows(*estimates: Estimate) -> pd.DataFrame:
    names = [
        "intention to treat, difference of means",
        "intention to treat, own past taken out",
        "those who took it, difference of means",
        "those who took it, own past taken out",
    ]
    fields = ("value", "lower", "upper", "se", "n")
    rows = [{f: getattr(e, f) for f in fields} for e in estimates]
    return pd.DataFrame(rows).assign(estimator=names)[["estimator", *fields]]
