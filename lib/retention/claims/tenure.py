"""The two readings of "customers lost every year"."""

from retention import counts, survival
from retention.intervals import Estimate
from retention.projection import PERIODS_PER_YEAR


def measures(company) -> dict[str, Estimate | str]:
    """Yearly losses that the tenure study's sayings are about.

    Parameters
    ----------
    company : Company

    Returns
    -------
    dict of str to Estimate or str
        ``yearly_loss_of_stock``: share of today's customers expected to be lost
        within a year. ``first_year_loss``: share of new customers lost within their
        first. A text where less than a year of tenure was observed.
    """
    return yearly_losses(counts.tenure(company), company.time_unit)


def yearly_losses(tenure, time_unit: str) -> dict[str, Estimate | str]:
    """The same from a tenure table."""
    year = round(PERIODS_PER_YEAR[time_unit])
    answer = survival.tenure_answer(tenure, horizon=year, unit=time_unit)
    still_here = bool((tenure["event"] == 0).any())
    if not (answer.enough and still_here and answer.last >= year):
        reason = (
            f"Less than {year} {time_unit}s were observed, too few customers left, "
            "or none is still here."
        )
        return dict.fromkeys(("yearly_loss_of_stock", "first_year_loss"), reason)
    return {
        "yearly_loss_of_stock": survival.expected_loss_of_stock(tenure, year),
        "first_year_loss": survival.new_cohort_loss(tenure, year),
    }
