"""Three records at once: which pairs of them depend on each other."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

LISTS = ("code", "told", "household")
MODELS: dict[str, tuple[tuple[int, int], ...]] = {
    "all independent": (),
    "code with told": ((0, 1),),
    "code with household": ((0, 2),),
    "told with household": ((1, 2),),
}


def three_lists(table: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Log-linear models of three lists, each with another pair depending.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`.
    by : sequence of str
        Strata, each with parameters of its own.

    Returns
    -------
    DataFrame
        One row a model: `model`, `deviance`, `parameters`, `aic`, `referred` (on any
        list, and expected on none), `p` (likelihood-ratio test against "all
        independent"; NaN for that model itself). Empty if a list is empty.

    References
    ----------
    Fienberg (1972), "The multiple recapture census for closed populations and
    incomplete 2^k contingency tables", Biometrika 59, 591-603.

    Examples
    --------
    Codes and answers catch the same customers; households are apart from both:

    >>> import itertools
    >>> on = list(itertools.product((0, 1), repeat=3))
    >>> table = pd.DataFrame(on, columns=["coded", "said", "household"])
    >>> table["told"] = np.where(table["said"] == 1, "referral", "other")
    >>> table["n"] = [300, 60, 40, 10, 40, 10, 200, 50]
    >>> three_lists(table)[["model", "deviance", "parameters", "referred"]].round(1)
                     model  deviance  parameters  referred
    0      all independent     166.8           4     442.3
    1       code with told       0.0           5     650.0
    2  code with household     122.6           5     426.9
    3  told with household     122.6           5     426.9
    """
    from scipy.special import chdtrc

    strata = [part for _, part in table.groupby(list(by))] if by else [table]
    cells = [_cells(part) for part in strata]
    if min(min(held) for held in (_held(c) for c in cells)) == 0:
        return pd.DataFrame()
    rows = []
    for name, pairs in MODELS.items():
        fits = [_fit(c, pairs) for c in cells]
        deviance, unseen = (sum(part) for part in zip(*fits, strict=True))
        parameters = len(cells) * (4 + len(pairs))
        referred = sum(c.sum() for c in cells) + unseen
        rows.append((name, deviance, parameters, deviance + 2 * parameters, referred))
    names = ["model", "deviance", "parameters", "aic", "referred"]
    out = pd.DataFrame(rows, columns=names)
    gain = out["deviance"].iloc[0] - out["deviance"]
    out["p"] = chdtrc(len(cells), gain.clip(lower=0))
    out.loc[0, "p"] = np.nan
    return out


_SEEN = [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1) if a or b or c]


def _cells(table: pd.DataFrame) -> np.ndarray:
    """Customers on each of the seven combinations of lists, in the order of _SEEN."""
    lists = pd.DataFrame(
        {
            "code": table["coded"],
            "told": (table["told"] == "referral").astype(int),
            "household": table["household"],
            "n": table["n"],
        }
    )
    counts = lists.groupby(list(LISTS))["n"].sum()
    return np.array([counts.get(cell, 0) for cell in _SEEN], float)


def _held(cells: np.ndarray) -> list[float]:
    return [sum(cells[i] for i, s in enumerate(_SEEN) if s[k]) for k in range(3)]


def _fit(cells: np.ndarray, pairs) -> tuple[float, float]:
    """Deviance, and expected on no list, by Newton steps on the log-linear model."""
    seen = np.array(_SEEN, float)
    x = np.column_stack(
        [np.ones(7), seen, *(seen[:, i] * seen[:, j] for i, j in pairs)]
    )
    mu = cells + 0.5
    for _ in range(100):
        z = np.log(mu) + (cells - mu) / mu
        beta = np.linalg.lstsq(np.sqrt(mu)[:, None] * x, np.sqrt(mu) * z, rcond=None)[0]
        before, mu = mu, np.exp(np.clip(x @ beta, -30, 30))
        if np.allclose(mu, before, rtol=1e-10):
            break
    logs = np.where(cells > 0, cells * np.log(np.maximum(cells, 1e-300) / mu), 0.0)
    return float(2 * (logs - (cells - mu)).sum()), float(np.exp(beta[0]))
