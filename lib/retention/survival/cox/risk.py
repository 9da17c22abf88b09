"""Risk sets of a Cox model as reverse cumulative sums over the times of events."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.counts.sums import ENTRY, EVENT, NEVER, CoxSums
from retention.survival.hazards.effects import Effect, levels_of

MOST_NUMBERS = 20_000_000


@dataclass(frozen=True, eq=False)
class Moments:
    """Weighted size, first and second moments of sets of records.

    `size` has shape (sets,), `first` (sets, p), `second` (sets, p, p); the weights
    are exp(x'beta).
    """

    size: np.ndarray
    first: np.ndarray
    second: np.ndarray


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Groups of records arranged by stratum and time of event.

    Attributes
    ----------
    sums : CoxSums
        The groups.
    terms : DataFrame
        term, level and reference of each coefficient: first the indicators, then the
        continuous covariates.
    design : ndarray, shape (cells, indicators)
        Indicators of each covariate cell.
    times : ndarray
        Distinct times at which somebody left, in any stratum.
    order, edges : ndarray
        Groups in the order of their rows, and where each row begins among them. A
        slot is a stratum at one of the times; there is a row for each slot without
        its events, then a row for each slot's events.
    cell : ndarray, shape (groups,)
        Covariate cell of each group, in that order.
    sign : ndarray, shape (groups,)
        1 for exits, -1 for entries, 0 for groups never at risk in a set, likewise.
    chosen : ndarray
        Slots in which somebody left; these are the sets.
    deaths : ndarray of int
        How many left in each set.
    """

    sums: CoxSums
    terms: pd.DataFrame
    design: np.ndarray
    times: np.ndarray
    order: np.ndarray
    edges: np.ndarray
    cell: np.ndarray
    sign: np.ndarray
    chosen: np.ndarray
    deaths: np.ndarray

    @property
    def place(self) -> np.ndarray:
        """Place of each set's time in `times`."""
        return self.chosen % len(self.times)

    def arranged(self, sums: np.ndarray) -> np.ndarray:
        """Groups' sums, shape (groups, sums), as `moments` takes them: a row a sum."""
        return np.ascontiguousarray(sums.T).take(self.order, axis=1)

    def moments(
        self, beta: np.ndarray, weighted: np.ndarray
    ) -> tuple[Moments, Moments]:
        """Moments at beta of those at risk in each set, and of those who left.

        `weighted` are the groups' sums, arranged, at the continuous covariates' part
        of beta.
        """
        indicators = beta[: self.design.shape[1]]
        tilt = self.sign * np.exp(self.design @ indicators)[self.cell]
        stayed, lost = np.split(self._gathered(weighted * tilt), 2)
        by_time = (stayed + lost).reshape(-1, len(self.times), lost.shape[1])
        at_risk = by_time[:, ::-1].cumsum(axis=1)[:, ::-1].reshape(lost.shape)
        return self._unpacked(at_risk), self._unpacked(lost)

    def _gathered(self, sums: np.ndarray) -> np.ndarray:
        """Moments of each row of the slots, packed: 1 + p + p squared numbers."""
        z, p, q = self.design, len(self.terms), len(self.sums.continuous)
        k, one = p - q, np.ones((len(z), 1))
        with_first = np.hstack([one, z])
        a, b = np.triu_indices(k)
        base = self._by_row(sums[0], np.hstack([with_first, z[:, a] * z[:, b]]))
        out = np.zeros((len(base), 1 + p + p * p))
        out[:, : k + 1] = base[:, : k + 1]
        second = out[:, 1 + p :].reshape(-1, p, p)
        second[:, a, b] = second[:, b, a] = base[:, k + 1 :]
        for i in range(q):
            mixed = self._by_row(sums[1 + i], with_first)
            out[:, 1 + k + i] = mixed[:, 0]
            second[:, k + i, :k] = second[:, :k, k + i] = mixed[:, 1:]
        for column, (i, j) in enumerate(zip(*np.triu_indices(q), strict=True), 1 + q):
            square = self._by_row(sums[column], one)[:, 0]
            second[:, k + i, k + j] = second[:, k + j, k + i] = square
        return out

    def _by_row(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Sum over each row's groups of value times the columns of their cells."""
        from scipy.sparse import csr_array

        shape = (len(self.edges) - 1, len(columns))
        return csr_array((values, self.cell, self.edges), shape=shape) @ columns

    def _unpacked(self, rows: np.ndarray) -> Moments:
        p, rows = len(self.terms), rows[self.chosen]
        second = rows[:, p + 1 :].reshape(-1, p, p)
        return Moments(rows[:, 0], rows[:, 1 : p + 1], second)


def risk_sets(sums: CoxSums, *, reference: Mapping[str, object] | None) -> RiskSets:
    """Risk sets of grouped records, with their covariates coded."""
    count, left = sums.plain[:, 0], sums.kind == EVENT
    deaths = np.bincount(sums.cell[left], count[left], minlength=len(sums.cells))
    effects = [_indicators(sums.cells[c], deaths, reference) for c in sums.categorical]
    numbers = [Effect(c) for c in sums.continuous]
    terms = _terms([*effects, *numbers], reference)
    times = np.unique(sums.time[left])
    stratum = _codes(sums.cells[list(sums.strata)])
    slots = int(stratum.max() + 1) * len(times)
    _check_size(slots, len(terms))
    # exits before the first time of an event are in no risk set
    place = np.searchsorted(times, sums.time, side="right") - 1
    sign = np.where(sums.kind == ENTRY, -1.0, 1.0)
    sign[(sums.kind == NEVER) | (place < 0)] = 0
    slot = stratum[sums.cell] * len(times) + np.maximum(place, 0)
    row = slot + slots * left
    order = np.argsort(row, kind="stable")
    lost = np.bincount(slot[left], count[left], minlength=slots).astype(int)
    return RiskSets(
        sums=sums,
        terms=terms,
        design=_design(effects, sums.cells),
        times=times,
        order=order,
        edges=np.searchsorted(row[order], np.arange(2 * slots + 1)).astype(np.int32),
        cell=sums.cell[order].astype(np.int32),
        sign=sign[order],
        chosen=np.flatnonzero(lost),
        deaths=lost[lost > 0],
    )


def _indicators(values: pd.Series, deaths: np.ndarray, reference) -> Effect:
    levels, chosen = levels_of(values, deaths, reference or {})
    others = tuple(x for x in levels if x != chosen)
    return Effect(values.name, levels=others, reference=chosen)


def _design(effects: list[Effect], cells: pd.DataFrame) -> np.ndarray:
    period = np.ones(len(cells))
    columns = [e.columns(cells[e.name], period) for e in effects]
    return np.hstack([np.empty((len(cells), 0)), *columns])


def _terms(
    effects: list[Effect], reference: Mapping[str, object] | None
) -> pd.DataFrame:
    if not effects:
        raise ValueError("A Cox model needs a categorical or continuous covariate.")
    leveled = {e.name for e in effects if e.levels}
    strangers = sorted({*(reference or {})} - leveled)
    if strangers:
        raise ValueError(f"{', '.join(strangers)} is no categorical covariate.")
    terms = pd.concat([e.terms() for e in effects], ignore_index=True)
    return terms.drop(columns="periods")


def _codes(strata: pd.DataFrame) -> np.ndarray:
    if strata.empty:
        return np.zeros(len(strata), int)
    return strata.groupby(list(strata), observed=True, sort=True).ngroup().to_numpy()


def _check_size(slots: int, p: int) -> None:
    numbers = slots * (1 + p + p * p)
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"{slots:,} strata by times with {p} coefficients take {numbers:,} sums, "
            f"more than {MOST_NUMBERS:,}: count in longer periods, or put strata or "
            "levels together."
        )
