"""Effects of a regression: columns turned into indicators or standardised numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types


@dataclass(frozen=True, eq=False)
class Effect:
    """How one column enters a regression.

    Attributes
    ----------
    name : str
        The column.
    levels : tuple
        Levels that get an indicator; empty for a number.
    reference : object
        Level that the others are compared with; "" for a number.
    centre, scale : float
        What standardises a number; 0 and 1 for levels.
    cuts : tuple of int
        Periods after which the effect may change.
    """

    name: str
    levels: tuple = ()
    reference: object = ""
    centre: float = 0.0
    scale: float = 1.0
    cuts: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Number of coefficients."""
        return max(len(self.levels), 1) * (len(self.cuts) + 1)

    def columns(self, values: pd.Series, period: np.ndarray) -> np.ndarray:
        """Columns of the design, shape (rows, width): level by level, cut by cut."""
        if self.levels:
            known = pd.Index([self.reference, *self.levels])
            code = known.get_indexer(pd.Index(values))
            self._check_known(values, code)
            plain = code[:, None] == np.arange(1, len(known))
        else:
            plain = (values.to_numpy(float)[:, None] - self.centre) / self.scale
        stretch = np.searchsorted(self.cuts, period, side="left")
        within = stretch[:, None] == np.arange(len(self.cuts) + 1)
        wide = plain[:, :, None] * within[:, None, :]
        return wide.reshape(len(values), -1).astype(float)

    def terms(self) -> pd.DataFrame:
        """One row a coefficient: term, level, reference, periods."""
        rows = [
            (self.name, level, self.reference, stretch)
            for level in self.levels or ("",)
            for stretch in stretches(self.cuts)
        ]
        return pd.DataFrame(rows, columns=["term", "level", "reference", "periods"])

    def _check_known(self, values: pd.Series, code: np.ndarray) -> None:
        strange = pd.unique(values[code < 0])
        if len(strange):
            raise ValueError(
                f"{self.name} has {len(strange)} levels that the fit has not seen: "
                f"{shown(strange)}."
            )


def stretches(cuts: Sequence[int]) -> list[str]:
    """Names of the stretches of tenure between cuts: "1-12", "13+"; "all" without."""
    if not len(cuts):
        return ["all"]
    firsts = [1, *(c + 1 for c in cuts)]
    return [f"{a}-{b}" for a, b in zip(firsts, cuts, strict=False)] + [f"{firsts[-1]}+"]


def effect(
    values: pd.Series,
    *,
    weight: np.ndarray,
    events: np.ndarray,
    reference: Mapping[str, object] | None = None,
    cuts: Sequence[int] = (),
) -> Effect:
    """Effect of a column: indicators for text, a standardised number otherwise."""
    name = values.name
    cuts = tuple(sorted(int(c) for c in cuts))
    if types.is_numeric_dtype(values):
        return _number(values, weight, cuts, reference or {})
    levels, chosen = levels_of(values, events, reference or {})
    others = tuple(x for x in levels if x != chosen)
    return Effect(name, levels=others, reference=chosen, cuts=cuts)


def _number(values, weight, cuts, reference) -> Effect:
    if values.name in reference:
        raise ValueError(f"{values.name} is a number and has no reference level.")
    number = values.to_numpy(float)
    if not np.isfinite(number).all():
        raise ValueError(
            f"{values.name} is infinite in {int((~np.isfinite(number)).sum()):,} rows."
        )
    centre = np.average(number, weights=weight)
    scale = np.sqrt(np.average((number - centre) ** 2, weights=weight))
    if scale <= 1e-12 * max(abs(centre), 1e-300):
        raise ValueError(f"{values.name} has the same value in every row.")
    return Effect(values.name, centre=float(centre), scale=float(scale), cuts=cuts)


def levels_of(
    values: pd.Series, events: np.ndarray, reference: Mapping[str, object]
) -> tuple[list, object]:
    """Levels in order, and the one to compare with: the first that has an event."""
    name = values.name
    count = pd.Series(events).groupby(values.to_numpy(), sort=False).sum()
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = [x for x in values.cat.categories if x in count.index]
    else:
        levels = sorted(count.index, key=lambda x: (str(type(x)), x))
    if len(levels) < 2:
        raise ValueError(f"{name} is {shown(levels)} in every row: nothing to compare.")
    chosen = reference.get(name, next((x for x in levels if count[x]), levels[0]))
    if chosen not in levels:
        raise ValueError(f"{name} has no level {chosen!r}; it has {shown(levels)}.")
    if not count[chosen]:
        raise ValueError(
            f"Nobody in the reference level {chosen!r} of {name} has the event: "
            "compare with another level."
        )
    return levels, chosen


def shown(values: Sequence) -> str:
    """Up to five of some values, for a message."""
    more = ", ..." if len(values) > 5 else ""
    return ", ".join(str(v) for v in values[:5]) + more
