"""The trap: extrapolating with one churn rate for everybody and for ever."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate, wilson
from retention.projection.cohorts import cells


@dataclass(frozen=True, eq=False)
class ConstantChurn:
    """Everybody leaves with the same probability in every period.

    Attributes
    ----------
    churn : Estimate
        Share leaving per period; n counts the periods at risk.
    log_likelihood : float
        To compare with models that let customers differ.
    n : int
        Customers.
    """

    churn: Estimate
    log_likelihood: float
    n: int

    def survival(self, periods: Iterable[float]) -> pd.Series:
        """Share still here after so many periods, indexed by them: (1 - churn)^t."""
        time = pd.Index(list(periods), name="time")
        survival = (1 - self.churn.value) ** time.to_numpy(float)
        return pd.Series(survival, time, name="survival")


def fit_constant_churn(kept_or_tenure: pd.Series | pd.DataFrame) -> ConstantChurn:
    """Geometric fit: customers who left over periods at risk.

    Parameters
    ----------
    kept_or_tenure : Series or DataFrame
        As in :func:`fit_sbg`.

    Returns
    -------
    ConstantChurn
        Its extrapolation is too low where customers differ: those who leave easily
        are gone first, and the rest is better than the average so far.

    Examples
    --------
    >>> kept = pd.Series([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> model = fit_constant_churn(kept)
    >>> model.survival([7, 12]).round(3).tolist()
    [0.166, 0.046]
    """
    table = cells(kept_or_tenure)
    left = float(table.loc[table["event"] == 1, "n"].sum())
    exposure = float(((table["duration"] - table["entry"]) * table["n"]).sum())
    stayed = exposure - left
    log_likelihood = left * np.log(left / exposure)
    if stayed:
        log_likelihood += stayed * np.log(stayed / exposure)
    return ConstantChurn(
        wilson(left, exposure), float(log_likelihood), round(float(table["n"].sum()))
    )
