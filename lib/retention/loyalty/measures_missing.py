"""A design that a company's data cannot carry: named as missing, not imitated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from retention.intervals import Check

Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class Missing:
    """Stands where an answer would; false in a condition.

    A step that builds on it fails with the same reason, so that the reason travels.

    Attributes
    ----------
    summary : str
        Why there is no answer, and what to bring.
    """

    summary: str
    checks: list[Check] = field(default_factory=list)
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    estimate: None = None

    def __bool__(self) -> bool:
        """Nothing was estimated."""
        return False

    def __getattr__(self, name: str):
        """Whatever else is asked of it is missing for the same reason."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise ValueError(self.summary)

    def __getitem__(self, name):
        """As for attributes: a step that builds on it is missing too."""
        raise ValueError(self.summary)


def attempt(step: Callable[[], Answer]) -> Answer | Missing:
    """The answer of a step, or the reason why these data cannot give it.

    Parameters
    ----------
    step : callable
        Without arguments; its ValueError says what is missing.

    Returns
    -------
    the step's answer, or Missing

    Examples
    --------
    >>> from retention.loyalty import redemption
    >>> nothing = pd.DataFrame(columns=["batch", "lag", "kind", "points"])
    >>> found = attempt(lambda: redemption(nothing))
    >>> bool(found), found.summary
    (False, 'No points were earned: there is nothing to redeem.')
    """
    try:
        return step()
    except ValueError as error:
        return Missing(str(error))
