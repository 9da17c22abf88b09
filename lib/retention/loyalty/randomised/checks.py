"""What a randomised comparison stands on."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from retention.intervals import Check
from retention.loyalty.balance import balance, balance_check
from retention.loyalty.randomised.contrast import Contrast

WEAKEST_TAKE_UP = 10.0  # z of the take-up: below it a ratio to it is not stable
LEFT_TO_CHANCE = 0.001


def sample_ratio(
    arms: pd.DataFrame,
    *,
    planned: Mapping[str, float] | None = None,
    only: tuple[str, ...] = (),
) -> Check:
    """Whether the arms have the sizes that were planned.

    Parameters
    ----------
    arms : DataFrame
        As in `randomised`.
    planned : mapping of str to float, optional
        Planned share of each arm.
    only : tuple of str
        Arms to look at; all by default.

    Returns
    -------
    Check
        FAIL where a ratio as odd would come by chance less than once in a thousand.

    Examples
    --------
    >>> arms = pd.DataFrame({"arm": ["offer", "holdout"], "outcome": "margin",
    ...                      "n": [7600, 2400]})
    >>> check = sample_ratio(arms, planned={"offer": 0.75, "holdout": 0.25})
    >>> print(check.status, check.finding, sep=": ")
    PASS: The arms hold holdout 2,400, offer 7,600: p = 0.021 against the plan.
    """
    from scipy.special import chdtrc

    sizes = arms[arms["outcome"] == arms["outcome"].iloc[0]].groupby("arm")["n"].sum()
    sizes = sizes[list(only)] if only else sizes
    said = ", ".join(f"{name} {n:,}" for name, n in sizes.items())
    if not planned or not set(sizes.index) <= set(planned):
        return Check(
            "sample ratio",
            "REVIEW",
            f"The arms hold {said}; the planned shares are not stated.",
            "State the planned shares, so that a broken lot would show.",
        )
    share = pd.Series(planned, dtype=float)[sizes.index]
    expected = share / share.sum() * sizes.sum()
    chi2 = float(((sizes - expected) ** 2 / expected).sum())
    p = float(chdtrc(len(sizes) - 1, chi2))
    finding = f"The arms hold {said}: p = {p:.2g} against the plan."
    if p > LEFT_TO_CHANCE:
        return Check("sample ratio", "PASS", finding)
    remedy = "The lot was not kept: find who is missing before reading any effect."
    return Check("sample ratio", "FAIL", finding, remedy)


def balanced(covariates: pd.DataFrame | None, arm: str, control: str) -> list[Check]:
    """Whether the arms were alike before; nothing without covariates."""
    if covariates is None:
        return []
    table = balance(covariates, treated=arm, control=control)
    return [balance_check(table, name="balance of the arms")]


def compliance(without: pd.Series) -> Check:
    """Whether the control kept away from what was offered."""
    name, took = "nobody in the control took it", int(without["d"])
    if took == 0:
        return Check(name, "PASS", "None of the control took the offer.")
    return Check(
        name,
        "REVIEW",
        f"{took:,} of {int(without['n']):,} in the control took the offer.",
        "The effect on takers is then that on those whom the offer moved.",
    )


def strength(lin: Contrast) -> Check:
    """Whether enough took the offer to divide by them."""
    # Where all took it and none of the control, rounding leaves a hair below zero.
    name, se = "take-up", np.sqrt(max(lin.covariance[1, 1], 0.0))
    if lin.effect[1] <= 0:
        return Check(
            name,
            "FAIL",
            "Nobody took what was offered.",
            "Only the intention to treat can be read.",
        )
    z = lin.effect[1] / se if se > 0 else np.inf
    finding = f"{lin.effect[1]:.0%} more took it than in the control."
    if z > WEAKEST_TAKE_UP:
        return Check(name, "PASS", finding)
    remedy = "Too few took it for an effect on takers: read the intention to treat."
    return Check(name, "REVIEW", finding, remedy)
