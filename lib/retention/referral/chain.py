"""Told, interested, joined: the chain of word of mouth, and when it dies out."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate, number, wilson
from retention.referral.offspring import dispersion


@dataclass(frozen=True, eq=False)
class Chain:
    """Word of mouth of the customers who were asked.

    Attributes
    ----------
    told : Estimate
        People told, per customer.
    size : Estimate
        Size of its negative binomial distribution; small means that few tell most.
    interested, joined : Estimate or None
        Share of those told who were interested, and of these who joined.
    product : Estimate or None
        People who joined, per customer.
    """

    told: Estimate
    size: Estimate
    interested: Estimate | None
    joined: Estimate | None
    product: Estimate | None

    @property
    def summary(self) -> str:
        """What the chain says, in a sentence."""
        if self.product is None:
            return f"A customer told {self.told.text}, of the {self.told.n:,} asked."
        return (
            f"A customer told {self.told.value_text}, of whom "
            f"{self.interested.value_text} were interested and of these "
            f"{self.joined.value_text} joined: {self.product.text}, as the "
            f"{self.told.n:,} customers asked remember it."
        )

    @property
    def fate(self) -> str:
        """What becomes of such a chain if nothing else brings customers."""
        if self.product is None or self.product.value <= 0:
            return ""
        if self.product.upper < 1:
            later = math.log(0.01) / math.log(self.product.value)
            return (
                "The chain dies out: each customer is followed by less than one. Of a "
                f"hundred customers it brings {self._in_all()} more in all, and after "
                f"{math.ceil(later)} rounds less than one of them a round."
            )
        if self.product.lower > 1:
            return (
                "Each customer is followed by more than one, so the chain would grow "
                "until nobody is left to tell."
            )
        return "Whether the chain dies out is not decided: the interval contains 1."

    def _in_all(self) -> str:
        return number(100 * self.product.value / (1 - self.product.value))


def chain(table: pd.DataFrame) -> Chain:
    """Stages of word of mouth with their intervals, and their product.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.word_of_mouth`.

    Returns
    -------
    Chain
        The number told has the variance of a negative binomial distribution, each
        later stage Wilson's interval, and the product the delta method on the log
        scale.

    Examples
    --------
    >>> asked = pd.DataFrame({"told": [0, 4, 8], "interested": [0, 1, 2],
    ...                       "joined": [0, 0, 1], "n": [40, 40, 20]})
    >>> chain(asked).product.text
    '0.20 people per customer (95 % CI 0.13 to 0.32)'
    """
    told, size = (
        told_mean(table),
        dispersion(
            table.rename(columns={"told": "referrals"})
            .groupby("referrals", as_index=False)[["n"]]
            .sum()
        ),
    )
    known = table[(table["interested"] >= 0) & (table["joined"] >= 0)]
    sums = {c: float((known[c] * known["n"]).sum()) for c in ("told", *STAGES)}
    if not len(known) or sums["interested"] > sums["told"] or not sums["interested"]:
        return Chain(told, size, None, None, None)
    interested = wilson(sums["interested"], sums["told"])
    joined = wilson(min(sums["joined"], sums["interested"]), sums["interested"])
    return Chain(told, size, interested, joined, _product(told, interested, joined))


STAGES = ("interested", "joined")


def stages_per_customer(chain: Chain) -> pd.DataFrame:
    """Stages of a chain in people per customer, beside the saying 1:25:8:1.

    Parameters
    ----------
    chain : Chain
        From `chain`.

    Returns
    -------
    DataFrame
        `stage`, `per_customer`, `lower`, `upper` (delta method on the log scale) and
        `said`. Empty where the later stages were not asked.

    Examples
    --------
    >>> asked = pd.DataFrame({"told": [0, 4, 8], "interested": [0, 1, 2],
    ...                       "joined": [0, 0, 1], "n": [40, 40, 20]})
    >>> stages_per_customer(chain(asked))[["stage", "per_customer", "said"]]
            stage  per_customer  said
    0        told           3.2    25
    1  interested           0.8     8
    2      joined           0.2     1
    """
    if chain.product is None:
        return pd.DataFrame()
    rows, steps = [], [chain.told]
    for stage, said, share in (
        ("told", 25, None),
        ("interested", 8, chain.interested),
        ("joined", 1, chain.joined),
    ):
        steps += [share] if share else []
        value = math.prod(step.value for step in steps)
        se = math.sqrt(sum((step.se / step.value) ** 2 for step in steps))
        ends = (value * math.exp(z * se) for z in (-1.96, 1.96))
        rows.append((stage, value, *ends, said))
    names = ["stage", "per_customer", "lower", "upper", "said"]
    return pd.DataFrame(rows, columns=names)


def told_mean(table: pd.DataFrame) -> Estimate:
    """People told, per customer, with a negative binomial variance.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.word_of_mouth`: `told` (people) and `n` (customers).

    Returns
    -------
    Estimate
        People per customer, the interval normal on the log scale; its ends are nan
        where nobody was told or fewer than two customers were asked.

    Examples
    --------
    >>> told_mean(pd.DataFrame({"told": [0, 2, 6], "n": [50, 30, 20]})).text
    '1.8 people (95 % CI 1.4 to 2.3)'
    """
    x, n = table["told"].to_numpy(float), table["n"].to_numpy(float)
    customers = n.sum()
    mean = (x * n).sum() / customers if customers else math.nan
    method = "mean, variance of a negative binomial"
    if not mean > 0 or customers < 2:
        ends = (math.nan, math.nan)
        return Estimate(float(mean), *ends, int(customers), method, "people")
    variance = (n * (x - mean) ** 2).sum() / (customers - 1)
    se = math.sqrt(max(variance, mean) / customers)
    ends = (mean * math.exp(z * se / mean) for z in (-1.96, 1.96))
    return Estimate(mean, *ends, int(customers), method, "people", se)


def told_by_score(table: pd.DataFrame, scale: tuple[float, float]) -> pd.DataFrame:
    """People told by customers of each last score.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.word_of_mouth`.
    scale : (float, float)
        Worst and best score. "dissatisfied" is the worst quarter of it, "delighted"
        the best score, "between" the rest.

    Returns
    -------
    DataFrame
        `customers` (group), `asked`, `told`, `lower`, `upper`, and `ratio` to those
        between, with `ratio_lower`, `ratio_upper`.

    Examples
    --------
    The worst quarter of a scale of 1 to 5 ends at 2; the dissatisfied tell twice as
    many:

    >>> table = pd.DataFrame({"told": [8, 4, 6], "score": [1.0, 3.0, 5.0],
    ...                       "n": [20, 50, 30]})
    >>> told_by_score(table, (1, 5))[["customers", "asked", "told", "ratio"]]
          customers  asked  told  ratio
    0  dissatisfied     20   8.0    2.0
    1       between     50   4.0    1.0
    2     delighted     30   6.0    1.5
    """
    low, high = scale
    score = table["score"]
    group = np.select(
        [score <= low + 0.25 * (high - low), score >= high, score.notna()],
        ["dissatisfied", "delighted", "between"],
        "",
    )
    means = {g: told_mean(table[group == g]) for g in GROUPS if (group == g).any()}
    base = means.get("between")
    rows = [
        (g, m.n, m.value, m.lower, m.upper, *_ratio(m, base)) for g, m in means.items()
    ]
    names = ["customers", "asked", "told", "lower", "upper"]
    return pd.DataFrame(rows, columns=[*names, "ratio", "ratio_lower", "ratio_upper"])


GROUPS = ("dissatisfied", "between", "delighted")


def told_by_dissatisfied(table: pd.DataFrame, scale) -> Estimate | str:
    """People whom a dissatisfied customer told, or why that is not known.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.word_of_mouth`.
    scale : (float, float)
        Worst and best score; dissatisfied is the worst quarter.

    Returns
    -------
    Estimate or str
        As `told_mean`; a text with fewer than 20 dissatisfied customers.

    Examples
    --------
    >>> table = pd.DataFrame({"told": [8, 12, 4], "score": [1.0, 2.0, 4.0],
    ...                       "n": [30, 30, 40]})
    >>> told_by_dissatisfied(table, (1, 5)).text
    '10.0 people (95 % CI 9.2 to 10.8)'
    """
    low, high = scale
    unhappy = table[table["score"] <= low + 0.25 * (high - low)]
    if unhappy["n"].sum() < 20:
        return "Fewer than 20 of the customers asked were dissatisfied."
    return told_mean(unhappy)


def _people(table: pd.DataFrame) -> pd.DataFrame:
    """Customers by people told, in the columns that `dispersion` takes."""
    told = table.groupby("told", as_index=False)["n"].sum()
    return told.rename(columns={"told": "referrals"})


def _ratio(mean: Estimate, base: Estimate | None) -> tuple[float, float, float]:
    if base is None or not (base.value > 0 and mean.value > 0):
        return (math.nan,) * 3
    ratio = mean.value / base.value
    if mean is base:
        return ratio, math.nan, math.nan
    se = math.hypot(mean.se / mean.value, base.se / base.value)
    return ratio, ratio * math.exp(-1.96 * se), ratio * math.exp(1.96 * se)


def _product(told, interested, joined) -> Estimate | None:
    value = told.value * interested.value * joined.value
    method, unit = "product of the stages, delta method", "people per customer"
    if not value > 0:
        return None
    se = math.sqrt(sum((e.se / e.value) ** 2 for e in (told, interested, joined)))
    ends = (value * math.exp(z * se) for z in (-1.96, 1.96))
    return Estimate(value, *ends, told.n, method, unit, value * se)
