"""Both conditionals, and the study's answer in a sentence."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.satisfaction.weighted import (
    ANSWERS,
    FOLLOWED,
    GONE,
    LOST,
    WeightedLosses,
)

ENOUGH_LOST = 20


@dataclass(frozen=True, eq=False)
class SatisfactionAnswer:
    """Whether satisfied customers come back.

    Attributes
    ----------
    satisfied_share : Estimate
        Share of those asked who are satisfied, weighted for non-response.
    kept : Estimate
        P(still here, or bought again, within the horizon | satisfied).
    left_given_satisfied, satisfied_given_left : Estimate
        The two conditionals. Leaving is for the chosen reason only.
    left, satisfied_followed : Estimate
        P(left) and P(satisfied) among the answers followed, which link the two.
    table : DataFrame
        Loss by score, as `WeightedLosses.table`.
    horizon : int
    unit, words, outcome, reason : str
        One period; who is satisfied; "left" or "bought"; the reason that counts.
    """

    satisfied_share: Estimate
    kept: Estimate
    left_given_satisfied: Estimate
    satisfied_given_left: Estimate
    left: Estimate
    satisfied_followed: Estimate
    table: pd.DataFrame
    horizon: int
    unit: str
    words: str
    outcome: str = "left"
    reason: str = ""

    @property
    def followed(self) -> int:
        """Answers followed for the whole horizon."""
        return int(self.table["followed"].sum())

    @property
    def lost(self) -> int:
        """Of these, followed by a loss."""
        return int(self.table["lost"].sum())

    @property
    def enough(self) -> bool:
        """Whether enough were lost, and satisfied, for an estimate to mean anything."""
        return self.lost >= ENOUGH_LOST and self.kept.n >= ENOUGH_LOST

    @property
    def span(self) -> str:
        """The horizon in words."""
        return f"{self.horizon} {self.unit}{'' if self.horizon == 1 else 's'}"

    @property
    def loss_words(self) -> str:
        """What being lost means here."""
        if self.outcome == "bought":
            return "did not buy again"
        return "left at will" if self.reason == "voluntary" else "left"

    @property
    def definition(self) -> str:
        """What satisfied and lost mean, and from when on time is counted."""
        return (
            f"Satisfied means {self.words}. Lost means: {self.loss_words} within "
            f"{self.span} of the answer. The score is known on the day it was given; "
            "what the customer did is counted from that day on."
        )

    @property
    def summary(self) -> str:
        """One sentence that can be said in a meeting."""
        if not self.followed:
            return (
                f"No answer was followed for {self.span}, so nothing can be said about "
                "what those who gave it did."
            )
        if not self.enough:
            return self._too_few()
        stay = (
            "bought again within"
            if self.outcome == "bought"
            else "were still here after"
        )
        return (
            f"Of satisfied customers {self.kept.text} {stay} {self.span}; of those "
            f"who {self.loss_words}, {self.satisfied_given_left.text} had said that "
            f"they were satisfied ({self.followed:,} answers followed, "
            f"{self.lost:,} lost; satisfied: {self.words})."
        )

    def _too_few(self) -> str:
        return (
            f"Only {self.lost} of {self.followed:,} answers were followed by a loss "
            f"within {self.span}, too few to say what satisfaction does; of satisfied "
            f"customers anything from {self.kept.range_text} may have been kept."
        )

    @property
    def link(self) -> pd.DataFrame:
        """Bayes' rule as a line: how one conditional becomes the other.

        P(left | satisfied) = P(satisfied | left) * P(left) / P(satisfied), over the
        same answers; the last row is their product, equal to the first.
        """
        a, b, c, d = (
            self.satisfied_given_left,
            self.left,
            self.satisfied_followed,
            self.left_given_satisfied,
        )
        said = self.loss_words
        rows = [
            (f"satisfied, of those who {said}", a.value, a.lower, a.upper),
            (f"times: {said}, of all", b.value, b.lower, b.upper),
            ("divided by: satisfied, of all", c.value, c.lower, c.upper),
            (f"gives: {said}, of the satisfied", d.value, d.lower, d.upper),
        ]
        return pd.DataFrame(rows, columns=["share", "value", "lower", "upper"])


def satisfaction_answer(
    found: WeightedLosses,
    scale,
    *,
    horizon: int,
    unit: str = "month",
    outcome: str = "left",
    reason: str = "",
) -> SatisfactionAnswer:
    """Whether satisfied customers come back, from weighted answers and losses.

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score.
    scale : counts.satisfaction.Scale
    horizon : int
    unit, outcome, reason : str
        For the wording.

    Returns
    -------
    SatisfactionAnswer

    Examples
    --------
    Of 100 dissatisfied customers 30 left, of 200 satisfied ones 20: two in five of
    those who left had said that they were satisfied.

    >>> from retention.counts.satisfaction import Scale
    >>> from retention.satisfaction import weighted_losses
    >>> asked = pd.DataFrame({"score": [2.0, 2.0, 5.0, 5.0], "responded": 1,
    ...     "followed": 1, "lost": [1, 0, 1, 0], "gone": [1, 0, 1, 0],
    ...     "bucket": ["00", "01", "02", "03"], "n": [30, 70, 20, 180]})
    >>> answer = satisfaction_answer(weighted_losses(asked), Scale.of(1, 5), horizon=12)
    >>> answer.link[["share", "value"]].round(3)
                               share  value
    0   satisfied, of those who left  0.400
    1            times: left, of all  0.167
    2  divided by: satisfied, of all  0.667
    3  gives: left, of the satisfied  0.100
    """
    happy = found.rows(lambda s: s >= scale.satisfied_from)
    raw = found.counted
    n_all, n_lost = int(raw["followed"].sum()), int(raw["lost"].sum())
    n_happy = int(raw.loc[happy, "followed"].sum())
    answers = int(raw["answers"].sum())

    def part(top, below, *, rows=happy, of=slice(None)):
        return lambda s: s[rows, top].sum() / s[of, below].sum()

    kept = found.share(lambda s: 1 - part(GONE, FOLLOWED, of=happy)(s), n=n_happy)
    return SatisfactionAnswer(
        satisfied_share=found.share(part(ANSWERS, ANSWERS), n=answers),
        kept=kept,
        left_given_satisfied=found.share(part(LOST, FOLLOWED, of=happy), n=n_happy),
        satisfied_given_left=found.share(part(LOST, LOST), n=n_lost),
        left=found.share(part(LOST, FOLLOWED, rows=slice(None)), n=n_all),
        satisfied_followed=found.share(part(FOLLOWED, FOLLOWED), n=n_all),
        table=found.table,
        horizon=horizon,
        unit=unit,
        words=scale.words,
        outcome=outcome,
        reason=reason,
    )


def top_against_satisfied(found: WeightedLosses, scale) -> Estimate | str:
    """Loss at the top of the scale over loss among the merely satisfied.

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score.
    scale : counts.satisfaction.Scale

    Returns
    -------
    Estimate or str
        A ratio of shares lost (1 is no difference), its interval on the log scale; a
        text where fewer than five were lost at the top, or among the merely satisfied.

    Examples
    --------
    A fifth of those at 4 are lost, a tenth of those at 5:

    >>> from retention.counts.satisfaction import Scale
    >>> from retention.satisfaction import weighted_losses
    >>> asked = pd.DataFrame({"score": [4.0] * 4 + [5.0] * 4, "responded": 1,
    ...     "followed": 1, "lost": [1, 1, 0, 0] * 2, "gone": [1, 1, 0, 0] * 2,
    ...     "bucket": ["00", "01"] * 4, "n": [20, 20, 80, 80, 10, 10, 90, 90]})
    >>> ratio = top_against_satisfied(weighted_losses(asked), Scale.of(1, 5))
    >>> round(float(ratio.value), 2), ratio.unit
    (0.5, 'times')
    """
    top = found.rows(lambda s: s >= scale.top_from)
    merely = found.rows(lambda s: scale.satisfied_from <= s < scale.top_from)
    lost = found.counted["lost"].to_numpy()
    if min(lost[top].sum(), lost[merely].sum()) < 5:
        return "Fewer than five losses at the top of the scale or just below it."
    rate = lambda s, k: s[k, LOST].sum() / s[k, FOLLOWED].sum()  # noqa: E731
    n = int(found.counted.loc[top | merely, "followed"].sum())
    log = found.number(lambda s: np.log(rate(s, top) / rate(s, merely)), n=n)
    low, value, high = np.exp([log.lower, log.value, log.upper])
    return Estimate(
        value, low, high, n, f"{log.method}, log scale", "times", value * log.se
    )
