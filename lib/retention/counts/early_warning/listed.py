"""Customers with the risk that a fitted model gives them, computed in the engine."""

from collections.abc import Mapping

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect

MOST_LISTED = 100_000


def scored(
    frame: nw.LazyFrame, coefficients: pd.DataFrame, ahead: Mapping[int, float]
) -> nw.LazyFrame:
    """Customers with the risk that a fitted model gives them, computed in the engine.

    Parameters
    ----------
    frame : LazyFrame
        With `entry` and the features, such as `warning_frame`.
    coefficients : DataFrame
        term, level ("" for a number), coef and centre (of a number; 0 otherwise).
    ahead : mapping of int to float
        Completed months of tenure to the baseline's cumulative hazard over the
        horizon.

    Returns
    -------
    LazyFrame
        The columns of the frame and `risk`: 1 - exp(-H exp(x'b)). A level that the
        model does not know adds nothing.

    Examples
    --------
    >>> import narwhals as nw
    >>> import pandas as pd
    >>> from retention import counts
    >>> rows = pd.DataFrame({"customer_id": ["a", "b"], "entry": [3, 3],
    ...                      "complaint": [1.0, 0.0]})
    >>> model = pd.DataFrame(
    ...     {"term": ["complaint"], "level": [""], "coef": [0.7], "centre": [0.0]}
    ... )
    >>> risky = counts.scored(nw.from_native(rows).lazy(), model, {3: 0.20})
    >>> counts.collect(risky)[["customer_id", "risk"]].round(3)
      customer_id   risk
    0           a  0.332
    1           b  0.181
    """
    linear = nw.lit(0.0)
    for row in coefficients.itertuples():
        if row.level == "":
            linear = linear + (nw.col(row.term) - float(row.centre)) * float(row.coef)
        else:
            hit = nw.when(nw.col(row.term) == row.level).then(nw.lit(float(row.coef)))
            linear = linear + hit.otherwise(nw.lit(0.0))
    steps = [
        nw.when(nw.col("entry") == k).then(nw.lit(float(h))) for k, h in ahead.items()
    ]
    base = nw.coalesce(*steps, nw.lit(float(list(ahead.values())[-1])))
    risk = 1 - (-(base * linear.exp())).exp()
    return frame.with_columns(risk=risk)


def risk_list(
    frame: nw.LazyFrame,
    coefficients: pd.DataFrame,
    ahead: Mapping[int, float],
    *,
    worth: Mapping[int, float] | None = None,
    horizon: int,
    most: int,
) -> pd.DataFrame:
    """The riskiest customers by name, for those who will call them.

    The only table of this study that names customers. It is made on request and
    belongs in no report.

    Parameters
    ----------
    frame, coefficients, ahead
        As in `scored`; the frame also has `margin` (a month).
    worth : mapping of int to float, optional
        Completed months of tenure to discounted months still expected; 1 for all
        without it.
    horizon : int
        Months that the risk looks ahead.
    most : int
        Customers listed, 100,000 at most.

    Returns
    -------
    DataFrame
        `customer_id`, `risk`, `expected_margin_at_risk`, `horizon_months`, the
        riskiest first.

    Examples
    --------
    >>> import narwhals as nw
    >>> import pandas as pd
    >>> from retention import counts
    >>> rows = pd.DataFrame({"customer_id": ["a", "b", "c"], "margin": [10.0, 10, 40],
    ...                      "entry": [3, 3, 20], "complaint": [1.0, 0.0, 0.0]})
    >>> model = pd.DataFrame(
    ...     {"term": ["complaint"], "level": [""], "coef": [0.7], "centre": [0.0]}
    ... )
    >>> ahead = {3: 0.20, 20: 0.05}
    >>> frame = nw.from_native(rows).lazy()
    >>> counts.risk_list(frame, model, ahead, horizon=3, most=2).round(3)
      customer_id   risk  expected_margin_at_risk  horizon_months
    0           a  0.332                    3.315               3
    1           b  0.181                    1.813               3
    """
    risky = scored(frame, coefficients, ahead)
    left = nw.lit(1.0)
    if worth:
        last = float(list(worth.values())[-1])
        known = [
            nw.when(nw.col("entry") == k).then(nw.lit(float(v)))
            for k, v in worth.items()
        ]
        left = nw.coalesce(*known, nw.lit(last))
    risky = risky.with_columns(
        expected_margin_at_risk=nw.col("risk")
        * nw.max_horizontal("margin", nw.lit(0.0))
        * left
    )
    names = ["customer_id", "risk", "expected_margin_at_risk"]
    listed = risky.select(*names).sort("risk", "customer_id", descending=[True, False])
    return collect(listed.head(min(most, MOST_LISTED))).assign(horizon_months=horizon)
