"""The score beside its rivals: what the top of each brings, and how firm it is."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.value.score.weights import high_value_score, ranked
from retention.value.unevenness import estimated, with_codes


def rivals(
    rows: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    learnt_on: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The score beside simpler and cleverer ways to rank the same customers.

    Parameters
    ----------
    rows : DataFrame
        From `retention.counts.score_rows`.
    weights : mapping
        Of the score.
    learnt_on : DataFrame, optional
        Rows of an earlier pair of windows on which a ridge regression learns its own
        weights; without it there is no ridge.

    Returns
    -------
    DataFrame
        `bucket`, `outcome`, `score`, `equal_weights`, `last_year` (contribution
        alone) and `ridge`.

    Examples
    --------
    >>> rows = pd.DataFrame({"bucket": ["00", "01", "02"],
    ...     "outcome": [20.0, 40.0, 90.0], "contribution": [10.0, 50.0, 90.0],
    ...     "influence": [2, 0, 1]})
    >>> rivals(rows, {"contribution": 0.75, "influence": 0.25})
      bucket  outcome  score  equal_weights  last_year
    0     00     20.0   25.0           50.0       10.0
    1     01     40.0   37.5           25.0       50.0
    2     02     90.0   87.5           75.0       90.0
    """
    equal = dict.fromkeys(weights, 1 / len(weights))
    out = rows[["bucket", "outcome"]].assign(
        score=high_value_score(rows, weights),
        equal_weights=high_value_score(rows, equal),
        last_year=rows["contribution"],
    )
    if learnt_on is not None and len(learnt_on) > 10 * len(weights):
        out["ridge"] = ridge_prediction(learnt_on, rows, list(weights))
    return out


def ridge_prediction(
    learnt_on: pd.DataFrame, rows: pd.DataFrame, parts: Sequence[str]
) -> np.ndarray:
    """Outcome that a ridge regression expects, its penalty chosen on the early rows.

    Parameters
    ----------
    learnt_on, rows : DataFrame
        From `retention.counts.score_rows`; the first has known outcomes, of the
        second only the parts are read.
    parts : sequence of str

    Returns
    -------
    array, shape (rows,)
        In the unit of the outcome. The parts are standardised on the early rows; a
        missing part is at its mean.

    Examples
    --------
    An early outcome of twice the contribution is expected to hold:

    >>> early = pd.DataFrame({"contribution": np.arange(100.0)})
    >>> early["outcome"] = 2 * early["contribution"]
    >>> late = pd.DataFrame({"contribution": [10.0, 60.0]})
    >>> ridge_prediction(early, late, ["contribution"]).round(0).tolist()
    [20.0, 120.0]
    """
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    early, late = (_design(table, parts) for table in (learnt_on, rows))
    model = make_pipeline(StandardScaler(), RidgeCV(alphas=np.logspace(-2, 4, 13)))
    return model.fit(early, learnt_on["outcome"].to_numpy()).predict(late)


def capture(rows: pd.DataFrame, ranking: str, *, share: float = 0.1) -> float:
    """Share of the next window's net that the top customers of a ranking bring.

    Parameters
    ----------
    rows : DataFrame
        `outcome` and the ranking; from `rivals`.
    ranking : str
    share : float

    Returns
    -------
    float
        A share of the whole outcome (0.4 is 40 %), interpolated within a customer.

    Examples
    --------
    >>> rows = pd.DataFrame({"outcome": [10.0, 30.0, 40.0, 20.0], "s": [1, 2, 4, 3]})
    >>> capture(rows, "s", share=0.25)
    0.4
    """
    order = np.argsort(-rows[ranking].to_numpy(float), kind="stable")
    brought = np.append(0.0, rows["outcome"].to_numpy(float)[order].cumsum())
    return float(
        np.interp(share * len(rows), np.arange(len(rows) + 1), brought) / brought[-1]
    )


def captures(rivals: pd.DataFrame, *, share: float = 0.1) -> pd.DataFrame:
    """Each ranking's capture, its distance to the score's and its rank correlation.

    Parameters
    ----------
    rivals : DataFrame
        From `rivals`.
    share : float

    Returns
    -------
    DataFrame
        `ranking`, `value`, `lower`, `upper` (capture), `score_minus_it` with
        `minus_lower`, `minus_upper` (jackknife of the difference; empty for the
        score), and `spearman` with the outcome.

    Examples
    --------
    >>> rows = pd.DataFrame({"bucket": [f"{k % 8:02x}" for k in range(80)],
    ...     "outcome": np.arange(80.0), "score": np.arange(80.0),
    ...     "last_year": np.arange(80.0) % 10})
    >>> found = captures(rows, share=0.25)
    >>> found[["ranking", "value", "score_minus_it", "spearman"]].round(2)
         ranking  value  score_minus_it  spearman
    0      score   0.44             NaN      1.00
    1  last_year   0.25            0.19      0.12
    """
    coded = with_codes(rivals.assign(n=1))
    rows = []
    for name in [c for c in rivals if c not in ("bucket", "outcome")]:
        found = estimated(coded, lambda t, r=name: capture(t, r, share=share))
        gap = score_minus(rivals, name, share=share) if name != "score" else None
        gaps = (gap.value, gap.lower, gap.upper) if gap else (np.nan,) * 3
        rank = rivals[name].corr(rivals["outcome"], method="spearman")
        rows.append((name, found.value, found.lower, found.upper, *gaps, rank))
    names = ["score_minus_it", "minus_lower", "minus_upper", "spearman"]
    return pd.DataFrame(rows, columns=["ranking", "value", "lower", "upper", *names])


def score_minus(rivals: pd.DataFrame, other: str, *, share: float = 0.1) -> Estimate:
    """Capture of the score minus that of another ranking; jackknife of the difference.

    Parameters
    ----------
    rivals : DataFrame
        From `rivals`.
    other : str
        "last_year", "equal_weights" or "ridge".
    share : float

    Returns
    -------
    Estimate
        A difference of shares, in percentage points (0.1 is ten).

    Examples
    --------
    The best quarter by score brings 60 of 80, by last year 20:

    >>> rows = pd.DataFrame({"bucket": ["00", "01"] * 4,
    ...     "score": [4, 4, 3, 3, 2, 2, 1, 1], "last_year": [3, 3, 4, 4, 2, 2, 1, 1],
    ...     "outcome": [30.0, 30, 10, 10, 0, 0, 0, 0]})
    >>> round(score_minus(rows, "last_year", share=0.25).value, 2)
    0.5
    """

    def gap(rows: pd.DataFrame) -> float:
        return capture(rows, "score", share=share) - capture(rows, other, share=share)

    return estimated(with_codes(rivals.assign(n=1)), gap, unit="percentage points")


def weight_draws(
    rows: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    rng: np.random.Generator | int,
    draws: int = 200,
    firmness: float = 20.0,
    most: int = 2_000,
) -> pd.DataFrame:
    """How far the ranking moves when the weights are not quite these.

    Parameters
    ----------
    rows : DataFrame
        From `retention.counts.score_rows`.
    weights : mapping
    rng : Generator or int
    draws : int
    firmness : float
        Weights are drawn from a Dirichlet law around the given ones: the larger, the
        closer. At 20 a weight of one half has a standard deviation of 0.11.
    most : int
        Customers compared, evenly spread over the ranking.

    Returns
    -------
    DataFrame
        `kendall` (tau-b between the rankings) and `kept` (share of the top tenth that
        stays in it), a row a draw.

    Examples
    --------
    >>> rows = pd.DataFrame({"contribution": np.arange(100.0),
    ...                      "influence": np.arange(100.0)[::-1]})
    >>> weights = {"contribution": 0.8, "influence": 0.2}
    >>> draws = weight_draws(rows, weights, rng=1, draws=50)
    >>> draws.shape, float(draws["kept"].median())
    ((50, 2), 1.0)
    """
    from scipy.stats import kendalltau

    parts = np.column_stack([ranked(rows[part]) for part in weights])
    centre = np.array(list(weights.values()))
    base = parts @ centre
    chosen = np.argsort(base, kind="stable")
    step = max(len(chosen) // most, 1)
    parts, base = parts[chosen[::step]], base[chosen[::step]]
    alpha = np.maximum(firmness * centre, 1e-3)
    drawn = np.random.default_rng(rng).dirichlet(alpha, size=draws)
    found = [(kendalltau(base, parts @ w)[0], _kept(base, parts @ w)) for w in drawn]
    return pd.DataFrame(found, columns=["kendall", "kept"])


def _kept(base: np.ndarray, other: np.ndarray) -> float:
    k = max(len(base) // 10, 1)
    top, still = (set(np.argsort(-v, kind="stable")[:k]) for v in (base, other))
    return len(top & still) / k


def _design(rows: pd.DataFrame, parts: Sequence[str]) -> np.ndarray:
    """Parts in their own units, the missing ones at their mean."""
    table = rows[list(parts)].astype(float)
    return table.fillna(table.mean()).fillna(0.0).to_numpy()
