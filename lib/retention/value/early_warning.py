"""Who is likely to leave (or to stay silent) in the months ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.counts import periods
from retention.survival import HazardFit, hazard_regression

COUNTED = ("landmark", "entry", "duration", "event", "bucket", "n", "margin")


@dataclass(frozen=True, eq=False)
class EarlyWarning:
    """Grouped hazards of leaving, learnt at landmarks, and the risk they give.

    Attributes
    ----------
    fit : HazardFit
        Complementary log-log regression on binned counts.
    horizon : int
        Periods ahead that a risk is about.
    features : tuple of str
        Columns it looks at.
    levels : dict
        Levels that were rare and stand for another: {feature: {rare: kept}}.
    """

    fit: HazardFit
    horizon: int
    features: tuple[str, ...]
    levels: Mapping[str, Mapping[str, str]] = field(repr=False)

    @property
    def coefficients(self) -> pd.DataFrame:
        """term, level ("" for a number), coef and centre, for a score in the engine."""
        table = self.fit.table[["term", "level", "coef"]].fillna({"coef": 0.0})
        centre = {e.name: e.centre for e in self.fit.effects}
        table = table.assign(centre=table["term"].map(centre))
        rare = [
            (term, was, _coefficient(table, term, kept), 0.0)
            for term, renamed in self.levels.items()
            for was, kept in renamed.items()
        ]
        extra = pd.DataFrame(rare, columns=table.columns)
        return pd.concat([table, extra], ignore_index=True) if rare else table

    def ahead(self, entry: Sequence[int]) -> dict[int, float]:
        """Baseline cumulative hazard over the horizon, by completed periods so far."""
        last = self.fit.baseline["last"].to_numpy()
        hazard = self.fit.baseline["hazard"].fillna(0.0).to_numpy()
        steps = -np.log1p(-np.minimum(hazard, 1 - 1e-12))

        def over(start: int) -> float:
            period = np.arange(start + 1, start + self.horizon + 1)
            band = np.minimum(np.searchsorted(last, period), len(last) - 1)
            return float(steps[band].sum())

        return {int(k): over(int(k)) for k in sorted(set(entry))}

    def risk(self, cells: pd.DataFrame) -> pd.Series:
        """Probability of leaving within the horizon, of the customers of each cell.

        Parameters
        ----------
        cells : DataFrame
            The features and `entry` (completed periods so far).

        Returns
        -------
        Series
            1 - exp(-H exp(x'b)), where H is the baseline's cumulative hazard from
            here over the horizon: the chance given that the customer is here now.
        """
        linear = np.zeros(len(cells))
        for row in self.coefficients.itertuples():
            values = cells[row.term]
            if row.level == "":
                linear += row.coef * (values.to_numpy(float) - row.centre)
            else:
                linear += row.coef * (values == row.level).to_numpy()
        base = cells["entry"].map(self.ahead(cells["entry"].unique())).to_numpy(float)
        return pd.Series(-np.expm1(-base * np.exp(linear)), cells.index, name="risk")


def fit_early_warning(
    cells: pd.DataFrame, *, horizon: int, fewest: int = 20
) -> EarlyWarning:
    """Hazards of leaving by what was known at the landmarks.

    Parameters
    ----------
    cells : DataFrame
        From `retention.counts.warning_cells` or `silence_cells`: features, `entry`,
        `duration`, `event`, `n`. Features are all columns but the counted ones.
    horizon : int
        Periods ahead.
    fewest : int
        A level with fewer events joins the commonest level of its feature, and a
        feature with one level left drops out.

    Returns
    -------
    EarlyWarning

    Raises
    ------
    ValueError
        If too few left, or no feature tells customers apart.

    References
    ----------
    Landmarking: van Houwelingen (2007), "Dynamic prediction by landmarking in event
    history analysis", Scandinavian Journal of Statistics 34, 70-85.

    Examples
    --------
    In each of six months 5 % of the silent leave, and 1 % of the others:

    >>> cells = pd.DataFrame({"contacts": ["none", "none", "some", "some"], "entry": 0,
    ...     "duration": 1, "event": [1, 0, 1, 0], "n": [50, 950, 40, 3960]})
    >>> warning = fit_early_warning(cells, horizon=6)
    >>> now = pd.DataFrame({"contacts": ["none", "some"], "entry": 0})
    >>> warning.risk(now).round(3).tolist(), [round(1 - s**6, 3) for s in (0.95, 0.99)]
    ([0.265, 0.059], [0.265, 0.059])
    """
    cells, levels = _common(cells, fewest)
    features = [c for c in cells if c not in COUNTED and cells[c].nunique() > 1]
    events = int(cells.loc[cells["event"] == 1, "n"].sum())
    if events < fewest or not features:
        raise ValueError(
            f"{events:,} events and {len(features)} features that differ: too little "
            "to learn from. Use a longer horizon or more records."
        )
    keys = [*features, "entry", "duration", "event"]
    summed = cells.groupby(keys, as_index=False, observed=True)["n"].sum()
    table = periods(summed, by=features)
    fit = hazard_regression(table, features, reference=_references(cells, features))
    kept = {k: v for k, v in levels.items() if k in features}
    return EarlyWarning(fit, horizon, tuple(features), kept)


def watch_list(
    today: pd.DataFrame, warning: EarlyWarning, worth: pd.Series | float = 1.0
) -> pd.DataFrame:
    """Today's customers in cells of equal risk, the riskiest first.

    Parameters
    ----------
    today : DataFrame
        Cells of those present now, nobody followed: features, `entry`, `n`, `margin`.
    warning : EarlyWarning
    worth : Series or float
        Discounted periods that a customer of each `entry` is expected to stay; a
        number for all alike.

    Returns
    -------
    DataFrame
        The cells with `risk` and `at_risk` (risk times margin times worth, summed
        over the cell: what those who leave would have brought).

    Examples
    --------
    >>> cells = pd.DataFrame({"contacts": ["none", "none", "some", "some"], "entry": 0,
    ...     "duration": 1, "event": [1, 0, 1, 0], "n": [50, 950, 40, 3960]})
    >>> today = pd.DataFrame({"contacts": ["some", "none"], "entry": 0, "n": [300, 100],
    ...                       "margin": [3000.0, 1000.0]})
    >>> found = watch_list(today, fit_early_warning(cells, horizon=1), 20.0)
    >>> found[["contacts", "n", "risk", "at_risk"]].round(2)
      contacts    n  risk  at_risk
    0     none  100  0.05   1000.0
    1     some  300  0.01    600.0
    """
    periods_left = worth
    if isinstance(worth, pd.Series):
        known = np.clip(today["entry"], worth.index.min(), worth.index.max())
        periods_left = known.map(worth).to_numpy()
    risk = warning.risk(today)
    margin = today["margin"].clip(lower=0)
    out = today.assign(risk=risk, at_risk=risk * margin * periods_left)
    return out.sort_values("risk", ascending=False, ignore_index=True)


def reasons(table: pd.DataFrame) -> pd.DataFrame:
    """Hazard ratios of a warning, the strongest first; for reading, not for acting.

    Parameters
    ----------
    table : DataFrame
        `EarlyWarning.fit.table`: `term`, `level`, `coef`, `z` and the columns below.

    Returns
    -------
    DataFrame
        `term`, `level`, `reference`, `hazard_ratio`, `lower`, `upper`, the largest
        absolute z first; levels without a finite ratio are left out.

    Examples
    --------
    >>> cells = pd.DataFrame({"contacts": ["none", "none", "some", "some"], "entry": 0,
    ...     "duration": 1, "event": [1, 0, 1, 0], "n": [50, 950, 40, 3960]})
    >>> found = reasons(fit_early_warning(cells, horizon=6).fit.table)
    >>> found[["term", "level", "reference", "hazard_ratio"]].round(2)
           term level reference  hazard_ratio
    0  contacts  none      some           5.1
    """
    shown = table.dropna(subset=["coef"]).assign(size=lambda t: t["z"].abs())
    names = ["term", "level", "reference", "hazard_ratio", "lower", "upper"]
    return shown.sort_values("size", ascending=False, ignore_index=True)[names]


def _common(cells: pd.DataFrame, fewest: int):
    """Cells with rare levels joined to the commonest one, and which those were."""
    lost = cells["n"] * cells["event"]
    renamed: dict[str, dict[str, str]] = {}
    for name in [c for c in cells if c not in COUNTED]:
        if pd.api.types.is_numeric_dtype(cells[name]):
            continue
        events = lost.groupby(cells[name]).sum()
        size = cells.groupby(name)["n"].sum()
        rare = events.index[(events < fewest) | (events == size)]
        if len(rare):
            renamed[name] = dict.fromkeys(rare, size.idxmax())
            cells = cells.assign(**{name: cells[name].replace(renamed[name])})
    return cells, renamed


def _references(cells: pd.DataFrame, features: Sequence[str]) -> dict[str, object]:
    """Commonest level of each feature: what a usual customer is like."""
    texts = [c for c in features if not pd.api.types.is_numeric_dtype(cells[c])]
    return {c: cells.groupby(c)["n"].sum().idxmax() for c in texts}


def _coefficient(table: pd.DataFrame, term: str, level: str) -> float:
    hit = table.loc[(table["term"] == term) & (table["level"] == level), "coef"]
    return float(hit.iloc[0]) if len(hit) else 0.0
