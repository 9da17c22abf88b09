"""Group-time effects, with every bucket left out in turn."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

COLUMNS = ["role", "cohort", "base", "time", "n", "change"]


@dataclass(frozen=True, eq=False)
class Cells:
    """Group-time effects of K cells, and the same without each of B buckets.

    Attributes
    ----------
    table : DataFrame
        `cohort`, `base`, `time`, `event_time`, `n`, `n_control`, `effect`.
    effect, n : array, shape (1 + B, K)
        First row: everybody. The others: without one bucket; nan and 0 where a cell
        is empty without it. B is 0 without buckets.
    """

    table: pd.DataFrame
    effect: np.ndarray
    n: np.ndarray

    @property
    def buckets(self) -> int:
        """Number of buckets."""
        return len(self.n) - 1


def group_time_effects(changes: pd.DataFrame) -> pd.DataFrame:
    """Effect of enrolment on each cohort in each month.

    ATT(g, t): mean change of cohort g from its base month to t, minus the mean change
    of customers not enrolled over the same months.

    Parameters
    ----------
    changes : DataFrame
        From `retention.counts.group_changes` or `changes_from_means`.

    Returns
    -------
    DataFrame
        `cohort`, `base`, `time`, `event_time` (time - cohort; below 0 nothing should
        be seen), `n`, `n_control`, `effect` and `se` (grouped jackknife; nan without
        buckets).

    References
    ----------
    Callaway, B. and Sant'Anna, P. H. C. (2021). Difference-in-differences with
    multiple time periods. Journal of Econometrics 225, 200-230.

    Examples
    --------
    Cohort 1 rises by 5 from month 0 to 1, the others by 2:

    >>> means = pd.DataFrame({"cohort": [1, 1, None, None], "time": [0, 1, 0, 1],
    ...                       "mean": [10.0, 15.0, 8.0, 10.0], "n": [20, 20, 60, 60]})
    >>> table = group_time_effects(changes_from_means(means))
    >>> table[["cohort", "time", "effect", "n"]].values.tolist()
    [[1.0, 1.0, 3.0, 20.0]]
    """
    cells = group_time_cells(changes)
    return cells.table.assign(se=jackknife_se(cells.effect))


def group_time_cells(changes: pd.DataFrame) -> Cells:
    """Effects of all cells that have both enrolled customers and a control.

    Raises
    ------
    ValueError
        If columns are missing or no cell has both.
    """
    missing = [name for name in COLUMNS if name not in changes]
    if missing:
        raise ValueError(f"The table of changes lacks {', '.join(missing)}.")
    enrolled = changes[changes["role"] == "enrolled"]
    control = changes[changes["role"] == "control"]
    buckets = sorted(changes["bucket"].unique()) if "bucket" in changes else []
    keys = enrolled[["cohort", "base", "time"]].drop_duplicates().astype("int64")
    pairs = set(zip(control["base"], control["time"], strict=True))
    known = [p in pairs for p in zip(keys["base"], keys["time"], strict=True)]
    keys = keys[known].sort_values(["cohort", "time"], ignore_index=True)
    if not len(keys):
        raise ValueError("No cohort has a control over the same months.")
    n, change = _left_out(enrolled, keys, ["cohort", "base", "time"], buckets)
    m, other = _left_out(control, keys, ["base", "time"], buckets)
    with np.errstate(invalid="ignore", divide="ignore"):
        effect = np.where((n > 0) & (m > 0), change / n - other / m, np.nan)
    table = keys.assign(
        event_time=keys["time"] - keys["cohort"],
        n=n[0].astype("int64"),
        n_control=m[0].astype("int64"),
        effect=effect[0],
    )
    return Cells(table, effect, np.where(np.isnan(effect), 0.0, n))


def _left_out(rows, keys, by, buckets) -> tuple[np.ndarray, np.ndarray]:
    """Sums of n and change for each key: of all, then without each bucket."""
    index = pd.MultiIndex.from_frame(keys[by])
    place = {name: i for i, name in enumerate(buckets)}
    sums = []
    for value in ("n", "change"):
        total = rows.groupby(by)[value].sum().reindex(index, fill_value=0)
        all_of_it = total.to_numpy(float)
        own = np.zeros((len(buckets), len(keys)))
        if buckets:
            wide = rows.pivot_table(
                index="bucket", columns=by, values=value, aggfunc="sum", fill_value=0
            ).reindex(columns=index, fill_value=0)
            own[[place[b] for b in wide.index]] = wide.to_numpy(float)
        sums.append(np.vstack([all_of_it, all_of_it - own]))
    return sums[0], sums[1]


def jackknife_covariance(values: np.ndarray) -> np.ndarray:
    """Delete-a-group covariance of statistics, shape (1 + B, S) -> (S, S)."""
    without = values[1:]
    size = len(without)
    if size < 2:
        return np.full((values.shape[1],) * 2, np.nan)
    deviations = without - without.mean(axis=0)
    return (size - 1) / size * deviations.T @ deviations


def jackknife_se(values: np.ndarray) -> np.ndarray:
    """Delete-a-group standard errors, without making the whole covariance."""
    without = values[1:]
    size = len(without)
    if size < 2:
        return np.full(values.shape[1], np.nan)
    deviations = without - without.mean(axis=0)
    return np.sqrt((size - 1) / size * (deviations**2).sum(axis=0))


def changes_from_means(means: pd.DataFrame, *, base: str = "varying") -> pd.DataFrame:
    """Table of changes from published means of groups that everybody stays in.

    Parameters
    ----------
    means : DataFrame
        `cohort` (period of enrolment; missing = never), `time`, `mean`, `n`.
    base : {"varying", "universal"}
        As in `retention.counts.group_changes`.

    Returns
    -------
    DataFrame
        As `retention.counts.group_changes`, without buckets. The control are those
        who never enrolled.

    Raises
    ------
    ValueError
        If nobody never enrolled.

    Examples
    --------
    >>> means = pd.DataFrame({"cohort": [1, 1, None, None], "time": [0, 1, 0, 1],
    ...                       "mean": [10.0, 15.0, 8.0, 10.0], "n": [20, 20, 60, 60]})
    >>> changes_from_means(means)
           role  cohort  base  time   n  change
    0  enrolled       1     0     1  20   100.0
    1   control    <NA>     0     1  60   120.0
    """
    never = means[means["cohort"].isna()]
    if not len(never):
        raise ValueError("Some group must never enrol: its cohort is left empty.")
    rows = [
        row
        for g, own in means.dropna(subset="cohort").groupby("cohort")
        for row in _changes_of(int(g), own, never, base)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"cohort": "Int64"})
    return table.drop_duplicates(["role", "cohort", "base", "time"], ignore_index=True)


def _changes_of(g: int, own: pd.DataFrame, never: pd.DataFrame, base: str):
    times = sorted(own["time"])
    sides = (("enrolled", g, own), ("control", pd.NA, never))
    for t in times:
        b = t - 1 if base == "varying" and t < g else g - 1
        if b == t or b not in times:
            continue
        for role, cohort, group in sides:
            mean, n = group.set_index("time")["mean"], group["n"].iloc[0]
            yield role, cohort, b, t, n, n * (mean[t] - mean[b])
