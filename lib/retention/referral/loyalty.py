"""Do referred customers stay longer? Hazards, clustered by referrer."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.counts import periods
from retention.intervals import Estimate
from retention.referral.resampled import estimated
from retention.survival import hazard_regression
from retention.survival.hazards import left_out

GROUPS = 16
FEWEST_EVENTS = 20


def referred_hazard(tenure: pd.DataFrame, *, by: Sequence[str] = ()) -> Estimate | str:
    """Hazard of leaving of referred customers over that of others.

    Parameters
    ----------
    tenure : DataFrame
        From `retention.counts.tenure_by_source`, counted by the strata.
    by : sequence of str
        Columns to hold fixed.

    Returns
    -------
    Estimate or str
        Hazard ratio of a complementary log-log regression on period counts. The
        interval leaves out one of 16 groups of referrers in turn, so that customers
        of one referrer may be alike. It describes referred customers as they are,
        better matched ones included; it is not the effect of being referred. A text
        says why there is none.

    Examples
    --------
    In one month 25 of 500 referred customers leave, and 100 of 1,000 others:

    >>> tenure = pd.DataFrame({"source": ["referred"] * 2 + ["others"] * 2, "entry": 0,
    ...     "duration": 1, "event": [1, 0] * 2, "n": [25, 475, 100, 900]})
    >>> halves = pd.concat([tenure.assign(bucket=b) for b in ("00", "ff")])
    >>> ratio = referred_hazard(halves)
    >>> round(ratio.value, 3), round(float(np.log(0.95) / np.log(0.90)), 3)
    (0.487, 0.487)
    """
    sizes = tenure[tenure["event"] == 1].groupby("source")["n"].sum()
    if len(sizes) < 2 or sizes.min() < FEWEST_EVENTS:
        return (
            f"Fewer than {FEWEST_EVENTS} losses are known among referred customers "
            "or among others."
        )
    effects = ["source", *(name for name in by if tenure[name].nunique() > 1)]
    group = tenure["bucket"].map(lambda b: int(b, 16) * GROUPS // 256)
    dealt = periods(tenure.assign(group=group), by=[*effects, "group"])
    against = {"source": "others"}
    fit = hazard_regression(periods(tenure, by=effects), effects, reference=against)
    without = left_out(dealt, effects, group="group", reference=against)
    values = [fit.table["coef"].iloc[0], *without.iloc[:, 0]]
    n, values = int(tenure["n"].sum()), np.exp(values)
    fixed = f", {', '.join(effects[1:])} held fixed" if effects[1:] else ""
    method = f"discrete-time hazard ratio{fixed}, jackknife over referrers"
    return estimated(values, n, method=method, scale="log")
