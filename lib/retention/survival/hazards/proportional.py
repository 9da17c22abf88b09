"""Whether an effect stays the same as tenure grows."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from retention.survival.hazards.ascent import coefficient_table
from retention.survival.hazards.design import Design, design
from retention.survival.hazards.regression import fitted


def proportionality(
    table: pd.DataFrame,
    effects: Sequence[str],
    *,
    bands: Sequence[int] = (12, 24, 48),
    reference: Mapping[str, object] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Each effect by band of tenure, with the test that it is the same in all.

    One effect at a time is allowed to differ between the bands while the others stay
    proportional; twice the gain in log-likelihood is the test.

    Parameters
    ----------
    table, effects, reference, confidence
        As for `hazard_regression`.
    bands : sequence of int
        Last periods of the bands; the last band is open.

    Returns
    -------
    DataFrame
        One row a coefficient and band: term, level, reference, periods, coef, se,
        hazard_ratio with lower and upper, z, p_zero (of a hazard ratio of 1), note;
        `relative`, the band's hazard ratio over the one under proportionality;
        `spread`, the standard deviation of the log hazard ratio between bands that
        sampling error does not explain (DerSimonian and Laird); and for the term
        chi2, df, p. With a million customers every p is small: read `spread` (0.1 is
        about ten per cent) and the shape.

    Examples
    --------
    A contract that binds for a year and not afterwards:

    >>> import pandas as pd
    >>> months = pd.DataFrame({
    ...     "period": [6, 18] * 2, "contract": ["monthly"] * 2 + ["annual"] * 2,
    ...     "at_risk": [4000] * 4, "events": [400, 200, 100, 190]})
    >>> found = proportionality(months, ["contract"], bands=[12],
    ...                         reference={"contract": "monthly"})
    >>> found[["periods", "hazard_ratio", "lower", "upper", "chi2", "df"]].round(2)
      periods  hazard_ratio  lower  upper   chi2  df
    0    1-12          0.24   0.19   0.30  87.59   1
    1     13+          0.95   0.78   1.16  87.59   1
    """
    last = int(table.loc[table["at_risk"] > 0, "period"].max())
    cuts = sorted({int(b) for b in bands if b < last})
    if not cuts:
        raise ValueError(
            f"No band ends before the last period, {last}: nothing to compare."
        )
    common = {"ends": None, "reference": reference, "baseline_cuts": cuts}
    plain = design(table, effects, cuts={}, **common)
    level = fitted(plain)
    overall = dict(
        zip(
            _keys(plain.terms),
            level.theta[plain.cells.bands :] / _scale(plain),
            strict=True,
        )
    )
    parts = []
    for name in effects:
        model = design(table, effects, cuts={name: cuts}, **common)
        parts.append(_by_band(model, name, level, overall, confidence))
    return pd.concat(parts, ignore_index=True)


def _by_band(model: Design, name: str, plain, overall, confidence) -> pd.DataFrame:
    """One effect's coefficients by band, and its test against the plain fit."""
    peak, scale = fitted(model), _scale(model)
    coef = peak.theta[model.cells.bands :] / scale
    covariance = peak.covariance() / np.outer(scale, scale)
    rows = coefficient_table(
        model.terms, coef, covariance, held=peak.held, confidence=confidence
    )
    own = rows[rows["term"] == name].rename(columns={"p": "p_zero"})
    reference = np.array([overall[key] for key in _keys(own)])
    own = own.assign(relative=np.exp(own["coef"] - reference))
    spread = own.groupby("level", sort=False)[["coef", "se"]].apply(_spread)
    chi2 = max(2 * (peak.position.log_likelihood - plain.position.log_likelihood), 0.0)
    free = len(rows) - len(peak.held)
    df = free - (len(overall) - len(plain.held))
    return own.assign(
        spread=own["level"].map(spread), chi2=chi2, df=df, p=_tail(df, chi2)
    )


def _spread(rows: pd.DataFrame) -> float:
    """Standard deviation between bands beyond sampling error."""
    rows = rows.dropna()
    if len(rows) < 2:
        return np.nan
    w = rows["se"].to_numpy() ** -2
    centre = np.average(rows["coef"], weights=w)
    excess = (w * (rows["coef"] - centre) ** 2).sum() - (len(rows) - 1)
    return float(np.sqrt(max(excess, 0.0) / (w.sum() - (w**2).sum() / w.sum())))


def _tail(df: int, chi2: float) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, chi2)) if df > 0 else np.nan


def _keys(terms: pd.DataFrame) -> list[tuple]:
    return list(zip(terms["term"], terms["level"], strict=True))


def _scale(model: Design) -> np.ndarray:
    return np.concatenate([np.full(e.width, e.scale) for e in model.effects])
