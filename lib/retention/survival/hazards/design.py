"""Period table with covariates, collapsed to the cells of a hazard regression."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.survival.hazards.ascent import ALWAYS_EVENT, NEVER_EVENT
from retention.survival.hazards.baseline import bands
from retention.survival.hazards.binomial import Cells
from retention.survival.hazards.effects import Effect, effect

COUNTS = ["period", "at_risk", "events"]


@dataclass(frozen=True, eq=False)
class Design:
    """Effects, baseline bands and the cells that they are fitted on."""

    effects: tuple[Effect, ...]
    baseline: pd.DataFrame
    cells: Cells

    @property
    def terms(self) -> pd.DataFrame:
        """One row a coefficient: term, level, reference, periods."""
        return pd.concat([e.terms() for e in self.effects], ignore_index=True)

    def separated(self) -> dict[int, tuple[float, str]]:
        """Coefficients that the counts alone show to be infinite, and why."""
        leveled = np.repeat(
            [bool(e.levels) for e in self.effects], [e.width for e in self.effects]
        )
        n = self.cells.design.T @ self.cells.at_risk
        d = self.cells.design.T @ self.cells.events
        found = {j: _extreme(n[j], d[j]) for j in np.flatnonzero(leveled)}
        return {int(j): extreme for j, extreme in found.items() if extreme}


def _extreme(n: float, d: float) -> tuple[float, str] | None:
    if n == 0:
        return 0.0, "never at risk in a period that tells"
    if d == 0:
        return NEVER_EVENT, f"nobody left in {n:,.0f} periods at risk: minus infinity"
    if d == n:
        return ALWAYS_EVENT, f"all {n:,.0f} at risk left at once: plus infinity"
    return None


def design(
    table: pd.DataFrame,
    names: Sequence[str],
    *,
    ends: Sequence[int] | None,
    reference: Mapping[str, object] | None,
    cuts: Mapping[str, Sequence[int]],
    baseline_cuts: Iterable[int] = (),
) -> Design:
    """Design of a hazard regression on a period table."""
    _check_table(table, names, reference or {}, cuts)
    table = table[table["at_risk"] > 0]
    every = sorted({*baseline_cuts, *(c for own in cuts.values() for c in own)})
    baseline = bands(table, ends=ends, cuts=every)
    cells = collapsed(table, list(names), baseline)
    used = baseline["fitted"].to_numpy()[cells["band"]]
    if not used.any():
        raise ValueError("Nobody left, or everybody at once: there is nothing to fit.")
    n, d = cells["at_risk"].to_numpy(float), cells["events"].to_numpy(float)
    effects = tuple(
        effect(cells[c], weight=n, events=d, reference=reference, cuts=cuts.get(c, ()))
        for c in names
    )
    position = baseline["fitted"].cumsum().to_numpy() - 1
    return Design(
        effects,
        baseline,
        Cells(
            design=matrix(effects, cells[used]),
            band=position[cells["band"]][used],
            at_risk=n[used],
            events=d[used],
        ),
    )


def matrix(effects: Sequence[Effect], rows: pd.DataFrame) -> np.ndarray:
    """Columns of all effects for rows that have a period."""
    period = rows["period"].to_numpy()
    return np.hstack([e.columns(rows[e.name], period) for e in effects])


def collapsed(table, names, baseline) -> pd.DataFrame:
    """Counts by band and covariates; the period kept is the band's last."""
    last = baseline["last"].to_numpy()
    band = np.searchsorted(last, table["period"].to_numpy(), side="left")
    rows = table[["at_risk", "events", *names]].assign(band=band)
    grouped = rows.groupby(["band", *names], observed=True, sort=True)
    cells = grouped[["at_risk", "events"]].sum().reset_index()
    if cells["at_risk"].sum() < table["at_risk"].sum() * (1 - 1e-9):
        raise ValueError(_empty_cells(table[names]))
    return cells.assign(period=last[cells["band"]])


def _empty_cells(covariates: pd.DataFrame) -> str:
    empty = covariates.isna().sum()
    found = [f"{name} is empty in {n:,} rows" for name, n in empty.items() if n]
    return f"{', '.join(found)}: give them a level of their own or leave them out."


def _check_table(table, names, reference, cuts) -> None:
    names = list(names)
    absent = [c for c in [*COUNTS, *names] if c not in table]
    if absent:
        raise ValueError(
            f"No column {', '.join(absent)}; the period table has "
            f"{', '.join(map(str, table.columns))}."
        )
    if not names or len(set(names)) < len(names) or {*names} & {*COUNTS, "band"}:
        raise ValueError(
            "Name each effect once, at least one, and not period, at_risk, events or "
            f"band; got {', '.join(names) or 'none'}."
        )
    strangers = sorted({*reference, *cuts} - {*names})
    if strangers:
        raise ValueError(f"{', '.join(strangers)} is not among the effects.")
    _check_counts(table)


def _check_counts(table: pd.DataFrame) -> None:
    period, n, d = (table[c].to_numpy(float) for c in COUNTS)
    wrong = ~((period >= 1) & (period % 1 == 0) & (d >= 0) & (d <= n))
    if wrong.any():
        raise ValueError(
            f"{int(wrong.sum()):,} rows need a whole period from 1 on and "
            "0 <= events <= at_risk; the first are rows "
            f"{', '.join(map(str, table.index[wrong][:5]))}."
        )
    if not n.sum():
        raise ValueError("Nobody is at risk: the period table is empty.")
