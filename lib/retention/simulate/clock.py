"""The simulated calendar: months since 2017-11, and one random stream a process."""

import numpy as np

FIRST_MONTH = np.datetime64("2017-11", "M")
MONTHS = 108
RECORDS = 60
EXPERIMENT = 72
LAUNCH = 84
REVIEW = 95
RELEASE = 96
NEVER = 999

# A process added at the end of this list leaves the draws of the others as they are.
PROCESSES = (
    "arrivals",
    "opinions",
    "surveys",
    "spend",
    "hazard",
    "loyalty",
    "experiment",
    "add_ons",
    "recording",
    "counterfactual",
    "activity",
    "contacts",
    "points",
    "invitations",
    "audit",
    "leads",
    "plans",
    "shop",
    "wealth",
    "journeys",
)


def streams(seed):
    """Independent generators, one for each process, by name."""
    children = np.random.SeedSequence(seed).spawn(len(PROCESSES))
    return dict(zip(PROCESSES, map(np.random.default_rng, children), strict=True))


def first_day(month):
    """First day of a month number, as datetime64[D]."""
    return (FIRST_MONTH + np.asarray(month, int)).astype("datetime64[D]")


def month_length(month):
    """Days in a month number."""
    days = first_day(np.asarray(month) + 1) - first_day(month)
    return days.astype(int)


def leaving_day(month, time):
    """Days from the first of the month to the day of leaving, `time` in [0, 1).

    Nobody leaves on the first of a month: a subscription that is billed on the first
    and ends that day could be read as the period before or the one begun.
    """
    return 1 + np.floor(time * (month_length(month) - 1)).astype(int)


def nanoseconds(days, known=True):
    """Dates in the resolution that pandas uses by default; NaT where not known."""
    stamps = np.asarray(days).astype("datetime64[ns]")
    return np.where(known, stamps, np.datetime64("NaT", "ns"))
