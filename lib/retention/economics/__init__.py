"""What customers are worth, what losing them costs, and how many there will be.

Money and staying come as small tables from `retention.counts` (`payments`,
`stock_ages`, `stock_history`, `cost_book`, `lead_outcomes`). `leaky_bucket` and
`margin_multiple` are plain arithmetic; `worth`, `five_per_cent` and
`stock_forecast` are about a company's own customers, with intervals.
"""

from retention.economics.bucket import (
    SteadyState,
    break_even_base,
    expected_lifetime,
    leaky_bucket,
    mixed_bucket,
    steady_grid,
    steady_state,
)
from retention.economics.checks import worth_checks
from retention.economics.costs import CostSplit, cost_split, kept_by_arm
from retention.economics.forecast import (
    StockForecast,
    against_outcome,
    forecast_check,
    stock_forecast,
)
from retention.economics.measures import company_costs, measures
from retention.economics.multiples import (
    churn_for_uplift,
    five_percent_table,
    fixed_life_worth,
    formula_uplift,
    geometric_worth,
    margin_multiple,
    multiple_elasticity,
    uplift_lines,
)
from retention.economics.outlook import Outlook, outlook
from retention.economics.prospects import Prospects, cost_per_win, prospects
from retention.economics.terms import Terms, company_terms
from retention.economics.uplift import Uplift, elasticities, five_per_cent
from retention.economics.worth import (
    Worth,
    lifetime_share,
    naive_worth,
    worth,
    worth_by,
)

__all__ = [
    "CostSplit",
    "Outlook",
    "Prospects",
    "SteadyState",
    "StockForecast",
    "Terms",
    "Uplift",
    "Worth",
    "against_outcome",
    "break_even_base",
    "churn_for_uplift",
    "company_costs",
    "company_terms",
    "cost_per_win",
    "cost_split",
    "elasticities",
    "expected_lifetime",
    "five_per_cent",
    "five_percent_table",
    "fixed_life_worth",
    "forecast_check",
    "formula_uplift",
    "geometric_worth",
    "kept_by_arm",
    "leaky_bucket",
    "lifetime_share",
    "margin_multiple",
    "measures",
    "mixed_bucket",
    "multiple_elasticity",
    "naive_worth",
    "outlook",
    "prospects",
    "steady_grid",
    "steady_state",
    "stock_forecast",
    "uplift_lines",
    "worth",
    "worth_by",
    "worth_checks",
]
