"""What customers did after they had given a score, group by group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.satisfaction.clusters import METHOD, dealt, share, spread, without_each
from retention.satisfaction.response import ResponseModel, Weighting, response_model

# Columns of `WeightedLosses.sums`: answers, of these followed, lost for the chosen
# reason, and gone for any.
ANSWERS, FOLLOWED, LOST, GONE = range(4)


@dataclass(frozen=True, eq=False)
class WeightedLosses:
    """Answers and losses by group, weighted, once for all and once without each bucket.

    Attributes
    ----------
    groups : list
        The scores (or other groups), in order.
    counted : DataFrame
        `answers`, `followed`, `lost`, `gone` of each group, as counted.
    sums : array, shape (groups, 4)
        The same, weighted for non-response.
    without : array, shape (buckets, groups, 4)
        The weighted sums without one bucket of customers, its weights made again.
    response : ResponseModel
    """

    groups: list
    counted: pd.DataFrame
    sums: np.ndarray = field(repr=False)
    without: np.ndarray = field(repr=False)
    response: ResponseModel = field(repr=False)

    def number(
        self, of: Callable[[np.ndarray], float], *, n: int, unit: str = ""
    ) -> Estimate:
        """Any smooth function of the weighted sums, with its jackknife interval."""
        with np.errstate(all="ignore"):
            value = float(of(self.sums))
            left = np.array([[of(s)] for s in self.without], float)
        se, reach = (float(x[0]) for x in spread(left)) if len(left) else (np.nan,) * 2
        low, high = value - reach, value + reach
        return Estimate(value, low, high, int(n), METHOD, unit, se)

    def share(self, of: Callable[[np.ndarray], float], *, n: int) -> Estimate:
        """A share of the weighted sums, with Wilson's interval."""
        found = self.number(of, n=n)
        return share(found.value, found.se, n)

    def rows(self, chosen) -> np.ndarray:
        """Places of the groups for which a condition holds."""
        return np.array([bool(chosen(g)) for g in self.groups], bool)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a group: counts, the weighted loss with its interval, and who is it.

        `score`, `answers`, `followed`, `lost` (as counted), `share` (of all answers,
        weighted), `loss`, `lower`, `upper` (share lost within the horizon, weighted).
        """
        counted = self.counted.reset_index(drop=True)
        losses = [
            self.share(lambda s, k=k: s[k, LOST] / s[k, FOLLOWED], n=n)
            for k, n in enumerate(counted["followed"])
        ]
        answers = self.sums[:, ANSWERS]
        return pd.DataFrame(
            {
                "score": _whole(self.groups),
                "answers": counted["answers"],
                "followed": counted["followed"],
                "lost": counted["lost"],
                "share": answers / max(answers.sum(), 1e-300),
                "loss": [e.value for e in losses],
                "lower": [e.lower for e in losses],
                "upper": [e.upper for e in losses],
            }
        )


def _whole(groups: list) -> list:
    """Scores such as 4.0 as 4; others, and words, as they are."""
    whole = all(isinstance(g, float) and g.is_integer() for g in groups)
    return [int(g) for g in groups] if whole else groups


def weighted_losses(
    asked: pd.DataFrame,
    known: Sequence[str] = (),
    *,
    group: str = "score",
    groups: Sequence | None = None,
) -> WeightedLosses:
    """Weighted answers and losses by score, ready for any question about them.

    Parameters
    ----------
    asked : DataFrame
        From `counts.survey_losses`; with ``everybody=True`` where those who did not
        answer are to be allowed for.
    known : sequence of str
        Columns known of everybody asked, for the weights; none weights nothing.
    group : str
        Column to sort by.
    groups : sequence, optional
        Its values, in order; those that occur by default. A level that nobody chose
        is kept, with no answers.

    Returns
    -------
    WeightedLosses

    Examples
    --------
    >>> asked = pd.DataFrame({"score": [4.0, 4.0, 5.0, 5.0], "responded": 1,
    ...     "followed": 1, "lost": [1, 0, 1, 0], "gone": [1, 0, 1, 0],
    ...     "bucket": ["00", "01", "00", "01"], "n": [12, 88, 4, 96]})
    >>> weighted_losses(asked).table[["score", "answers", "loss"]].values.tolist()
    [[4.0, 100.0, 0.12], [5.0, 100.0, 0.04]]
    """
    wanted = [*known, group, "responded", "followed", "lost", "gone", "bucket"]
    keys = list(dict.fromkeys(wanted))
    table = asked.groupby(keys, dropna=False, observed=True)["n"].sum().reset_index()
    cells, counts = dealt(table)
    weighting = Weighting(cells, known)
    total = counts.sum(axis=1)
    fit = not weighting.note(total)
    if groups is None:
        groups = sorted(cells.loc[cells["responded"] == 1, group].dropna().unique())
    place = pd.Index(groups).get_indexer(cells[group])
    used = (cells["responded"] == 1).to_numpy() & (place >= 0)
    columns = _columns(cells, used)
    belongs = (place == np.arange(len(groups))[:, None]).astype(float)

    def summed(n: np.ndarray, *, plain: bool = False) -> np.ndarray:
        weight = n if plain else n / weighting.probability(n, fit=fit)[weighting.code]
        return belongs @ (columns * weight[:, None])

    plain = summed(total, plain=True)
    return WeightedLosses(
        groups=list(groups),
        counted=pd.DataFrame(
            plain.round().astype(int), columns=["answers", "followed", "lost", "gone"]
        ),
        sums=summed(total),
        without=np.array([summed(n) for n in without_each(counts)]),
        response=response_model(table, known),
    )


def _columns(cells: pd.DataFrame, used: np.ndarray) -> np.ndarray:
    followed = cells["followed"].to_numpy(float)
    kept = [used.astype(float), used * followed]
    return np.column_stack(
        [*kept, *(used * cells[c].to_numpy() for c in ("lost", "gone"))]
    )
