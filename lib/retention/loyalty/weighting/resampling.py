"""A bootstrap that fits nothing again."""

import numpy as np

from retention.intervals import Estimate
from retention.loyalty.weighting.answer import DoublyRobust

ROWS_AT_ONCE = 20_000


def multiplier_bootstrap(
    influence: np.ndarray, *, replicates: int = 500, seed: int = 1
) -> np.ndarray:
    """Deviations of an estimate from its value, one a replicate.

    Each replicate flips the sign of every customer's influence by a fair coin and
    takes the mean, which is as variable as the estimate itself.

    Parameters
    ----------
    influence : array, shape (n,)
        What each customer contributes (`DoublyRobust.influence`).
    replicates : int
    seed : int

    Returns
    -------
    array, shape (replicates,)

    References
    ----------
    van der Vaart, A. W. and Wellner, J. A. (1996). Weak convergence and empirical
    processes, chapter 2.9. Springer.

    Examples
    --------
    >>> influence = np.random.default_rng(0).normal(size=10_000)
    >>> draws = multiplier_bootstrap(influence, replicates=2_000)
    >>> bool(abs(draws.std() / 0.01 - 1) < 0.05)
    True
    """
    rng = np.random.default_rng(seed)
    centred = influence - influence.mean()
    heads = np.zeros(replicates)
    for start in range(0, len(centred), ROWS_AT_ONCE):
        part = centred[start : start + ROWS_AT_ONCE].astype(np.float32)
        heads += _heads(rng, replicates, len(part)) @ part
    return 2 * heads / len(centred)  # the sum over all is 0


def _heads(rng, replicates: int, n: int) -> np.ndarray:
    """Fair coins, eight from each random byte."""
    width = -(-n // 8)
    raw = np.frombuffer(rng.bytes(replicates * width), np.uint8)
    bits = np.unpackbits(raw.reshape(replicates, width), axis=1)[:, :n]
    return bits.astype(np.float32)


def bootstrap_estimate(
    answer: DoublyRobust, *, replicates: int = 500, seed: int = 1
) -> Estimate:
    """The doubly robust estimate with a multiplier-bootstrap interval.

    Parameters
    ----------
    answer : DoublyRobust
    replicates, seed : int
        As in `multiplier_bootstrap`.

    Returns
    -------
    Estimate
        With percentile bounds.

    Examples
    --------
    Members and others alternate and members have 3 more, at every age:

    >>> import pandas as pd
    >>> from retention.loyalty import doubly_robust
    >>> k = np.arange(400)
    >>> rows = pd.DataFrame({"member": k % 2, "age": k // 2 % 10})
    >>> rows["revenue"] = 3.0 * rows["member"] + rows["age"] + k // 20 % 3
    >>> found = bootstrap_estimate(doubly_robust(rows, covariates=["age"]))
    >>> round(found.value, 1), found.method
    (3.0, 'doubly robust, multiplier bootstrap of 500')
    """
    draws = multiplier_bootstrap(answer.influence, replicates=replicates, seed=seed)
    value = answer.estimate.value
    lower, upper = value + np.quantile(draws, [0.025, 0.975])
    return Estimate(
        value,
        float(lower),
        float(upper),
        answer.estimate.n,
        f"doubly robust, multiplier bootstrap of {replicates}",
        answer.estimate.unit,
        float(draws.std(ddof=1)),
    )
