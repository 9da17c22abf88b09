"""A hazard regression again and again, without one group of customers at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from retention.survival.hazards.ascent import term_names
from retention.survival.hazards.binomial import Cells
from retention.survival.hazards.design import Design, collapsed, design
from retention.survival.hazards.regression import fitted


def left_out(
    table: pd.DataFrame,
    effects: Sequence[str],
    *,
    group: str,
    reference: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Coefficients of `hazard_regression` without each group in turn.

    For intervals that leave customers out by groups (the delete-a-group jackknife).
    Groups are subtracted from the cells of all customers, so that a fit costs little;
    bands of the baseline and references stay those of all customers.

    Parameters
    ----------
    table : DataFrame
        Period table as for `hazard_regression`, with the column `group`.
    effects, reference
        As for `hazard_regression`.
    group : str
        Column with the group that a row's customers belong to.

    Returns
    -------
    DataFrame
        A row a group left out, a column a coefficient (such as "plan=plus") in the
        order of `hazard_regression(...).table`: log hazard ratios, of a number per
        unit. nan where a coefficient has no finite value without the group.

    Raises
    ------
    ValueError
        As for `hazard_regression`.

    Examples
    --------
    >>> months = pd.DataFrame({"period": 1, "plan": ["basic", "plus"] * 2,
    ...     "half": [1, 1, 2, 2], "at_risk": [100, 100, 200, 100],
    ...     "events": [10, 5, 20, 10]})
    >>> left_out(months, ["plan"], group="half").round(3).to_dict("index")
    {1: {'plan=plus': 0.0}, 2: {'plan=plus': -0.72}}
    """
    table = table[table["at_risk"] > 0]
    keys = [*effects, "period"]
    summed = table.groupby(keys, observed=True, sort=True)[["at_risk", "events"]]
    whole = summed.sum().reset_index()
    model = design(whole, effects, ends=None, reference=reference, cuts={})
    names = term_names(model.terms)
    scale = np.concatenate([np.full(e.width, e.scale) for e in model.effects])
    cells = collapsed(whole, list(effects), model.baseline)
    used = model.baseline["fitted"].to_numpy()[cells["band"]]
    rows = {
        one: _coefficients(model, own[used]) / scale
        for one, own in _counts(table, cells, effects, group, model)
    }
    found = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return found.rename_axis(group)


def _counts(table, cells, effects, group, model: Design):
    """Each group, with its rows at risk and events in each cell of all customers."""
    own = collapsed(table, [group, *effects], model.baseline)
    keys = ["band", *effects]
    places = cells[keys].assign(cell=np.arange(len(cells)))
    own = own.merge(places, on=keys, how="left")
    for one, part in own.groupby(group, observed=True, sort=True):
        counts = np.zeros((len(cells), 2))
        counts[part["cell"].to_numpy()] = part[["at_risk", "events"]].to_numpy(float)
        yield one, counts


def _coefficients(model: Design, own: np.ndarray) -> np.ndarray:
    """Coefficients, of standardised numbers, without a group's own counts."""
    nothing = np.full(model.cells.design.shape[1], np.nan)
    left = _without(model.cells, own)
    if left is None or not _referred_to(model, left):
        return nothing
    try:
        peak = fitted(replace(model, cells=left))
    except ValueError:  # it no longer settles
        return nothing
    found = peak.theta[left.bands :].copy()
    found[list(peak.held)] = np.nan
    return found


def _without(cells: Cells, own: np.ndarray) -> Cells | None:
    """Cells less some counts, in the bands that still tell about effects."""
    n, d = cells.at_risk - own[:, 0], cells.events - own[:, 1]
    at_risk, events = (np.bincount(cells.band, x) for x in (n, d))
    telling = ((events > 0) & (events < at_risk))[cells.band] & (n > 0)
    if not telling.any():
        return None
    band = np.unique(cells.band[telling], return_inverse=True)[1]
    return Cells(cells.design[telling], band, n[telling], d[telling])


def _referred_to(model: Design, cells: Cells) -> bool:
    """Whether somebody in each reference level still has the event."""
    first = 0
    for one in model.effects:
        columns = cells.design[:, first : first + one.width]
        first += one.width
        if one.levels and not cells.events[~columns.any(axis=1)].sum():
            return False
    return True
