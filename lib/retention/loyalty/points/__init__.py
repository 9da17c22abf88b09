"""Points: how many are ever redeemed, what they are worth, what is owed."""

from retention.loyalty.points.checking import backtest
from retention.loyalty.points.liability import allocated, liability, recognised
from retention.loyalty.points.redemption import Redemption, redemption

__all__ = [
    "Redemption",
    "allocated",
    "backtest",
    "liability",
    "recognised",
    "redemption",
]
