"""Which product next: hazards of buying a further one by tenure and holding."""

import math

import numpy as np
import pandas as pd

from retention.counts import periods
from retention.intervals import Estimate, measured
from retention.survival import HazardFit, hazard_regression

EARLY, LATE = "first year", "later"
YEAR = 12


def cross_buy(spells: pd.DataFrame) -> HazardFit:
    """Hazard ratios of buying a further product, by tenure, holding and attributes.

    Parameters
    ----------
    spells : DataFrame
        From `retention.counts.holding_spells`: attributes, `holding`, `entry`,
        `duration`, `event`, `n`. Spells begin where a customer came under
        observation, so those who bought and left before are not missed.

    Returns
    -------
    HazardFit
        The term `tenure` compares months after the first twelve with those within;
        the baseline is one hazard for all months. Holders of equally many products
        count as alike; where they are not, ratios come out a little nearer to 1.

    Raises
    ------
    ValueError
        If nobody bought a further product.

    Examples
    --------
    Holders of one product buy another at 2 % a month in the first year, 1 % later:

    >>> spells = pd.DataFrame({"holding": "one", "entry": [0, 0, 12, 12],
    ...     "duration": [12, 1, 13, 13], "event": [0, 1, 1, 0],
    ...     "product": ["", "extra", "extra", ""], "n": [980, 20, 10, 990]})
    >>> fit = cross_buy(spells)
    >>> fit.table[["term", "level", "reference"]]
         term  level   reference
    0  tenure  later  first year
    """
    names = ["holding", "entry", "duration", "event", "product", "n"]
    attributes = [c for c in spells if c not in names and spells[c].nunique() > 1]
    open_ = spells.groupby("holding")["event"].transform("max") == 1
    table = periods(spells[open_], by=["holding", *attributes])
    late = np.where(table["period"] > YEAR, LATE, EARLY)
    table = table.assign(tenure=late)
    effects = [c for c in ("tenure", "holding", *attributes) if table[c].nunique() > 1]
    reference = {"tenure": EARLY} if "tenure" in effects else {}
    last = int(table["period"].max())
    return hazard_regression(table, effects, bands=[last], reference=reference)


def old_to_new(fit: HazardFit) -> Estimate:
    """Hazard ratio of a further product after the first year against within it.

    Parameters
    ----------
    fit : HazardFit
        From `cross_buy`.

    Returns
    -------
    Estimate
        A ratio (1 is no difference), its interval on the log scale; nan where the model
        has no term `tenure`.

    Examples
    --------
    >>> spells = pd.DataFrame({"holding": "one", "entry": [0, 0, 12, 12],
    ...     "duration": [1, 1, 13, 13], "event": [1, 0, 1, 0],
    ...     "product": ["extra", "", "extra", ""], "n": [200, 800, 100, 900]})
    >>> ratio = old_to_new(cross_buy(spells)).value
    >>> round(ratio, 3), round(float(np.log(0.9) / np.log(0.8)), 3)
    (0.472, 0.472)
    """
    return hazard_ratio(fit, "tenure", LATE)


def hazard_ratio(fit: HazardFit, term: str, level: str) -> Estimate:
    """One hazard ratio of a fit as an estimate; not a number where it is not there.

    Parameters
    ----------
    fit : HazardFit
        From `cross_buy`, `EarlyWarning.fit` or `retention.survival.hazard_regression`.
    term, level : str
        Row of its table.

    Returns
    -------
    Estimate
        In "times"; nan where there is no such row, or no finite coefficient.

    Examples
    --------
    >>> spells = pd.DataFrame({"holding": ["one", "one", "two", "two"], "entry": 0,
    ...     "duration": 1, "event": [1, 0] * 2, "product": ["extra", ""] * 2,
    ...     "n": [100, 900, 200, 800]})
    >>> fit = cross_buy(spells)
    >>> round(hazard_ratio(fit, "holding", "two").value, 3)
    2.118
    >>> hazard_ratio(fit, "holding", "three").method
    'not in the model'
    """
    table = fit.table
    row = table[(table["term"] == term) & (table["level"] == level)].dropna(
        subset=["coef"]
    )
    if row.empty:
        nan = math.nan
        return Estimate(nan, nan, nan, fit.n, "not in the model", "times")
    ratio, se = float(row["hazard_ratio"].iloc[0]), float(row["se"].iloc[0])
    return measured(
        ratio,
        ratio * se,
        fit.n,
        method="hazard regression",
        unit="times",
        scale="log",
    )


def next_products(spells: pd.DataFrame, *, by: str = "") -> pd.DataFrame:
    """What each segment took next: purchases per 100 customer-years, by product.

    Parameters
    ----------
    spells : DataFrame
        From `retention.counts.holding_spells`.
    by : str
        Its column that makes the segments; empty for holdings alone.

    Returns
    -------
    DataFrame
        The segment, `holding`, `product`, `bought` (purchases), `years` (customer-years
        with that holding), `per_100_years` with `lower`, `upper` (exact Poisson).
        Highest rate first within segment and holding.

    Examples
    --------
    Of 100 customers seen for a year with one product 12 bought insurance, 3 a card:

    >>> spells = pd.DataFrame({"holding": "one", "entry": 0, "duration": 12,
    ...     "event": [1, 1, 0], "product": ["insurance", "card", ""], "n": [12, 3, 85]})
    >>> next_products(spells)[["holding", "product", "bought", "per_100_years"]]
      holding    product  bought  per_100_years
    0     one  insurance      12           12.0
    1     one       card       3            3.0
    """
    from scipy.stats import chi2

    keys = [*([by] if by else []), "holding"]
    length = (spells["duration"] - spells["entry"]) * spells["n"] / YEAR
    years = spells.assign(years=length).groupby(keys)["years"].sum()
    bought = spells[spells["event"] == 1].groupby([*keys, "product"])["n"].sum()
    out = bought.rename("bought").reset_index().join(years, on=keys)
    k = out["bought"].to_numpy(float)
    scale = 100 / out["years"].to_numpy()
    out["per_100_years"] = k * scale
    out["lower"] = np.where(k > 0, chi2.ppf(0.025, 2 * k) / 2, 0.0) * scale
    out["upper"] = chi2.ppf(0.975, 2 * k + 2) / 2 * scale
    order = [*keys, "per_100_years"]
    rising = [True] * len(keys) + [False]
    return out.sort_values(order, ascending=rising, ignore_index=True)


def upgrade_ratio(upgrades: pd.DataFrame, *, years: float = 5.0) -> Estimate:
    """Hazard ratio of moving up a tier per so many further years of tenure.

    Parameters
    ----------
    upgrades : DataFrame
        From `retention.counts.tier_upgrades`.
    years : float

    Returns
    -------
    Estimate
        By current tier; `n` counts customer-periods below the top.

    Raises
    ------
    ValueError
        If nobody moved up, or all have the same tenure.

    Examples
    --------
    >>> upgrades = pd.DataFrame({"tier": "low", "years": [0.0, 5.0],
    ...                          "at_risk": [1000, 1000], "events": [100, 200]})
    >>> round(upgrade_ratio(upgrades, years=5).value, 3)
    2.118
    """
    table = upgrades.assign(period=1)
    effects = ["years"] + (["tier"] if table["tier"].nunique() > 1 else [])
    fit = hazard_regression(table, effects)
    row = fit.table[fit.table["term"] == "years"].iloc[0]
    ratio = math.exp(years * row["coef"])
    return measured(
        ratio,
        ratio * years * row["se"],
        fit.n,
        method="hazard regression by tier",
        unit="times",
        scale="log",
    )


def responses(counts: pd.DataFrame, *, control: str = "") -> pd.DataFrame:
    """Share who ordered after each arm, and its difference to the control arm.

    Parameters
    ----------
    counts : DataFrame
        From `retention.counts.response_counts`.
    control : str
        Name of the control arm; "control" where there is one, else the first.

    Returns
    -------
    DataFrame
        `experiment`, `segment`, `arm`, `n`, `ordered` (share), `difference` to control
        in the same segment with `lower`, `upper` (Newcombe's hybrid score interval).

    References
    ----------
    Newcombe (1998), "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> counts = pd.DataFrame({"experiment": "mailing", "segment": "all",
    ...     "arm": ["card", "control"], "n": [500, 500], "ordered": [100, 75]})
    >>> found = responses(counts)
    >>> found[["arm", "n", "ordered", "difference", "lower", "upper"]].round(3)
        arm    n  ordered  difference  lower  upper
    0  card  500      0.2        0.05  0.003  0.097
    """
    rows = []
    for (name, segment), part in counts.groupby(["experiment", "segment"]):
        arms = part.set_index("arm")[["n", "ordered"]]
        base = control or ("control" if "control" in arms.index else arms.index[0])
        for arm in [a for a in arms.index if a != base and base in arms.index]:
            rows.append((name, segment, arm, *_compared(arms.loc[arm], arms.loc[base])))
    names = ["n", "ordered", "difference", "lower", "upper"]
    return pd.DataFrame(rows, columns=["experiment", "segment", "arm", *names])


def _compared(arm: pd.Series, base: pd.Series) -> tuple:
    from statsmodels.stats.proportion import confint_proportions_2indep

    a, n, c, m = (int(v) for v in (arm.ordered, arm.n, base.ordered, base.n))
    low, high = confint_proportions_2indep(a, n, c, m, method="newcomb")
    return n, a / n, a / n - c / m, float(low), float(high)
