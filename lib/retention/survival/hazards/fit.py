"""What a hazard regression found, and what it predicts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check
from retention.survival.hazards.design import matrix
from retention.survival.hazards.effects import Effect
from retention.survival.hazards.wording import enough_events, strongest


@dataclass(frozen=True, eq=False)
class HazardFit:
    """Discrete-time proportional hazards, fitted.

    Attributes
    ----------
    table : DataFrame
        One row a coefficient: term, level (empty for a number), reference (the level
        compared with), periods ("all", or the stretch of a split effect), coef (log
        hazard ratio; of a number, per unit), se, hazard_ratio with lower and upper,
        z, p, and note. A coefficient without a finite value is nan and its note says
        why.
    baseline : DataFrame
        One row a band of periods: first, last, at_risk, events, and the hazard per
        period with lower and upper at the reference levels and the mean of each
        number.
    log_likelihood : float
        Of the 0/1 outcomes of single person-periods, so that collapsing rows does
        not change it.
    null_log_likelihood : float
        The same without effects.
    n, events : int
        Person-periods at risk and events among them.
    separated : tuple of str
        Terms without a finite coefficient; they are out of the fit, and the others
        are what they would be with these at infinity.
    covariance : ndarray
        Of the coefficients, in the order of `table`.
    confidence : float
        Coverage of the intervals.
    effects : tuple of Effect
        How each column was coded.
    """

    table: pd.DataFrame
    baseline: pd.DataFrame
    log_likelihood: float
    null_log_likelihood: float
    n: int
    events: int
    separated: tuple[str, ...]
    covariance: np.ndarray
    confidence: float
    effects: tuple[Effect, ...]

    @property
    def summary(self) -> str:
        """The clearest effect in a sentence, with its interval and the counts."""
        base = f"{self.events:,} losses in {self.n:,} customer-periods at risk"
        return strongest(self.table, self.confidence, base)

    @property
    def check(self) -> Check:
        """Whether there are at least 20 events for each estimated parameter."""
        parameters = int(
            self.table["coef"].notna().sum() + self.baseline["lower"].notna().sum()
        )
        return enough_events(self.events, parameters)

    def hazard(self, profiles: pd.DataFrame) -> pd.Series:
        """Hazard in a given period of customers with given covariates.

        Parameters
        ----------
        profiles : DataFrame
            Column `period` and one column an effect; a row a customer-period.

        Returns
        -------
        Series
            Probability of leaving in that period for those still there at its
            beginning, indexed like `profiles`. It is nan after the last period of
            the fit and for a level whose coefficient has no finite value.
        """
        needed = ["period", *(e.name for e in self.effects)]
        absent = [c for c in needed if c not in profiles]
        if absent:
            raise ValueError(f"The profiles lack the column {', '.join(absent)}.")
        scale = np.concatenate([np.full(e.width, e.scale) for e in self.effects])
        beta = self.table["coef"].to_numpy() * scale
        x = matrix(self.effects, profiles)
        # a separated level makes nan where it applies, not everywhere
        relative = np.where(x == 0, 0.0, x * beta).sum(axis=1)
        base = self._cumulative(profiles["period"].to_numpy())
        return pd.Series(
            -np.expm1(-base * np.exp(relative)), profiles.index, name="hazard"
        )

    def survival(
        self, profiles: pd.DataFrame, *, periods: int | None = None
    ) -> pd.DataFrame:
        """Hazard and survival of each profile, period by period.

        Parameters
        ----------
        profiles : DataFrame
            One column an effect, a row a profile.
        periods : int, optional
            How far; the last period of the fit by default.

        Returns
        -------
        DataFrame
            The columns of `profiles`, `period` 1, 2, ..., `hazard`, and `survival`:
            the share still there at the period's end.
        """
        last = int(self.baseline["last"].iloc[-1]) if periods is None else periods
        long = profiles.reset_index(drop=True).merge(
            pd.DataFrame({"period": np.arange(1, last + 1)}), how="cross"
        )
        long = long.assign(hazard=self.hazard(long))
        stays = (1 - long["hazard"]).to_numpy().reshape(len(profiles), last)
        return long.assign(survival=stays.cumprod(axis=1).ravel())

    def _cumulative(self, period: np.ndarray) -> np.ndarray:
        """-log(1 - hazard) of the baseline in each period, nan beyond the last."""
        last = self.baseline["last"].to_numpy()
        band = np.searchsorted(last, period, side="left")
        with_end = np.append(self.baseline["hazard"].to_numpy(), np.nan)
        hazard = np.minimum(with_end[band], np.nextafter(1, 0))
        return -np.log1p(-hazard)
