"""What customers think, what they answer, and the surveys table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.simulate.clock import RECORDS, first_day, nanoseconds

DRIVERS = ("quality", "service", "price", "innovation", "image")

PLANTED = {
    "rating": {"level": 4.6, "spread": 1.2, "engagement": 0.3, "noise": 0.8},
    "points": {"level": 6.80, "expectation": -0.50, "centre": 4.5, "noise": 0.7},
    "penalty": dict(zip(DRIVERS, (-1.2, -0.7, -0.5, 0.0, 0.0), strict=True)),
    "reward": dict(zip(DRIVERS, (0.0, 0.6, 0.5, 0.9, 0.0), strict=True)),
    "low_rating": 2,
    "high_rating": 6,
    "expectation": {"level": 4.5, "premium": 0.8, "noise": 1.0},
    "cuts": [4.6, 5.5, 6.15, 7.8],
    "complaint": {"base": 0.05, "service_low": 0.35, "quality_low": 0.15},
    "invited": 0.40,
    "response": {"intercept": -0.6, "engagement": 0.9, "complaint": -1.5},
    "intent": {"level": 1.6, "score": 0.62, "noise": 0.6},
    "recommend": {"level": 0.3, "points": 0.95, "noise": 1.2},
    "exit": {"asked": 0.5, "lowered": 0.5},
}


@dataclass(eq=False)
class Opinions:
    """Ratings (n x 5), expectation, points (0-10), score (1-5) and complaint."""

    ratings: np.ndarray
    expectation: np.ndarray
    points: np.ndarray
    score: np.ndarray
    complaint: np.ndarray


def opinions(stock, rng):
    """What each customer of the stock thinks now."""
    n, p = len(stock), PLANTED["points"]
    ratings = driver_ratings(stock, rng)
    noise = rng.standard_normal((2, n))
    e = PLANTED["expectation"]
    mean = e["level"] + e["premium"] * stock.premium
    expectation = np.clip(np.round(mean + e["noise"] * noise[0]), 1, 7)
    points = (
        p["level"]
        + penalties_and_rewards(ratings)
        + p["expectation"] * (expectation - p["centre"])
        + p["noise"] * noise[1]
    )
    points = np.round(np.clip(points, 0, 10), 2)
    score = 1 + np.searchsorted(PLANTED["cuts"], points, side="right")
    complaint = rng.random(n) < complaint_probability(ratings)
    return Opinions(ratings, expectation, points, score.astype(np.int8), complaint)


def driver_ratings(stock, rng):
    """Ratings 1-7: a fixed leaning of the customer, and the quarter's noise."""
    r = PLANTED["rating"]
    leaning = r["engagement"] * stock.engagement[:, None] + stock.traits
    noise = r["noise"] * rng.standard_normal(stock.traits.shape)
    return np.clip(np.round(r["level"] + r["spread"] * (leaning + noise)), 1, 7)


def penalties_and_rewards(ratings):
    """What low and high ratings take from and add to the points."""
    low, high = PLANTED["low_rating"], PLANTED["high_rating"]
    penalty = (ratings <= low) @ np.array(list(PLANTED["penalty"].values()))
    return penalty + (ratings >= high) @ np.array(list(PLANTED["reward"].values()))


def complaint_probability(ratings):
    """Chance that a customer with these ratings complains."""
    c, low = PLANTED["complaint"], ratings <= PLANTED["low_rating"]
    return c["base"] + c["service_low"] * low[:, 1] + c["quality_low"] * low[:, 0]


def answers(stock, opinion, month, rng):
    """Rows of the quarter's relationship survey: one for each invited customer."""
    n, r, i, s = len(stock), *(PLANTED[k] for k in ("response", "intent", "recommend"))
    logit = (
        r["intercept"]
        + r["engagement"] * stock.engagement
        + r["complaint"] * opinion.complaint
    )
    uniform, noise = rng.random((2, n)), rng.standard_normal((2, n))
    intent = i["level"] + i["score"] * opinion.score + i["noise"] * noise[0]
    recommend = s["level"] + s["points"] * opinion.points + s["noise"] * noise[1]
    rows = {
        "number": stock.number,
        "month": np.full(n, month),
        "responded": uniform[1] < 1 / (1 + np.exp(-logit)),
        "satisfaction": opinion.score,
        "satisfaction_points": opinion.points,
        "expectation": opinion.expectation,
        "intent": np.clip(np.round(intent), 1, 5),
        "recommend": np.clip(np.round(recommend), 0, 10),
        **dict(zip(DRIVERS, opinion.ratings.T, strict=True)),
    }
    invited = uniform[0] < PLANTED["invited"]
    return {name: values[invited] for name, values in rows.items()}


def surveys(history, ids, rng):
    """The surveys table: relationship surveys, then exit surveys, by customer."""
    table = pd.concat(
        [relationship_surveys(history.answers, ids), exit_surveys(history, ids, rng)]
    )
    whole = ["responded", "satisfaction", "expectation", "intent", "recommend"]
    table = table.astype(dict.fromkeys([*whole, *DRIVERS], "Int8"))
    return table.sort_values(["customer_id", "surveyed_on"], ignore_index=True)


def relationship_surveys(rows, ids):
    """Invited customers; what they would have answered is empty without a response."""
    said = [name for name in rows if name not in ("number", "month", "responded")]
    heard = {name: np.where(rows["responded"], rows[name], np.nan) for name in said}
    return pd.DataFrame(
        {
            "customer_id": ids[rows["number"]],
            "surveyed_on": nanoseconds(first_day(rows["month"])),
            "responded": rows["responded"],
            "kind": "relationship",
            **heard,
        }
    )


def exit_surveys(history, ids, rng):
    """Half of those who left of their own will, some of them darker than before."""
    gone = np.flatnonzero(history.voluntary & (history.left_month >= RECORDS))
    asked, lowered = rng.random((2, len(gone)))
    lower = (lowered < PLANTED["exit"]["lowered"])[asked < PLANTED["exit"]["asked"]]
    gone = gone[asked < PLANTED["exit"]["asked"]]
    return pd.DataFrame(
        {
            "customer_id": ids[gone],
            "surveyed_on": nanoseconds(history.left_on[gone]),
            "responded": True,
            "kind": "exit",
            "satisfaction": np.maximum(history.customers.score[gone] - lower, 1),
        }
    )
