"""Discrete-time proportional hazards on a period table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from retention.survival.hazards.ascent import (
    Peak,
    ascend,
    coefficient_table,
    term_names,
    unsettled,
)
from retention.survival.hazards.binomial import evaluate, expected, start
from retention.survival.hazards.design import Design, design
from retention.survival.hazards.fit import HazardFit


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
        If columns or counts are not as described, a covariate does not vary, or a
        level is unknown.

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
