"""Discrete-time proportional hazards on a period table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from retention.intervals import Check
from retention.survival.hazards.ascent import (
    Peak,
    ascend,
    coefficient_table,
    term_names,
    unsettled,
)
from retention.survival.hazards.binomial import evaluate, expected, start
from retention.survival.hazards.design import Design, design, matrix
from retention.survival.hazards.effects import Effect
from retention.survival.hazards.wording import enough_events, strongest


@dataclass(frozen=True, eq=False)
class HazardFit:
    """Discrete-time proportional hazards, fitted.

    Attributes
    ----------
    table : DataFrame
        One row a coefficient: term, level (empty for a number), reference (the level
        compared with), periods ("all", or the stretch of a split effect), coef (log
        hazard ratio; of a number, per unit), se, hazard_ratio with lower and upper,
        z, p, and note. A coefficient without a finite value is nan and its note says
        why.
    baseline : DataFrame
        One row a band of periods: first, last, at_risk, events, and the hazard per
        period with lower and upper at the reference levels and the mean of each
        number.
    log_likelihood : float
        Of the 0/1 outcomes of single person-periods, so that collapsing rows does
        not change it.
    null_log_likelihood : float
        The same without effects.
    n, events : int
        Person-periods at risk and events among them.
    separated : tuple of str
        Terms without a finite coefficient; they are out of the fit, and the others
        are what they would be with these at infinity.
    covariance : ndarray
        Of the coefficients, in the order of `table`.
    confidence : float
        Coverage of the intervals.
    effects : tuple of Effect
        How each column was coded.
    """

    table: pd.DataFrame
    baseline: pd.DataFrame
    log_likelihood: float
    null_log_likelihood: float
    n: int
    events: int
    separated: tuple[str, ...]
    covariance: np.ndarray
    confidence: float
    effects: tuple[Effect, ...]

    @property
    def summary(self) -> str:
        """The clearest effect in a sentence, with its interval and the counts."""
        base = f"{self.events:,} losses in {self.n:,} customer-periods at risk"
        return strongest(self.table, self.confidence, base)

    @property
    def check(self) -> Check:
        """Whether there are at least 20 events for each estimated parameter."""
        parameters = int(
            self.table["coef"].notna().sum() + self.baseline["lower"].notna().sum()
        )
        return enough_events(self.events, parameters)

    def hazard(self, profiles: pd.DataFrame) -> pd.Series:
        """Hazard in a given period of customers with given covariates.

        Parameters
        ----------
        profiles : DataFrame
            Column `period` and one column an effect; a row a customer-period.

        Returns
        -------
        Series
            Probability of leaving in that period for those still there at its
            beginning, indexed like `profiles`. It is nan after the last period of
            the fit and for a level whose coefficient has no finite value.
        """
        needed = ["period", *(e.name for e in self.effects)]
        absent = [c for c in needed if c not in profiles]
        if absent:
            raise ValueError(f"The profiles lack the column {', '.join(absent)}.")
        scale = np.concatenate([np.full(e.width, e.scale) for e in self.effects])
        beta = self.table["coef"].to_numpy() * scale
        x = matrix(self.effects, profiles)
        # a separated level makes nan where it applies, not everywhere
        relative = np.where(x == 0, 0.0, x * beta).sum(axis=1)
        base = self._cumulative(profiles["period"].to_numpy())
        return pd.Series(
            -np.expm1(-base * np.exp(relative)), profiles.index, name="hazard"
        )

    def survival(
        self, profiles: pd.DataFrame, *, periods: int | None = None
    ) -> pd.DataFrame:
        """Hazard and survival of each profile, period by period.

        Parameters
        ----------
        profiles : DataFrame
            One column an effect, a row a profile.
        periods : int, optional
            How far; the last period of the fit by default.

        Returns
        -------
        DataFrame
            The columns of `profiles`, `period` 1, 2, ..., `hazard`, and `survival`:
            the share still there at the period's end.
        """
        last = int(self.baseline["last"].iloc[-1]) if periods is None else periods
        long = profiles.reset_index(drop=True).merge(
            pd.DataFrame({"period": np.arange(1, last + 1)}), how="cross"
        )
        long = long.assign(hazard=self.hazard(long))
        stays = (1 - long["hazard"]).to_numpy().reshape(len(profiles), last)
        return long.assign(survival=stays.cumprod(axis=1).ravel())

    def _cumulative(self, period: np.ndarray) -> np.ndarray:
        """-log(1 - hazard) of the baseline in each period, nan beyond the last."""
        last = self.baseline["last"].to_numpy()
        band = np.searchsorted(last, period, side="left")
        with_end = np.append(self.baseline["hazard"].to_numpy(), np.nan)
        hazard = np.minimum(with_end[band], np.nextafter(1, 0))
        return -np.log1p(-hazard)


def hazard_regression(
    table: pd.DataFrame,
    effects: Sequence[str],
    *,
    bands: Sequence[int] | None = None,
    reference: Mapping[str, object] | None = None,
    split: Mapping[str, int | Sequence[int]] | None = None,
    confidence: float = 0.95,
) -> HazardFit:
    """Hazard ratios of leaving in a period, from counts at risk and events.

    The hazard in period k is 1 - exp(-exp(gamma_k + x'beta)). When hazards are
    proportional in continuous time this is exactly what whole periods show of them,
    and beta is the coefficient of the Cox model, however coarse the periods.

    Parameters
    ----------
    table : DataFrame
        Columns `period` (1, 2, ...), `at_risk`, `events` and the covariates. Rows
        may be cells of many customers or single person-periods (at_risk = 1), and a
        covariate may change from period to period.
    effects : sequence of str
        Covariates. Text gets an indicator for each level but the reference; a number
        (or True/False) enters linearly.
    bands : sequence of int, optional
        Last periods of the baseline's bands. By default each period up to 12 has its
        own term, then 13-18, 19-24, and each further year. Bands without an event
        join a neighbour.
    reference : mapping, optional
        Level to compare with, such as ``{"plan": "basic"}``. By default the first
        level, in sorted order (or the order of a categorical column), that has an
        event: it stays the same from one report to the next.
    split : mapping, optional
        ``{"contract": 12}`` gives `contract` one effect up to period 12 and another
        after it; several cuts are given as a sequence.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    HazardFit

    Raises
    ------
    ValueError
        If columns or counts are not as described, a covariate does not vary, a level
        is unknown, or one covariate is fixed by the others.

    References
    ----------
    Prentice, R. L. and Gloeckler, L. A. (1978). Regression analysis of grouped
    survival data with application to breast cancer data. Biometrics 34, 57-67.

    Examples
    --------
    Half as many leave on an annual contract, in each of two months:

    >>> import pandas as pd
    >>> months = pd.DataFrame({
    ...     "period": [1, 2, 1, 2], "contract": ["monthly"] * 2 + ["annual"] * 2,
    ...     "at_risk": [1000, 900, 1000, 950], "events": [100, 90, 50, 48]})
    >>> fit = hazard_regression(months, ["contract"], reference={"contract": "monthly"})
    >>> fit.table[["level", "reference", "hazard_ratio", "lower", "upper"]].round(2)
        level reference  hazard_ratio  lower  upper
    0  annual   monthly          0.49   0.38   0.62
    """
    cuts = {c: _cuts(k) for c, k in (split or {}).items()}
    model = design(table, effects, ends=bands, reference=reference, cuts=cuts)
    peak = fitted(model)
    scale = np.concatenate([np.full(e.width, e.scale) for e in model.effects])
    covariance = peak.covariance() / np.outer(scale, scale)
    k, cells = model.cells.bands, model.cells
    rows = coefficient_table(
        model.terms,
        peak.theta[k:] / scale,
        covariance,
        held=peak.held,
        confidence=confidence,
    )
    return HazardFit(
        table=rows,
        baseline=_baseline(model, peak, confidence),
        log_likelihood=peak.position.log_likelihood,
        null_log_likelihood=_null(cells),
        n=int(table["at_risk"].sum()),
        events=int(table["events"].sum()),
        separated=tuple(term_names(model.terms)[j] for j in sorted(peak.held)),
        covariance=covariance,
        confidence=confidence,
        effects=model.effects,
    )


def fitted(model: Design) -> Peak:
    """Maximum of a design's likelihood, its separated coefficients held."""
    theta, extreme = start(model.cells), model.separated()
    for j, (value, _) in extreme.items():
        theta[model.cells.bands + j] = value
    names = term_names(model.terms)
    peak = ascend(
        partial(evaluate, model.cells),
        theta,
        names=names,
        held={j: reason for j, (_, reason) in extreme.items()},
    )
    if not peak.settled:
        raise unsettled(names, peak)
    return replace(peak, position=expected(model.cells, peak.theta))


def separation(
    table: pd.DataFrame,
    effects: Sequence[str],
    *,
    split: Mapping[str, int | Sequence[int]] | None = None,
) -> pd.DataFrame:
    """Levels whose hazard ratio would be zero or infinite, seen from counts alone.

    Parameters
    ----------
    table, effects, split
        As for `hazard_regression`.

    Returns
    -------
    DataFrame
        term, level, reference, periods, and the reason; empty when there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"period": [1, 1], "plan": ["basic", "trial"],
    ...                       "at_risk": [100, 8], "events": [10, 0]})
    >>> separation(table, ["plan"])[["term", "level", "reason"]]
       term  level                                            reason
    0  plan  trial  nobody left in 8 periods at risk: minus infinity
    """
    cuts = {c: _cuts(k) for c, k in (split or {}).items()}
    model = design(table, effects, ends=None, reference=None, cuts=cuts)
    found = model.separated()
    rows = model.terms.iloc[list(found)].reset_index(drop=True)
    return rows.assign(reason=[reason for _, reason in found.values()])


def _cuts(cuts: int | Sequence[int]) -> tuple[int, ...]:
    return (cuts,) if np.isscalar(cuts) else tuple(cuts)


def _null(cells) -> float:
    d = np.add.reduceat(cells.events, cells.starts)
    n = np.add.reduceat(cells.at_risk, cells.starts)
    return float((d * np.log(d / n) + (n - d) * np.log1p(-d / n)).sum())


def _baseline(model: Design, peak: Peak, confidence: float) -> pd.DataFrame:
    """Baseline hazard of each band with its interval on the log(-log) scale."""
    from scipy.special import ndtri

    out, fitted_bands = model.baseline, model.baseline["fitted"].to_numpy()
    gamma = peak.theta[: model.cells.bands]
    position = peak.position
    slope = position.cross / position.baseline_information[:, None]
    spread = np.nan_to_num(peak.covariance())
    variance = 1 / position.baseline_information + ((slope @ spread) * slope).sum(
        axis=1
    )
    reach = ndtri(0.5 + confidence / 2) * np.sqrt(variance)
    out = out.assign(hazard=out["events"] / out["at_risk"], lower=np.nan, upper=np.nan)
    for column, value in (
        ("hazard", gamma),
        ("lower", gamma - reach),
        ("upper", gamma + reach),
    ):
        out.loc[fitted_bands, column] = -np.expm1(-np.exp(value))
    return out.drop(columns="fitted")
