"""A confounder as strong as one that was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate, measured
from retention.loyalty.weighting.design import design, with_constant


@dataclass(frozen=True, eq=False)
class Confounding:
    """What an unseen confounder would leave of a regression estimate.

    Attributes
    ----------
    estimate : Estimate
        Regression of the outcome on membership and the covariates.
    robustness, robustness_interval : float
        Share of what is left unexplained of both membership and outcome that an
        unseen confounder must explain to bring the estimate, or the near end of its
        interval, to 0.
    table : DataFrame
        `label`, `multiple`, `explains_membership`, `explains_outcome` (partial R2),
        `value`, `lower`, `upper`: the estimate with a confounder so many times as
        strong as the benchmark.
    """

    estimate: Estimate
    robustness: float
    robustness_interval: float
    table: pd.DataFrame

    @property
    def summary(self) -> str:
        """How strong it would have to be, in one sentence."""
        strongest = self.table.iloc[-1]
        return (
            f"An unseen confounder that explains {self.robustness:.0%} of what is left "
            f"of both membership and outcome would bring the estimate to 0; one "
            f"{strongest['label']} would leave {strongest['value']:.2f}."
        )


def robustness_value(
    t: float, df: float, *, q: float = 1.0, alpha: float | None = None
) -> float:
    """Robustness value of a regression coefficient.

    Parameters
    ----------
    t : float
        Its t statistic.
    df : float
        Residual degrees of freedom.
    q : float
        Share of the estimate that is to be explained away.
    alpha : float, optional
        With a level, what would bring the estimate within reach of its interval.

    Returns
    -------
    float
        Between 0 and 1.

    References
    ----------
    Cinelli, C. and Hazlett, C. (2020). Making sense of sensitivity: extending omitted
    variable bias. Journal of the Royal Statistical Society B 82, 39-67.

    Examples
    --------
    >>> round(robustness_value(4.18445, 783), 3)
    0.139
    >>> round(robustness_value(4.18445, 783, alpha=0.05), 3)
    0.076
    """
    from scipy.special import stdtrit

    f = q * abs(t) / np.sqrt(df)
    if alpha is not None:
        f -= stdtrit(df - 1, 1 - alpha / 2) / np.sqrt(df - 1)
    if f <= 0:
        return 0.0
    return float(0.5 * (np.sqrt(f**4 + 4 * f**2) - f**2))


def confounding(
    rows: pd.DataFrame,
    *,
    outcome: str = "revenue",
    treatment: str = "member",
    covariates: Sequence[str],
    benchmark: str,
    multiples: Sequence[float] = (1, 2, 3),
    unit: str = "EUR per month",
) -> Confounding:
    """What a confounder some times as strong as a named covariate would leave.

    Parameters
    ----------
    rows : DataFrame
        One row a customer.
    outcome, treatment : str
    covariates : sequence of str
        What the regression adjusts for.
    benchmark : str
        One of them, to compare with.
    multiples : sequence of float
        How many times as strong, for membership and for the outcome.
    unit : str
        Of the outcome.

    Returns
    -------
    Confounding

    Raises
    ------
    ValueError
        If the benchmark is none of the covariates.

    References
    ----------
    Cinelli, C. and Hazlett, C. (2020). Making sense of sensitivity: extending omitted
    variable bias. Journal of the Royal Statistical Society B 82, 39-67, section 4.4.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> taste = rng.normal(size=2_000)
    >>> member = (taste + rng.normal(size=2_000) > 0).astype(int)
    >>> rows = pd.DataFrame({"taste": taste, "member": member,
    ...     "revenue": 50 + taste + 4 * member + rng.normal(size=2_000)})
    >>> found = confounding(rows, covariates=["taste"], benchmark="taste")
    >>> found.table["value"].is_monotonic_decreasing
    True
    """
    if benchmark not in covariates:
        raise ValueError(
            f"The benchmark {benchmark!r} is none of the covariates: "
            f"{', '.join(covariates)}."
        )
    y, d = rows[outcome].to_numpy(float), rows[treatment].to_numpy(float)
    x = with_constant(design(rows, covariates))
    value, se, df = _coefficient(y, d, x)
    others = [name for name in covariates if name != benchmark]
    without = with_constant(design(rows, others))
    with_d = np.column_stack([d, without])
    r_d = _partial(d, x, without)
    r_y = _partial(y, np.column_stack([d, x]), with_d)
    words = {"method": "least squares", "unit": unit}
    table = [_beside(value, se, df, r_d, r_y, k, benchmark) for k in multiples]
    return Confounding(
        estimate=measured(value, se, len(y), **words),
        robustness=robustness_value(value / se, df),
        robustness_interval=robustness_value(value / se, df, alpha=0.05),
        table=pd.DataFrame([row for row in table if row]),
    )


def _coefficient(y, d, x) -> tuple[float, float, int]:
    """Coefficient of the treatment, its standard error, residual freedom."""
    d_left, y_left = _left(d, x), _left(y, x)
    value = d_left @ y_left / (d_left @ d_left)
    df = len(y) - x.shape[1] - 1
    rest = y_left - value * d_left
    return float(value), float(np.sqrt(rest @ rest / df / (d_left @ d_left))), df


def _left(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    return y - x @ np.linalg.lstsq(x.T @ x, x.T @ y, rcond=None)[0]


def _partial(y: np.ndarray, x: np.ndarray, without: np.ndarray) -> float:
    """Share of what the others leave of y that the benchmark explains."""
    full, less = _left(y, x), _left(y, without)
    return float(max(1 - (full @ full) / (less @ less), 0.0))


def _beside(value, se, df, r_d, r_y, multiple, benchmark) -> dict | None:
    """Estimate with a confounder some times as strong; None where none can be."""
    explains_d = multiple * r_d / (1 - r_d)
    if explains_d >= 1:
        return None
    overlap = multiple * r_d**2 / ((1 - multiple * r_d) * (1 - r_d))
    if not 0 <= overlap < 1:
        return None
    reach = (np.sqrt(multiple) + np.sqrt(overlap)) / np.sqrt(1 - overlap)
    explains_y = min(reach**2 * r_y / (1 - r_y), 1.0)
    left, half = with_confounder(value, se, df, explains_d, explains_y)
    times = "as strong as" if multiple == 1 else f"{multiple:g} times as strong as"
    return {
        "label": f"{times} {benchmark}",
        "multiple": float(multiple),
        "explains_membership": explains_d,
        "explains_outcome": explains_y,
        "value": left,
        "lower": left - half,
        "upper": left + half,
    }


def with_confounder(
    value: float, se: float, df: float, explains_d: float, explains_y: float
) -> tuple[float, float]:
    """Estimate and half its interval with a confounder of given partial R2.

    Its bias is taken towards 0 and beyond.

    Examples
    --------
    >>> left, half = with_confounder(0.09732, 0.02326, 783, 0.00916, 0.12464)
    >>> round(left, 4), round(half / 1.963, 4)
    (0.0752, 0.0219)
    """
    from scipy.special import stdtrit

    bias = se * np.sqrt(df) * np.sqrt(explains_y * explains_d / (1 - explains_d))
    wide = se * np.sqrt((1 - explains_y) / (1 - explains_d) * df / (df - 1))
    left = np.sign(value) * (abs(value) - bias)
    return float(left), float(stdtrit(df - 1, 0.975) * wide)


def tipping_point(
    estimate: Estimate, *, effects: Sequence[float] = (1.0, 2.0, 5.0, 10.0)
) -> pd.DataFrame:
    """Gap in an unseen cause that would make up the whole estimate.

    Parameters
    ----------
    estimate : Estimate
    effects : sequence of float
        What one standard deviation of the unseen cause does to the outcome, in the
        unit of the estimate.

    Returns
    -------
    DataFrame
        `effect`, `gap` (standard deviations by which members and others would have to
        differ in it) and `gap_interval` (to reach the near end of the interval; 0
        where the interval holds 0).

    Examples
    --------
    >>> found = Estimate(4.5, 4.0, 5.0, 900, "", "EUR per month")
    >>> tipping_point(found, effects=[5, 10])
       effect   gap  gap_interval
    0     5.0  0.90           0.8
    1    10.0  0.45           0.4
    """
    size = np.array(effects, float)
    near = min(abs(estimate.lower), abs(estimate.upper))
    near = 0.0 if estimate.lower <= 0 <= estimate.upper else near
    return pd.DataFrame(
        {"effect": size, "gap": abs(estimate.value) / size, "gap_interval": near / size}
    )
