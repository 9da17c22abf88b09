"""What a customer is worth: new, lost, and one for the other."""

from retention.economics.worth.found import Worth, worth, worth_by
from retention.economics.worth.quoted import lifetime_share, naive_worth

__all__ = ["Worth", "lifetime_share", "naive_worth", "worth", "worth_by"]
