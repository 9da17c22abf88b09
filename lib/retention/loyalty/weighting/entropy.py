"""Weights that make non-members' means those of the members exactly."""

import numpy as np


def entropy_balance(
    controls: np.ndarray,
    targets: np.ndarray,
    *,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Weights of the controls, as equal as exact balance of the means allows.

    They minimise sum w log(w / q) subject to sum w = 1 and w'X = targets; the dual is
    an unconstrained convex problem with one parameter a covariate.

    Parameters
    ----------
    controls : array, shape (n, p)
        Covariates of the controls.
    targets : array, shape (p,)
        Means to reach.
    weights : array, shape (n,), optional
        Base weights q; equal by default.

    Returns
    -------
    array, shape (n,)
        Non-negative, with sum 1.

    Raises
    ------
    ValueError
        If no weights reach the targets: they lie outside what the controls span.

    References
    ----------
    Hainmueller, J. (2012). Entropy balancing for causal effects. Political Analysis
    20, 25-46.

    Examples
    --------
    >>> age = np.array([[20.0], [30.0], [40.0], [50.0]])
    >>> weights = entropy_balance(age, np.array([42.0]))
    >>> round(float(weights @ age[:, 0]), 6)
    42.0
    """
    spread = controls.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    x = (controls - targets) / spread
    base = np.full(len(x), 1 / len(x)) if weights is None else weights / weights.sum()
    tilt, (w, value) = np.zeros(x.shape[1]), (base, 0.0)
    for _ in range(200):
        slope = w @ x
        if np.abs(slope).max(initial=0.0) < 1e-9:
            return w
        bend = (x.T * w) @ x - np.outer(slope, slope)
        step = np.linalg.lstsq(bend, slope, rcond=None)[0]
        tilt, (w, value) = _downhill(x, base, tilt, step, value, slope @ step)
    if np.abs(w @ x).max(initial=0.0) < 1e-4:
        return w
    raise ValueError(
        "No weights make these customers look like the members on average: leave out "
        "the covariate that sets them apart, or trim the members without counterpart."
    )


def _downhill(x, base, tilt, step, value, fall):
    """A Newton step, halved until the dual falls."""
    length = 1.0
    for _ in range(40):
        ahead = _tilted(x, base, tilt - length * step)
        if ahead[1] <= value - 1e-4 * length * fall:
            break
        length /= 2
    return tilt - length * step, ahead


def _tilted(x, base, tilt) -> tuple[np.ndarray, float]:
    exponent = x @ tilt
    top = exponent.max()
    raw = base * np.exp(exponent - top)
    total = raw.sum()
    return raw / total, float(np.log(total) + top)
