"""Newton's method that notices coefficients without a finite value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

SETTLED = 1e-7
FAR = 15.0  # a hazard ratio of three million
MOST_STEPS = 60
NEVER_EVENT = -40.0  # exp(-40) vanishes beside 1 in double precision
ALWAYS_EVENT = 40.0


class Position(Protocol):
    """A log-likelihood at a point, its slope and curvature for the coefficients."""

    log_likelihood: float
    score: np.ndarray
    information: np.ndarray

    def move(self, step: np.ndarray) -> np.ndarray:
        """Step of all parameters that goes with a step of the coefficients."""


@dataclass(frozen=True, eq=False)
class Peak:
    """Where the ascent ended, and why some coefficients were held.

    `step` is the coefficients' last step; `settled` says that it was a small one.
    """

    theta: np.ndarray
    position: Position
    held: dict[int, str]
    iterations: int
    step: np.ndarray
    settled: bool

    def covariance(self) -> np.ndarray:
        """Inverse information of the coefficients; nan for those held."""
        p = len(self.position.score)
        free = _free(p, self.held)
        cov = np.full((p, p), np.nan)
        cov[np.ix_(free, free)] = np.linalg.inv(
            self.position.information[np.ix_(free, free)]
        )
        return cov


def ascend(
    evaluate: Callable[[np.ndarray], Position],
    theta: np.ndarray,
    *,
    names: list[str],
    held: dict[int, str],
    part: float = 0.0,
) -> Peak:
    """Maximum of a concave log-likelihood whose coefficients end the vector theta.

    A step is small enough when it is below a part of the whole way, or below
    `SETTLED` in any case. A coefficient that is far out and still moving has no finite
    maximum: it is held where it is, which leaves the others at their limiting values.
    """
    start, position, p = theta, evaluate(theta), len(names)
    held = dict(held) | uninformed(position, held)
    for iteration in range(1, MOST_STEPS + 1):
        step = newton(position, held)
        move = position.move(step)
        way = np.abs(theta + move - start).max(initial=0.0)
        if np.abs(move).max(initial=0.0) < max(SETTLED, part * way):
            return Peak(theta + move, position, held, iteration, step, True)
        gone = runaway(theta[len(theta) - p :], step)
        if gone:
            held |= gone
            continue
        ahead = _uphill(evaluate, theta, position, move)
        if ahead is None:
            break
        theta, position = ahead
    return Peak(theta, position, held, iteration, step, False)


def unsettled(names: list[str], peak: Peak) -> ValueError:
    """Error that says which coefficient kept moving."""
    moving = names[int(np.abs(peak.step).argmax())]
    return ValueError(
        f"The fit did not settle; {moving} still moves: "
        "leave it out, put its levels together, or take its logarithm."
    )


def _free(p: int, held: dict[int, str]) -> np.ndarray:
    return np.setdiff1d(np.arange(p), list(held))


def newton(position: Position, held: dict[int, str]) -> np.ndarray:
    """Newton step of the coefficients that are not held."""
    free = _free(len(position.score), held)
    step = np.zeros(len(position.score))
    step[free] = np.linalg.lstsq(
        position.information[np.ix_(free, free)], position.score[free], rcond=None
    )[0]
    return step


def _uphill(evaluate, theta, position, move) -> tuple[np.ndarray, Position] | None:
    """Point after a step, halved until the likelihood does not fall."""
    slack = 1e-10 * (1 + abs(position.log_likelihood))
    for _ in range(30):
        ahead = evaluate(theta + move)
        if ahead.log_likelihood >= position.log_likelihood - slack:
            return theta + move, ahead
        move = move / 2
    return None


def runaway(beta: np.ndarray, step: np.ndarray) -> dict[int, str]:
    """Coefficients far out and still moving, and where to."""
    far = (np.abs(beta + step) > FAR) & (np.abs(step) > 0.1)
    return {int(j): _running(beta[j] + step[j]) for j in np.flatnonzero(far)}


def _running(value: float) -> str:
    side = "minus" if value < 0 else "plus"
    return f"no finite value: the likelihood still rises towards {side} infinity"


def uninformed(position: Position, held: dict[int, str]) -> dict[int, str]:
    """Coefficients on which the data say nothing of their own, and why."""
    info = position.information
    known = np.diag(info)
    none = known <= 1e-12 * known.max(initial=0.0)
    found = {
        int(j): "never at risk, beside others, when somebody left"
        for j in np.flatnonzero(none)
        if j not in held
    }
    kept: list[int] = []
    for j in np.flatnonzero(~none):
        if j in held:
            continue
        if kept and _left_over(info, kept, j) < 1e-9 * known[j]:
            found[int(j)] = "says no more than the columns before it"
        else:
            kept.append(int(j))
    return found


def _left_over(info: np.ndarray, kept: list[int], j: int) -> float:
    """Information on a coefficient once those kept are known."""
    across = info[kept, j]
    return info[j, j] - across @ np.linalg.solve(info[np.ix_(kept, kept)], across)


def coefficient_table(
    terms: pd.DataFrame,
    coef: np.ndarray,
    covariance: np.ndarray,
    *,
    held: dict[int, str],
    confidence: float,
) -> pd.DataFrame:
    """Terms with coef, se, hazard_ratio, its lower and upper, z, p and a note."""
    from scipy.special import ndtr, ndtri

    coef = np.array(coef, float)
    coef[list(held)] = np.nan
    se = np.sqrt(np.diag(covariance))
    reach = ndtri(0.5 + confidence / 2) * se
    return terms.assign(
        coef=coef,
        se=se,
        hazard_ratio=np.exp(coef),
        lower=np.exp(coef - reach),
        upper=np.exp(coef + reach),
        z=coef / se,
        p=2 * ndtr(-np.abs(coef / se)),
        note=[held.get(j, "") for j in range(len(terms))],
    )


def term_names(terms: pd.DataFrame) -> list[str]:
    """Short names such as "contract=annual, periods 1-12"."""
    levels = terms["term"] + [f"={x}" if x != "" else "" for x in terms["level"]]
    if "periods" not in terms:
        return levels.tolist()
    within = [f", periods {x}" if x != "all" else "" for x in terms["periods"]]
    return (levels + within).tolist()
