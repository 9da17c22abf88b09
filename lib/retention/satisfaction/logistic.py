"""Logistic regression on counts."""

import numpy as np


def grouped_logit(
    x: np.ndarray, lost: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, float]:
    """Coefficients and log-likelihood of a logistic regression on counts.

    Parameters
    ----------
    x : array, shape (cells, columns)
        The design, with its intercept.
    lost, n : array, shape (cells,)
        Events, and customers, of each cell.

    Returns
    -------
    (array, float)

    Examples
    --------
    >>> beta, _ = grouped_logit(np.ones((1, 1)), np.array([30.0]), np.array([100.0]))
    >>> round(float(1 / (1 + np.exp(-beta[0]))), 4)
    0.3
    """
    beta = np.zeros(x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        bend = (x.T * (n * p * (1 - p))) @ x + 1e-9 * np.eye(x.shape[1])
        step = np.clip(np.linalg.solve(bend, x.T @ (lost - n * p)), -2, 2)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    p = np.clip(1 / (1 + np.exp(-np.clip(x @ beta, -30, 30))), 1e-12, 1 - 1e-12)
    return beta, float(lost @ np.log(p) + (n - lost) @ np.log1p(-p))
