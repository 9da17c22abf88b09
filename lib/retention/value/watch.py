"""Early warning from end to end: learn, test on a later time, look at today."""

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
import pandas as pd

from retention import counts
from retention.intervals import Estimate, measured
from retention.value.early_warning import (
    EarlyWarning,
    fit_early_warning,
    watch_list,
)
from retention.value.ground import Ground, commonest_reason
from retention.value.tenure_value import residual_tenure
from retention.value.unevenness import estimated, with_codes

LANDMARKS = 4


@dataclass(frozen=True, eq=False)
class Watch:
    """Risks of today's customers, learnt on earlier months and tested on later ones.

    Attributes
    ----------
    base : Ground
    silent : bool
        True where nobody cancels and the risk is that of staying silent.
    horizon : int
        Months ahead.
    learnt, tested : sequence of date, date
        Landmarks learnt from, and the one tested on.
    day : date
        Today's landmark: the last whole month on record.
    reason : str
        Leave reason that the risk is about; empty for all, or for silence.
    early : EarlyWarning
        Learnt before the test landmark.
    test : DataFrame
        Cells of the test landmark with `risk` by `early` and `time` (months until
        the event or the end of follow-up).
    model : EarlyWarning
        Learnt again with the test landmark.
    today : DataFrame
        Cells of today's customers with `risk` and `at_risk`, the riskiest first.
    """

    base: Ground
    silent: bool
    horizon: int
    learnt: tuple[dt.date, ...]
    tested: dt.date
    day: dt.date
    reason: str
    early: EarlyWarning = field(repr=False)
    test: pd.DataFrame = field(repr=False)
    model: EarlyWarning = field(repr=False)
    today: pd.DataFrame = field(repr=False)
    worth: pd.Series | None = field(repr=False, default=None)

    @property
    def span(self) -> int:
        """Horizon in the periods of `test`: months, or one for silence."""
        return 1 if self.silent else self.horizon

    @cached_property
    def expected(self) -> Estimate:
        """Share of today's customers expected to leave (or stay silent)."""
        cells = with_codes(self.today.assign(lost=self.today["risk"] * self.today["n"]))
        found = estimated(cells, lambda t: t["lost"].sum() / t["n"].sum(), unit="%")
        return _learnt(found, self.model)

    @cached_property
    def margin_at_risk(self) -> Estimate:
        """Discounted margin that those expected to leave would have brought, in all."""
        cells = with_codes(self.today[["n", "bucket", "at_risk"]])
        groups = cells["bucket"].nunique()
        money = self.base.company.currency
        found = estimated(cells, lambda t: _scaled(t, groups), unit=money)
        return _learnt(found, self.model)

    @property
    def summary(self) -> str:
        """What is expected of today's customers, in a sentence."""
        what = "order nothing" if self.silent else "leave"
        why = f" for the reason {self.reason}" if self.reason else ""
        n = int(self.today["n"].sum())
        return (
            f"Of {n:,} customers present on {self.day}, {self.expected.text} are "
            f"expected to {what}{why} within {self.horizon} months."
        )

    def listed(self, most: int) -> pd.DataFrame:
        """The riskiest customers by name; see `retention.counts.risk_list`."""
        company, basis = self.base.company, self.base.basis
        if self.silent:
            frame = counts.silence_frame(company, self.day, basis=basis)
        else:
            names = self.model.features
            frame = counts.warning_frame(company, self.day, features=names, basis=basis)
        ahead = self.model.ahead(range(int(self.today["entry"].max()) + 1))
        worth = None if self.worth is None else self.worth.to_dict()
        return counts.risk_list(
            frame,
            self.model.coefficients,
            ahead,
            worth=worth,
            horizon=self.horizon,
            most=most,
        )


def watch(
    base: Ground,
    *,
    horizon: int = 6,
    features: str = "",
    reason: str = "",
    residual_months: int = 36,
    annual_discount_rate: float = 0.10,
) -> Watch:
    """Early warning of a company: of leaving where customers do, else of silence.

    Parameters
    ----------
    base : Ground
    horizon : int
        Months ahead; halved until the records hold a landmark to learn from.
    features : str
        Names for `retention.counts.warning_features`, where customers have contracts.
    reason : str
        Leave reason; empty takes the commonest.
    residual_months : int
        Months whose margin counts as lost with a leaver.
    annual_discount_rate : float

    Returns
    -------
    Watch

    Raises
    ------
    ValueError
        If the records are too short, or too few left.

    Examples
    --------
    Every other customer leaves, and pays a fifth in the nine months before:

    >>> from retention.company import open_company
    >>> from retention.value import ground
    >>> ids = np.arange(300)
    >>> names = np.array([f"{k:03d}" for k in ids])
    >>> stays = np.where(ids % 2, 36, 7 + ids % 29)
    >>> month = pd.date_range("2023-01-01", periods=37, freq="MS")
    >>> customers = pd.DataFrame({"customer_id": names, "joined_on": month[0],
    ...     "left_on": month[stays].where(stays < 36)})
    >>> who, when = np.nonzero(np.arange(36) < stays[:, None])
    >>> fading = (stays[who] < 36) & (stays[who] - when <= 9)
    >>> activity = pd.DataFrame({"customer_id": names[who], "month": month[when],
    ...     "revenue": np.where(fading, 2.0, 10.0)})
    >>> company = open_company({"customers": customers, "activity": activity},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> found = watch(ground(company), horizon=6, features="money")
    >>> found.model.fit.table[["term", "level", "reference"]]
        term    level reference
    0  money  falling    steady
    >>> found.horizon, found.expected.value_text
    (6, '11.5 %')
    """
    silent = not base.dated
    horizon, learnt, tested, day = _landmarks(base.company, horizon)
    if not learnt:
        raise ValueError(
            f"The records are too short to learn from one {horizon} months and test on "
            "the next: choose a shorter horizon or bring more months."
        )
    reason = "" if silent else commonest_reason(base.company, reason)
    names = [] if silent else counts.warning_features(base.company, asked=features)
    cells = partial(_cells, base, names, reason)
    span = 1 if silent else horizon
    train, test = cells(learnt, horizon, bucket=False), cells([tested], horizon)
    early = fit_early_warning(train, horizon=span)
    test = test.assign(risk=early.risk(test), time=test["duration"] - test["entry"])
    model = fit_early_warning(
        pd.concat([train, test[train.columns]], ignore_index=True), horizon=span
    )
    worth = None if silent else _worth(base, residual_months, annual_discount_rate)
    left = float(horizon) if silent else worth
    return Watch(
        base,
        silent,
        horizon,
        tuple(learnt),
        tested,
        day,
        reason,
        early,
        test,
        model,
        watch_list(cells([day], 0), model, left),
        worth,
    )


def _landmarks(company, horizon: int):
    while True:
        learnt, tested, day = counts.warning_days(
            company, horizon=horizon, most=LANDMARKS
        )
        if learnt or horizon < 2:
            return horizon, learnt, tested, day
        horizon //= 2


def _cells(base, names, reason, days, follow, *, bucket=True) -> pd.DataFrame:
    if not base.dated:
        return counts.silence_cells(
            base.company, days, horizon=follow, basis=base.basis
        )
    return counts.warning_cells(
        base.company,
        days,
        horizon=follow,
        features=names,
        basis=base.basis,
        reason=reason,
        bucket=bucket,
    )


def _worth(base: Ground, months: int, rate: float) -> pd.Series:
    cells = counts.tenure_margins(
        base.company, basis=base.basis, window=base.windows[-1]
    )
    return residual_tenure(
        cells,
        ahead=months,
        annual_discount_rate=rate,
        time_unit=base.company.time_unit,
    )


def _scaled(cells: pd.DataFrame, groups: int) -> float:
    """Total as if no bucket were missing: a jackknife of a sum needs it."""
    here = np.unique(cells["bucket"]).size
    return float(cells["at_risk"].sum() * groups / here)


def _learnt(found: Estimate, model: EarlyWarning) -> Estimate:
    """Interval widened by the chance error of the losses that the model learnt from."""
    spread = 0.0 if math.isnan(found.se) else found.se
    se = math.hypot(spread, found.value / math.sqrt(model.fit.events))
    method = (
        f"{found.method}, and the chance in {model.fit.events:,} losses learnt from"
    )
    return measured(found.value, se, found.n, method=method, unit=found.unit)
