"""Customers who only order: RFM and BG/NBD on a day, judged by what came after."""

from dataclasses import dataclass, field

import pandas as pd

from retention import counts
from retention.projection import (
    BetaGeometricNBD,
    GammaGamma,
    expected_value,
    fit_bg_nbd,
    fit_gamma_gamma,
)
from retention.value.ground import Ground
from retention.value.rfm import rfm, rfm_capture

FEWEST = 50


@dataclass(frozen=True, eq=False)
class Shop:
    """Buyers without a contract, scored on the first day of the last window.

    Attributes
    ----------
    rows : DataFrame
        One row a buyer: purchases, RFM, `expected` spend where a model of amounts
        could be fitted, and what came in the holdout.
    groups : DataFrame
        The same buyers counted by their purchases.
    orders : BetaGeometricNBD
    amounts : GammaGamma or None
        None where too few bought twice or amounts do not vary.
    weeks : int
        Length of the holdout.
    choice : dict
        Which customers these are, as `counts.purchases` takes it.
    """

    rows: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    orders: BetaGeometricNBD
    amounts: GammaGamma | None
    weeks: int
    choice: dict

    @property
    def capture(self) -> pd.DataFrame:
        """Share of the holdout's spend that the top fifth of each ranking brought."""
        scores = {"RFM": "rfm", "last year's spend": "last_year_spend"}
        if "expected" in self.rows:
            scores["BG/NBD"] = "expected"
        return rfm_capture(self.rows, scores=scores)


def shop(base: Ground) -> Shop:
    """RFM and BG/NBD of the customers who only order, on the first day of a window.

    Rows leave the engine for it, 2,000,000 at most.

    Parameters
    ----------
    base : Ground

    Returns
    -------
    Shop

    Raises
    ------
    ValueError
        If there are no such customers, no window to judge by, or too few who bought
        again.

    Examples
    --------
    Sixty customers, of whom customer k orders every k % 6 + 2 weeks:

    >>> from retention.company import open_company
    >>> from retention.value import ground
    >>> orders = pd.DataFrame([(f"{k:02d}", day, 20.0 + k % 7) for k in range(60)
    ...     for day in pd.date_range("2024-01-01", "2025-12-31", freq=f"{k % 6 + 2}W")],
    ...     columns=["customer_id", "ordered_on", "amount"])
    >>> company = open_company({"orders": orders},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> found = shop(ground(company))
    >>> len(found.rows), found.weeks
    (60, 52)
    """
    if base.buyers is None:
        raise ValueError("No customers order without a contract, as far as is known.")
    if len(base.windows) < 2:
        raise ValueError("The records hold a single window: nothing to be judged by.")
    options = {"where": base.buyers or None, "holdout_weeks": base.weeks}
    rows = counts.purchase_rows(base.company, **options)
    if len(rows) < FEWEST or not rows["holdout_spend"].sum() > 0:
        raise ValueError(
            f"{len(rows):,} customers only order and bought before the last window; "
            f"at least {FEWEST}, some of whom bought in it, are needed to judge scores."
        )
    groups = counts.purchases(base.company, **options)
    orders = fit_bg_nbd(groups)
    rows, amounts = rfm(rows), None
    try:
        amounts = fit_gamma_gamma(counts.order_values(base.company, **options))
        expected = expected_value(orders, amounts, rows, weeks=base.weeks)
        rows = rows.assign(expected=expected.to_numpy())
    except ValueError:
        pass  # amounts that do not vary, or nobody who bought twice
    return Shop(rows, groups, orders, amounts, base.weeks, base.buyers)
