"""Removal effects: what a Markov model of the journeys loses without a channel."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.referral.resampled import intervals_of, spread, with_and_without


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps of all journeys, counted by what came before.

    Attributes
    ----------
    counts : ndarray, shape (1 + buckets, contexts, channels + 2)
        Steps from each context to each channel, to a purchase, and to the end
        without one: all buckets together in row 0, then all but each.
    contexts : ndarray of int, shape (contexts, order)
        The last touches, oldest first; the number of channels stands for "before
        the first touch".
    """

    counts: np.ndarray
    contexts: np.ndarray

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.counts.shape[2] - 2


def steps(paths, order: int = 1) -> Steps:
    """Steps of journeys by the last touches before them.

    Parameters
    ----------
    paths : Paths
        From `retention.counts.journeys`.
    order : int
        How many touches back the next step may depend on.

    Returns
    -------
    Steps

    Examples
    --------
    Row 0 holds all journeys; the last two columns are a purchase, and the end without
    one. The first row of it is after the ad, the last before the first touch:

    >>> from retention.counts import paths_of
    >>> walk = steps(paths_of([("ad > shop", 10, 4), ("shop", 5, 1)]))
    >>> walk.contexts.ravel().tolist()
    [0, 1, 2]
    >>> walk.counts[0].tolist()
    [[0.0, 10.0, 0.0, 0.0], [0.0, 0.0, 5.0, 10.0], [10.0, 5.0, 0.0, 0.0]]
    """
    k = len(paths.channels)
    contexts, context, target = _walked(paths.touches, k, order)
    table, path = paths.table, paths.table["path"].to_numpy()
    buckets = sorted(table["bucket"].unique())
    shape = (len(buckets), len(contexts), k + 2)
    counts = np.zeros(shape)
    bucket = pd.Index(buckets).get_indexer(table["bucket"])
    for step in range(context.shape[1]):
        to = target[path, step]
        rows = np.flatnonzero(to >= 0)
        if not len(rows):
            break
        counts += _tally(
            shape, bucket[rows], context[path[rows], step], to[rows], table.iloc[rows]
        )
    return Steps(with_and_without(counts), contexts)


def markov_orders(paths, *, most: int = 3) -> pd.DataFrame:
    """How far back the next step depends, by the Bayesian information criterion.

    Parameters
    ----------
    paths : Paths
    most : int
        Highest order tried.

    Returns
    -------
    DataFrame
        `order`, `contexts`, `parameters`, `log_likelihood`, `bic` (of the steps of
        all journeys), and `chosen` (the smallest bic).

    References
    ----------
    Katz (1981), "On some criteria for estimating the order of a Markov chain",
    Technometrics 23, 243-249.

    Examples
    --------
    What follows the shop depends on what came before it, so one touch back is not
    enough:

    >>> from retention.counts import paths_of
    >>> paths = paths_of([("ad > shop > ad", 200, 50), ("mail > shop > mail", 200, 50)])
    >>> markov_orders(paths)[["order", "contexts", "chosen"]]
       order  contexts  chosen
    0      1         4   False
    1      2         7    True
    2      3         7    True
    """
    rows = []
    for order in range(1, most + 1):
        counts = steps(paths, order).counts[0]
        total = counts.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(counts > 0, counts * np.log(counts / total), 0.0)
        parameters = len(counts) * (counts.shape[1] - 1)
        bic = parameters * np.log(max(counts.sum(), 1)) - 2 * logs.sum()
        rows.append((order, len(counts), parameters, float(logs.sum()), float(bic)))
    names = ["order", "contexts", "parameters", "log_likelihood", "bic"]
    out = pd.DataFrame(rows, columns=names)
    return out.assign(chosen=out["bic"] == out["bic"].min())


def removal_effects(paths, *, order: int = 1) -> pd.DataFrame:
    """Share of the purchases that a Markov model loses when a channel is taken out.

    Every journey that would have come to the channel ends there without a purchase.
    The effect is exact: the chance of reaching a purchase is a linear system in the
    step probabilities, and no journey is simulated.

    Parameters
    ----------
    paths : Paths
        From `retention.counts.journeys`.
    order : int
        How many touches back a step may depend on.

    Returns
    -------
    DataFrame
        `channel`, `removal_effect` with `lower`, `upper` and `se`, and `share`, the
        effect over the sum of all effects, with `share_lower` and `share_upper`
        (delete-a-group jackknife). It is a description of the journeys, not of what
        would happen without the channel: people look for another way.

    References
    ----------
    Anderl, Becker, von Wangenheim and Schumann (2016), "Mapping the customer
    journey", International Journal of Research in Marketing 33, 457-474.

    Examples
    --------
    Three journeys, one of which converts:

    >>> from retention.counts import paths_of
    >>> three = paths_of([("C1 > C2 > C3", 1, 1), ("C1", 1, 0), ("C2 > C3", 1, 0)])
    >>> removal_effects(three)[["channel", "removal_effect", "share"]]
      channel  removal_effect  share
    0      C1             0.5    0.2
    1      C2             1.0    0.4
    2      C3             1.0    0.4
    """
    _, effects = _effects(steps(paths, order))
    total = effects.sum(axis=1, keepdims=True)
    share = np.divide(
        effects, total, out=np.full_like(effects, np.nan), where=total > 0
    )
    out = pd.DataFrame({"channel": list(paths.channels)})
    for name, values in (("removal_effect", effects), ("share", share)):
        before = "share_" if name == "share" else ""
        low, high = intervals_of(values)
        out[name] = values[0]
        out[f"{before}lower"], out[f"{before}upper"] = low, high
    out["se"] = spread(effects) if len(effects) > 2 else np.nan
    return out


def model_conversion(paths, *, order: int = 1) -> float:
    """Share of journeys that end in a purchase, in the Markov model.

    Parameters
    ----------
    paths : Paths
        From `retention.counts.journeys`.
    order : int
        How many touches back a step may depend on.

    Returns
    -------
    float
        A share of the journeys. With enough memory it is the share that was seen.

    Examples
    --------
    >>> from retention.counts import paths_of
    >>> three = paths_of([("C1 > C2 > C3", 1, 1), ("C1", 1, 0), ("C2 > C3", 1, 0)])
    >>> round(model_conversion(three), 4)
    0.3333
    """
    return float(_effects(steps(paths, order))[0][0])


def _walked(touches: np.ndarray, k: int, order: int):
    """Distinct contexts; context and next channel of each step of each path.

    The step after the last touch has target k; the steps beyond have -1.
    """
    n, longest = touches.shape
    padded = np.concatenate([np.full((n, order), k), touches], axis=1)
    windows = np.stack([padded[:, i : i + longest + 1] for i in range(order)], axis=2)
    ended = (windows == -1).any(axis=2)
    code = (np.maximum(windows, 0) * (k + 1) ** np.arange(order)[::-1]).sum(axis=2)
    known, context = np.unique(code[~ended], return_inverse=True)
    place = np.full((n, longest + 1), -1)
    place[~ended] = context
    target = np.concatenate([touches, np.full((n, 1), -1)], axis=1)
    target = np.where(~ended & (target == -1), k, target)
    target[ended] = -1
    contexts = known[:, None] // (k + 1) ** np.arange(order)[::-1] % (k + 1)
    return contexts, place, target


def _tally(shape, bucket, context, to, rows) -> np.ndarray:
    """Steps of one position: onwards, or to a purchase and to the end."""
    k = shape[2] - 2
    n, bought = rows["n"].to_numpy(float), rows["converted"].to_numpy(float)
    flat = np.ravel_multi_index([bucket, context, to], shape)
    found = np.bincount(flat, np.where(to == k, bought, n), np.prod(shape))
    last = to == k
    lost = np.ravel_multi_index([bucket[last], context[last], to[last] + 1], shape)
    found += np.bincount(lost, (n - bought)[last], np.prod(shape))
    return found.reshape(shape)


def _effects(walk: Steps) -> tuple[np.ndarray, np.ndarray]:
    """Conversion, and removal effect of each channel, for each row of counts.

    With N the expected visits, v the chance of a purchase from each context and J
    the contexts in which the channel was the last touch, a journey that buys after
    touching the channel first enters J at one of its contexts; the chances of these
    entries are N[start, J] N[J, J]^-1.
    """
    k, contexts = walk.channels, walk.contexts
    total = walk.counts.sum(axis=2, keepdims=True)
    share = np.divide(
        walk.counts, total, out=np.zeros_like(walk.counts), where=total > 0
    )
    visits = np.linalg.inv(np.eye(len(contexts)) - _between(share, contexts, k))
    buys = np.einsum("bij,bj->bi", visits, share[:, :, k])
    start = int(np.flatnonzero((contexts == k).all(axis=1))[0])
    conversion = buys[:, start]
    effects = np.zeros((len(share), k))
    for channel in range(k):
        at = np.flatnonzero(contexts[:, -1] == channel)
        if len(at):
            inner = visits[:, at][:, :, at].transpose(0, 2, 1)
            first = np.linalg.solve(inner, visits[:, start, at][:, :, None])[:, :, 0]
            effects[:, channel] = (first * buys[:, at]).sum(axis=1)
    safe = np.where(conversion > 0, conversion, np.nan)
    return conversion, effects / safe[:, None]


def _between(share: np.ndarray, contexts: np.ndarray, k: int) -> np.ndarray:
    """Chances of moving from context to context."""
    order = contexts.shape[1]
    weights = (k + 1) ** np.arange(order)[::-1]
    code = pd.Index((contexts * weights).sum(axis=1))
    inner = np.zeros((len(share), len(contexts), len(contexts)))
    for channel in range(k):
        after = np.column_stack([contexts[:, 1:], np.full(len(contexts), channel)])
        to = code.get_indexer((after * weights).sum(axis=1))
        known = np.flatnonzero(to >= 0)
        inner[:, known, to[known]] = share[:, known, channel]
    return inner
