"""The seven studies and what each needs of a company."""

from dataclasses import dataclass

Alternative = tuple[str, ...]
Need = tuple[Alternative, ...]

_DATES: Alternative = ("customers.joined_on", "customers.left_on")
_TENURE: Need = (
    _DATES,
    ("customers.tenure", "customers.left"),
    ("tenure_counts.duration", "tenure_counts.event", "tenure_counts.n"),
)
_MONEY: Need = (
    ("activity.month", "activity.revenue"),
    ("orders.ordered_on", "orders.amount"),
)


@dataclass(frozen=True)
class Study:
    """One study: its notebook and what a company must bring for it.

    Parameters
    ----------
    name : str
        As in ``retention report --study NAME`` and ``[population] NAME``.
    notebook : str
        File stem in `notebooks/`.
    title : str
        The question it answers.
    needs : tuple
        All must be met. Each is a tuple of alternatives, and an alternative is a
        tuple of ``table.column`` or ``[section] key`` of workbook.toml.
    """

    name: str
    notebook: str
    title: str
    needs: tuple[Need, ...]


_ALL = (
    Study(
        "leaky_bucket",
        "01_leaky_bucket",
        "What is a kept customer worth, and what does losing one cost?",
        ((_DATES,), _MONEY),
    ),
    Study(
        "tenure",
        "02_customer_tenure",
        "How long do customers stay?",
        (_TENURE,),
    ),
    Study(
        "satisfaction",
        "03_satisfaction_trap",
        "Do satisfied customers come back?",
        (
            (_DATES, ("orders.ordered_on",)),
            (("surveys.surveyed_on", "surveys.satisfaction"),),
            (("[scales] satisfaction",),),
        ),
    ),
    Study(
        "referral",
        "04_referral_attribution",
        "Where do new customers really come from?",
        (
            (
                ("customers.referral_code",),
                ("customers.told_us",),
                ("referrals.referrer_id", "referrals.referee_id"),
                ("referral_audit.true_source",),
                ("touchpoints.journey_id", "touchpoints.converted"),
                ("invitations.told",),
            ),
        ),
    ),
    Study(
        "loyalty",
        "05_loyalty_roi",
        "Does the loyalty programme pay?",
        ((("memberships.enrolled_on",),), _MONEY),
    ),
    Study(
        "customer_value",
        "06_customer_value",
        "Who are the valuable customers, and who is drifting away?",
        (_MONEY,),
    ),
    Study(
        "claims",
        "07_claims_ledger",
        "Which retention sayings hold for this company?",
        (_TENURE + _MONEY,),
    ),
)

STUDIES: dict[str, Study] = {study.name: study for study in _ALL}
