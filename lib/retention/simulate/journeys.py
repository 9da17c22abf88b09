"""Customer journeys: a first-order Markov chain over five channels."""

import numpy as np
import pandas as pd

from retention.simulate.referral import text_ids

CHANNELS = np.array(["search", "social", "email", "rep", "friend"], object)
CONVERTED, LOST = 5, 6

PLANTED = {
    "journeys": 30_000,
    "start": [0.40, 0.25, 0.10, 0.05, 0.20],
    "next": [
        [0.00, 0.05, 0.15, 0.15, 0.05, 0.05, 0.55],
        [0.15, 0.00, 0.10, 0.05, 0.05, 0.02, 0.63],
        [0.10, 0.02, 0.00, 0.25, 0.03, 0.08, 0.52],
        [0.03, 0.00, 0.10, 0.00, 0.02, 0.30, 0.55],
        [0.15, 0.05, 0.05, 0.40, 0.00, 0.15, 0.20],
    ],
    "touch_cost": {
        "search": 0.80,
        "social": 0.40,
        "email": 0.05,
        "rep": 12.0,
        "friend": 0.0,
    },
}
COST = np.array(list(PLANTED["touch_cost"].values()))


def touchpoints(scale, rng):
    """One row a touch; `converted` is the end of the whole journey."""
    n = max(1, round(PLANTED["journeys"] * scale))
    journey, position, channel, converted = walks(n, rng)
    order = np.lexsort((position, journey))
    channel = channel[order]
    return pd.DataFrame(
        {
            "journey_id": text_ids("J", range(n))[journey[order]],
            "position": position[order].astype("int16"),
            "channel": CHANNELS[channel],
            "converted": converted[journey[order]].astype("int8"),
            "cost": COST[channel],
        }
    )


def walks(n, rng):
    """Journey, position and channel of every touch, and which journeys converted."""
    step, start = (np.cumsum(PLANTED[k], axis=-1) for k in ("next", "start"))
    active, touches = np.arange(n), []
    state = np.searchsorted(start[:-1], rng.random(n), side="right")
    converted = np.zeros(n, bool)
    while len(active):
        touches.append((active, np.full(len(active), len(touches) + 1), state))
        state = (rng.random((len(active), 1)) >= step[state, :-1]).sum(axis=1)
        converted[active[state == CONVERTED]] = True
        goes_on = state < CONVERTED
        active, state = active[goes_on], state[goes_on]
    return *(np.concatenate(parts) for parts in zip(*touches, strict=True)), converted
