"""Telling active customers from lost ones: a model beside a rule of thumb."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import wilson
from retention.projection.buyers import OrdersModel
from retention.projection.buyers_fitting import weighted

GROUPS = 10


@dataclass(frozen=True, eq=False)
class Hiatus:
    """Customers who have not ordered for so many weeks are taken for lost.

    Attributes
    ----------
    weeks : float
        Longest silence that still counts as active.
    correct : float
        Share of customers whom the rule told right where it was tuned.
    n : int
        Customers it was tuned on.
    """

    weeks: float
    correct: float
    n: int


def tuned_hiatus(purchases: pd.DataFrame) -> Hiatus:
    """The silence after which customers are best taken for lost.

    Parameters
    ----------
    purchases : DataFrame
        ``t_x``, ``T``, ``n`` and ``returned`` (customers with an order in the
        holdout), from a cut-off earlier than the one the rule will be tested on: a
        rule tested where it was tuned flatters itself.

    Returns
    -------
    Hiatus

    References
    ----------
    Wubben & von Wangenheim (2008), "Instant customer base analysis: managerial
    heuristics often 'get it right'", Journal of Marketing 72(3), 82-93.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {"t_x": [30, 20, 5], "T": 40, "n": 100, "returned": [80, 55, 10]}
    ... )
    >>> tuned_hiatus(cells)
    Hiatus(weeks=20.0, correct=0.75, n=300)
    """
    cells = weighted(purchases, ["t_x", "T", "returned"])
    cells["silence"] = (cells["T"] - cells["t_x"]).round(6)
    by_silence = cells.groupby("silence")[["n", "returned"]].sum()
    gain = (2 * by_silence["returned"] - by_silence["n"]).cumsum()
    total = by_silence["n"].sum()
    stayed_away = total - by_silence["returned"].sum()
    best = gain.idxmax()
    correct = (stayed_away + gain[best]) / total
    if gain[best] <= 0:
        return Hiatus(0.0, float(stayed_away / total), round(total))
    return Hiatus(float(best), float(correct), round(total))


def alive_rules(
    model: OrdersModel,
    hiatus: Hiatus,
    purchases: pd.DataFrame,
    *,
    weeks: float,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How well each rule tells who will order again within the holdout.

    Parameters
    ----------
    model : BetaGeometricNBD or ParetoNBD
        Fitted to the weeks up to the cut-off.
    hiatus : Hiatus
        From `tuned_hiatus`.
    purchases : DataFrame
        ``x``, ``t_x``, ``T``, ``n`` and ``returned``.
    weeks : float
        Length of the holdout.
    confidence : float
        Coverage of Wilson's interval for ``correct``.

    Returns
    -------
    DataFrame
        ``rule``; ``correct``, ``lower``, ``upper`` (share of customers told right);
        ``caught`` (of those who ordered, the share expected to), ``false_alarm`` (of
        those who did not, the share expected to) and ``auc`` (chance that of one
        who ordered and one who did not the first is ranked higher). The last rule,
        "nobody orders again", is the least that a rule must beat.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.projection import BetaGeometricNBD, alive_rules, tuned_hiatus
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> cells = pd.DataFrame({"x": 2, "t_x": [30.0, 20.0, 5.0], "T": 40.0, "n": 100,
    ...                       "returned": [80, 55, 10]})
    >>> rules = alive_rules(model, tuned_hiatus(cells), cells, weeks=39)
    >>> rules[["rule", "correct", "auc"]].round(2)
                                             rule  correct   auc
    0      probability of an order above one half     0.72  0.81
    1  probability of being active above one half     0.75  0.81
    2               an order in the last 20 weeks     0.75  0.81
    3                         nobody orders again     0.52  0.50
    """
    cells = weighted(purchases, ["x", "t_x", "T", "returned"])
    past = [cells[name].to_numpy() for name in ("x", "t_x", "T")]
    silence = (cells["T"] - cells["t_x"]).round(6).to_numpy()
    alive, order = model.p_alive(*past), model.p_order(*past, weeks)
    rules = [
        ("probability of an order above one half", order, order > 0.5),
        ("probability of being active above one half", alive, alive > 0.5),
        (
            f"an order in the last {hiatus.weeks:.0f} weeks",
            -silence,
            silence <= hiatus.weeks if hiatus.weeks else silence < 0,
        ),
        ("nobody orders again", np.zeros(len(cells)), np.zeros(len(cells), bool)),
    ]
    told = [_told(cells, score, chosen, confidence) for _, score, chosen in rules]
    names = pd.DataFrame({"rule": [name for name, _, _ in rules]})
    return pd.concat([names, pd.DataFrame(told)], axis=1)


def alive_by_recency(
    model: OrdersModel,
    purchases: pd.DataFrame,
    *,
    weeks: float,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Who still orders after how long a silence, expected and counted.

    Parameters
    ----------
    model, purchases, weeks
        As in `alive_rules`.
    confidence : float
        Coverage of Wilson's interval for ``returned``.

    Returns
    -------
    DataFrame
        Ten groups of like size by silence: ``weeks_since_last`` (mean), ``customers``,
        ``p_alive`` and ``p_order`` (mean probabilities), ``returned`` (share that
        ordered within the holdout), ``lower``, ``upper``.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.projection import BetaGeometricNBD, alive_by_recency
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> cells = pd.DataFrame({"x": 2, "t_x": [30.0, 20.0, 5.0], "T": 40.0, "n": 100,
    ...                       "returned": [80, 55, 10]})
    >>> table = alive_by_recency(model, cells, weeks=39)
    >>> table[["weeks_since_last", "p_alive", "returned"]].round(2)
       weeks_since_last  p_alive  returned
    0              10.0     0.71      0.80
    1              20.0     0.53      0.55
    2              35.0     0.12      0.10
    """
    cells = weighted(purchases, ["x", "t_x", "T", "returned"])
    past = [cells[name].to_numpy() for name in ("x", "t_x", "T")]
    cells["silence"] = (cells["T"] - cells["t_x"]).round(6)
    cells["alive"], cells["order"] = model.p_alive(*past), model.p_order(*past, weeks)
    people = cells.groupby("silence")["n"].sum()
    middle = (people.cumsum() - people / 2) / people.sum()
    group = cells["silence"].map((middle * GROUPS).astype(int))
    weighed = cells[["silence", "alive", "order"]].mul(cells["n"], axis=0)
    weighed = weighed.assign(n=cells["n"], returned=cells["returned"])
    sums = weighed.groupby(group).sum()
    shares = [
        wilson(came, n, confidence=confidence)
        for came, n in zip(sums["returned"], sums["n"], strict=True)
    ]
    means = sums.div(sums["n"], axis=0)
    return pd.DataFrame(
        {
            "weeks_since_last": means["silence"].to_numpy(),
            "customers": sums["n"].round().astype(int).to_numpy(),
            "p_alive": means["alive"].to_numpy(),
            "p_order": means["order"].to_numpy(),
            "returned": means["returned"].to_numpy(),
            "lower": [share.lower for share in shares],
            "upper": [share.upper for share in shares],
        }
    )


def _told(cells: pd.DataFrame, score, chosen, confidence: float) -> dict[str, float]:
    came, n = cells["returned"].to_numpy(), cells["n"].to_numpy()
    right = float(came[chosen].sum() + (n - came)[~chosen].sum())
    share = wilson(right, float(n.sum()), confidence=confidence)
    returned, stayed_away = came.sum(), (n - came).sum()
    return {
        "correct": share.value,
        "lower": share.lower,
        "upper": share.upper,
        "caught": came[chosen].sum() / returned if returned else np.nan,
        "false_alarm": (n - came)[chosen].sum() / stayed_away
        if stayed_away
        else np.nan,
        "auc": _concordance(score, came, n - came),
    }


def _concordance(score: np.ndarray, came: np.ndarray, stayed_away: np.ndarray) -> float:
    """Chance that one who came has the higher score, ties counted half."""
    if not came.sum() or not stayed_away.sum():
        return np.nan
    _, place = np.unique(score, return_inverse=True)
    yes, no = np.bincount(place, came), np.bincount(place, stayed_away)
    below = np.cumsum(no) - no
    return float(yes @ (below + no / 2) / (yes.sum() * no.sum()))
