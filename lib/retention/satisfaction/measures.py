"""Every measure that the satisfaction study's sayings are about."""

from retention.counts.satisfaction import (
    Products,
    known_of_invited,
    rating_products,
    score_scale,
    survey_losses,
    usual_outcome,
    usual_reason,
)
from retention.intervals import Estimate
from retention.projection import PERIODS_PER_YEAR
from retention.satisfaction.answer import satisfaction_answer, top_against_satisfied
from retention.satisfaction.checks import overlaps
from retention.satisfaction.complaints import after_complaint
from retention.satisfaction.disconfirmation import (
    disconfirmation,
    regime_measures,
    regimes,
)
from retention.satisfaction.drivers import driver_shares, penalty_fit, rated_drivers
from retention.satisfaction.gain import value_of_satisfaction
from retention.satisfaction.shape import last_step_gain
from retention.satisfaction.weighted import WeightedLosses, weighted_losses

FEWEST = 20
FEWEST_RATED = 100
DRIVERS = ("quality", "service", "price", "innovation", "image")
BEHAVIOUR = (
    "satisfied_share",
    "kept_given_satisfied",
    "left_given_satisfied",
    "satisfied_given_left",
    "top_against_satisfied",
    "gain_of_the_last_step",
    "value_of_five_per_cent",
)
EXPECTED = (
    "loss_below_minus_met",
    "loss_met_minus_above",
    "left_given_met",
    "gain_before_delight",
)
RATED = (
    "service_share",
    *(f"effect_of_{name}" for name in DRIVERS),
    "penalty_of_quality",
    "reward_of_quality",
)


def measures(company) -> dict[str, Estimate | str]:
    """Everything that the sayings of this study are judged by, for a company.

    Parameters
    ----------
    company : Company

    Returns
    -------
    dict of str to Estimate or str
        Within a year, leaving at will where reasons are recorded, satisfied from
        three quarters up the scale. A text says why a measure is not identifiable
        here.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> ids = [f"{k:03d}" for k in range(200)]
    >>> company = open_company({"customers": pd.DataFrame({"customer_id": ids,
    ...     "joined_on": "2023-01-01", "left_on": (["2024-06-30"] + [None] * 4) * 40}),
    ...     "surveys": pd.DataFrame({"customer_id": ids, "surveyed_on": "2024-01-15",
    ...     "satisfaction": [3] * 40 + [4] * 160})}, settings={"company": {
    ...     "observed_to": "2025-12-31"}, "scales": {"satisfaction": [1, 5]}})
    >>> found = measures(company)
    >>> found["kept_given_satisfied"].text
    '80 % (95 % CI 73 to 86 %)'
    >>> print(found["service_share"])
    The surveys rate no driver on a declared scale.
    """
    year = round(PERIODS_PER_YEAR[company.time_unit])
    outcome, reason = usual_outcome(company), usual_reason(company)
    by, widths = known_of_invited(company)
    known = [*by, *widths]
    count = {"by": by, "widths": widths, "outcome": outcome, "everybody": True}
    asked = survey_losses(company, horizon=year, reason=reason, **count)
    scale = score_scale(company)
    found = weighted_losses(asked, known, groups=scale.levels)
    half = max(year // 2, 1)
    return {
        **behaviour_measures(found, scale, horizon=year, outcome=outcome),
        **_met(company, year, outcome, reason),
        **rating_measures(rating_products(company)),
        **_complaints(company, half, reason, count, known),
    }


def behaviour_measures(
    found: WeightedLosses, scale, *, horizon: int, outcome: str = "left"
) -> dict[str, Estimate | str]:
    """Measures of the score against what customers did."""
    if not overlaps(found.response):
        reason = (
            "Some kinds of customers hardly ever answer, so no weights can be made."
        )
        return dict.fromkeys(BEHAVIOUR, reason)
    answer = satisfaction_answer(found, scale, horizon=horizon, outcome=outcome)
    numbers: dict[str, Estimate | str] = {
        "satisfied_share": answer.satisfied_share,
        "kept_given_satisfied": answer.kept,
        "left_given_satisfied": answer.left_given_satisfied,
        "satisfied_given_left": answer.satisfied_given_left,
    }
    few = {k: _too_few(e.n) for k, e in numbers.items() if e.n < FEWEST}
    return {
        **numbers,
        **few,
        "top_against_satisfied": top_against_satisfied(found, scale),
        "gain_of_the_last_step": last_step_gain(found, scale),
        "value_of_five_per_cent": _worth(found, scale, horizon, outcome),
    }


def _too_few(n: int) -> str:
    return f"It would be a share of {n} answers; {FEWEST} are needed to speak of one."


def _worth(found, scale, horizon: int, outcome: str) -> Estimate | str:
    if outcome == "bought":
        return "Nobody is recorded as lost, so no future can be computed from losses."
    if (lost := int(found.counted["gone"].sum())) < FEWEST:
        return f"Only {lost} answers were followed by a loss; {FEWEST} are needed."
    return value_of_satisfaction(
        found, scale, horizon=horizon, periods_per_year=float(horizon)
    )


def _met(company, horizon: int, outcome: str, reason: str) -> dict[str, Estimate | str]:
    losses = survey_losses(
        company, horizon=horizon, by=["met"], outcome=outcome, reason=reason
    )
    if losses["met"].isna().all():
        return dict.fromkeys(EXPECTED, "Nobody was asked for expectation and ratings.")
    return regime_measures(regimes(losses))


def rating_measures(products: Products | None) -> dict[str, Estimate | str]:
    """Measures of what moves satisfaction, from cross-products of ratings."""
    names = [*RATED, "expectation_over_experience"]
    if products is None:
        return dict.fromkeys(names, "The surveys rate no driver on a declared scale.")
    if products.n < FEWEST_RATED:
        reason = f"Only {products.n} answers have all ratings; 100 are needed."
        return dict.fromkeys(names, reason)
    if _no_spread(products):
        return dict.fromkeys(names, "All answers are alike, so nothing moves them.")
    return {
        **_effects(products),
        "service_share": _service(products),
        "expectation_over_experience": _ratio(products),
    }


def _no_spread(products: Products) -> bool:
    y = products.names.index("satisfaction")
    total, n = products.total, products.n
    return total[y, y] / n - (total[0, y] / n) ** 2 < 1e-12


def _effects(products: Products) -> dict[str, Estimate | str]:
    """Effects of a high against a low rating in standard deviations of the score."""
    fit, rated = penalty_fit(products), rated_drivers(products)
    unit = "standard deviations"
    found: dict[str, Estimate | str] = {}
    for name in DRIVERS:
        found[f"effect_of_{name}"] = (
            fit.combined(
                lambda b, k=name: b[f"high_{k}"] - b[f"low_{k}"], unit=unit, scaled=True
            )
            if name in rated
            else f"Nobody was asked to rate {name}."
        )
    for side, prefix in (("penalty", "low"), ("reward", "high")):
        found[f"{side}_of_quality"] = (
            fit.combined(lambda b, k=prefix: b[f"{k}_quality"], unit=unit, scaled=True)
            if "quality" in rated
            else "Nobody was asked to rate quality."
        )
    return found


def _service(products: Products) -> Estimate | str:
    shares = driver_shares(products)
    if "service" not in shares.index or len(shares) < 2:
        return "Service has to be rated beside another driver to have a share."
    row = shares.loc["service"]
    method = "LMG, bootstrap of buckets of customers"
    return Estimate(row["share"], row["lower"], row["upper"], products.n, method, "%")


def _ratio(products: Products) -> Estimate | str:
    if "expectation" not in products.names:
        return "Nobody was asked for an expectation on a declared scale."
    found = disconfirmation(products)
    if found.experience.lower <= 0:
        return "Experience does not clearly raise satisfaction, so there is no ratio."
    return found.ratio


def _complaints(company, half: int, reason: str, count: dict, known: list[str]) -> dict:
    if not company.has("contacts", "reason"):
        text = "No table holds complaints (contacts with their reason)."
        return dict.fromkeys(
            ("left_after_complaint", "extra_loss_after_complaint"), text
        )
    asked = survey_losses(company, horizon=half, reason=reason, **count)
    return after_complaint(asked, [name for name in known if name != "complained"])
