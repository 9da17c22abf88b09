"""Lakeshore, the simulated company: every table of it, and the truth behind them."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real

import numpy as np
import pandas as pd

from retention.simulate import addons, known, loyalty, referral, satisfaction, service
from retention.simulate.clock import (
    NEVER,
    RECORDS,
    first_day,
    nanoseconds,
    streams,
)
from retention.simulate.counterfactual import potential_outcomes
from retention.simulate.journeys import touchpoints
from retention.simulate.leads import leads
from retention.simulate.plans import annual_plans
from retention.simulate.process import history
from retention.simulate.realised import realised
from retention.simulate.shop import shop
from retention.simulate.stock import PLANS, SOURCES
from retention.simulate.wealth import wealth
from retention.simulate.workbook import WORKBOOK

DEFAULT_SEED = 2026
REGIONS = np.array(["N", "S", "E", "W"], object)


@dataclass(frozen=True, eq=False)
class SimulatedCompany:
    """A company whose truth is known.

    Attributes
    ----------
    tables : dict of str to pandas.DataFrame
        What the company would bring: the tables of the contract, by name.
    truth : dict of str to pandas.DataFrame
        What no company sees: `customers`, `scores`, `potential_outcomes`, `shop`.
    parameters : dict
        `planted` values, what follows from them (`analytic`), what came of them in
        this company (`realised`) and regressions on a far larger one (`reference`).
    workbook : str
        The text of `workbook.toml`.
    """

    tables: dict[str, pd.DataFrame]
    truth: dict[str, pd.DataFrame]
    parameters: dict
    workbook: str

    @cached_property
    def settings(self):
        """The content of `workbook.toml`."""
        return tomllib.loads(self.workbook)

    @property
    def summary(self):
        """What this company is, in one sentence."""
        here = self.tables["customers"].query("business == 'subscription'")
        stay = here["left_on"].isna().mean()
        return (
            f"{self.settings['company']['name']} (SIMULATED, seed "
            f"{self.parameters['seed']}): {len(here):,} subscribers on record, "
            f"{stay:.0%} of them still here."
        )


def simulate(*, seed=DEFAULT_SEED, scale=1.0):
    """Lakeshore, a fictional regional services group, with its known truth.

    A subscription business month by month from 2017-11 to 2026-10 (its records start
    2022-11, its loyalty programme 2024-11), annual plans, a web shop and a wealth arm.

    Parameters
    ----------
    seed : int, default 2026
        The same seed gives identical tables.
    scale : float, default 1.0
        Size of the company; 1 is about 22,000 subscribers on record, 12,000 of them
        still here.

    Returns
    -------
    SimulatedCompany

    Raises
    ------
    ValueError
        If `seed` is not a whole number from 0 up, or `scale` is not from 0.01 to 50.

    Examples
    --------
    >>> company = simulate(seed=7, scale=0.02)
    >>> sorted(company.tables)[:4]
    ['activity', 'contacts', 'costs', 'customers']
    >>> company.tables["customers"]["customer_id"].is_unique
    True
    """
    check(seed, scale)
    rng = streams(seed)
    world = World(history(rng, scale), rng, scale)
    tables, truth = world.tables(), world.truth()
    parameters = {
        "seed": int(seed),
        "scale": float(scale),
        "planted": known.planted(),
        "analytic": known.rounded(known.analytic()),
        "realised": known.rounded(realised(world.past, tables, truth)),
        "reference": known.REFERENCE,
    }
    return SimulatedCompany(tables, truth, parameters, WORKBOOK)


def check(seed, scale):
    """Refuse a seed or scale that means nothing."""
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise ValueError(f"seed is {seed!r}; give a whole number from 0 up")
    if (
        isinstance(scale, bool)
        or not isinstance(scale, Real)
        or not 0.01 <= scale <= 50
    ):
        raise ValueError(
            f"scale is {scale!r}; give a number from 0.01 to 50 "
            "(1 is about 22,000 subscribers on record)"
        )


class World:
    """All parts of the company, drawn in one fixed order."""

    def __init__(self, past, rng, scale):
        self.past, self.rng, self.scale = past, rng, scale
        n, draw = len(past.customers), rng["recording"]
        self.ids = referral.text_ids("", past.customers.number)
        self.origin = referral.recorded(past.customers, self.ids, draw)
        self.region = REGIONS[draw.integers(len(REGIONS), size=n)]
        self.heavy = draw.random(n) < service.PLANTED["heavy_share"]
        self.shop_customers, self.shop_orders, self.shop_truth = shop(
            scale, rng["shop"]
        )
        self.wealth_customers, self.tiers = wealth(scale, rng["wealth"])

    @cached_property
    def on_record(self):
        """Rows of the customers who were here when the records began, or came later."""
        return np.flatnonzero(self.past.left_month >= RECORDS)

    def tables(self):
        """Every table of the contract."""
        past, ids, rng = self.past, self.ids, self.rng
        code = self.origin["referral_code"]
        return {
            "customers": self.customers(),
            "activity": service.activity(past, ids, rng["activity"]),
            "orders": self.orders(),
            "surveys": satisfaction.surveys(past, ids, rng["surveys"]),
            "referrals": referral.referrals(past, ids, code),
            "touchpoints": touchpoints(self.scale, rng["journeys"]),
            "invitations": referral.invitations(
                past, ids, self.scale, rng["invitations"]
            ),
            "memberships": loyalty.memberships(past, ids),
            "points": loyalty.points(past, ids, rng["points"]),
            "contacts": service.contacts(past, ids, self.heavy, rng["contacts"]),
            "experiments": service.experiments(past, ids),
            "leads": leads(self.scale, rng["leads"]),
            "referral_audit": referral.audit(past, ids, rng["audit"]),
            "costs": service.costs(past),
            "tiers": self.tiers,
        }

    def customers(self):
        """One row for each customer of each business."""
        lines = [
            self.subscribers(),
            annual_plans(self.scale, self.rng["plans"]),
            self.shop_customers,
            self.wealth_customers,
        ]
        table = pd.concat(lines, ignore_index=True)
        text = table.select_dtypes(object)
        return table.assign(**text.where(text.notna(), None))

    def subscribers(self):
        """Customers of the core business that the records know."""
        stock, past, rows = self.past.customers, self.past, self.on_record
        gone = past.left_month < NEVER
        reason = np.where(past.voluntary, "voluntary", "involuntary").astype(object)
        columns = {
            "customer_id": self.ids,
            "joined_on": nanoseconds(first_day(stock.joined)),
            "left_on": nanoseconds(past.left_on),
            "leave_reason": np.where(gone, reason, None),
            **self.origin,
            "business": np.full(len(stock), "subscription", object),
            "region": self.region,
            "age_group": np.where(stock.young, "young", "old").astype(object),
            "segment": np.where(stock.sme, "SME", "consumer").astype(object),
            "plan": PLANS[stock.plan],
            "contract": np.where(stock.annual, "annual", "monthly").astype(object),
            "pay_method": np.where(stock.card, "card", "debit").astype(object),
            "engagement": stock.engagement,
            "products_before": addons.held_before_records(past),
        }
        return pd.DataFrame({name: value[rows] for name, value in columns.items()})

    def orders(self):
        """Add-ons of subscribers and purchases in the shop."""
        add_ons = addons.add_on_orders(self.past, self.ids, self.rng["add_ons"])
        add_ons["ordered_on"] = nanoseconds(add_ons["ordered_on"])
        in_shop = self.shop_orders.assign(
            ordered_on=nanoseconds(self.shop_orders["ordered_on"])
        )
        return pd.concat([add_ons, in_shop]).sort_values(
            ["customer_id", "ordered_on"], ignore_index=True
        )

    def truth(self):
        """What the tables do not say."""
        rng = self.rng["counterfactual"]
        return {
            "customers": self.true_customers(),
            "scores": self.true_scores(),
            "potential_outcomes": potential_outcomes(self.past, self.ids, rng),
            "shop": self.shop_truth,
        }

    def true_customers(self):
        """All subscribers ever, also those who left before the records began."""
        stock, past = self.past.customers, self.past
        known = stock.referrer >= 0
        return pd.DataFrame(
            {
                "customer_id": self.ids,
                "joined_on": nanoseconds(first_day(stock.joined)),
                "left_on": nanoseconds(past.left_on),
                "voluntary": past.voluntary.astype("int8"),
                "true_source": SOURCES[stock.source],
                "true_referrer": np.where(known, self.ids[stock.referrer], None),
                "engagement": stock.engagement,
                "taste": np.round(stock.taste, 4),
                "heavy": self.heavy.astype("int8"),
                "young": stock.young.astype("int8"),
                "sme": stock.sme.astype("int8"),
                "plan": PLANS[stock.plan],
                "annual": stock.annual.astype("int8"),
                "card": stock.card.astype("int8"),
            }
        )

    def true_scores(self):
        """The score of each customer in each month since the records began."""
        months = self.past.recorded
        return pd.DataFrame(
            {
                "customer_id": self.ids[months["number"]],
                "month": nanoseconds(first_day(months["month"])),
                "score": months["score"],
            }
        )
