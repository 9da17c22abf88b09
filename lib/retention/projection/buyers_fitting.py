"""Fits of the models of repeat buyers: collapsed counts in, a maximum out."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from retention.intervals import Maximum, delta

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]

HESSIAN_STEP = 1e-3
GRADIENT_STEP = 1e-5
FEWEST = 10
# a curvature below which a parameter is not known to a factor of fifty either way
FLAT = 0.25


def buyer_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Cells of x, t_x, T and n, checked and counted together.

    Parameters
    ----------
    table : DataFrame
        ``x``, ``t_x``, ``T`` and, unless a row is a customer, ``n``.

    Returns
    -------
    DataFrame
        ``x``, ``t_x``, ``T`` and ``n`` as numbers, one row a combination.

    Raises
    ------
    ValueError
        If a column is missing, a row is impossible or nobody bought again.
    """
    cells = weighted(table, ["x", "t_x", "T"])
    impossible = cells[
        ~(cells["x"] >= 0)
        | (cells["x"] % 1 != 0)
        | ~(cells["t_x"] >= 0)
        | ~(cells["T"] >= cells["t_x"])
        | ((cells["x"] == 0) & (cells["t_x"] > 0))
    ]
    if len(impossible):
        raise ValueError(
            f"{len(impossible)} rows cannot be: x is a whole number of repeat "
            "purchases, t_x lies between 0 and T, and without a repeat purchase t_x "
            f"is 0. The first is row {impossible.index[0]}: "
            f"{impossible.iloc[0].to_dict()}."
        )
    bought, people = cells.loc[cells["x"] > 0, "n"].sum(), cells["n"].sum()
    if bought < FEWEST:
        raise ValueError(
            f"{format(bought, ',.0f') if bought else 'None'} of the {people:,.0f} "
            f"customers bought again, and {FEWEST} is the fewest that tell how "
            "customers differ: wait longer or count another group."
        )
    return cells.groupby(["x", "t_x", "T"], as_index=False)["n"].sum()


def weighted(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The named columns as floats, and ``n``, which is 1 where it is not given."""
    missing = [name for name in names if name not in table]
    if missing:
        raise ValueError(
            f"The table lacks {', '.join(missing)}; it has "
            f"{', '.join(map(str, table.columns))}."
        )
    cells = table[list(names)].astype(float)
    return cells.assign(n=table["n"].astype(float) if "n" in table else 1.0)


def maximum(
    objective: Objective,
    start: Sequence[float],
    bounds: Sequence[tuple[float, float]],
) -> Maximum:
    """Maximum of a log-likelihood whose gradient is known.

    A quasi-Newton search is finished by Newton's steps with second differences, whose
    inverse is the covariance: the matrix that the search carries along is none.

    Parameters
    ----------
    objective : callable
        From a parameter vector to the log-likelihood and its gradient.
    start : sequence of float
        Where to begin.
    bounds : sequence of pairs
        Range of each parameter.

    Returns
    -------
    Maximum

    Raises
    ------
    ValueError
        When the likelihood has no curvature at its maximum.
    """
    from scipy.optimize import minimize

    size = max(1.0, abs(objective(np.array(start, float))[0]))
    found = minimize(
        lambda theta: tuple(-part / size for part in objective(theta)),
        np.array(start, float),
        jac=True,
        method="L-BFGS-B",
        bounds=list(bounds),
        options={"maxiter": 200, "ftol": 1e-13, "gtol": 1e-9},
    )
    low, high = np.array(bounds, float).T
    edge = 1e-3 * (high - low)
    at_bound = (found.x < low + edge) | (found.x > high - edge)
    return _finished(objective, found.x, at_bound)


def _finished(objective: Objective, theta: np.ndarray, at_bound) -> Maximum:
    """Newton's steps in the parameters that are free, and the covariance there."""
    free = np.flatnonzero(~at_bound)
    best, value = theta.copy(), objective(theta)[0]
    for _ in range(10):
        free, curvature = _curvature(objective, best, free)
        step = np.zeros_like(best)
        step[free] = np.linalg.solve(curvature, objective(best)[1][free])
        further = objective(best + step)[0]
        if not further >= value - 1e-9 * abs(value):
            break
        best, value = best + step, further
        if np.abs(step).max(initial=0) < 1e-7:
            break
    free, curvature = _curvature(objective, best, free)
    covariance = np.zeros((len(best), len(best)))
    covariance[np.ix_(free, free)] = np.linalg.inv(curvature)
    known = np.isin(np.arange(len(best)), free)
    return Maximum(best, covariance, float(value), ~known)


def _curvature(objective: Objective, best: np.ndarray, free: np.ndarray) -> tuple:
    """Parameters that the data determine, and the curvature in them."""
    curvature = _differences(objective, best, free)
    while len(free) and not np.linalg.eigvalsh(curvature)[0] > 0:
        flattest = int(np.argmin(np.diag(curvature)))
        if free[flattest] == 0 or curvature[flattest, flattest] > FLAT:
            raise ValueError(
                "The likelihood is flat at its maximum, so these data cannot tell the "
                "parameters apart: use more customers, more time or a simpler model."
            )
        free = np.delete(free, flattest)
        curvature = np.delete(np.delete(curvature, flattest, 0), flattest, 1)
    return free, curvature


def _differences(
    objective: Objective, best: np.ndarray, free: np.ndarray
) -> np.ndarray:
    shifts = HESSIAN_STEP * np.eye(len(best))[free]
    slopes = [
        (objective(best + shift)[1] - objective(best - shift)[1])[free]
        for shift in shifts
    ]
    curvature = -np.array(slopes).reshape(len(free), len(free)) / (2 * HESSIAN_STEP)
    return (curvature + curvature.T) / 2


def with_differences(log_likelihood: Callable[[np.ndarray], float]) -> Objective:
    """Log-likelihood with its gradient by central differences."""

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        shifts = GRADIENT_STEP * np.eye(len(theta))
        rises = [
            log_likelihood(theta + shift) - log_likelihood(theta - shift)
            for shift in shifts
        ]
        return log_likelihood(theta), np.array(rises) / (2 * GRADIENT_STEP)

    return objective


def undetermined(covariance: np.ndarray) -> list[bool]:
    """Which of two pairs and their two means have a parameter the data leave open."""
    unknown = np.diag(covariance) == 0
    first, second = unknown[:2].any(), unknown[2:].any()
    return [first, first, second, second, unknown[0], unknown[2]]


def by_mean_and_spread(first: float, second: float) -> tuple[float, float]:
    """Fit scale of a gamma distribution: log of its mean and of its shape."""
    return np.log(first / second), np.log(first)


def gamma_parameters(log_mean: float, log_shape: float) -> tuple[float, float]:
    """Shape and rate of a gamma distribution from its fit scale."""
    return np.exp(log_shape), np.exp(log_shape - log_mean)


def beta_parameters(logit_mean: float, log_total: float) -> tuple[float, float]:
    """Both parameters of a beta distribution from its fit scale."""
    total = np.exp(log_total)
    return total / (1 + np.exp(-logit_mean)), total / (1 + np.exp(logit_mean))


def parameter_table(
    names: Sequence[str],
    natural: Callable[[np.ndarray], Sequence[float]],
    theta: np.ndarray,
    covariance: np.ndarray,
    *,
    unbounded: Sequence[bool] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Parameters with intervals on the log scale, open where a spread ran off."""
    table = delta(
        lambda t: np.array(natural(t)),
        theta,
        covariance,
        scale="log",
        confidence=confidence,
    )
    table.index = pd.Index(names, name="parameter")
    open_rows = [name for name, off in zip(names, unbounded, strict=False) if off]
    table.loc[open_rows, ["lower", "upper"]] = 0.0, np.inf
    return table
