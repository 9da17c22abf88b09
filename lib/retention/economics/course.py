"""What a customer of each age will still pay: the arithmetic behind every worth."""

from dataclasses import dataclass, field, replace

import numpy as np

from retention.economics.replicates import Replicates, ratio

# Periods with fewer customers at risk than this are pooled into the tail.
SUPPORT = 50


@dataclass(frozen=True, eq=False)
class Course:
    """Staying and paying by period of tenure, for each replicate.

    Attributes
    ----------
    stay, margin : array, shape (replicates, last + 2)
        Column k: share of those who began period k that stays through it, and what
        each of them pays in it. The last column holds for every later period.
    discount : float
        Worth of money a period later.
    """

    stay: np.ndarray = field(repr=False)
    margin: np.ndarray = field(repr=False)
    discount: float

    @property
    def last(self) -> int:
        """Last period with a share and a margin of its own."""
        return self.stay.shape[1] - 2

    def worth(self) -> np.ndarray:
        """Worth at each age of all payments still to come, the next one due now.

        Returns
        -------
        array, shape (replicates, last + 1)
            Column k: of a customer who has completed k periods, in money of that
            day. Infinite if money of the tail is not discounted and nobody leaves.
        """
        shrink = self.discount * self.stay[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = self.margin[:, -1] / (1 - shrink)
        worth = np.empty((len(ahead), self.last + 1))
        worth[:, self.last] = ahead
        for age in range(self.last - 1, -1, -1):
            ahead = (
                self.margin[:, age + 1] + self.discount * self.stay[:, age + 1] * ahead
            )
            worth[:, age] = ahead
        return worth

    def survival(self) -> np.ndarray:
        """Share of new customers here after 0, 1, ..., last periods."""
        kept = np.cumprod(self.stay[:, 1 : self.last + 1], axis=1)
        return np.hstack([np.ones((len(kept), 1)), kept])

    def beyond(self) -> float:
        """Share of a new customer's worth that lies beyond the observed periods."""
        tail = self.survival()[0, -1] * self.discount**self.last
        return float(tail * self.worth()[0, -1] / self.worth()[0, 0])

    def kept(self, periods: int) -> np.ndarray:
        """Share of customers of each age still here so many periods later.

        Returns
        -------
        array, shape (replicates, last + 1)
        """
        tail = np.repeat(self.stay[:, -1:], periods, axis=1)
        steps = np.hstack([self.stay[:, 1 : self.last + 1], tail])
        windows = np.lib.stride_tricks.sliding_window_view(steps, periods, axis=1)
        return windows.prod(axis=2)[:, : self.last + 1]

    def with_hazards(self, factor: float | np.ndarray) -> "Course":
        """The same course with every chance of leaving times a factor, at most 1."""
        factor = np.asarray(factor, float).reshape(-1, 1)
        return replace(self, stay=1 - np.minimum((1 - self.stay) * factor, 1))

    def with_retention(self, factor: float) -> "Course":
        """The same course with every share staying times a factor, at most 1."""
        return replace(self, stay=np.minimum(self.stay * factor, 1))

    def undiscounted(self) -> "Course":
        """The same course with later money worth as much as money now."""
        return replace(self, discount=1.0)

    def with_margin(self, margin: float | np.ndarray) -> "Course":
        """The same course with another margin in every period."""
        filled = np.broadcast_to(margin, self.margin.shape)
        return replace(self, margin=np.array(filled, float))


def course(
    sums: Replicates, *, discount: float, year: int, money: str = "margin"
) -> Course:
    """Course of a company's customers, its tail held at the last year supported.

    Parameters
    ----------
    sums : Replicates
    discount : float
        Worth of money a period later.
    year : int
        Periods in a year: so many at the end of the supported ones are pooled for
        all that follow.
    money : {"margin", "revenue"}

    Returns
    -------
    Course
        Supported are the periods up to the last with 50 customers at risk (all of
        them where there never were so many).
    """
    here = sums.at_risk[0]
    enough = np.flatnonzero(here >= SUPPORT)
    last = int(enough[-1]) if len(enough) else int(np.flatnonzero(here > 0)[-1])
    pooled = slice(max(last - year, 0) + 1, last + 1)
    paid = sums.margin if money == "margin" else sums.revenue
    return Course(
        stay=1 - _with_tail(sums.events, sums.at_risk, last, pooled),
        margin=_with_tail(paid, sums.at_risk, last, pooled),
        discount=discount,
    )


def _with_tail(top, bottom, last: int, pooled: slice) -> np.ndarray:
    tail = ratio(top[:, pooled].sum(axis=1), bottom[:, pooled].sum(axis=1))
    return np.hstack([ratio(top, bottom)[:, : last + 1], tail[:, None]])
