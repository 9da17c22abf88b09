"""Nodes and weights for the integrals over what differs between customers."""

import numpy as np

NODES = 64


def beta_quadrature(a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss nodes and probabilities of a beta distribution.

    Eigenvalues of the Jacobi matrix (Golub & Welsch), normalised from the start, so
    that no weight overflows however large a or b.
    """
    from scipy.linalg import eigh_tridiagonal

    k = np.arange(NODES)
    total = 2 * k + a + b
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = 0.5 + (a - b) * (a + b - 2) / (2 * total * (total - 2))
    middle[0] = a / (a + b)
    k, total = k[1:], total[1:]
    product = k * (k + a - 1) * (k + b - 1) / ((total - 1) * (total - 2) ** 2)
    product = product / (total - 3) * (k + a + b - 2)
    product[0] = a * b / ((a + b) ** 2 * (a + b + 1))
    nodes, vectors = eigh_tridiagonal(middle, np.sqrt(product))
    return nodes, vectors[0] ** 2


def steep_quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Nodes on (0, 1), close together near 0 where the integrands are steep."""
    at, share = np.polynomial.legendre.leggauss(NODES)
    at, share = (at + 1) / 2, share / 2
    return at**3, 3 * at**2 * share
