"""The answer of a regression discontinuity at a tier's threshold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.placebo import judged
from retention.loyalty.randomised import adjusted, p_value
from retention.loyalty.threshold.density import EVERYBODY, Density, density
from retention.loyalty.threshold.fit import (
    Sums,
    jump,
    line,
    measured_jump,
    rule_of_thumb,
    sums_of,
    units,
)

FEWEST = 50
LINEAR = "local line, triangular kernel, grouped jackknife"
ROBUST = "local quadratic (bias corrected), grouped jackknife"


@dataclass(frozen=True, eq=False)
class Threshold:
    """What the tier did to those just above its threshold.

    Attributes
    ----------
    estimate : Estimate
        Jump of the outcome at the threshold, by local lines.
    robust : Estimate
        The same by local parabolas, which takes out the bias of the lines.
    naive : Estimate
        Mean above minus mean below the threshold, near or far.
    bandwidth : float
        In the units of the running column.
    density : Density
    covariates : DataFrame
        `covariate`, `value`, `lower`, `upper`, `p`, `p_adjusted` (Holm): their jumps,
        which should be none.
    table : DataFrame
        `label`, `value`, `lower`, `upper`, `se`, `n`, `kind` ("estimate",
        "bandwidth", "donut" or "placebo").
    curve : DataFrame
        `middle`, `value` (mean of the bin), `n`, `fit`.
    checks : list of Check
    """

    estimate: Estimate
    robust: Estimate
    naive: Estimate
    bandwidth: float
    density: Density
    covariates: pd.DataFrame
    table: pd.DataFrame
    curve: pd.DataFrame
    checks: list[Check]

    @property
    def accepted(self) -> bool:
        """Whether no check failed, so that the jump may be read as an effect."""
        return all(check.status != "FAIL" for check in self.checks)

    @property
    def summary(self) -> str:
        """The jump, or why it is not read, in one sentence."""
        failed = [c for c in self.checks if c.status == "FAIL"]
        if failed:
            return f"No effect is read at this threshold. {failed[0].finding}"
        return (
            f"At the threshold the outcome jumps by {self.estimate.text} "
            f"({self.estimate.n:,} customers within {self.bandwidth:g} of it)."
        )


def threshold(
    bins: pd.DataFrame,
    *,
    outcome: str = "revenue",
    bandwidth: float | None = None,
    donut: float | None = None,
    unit: str = "EUR per month",
) -> Threshold:
    """Regression discontinuity from binned sums, with its diagnostics.

    Parameters
    ----------
    bins : DataFrame
        From `retention.counts.threshold_bins` or `running_bins`.
    outcome : str
        Which variable jumps; the others but "everybody" are covariates.
    bandwidth : float, optional
        Rounded to whole bins; a plug-in rule by default.
    donut : float, optional
        Distance from the threshold that the donut leaves out; two bins by default.
    unit : str
        Of the outcome.

    Returns
    -------
    Threshold

    Raises
    ------
    ValueError
        If there are fewer than 10 customers within the bandwidth on a side.

    References
    ----------
    Imbens, G. and Kalyanaraman, K. (2012). Optimal bandwidth choice for the
    regression discontinuity estimator. Review of Economic Studies 79, 933-959.
    Calonico, S., Cattaneo, M. D. and Titiunik, R. (2014). Robust nonparametric
    confidence intervals for regression-discontinuity designs. Econometrica 82,
    2295-2326.

    Examples
    --------
    >>> from retention.counts import running_bins
    >>> rng = np.random.default_rng(3)
    >>> spend = rng.uniform(-200, 200, 4_000)
    >>> rows = pd.DataFrame({"spend": spend,
    ...     "revenue": 60 + 0.05 * spend + 5 * (spend >= 0) + rng.normal(0, 6, 4_000)})
    >>> table = running_bins(rows, running="spend", width=10, outcome="revenue")
    >>> found = threshold(table, bandwidth=120)
    >>> found.estimate.lower < 5 < found.estimate.upper, found.accepted
    (True, True)
    """
    sums = sums_of(bins, outcome)
    h = _whole(rule_of_thumb(sums) if bandwidth is None else bandwidth, sums)
    hole = _whole(2 * sums.width if donut is None else donut, sums)
    _enough(sums, h)
    around = density(bins)
    main = _jump(sums, h, unit)
    rows = [("local lines", main, "estimate"), *_variants(sums, h, hole, unit)]
    others = _covariates(bins, outcome, h)
    return Threshold(
        estimate=main,
        robust=rows[1][1],
        naive=_naive(sums, unit),
        bandwidth=h,
        density=around,
        covariates=others,
        table=_table(rows),
        curve=_curve(sums, h),
        checks=[
            around.check,
            _continuity(others),
            _placebos(rows, main),
            _bandwidths(rows, main),
            _donut(rows, main),
            _size(sums, h),
        ],
    )


def _whole(distance: float, sums: Sums) -> float:
    return max(round(distance / sums.width), 1) * sums.width


def _enough(sums: Sums, h: float) -> None:
    below, above = units(sums, h)
    if min(below, above) < 10:
        raise ValueError(
            f"Only {below:,} customers below and {above:,} above the threshold within "
            f"{h:g}: use a wider bandwidth, or leave this design out."
        )


def _jump(sums: Sums, h: float, unit: str, method: str = LINEAR, **how) -> Estimate:
    n = sum(units(sums, h))
    return measured_jump(jump(sums, h, **how), n, unit=unit, method=method)


def _variants(sums: Sums, h: float, hole: float, unit: str):
    """Rows of the robustness table: label, estimate, kind."""
    yield "local parabolas", _jump(sums, h, unit, ROBUST, degree=2), "estimate"
    for factor in (0.5, 2.0):
        own = _whole(factor * h, sums)
        label = f"bandwidth {own:g} instead of {h:g}"
        yield label, _jump(sums, own, unit), "bandwidth"
    label = f"without those within {hole:g}"
    yield label, _jump(sums, h, unit, donut=hole), "donut"
    for only, cut in (("below", -h), ("above", h)):
        found = _jump(sums, h, unit, cut=cut, only=only)
        yield f"pretended threshold {cut:+g}", found, "placebo"


def _table(rows) -> pd.DataFrame:
    fields = ("value", "lower", "upper", "se", "n")
    return pd.DataFrame(
        [
            {"label": label, **{f: getattr(e, f) for f in fields}, "kind": kind}
            for label, e, kind in rows
        ]
    )


def _covariates(bins: pd.DataFrame, outcome: str, h: float) -> pd.DataFrame:
    names = [v for v in bins["variable"].unique() if v not in (outcome, EVERYBODY)]
    rows = []
    for name in names:
        found = _jump(sums_of(bins, name), h, "")
        if np.isfinite(found.se) and found.se > 0:
            rows.append((name, found.value, found.lower, found.upper, p_value(found)))
    columns = ["covariate", "value", "lower", "upper", "p"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_adjusted=adjusted(table["p"].astype(float)))


def _naive(sums: Sums, unit: str) -> Estimate:
    above = sums.left >= 0
    y, n = sums.y[:, :, 0], sums.u[:, :, 0]
    with np.errstate(invalid="ignore"):
        means = [y[:, s].sum(axis=1) / n[:, s].sum(axis=1) for s in (above, ~above)]
    words = {"unit": unit, "method": "mean above minus mean below"}
    return measured_jump(means[0] - means[1], int(n[0].sum()), **words)


def _curve(sums: Sums, h: float) -> pd.DataFrame:
    middle = sums.left + sums.width / 2
    table = pd.DataFrame(
        {"middle": middle, "value": sums.y[0, :, 0] / sums.n, "n": sums.n.astype(int)}
    )
    fit = line(sums, h, middle)
    return table.assign(fit=np.where(np.abs(middle) <= h, fit, np.nan))


def _continuity(others: pd.DataFrame) -> Check:
    name = "covariates do not jump"
    if not len(others):
        return Check(name, "REVIEW", "No covariate was given.", "Give some.")
    worst = others.loc[others["p_adjusted"].idxmin()]
    finding = (
        f"Of {len(others)} covariates the least even is {worst['covariate']} "
        f"(p = {worst['p_adjusted']:.2g}, allowing for their number)."
    )
    if worst["p_adjusted"] >= 0.05:
        return Check(name, "PASS", finding)
    status = "FAIL" if worst["p_adjusted"] < 0.01 else "REVIEW"
    return Check(name, status, finding, "Customers on the two sides differ: say how.")


def _placebos(rows, main: Estimate) -> Check:
    name, found = (
        "pretended thresholds",
        [e for _, e, kind in rows if kind == "placebo"],
    )
    found = [e for e in found if np.isfinite(e.value) and np.isfinite(e.se)]
    if not found:
        return Check(
            name,
            "REVIEW",
            "Too few customers to try other thresholds.",
            "Use a narrower bandwidth.",
        )
    said = " and ".join(e.text for e in found)
    status, remedy = min((judged(e, main) for e in found), key=_severity)
    finding = f"Where there is no threshold, the jumps are {said}."
    return Check(name, status, finding, remedy)


def _severity(judgement: tuple[str, str]) -> int:
    return ("FAIL", "REVIEW", "PASS").index(judgement[0])


def _bandwidths(rows, main: Estimate) -> Check:
    return _steady("bandwidth", [e for _, e, k in rows if k == "bandwidth"], main)


def _donut(rows, main: Estimate) -> Check:
    return _steady("donut", [e for _, e, k in rows if k == "donut"], main)


def _steady(name: str, found: list[Estimate], main: Estimate) -> Check:
    said = " and ".join(e.value_text for e in found)
    finding = f"Otherwise the jump is {said}, instead of {main.value_text}."
    inside = [e.lower <= main.value <= e.upper for e in found if np.isfinite(e.se)]
    if all(inside) and inside:
        return Check(name, "PASS", finding)
    return Check(name, "REVIEW", finding, "The jump depends on a choice: show both.")


def _size(sums: Sums, h: float) -> Check:
    below, above = units(sums, h)
    finding = f"{below:,} customers below and {above:,} above, within {h:g}."
    if min(below, above) >= FEWEST:
        return Check("customers near the threshold", "PASS", finding)
    remedy = "Too few for more than a hint."
    return Check("customers near the threshold", "REVIEW", finding, remedy)
