"""The core business month by month: who joins, thinks, pays, leaves and enrols."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from retention.simulate import addons, hazard, loyalty, satisfaction, spend
from retention.simulate.arrivals import arrivals
from retention.simulate.clock import (
    EXPERIMENT,
    LAUNCH,
    MONTHS,
    NEVER,
    RECORDS,
    RELEASE,
    REVIEW,
    first_day,
    leaving_day,
    month_length,
)
from retention.simulate.stock import Stock, joined_up, newcomers


@dataclass(frozen=True, eq=False)
class Draws:
    """A month's randomness, kept for the customers present at the launch."""

    month: int
    number: np.ndarray
    score: np.ndarray
    spend: np.ndarray
    stretch: np.ndarray
    leave: np.ndarray
    enrol: np.ndarray


@dataclass(frozen=True, eq=False)
class History:
    """All customers ever, all their months, and what happened in them."""

    customers: Stock
    left_month: np.ndarray
    left_time: np.ndarray
    voluntary: np.ndarray
    months: dict[str, np.ndarray]
    answers: dict[str, np.ndarray]
    complaints: dict[str, np.ndarray]
    purchases: dict[str, np.ndarray]
    at_launch: Stock | None
    draws: list[Draws]

    @cached_property
    def left_on(self):
        """Day of leaving; NaT for those still here."""
        gone = self.left_month < NEVER
        month = np.where(gone, self.left_month, 0)
        day = first_day(month) + leaving_day(month, self.left_time)
        return np.where(gone, day, np.datetime64("NaT", "D"))

    @cached_property
    def recorded(self):
        """Customer-months since the records began, by customer and month."""
        seen = self.months["month"] >= RECORDS
        months = {name: values[seen] for name, values in self.months.items()}
        order = np.lexsort((months["month"], months["number"]))
        return {name: values[order] for name, values in months.items()}

    def days_here(self, number, month):
        """Days of the month before leaving, or all of them."""
        leaves = self.left_month[number] == month
        return np.where(
            leaves, leaving_day(month, self.left_time[number]), month_length(month)
        )


def history(rng, scale, *, months=MONTHS):
    """Run the core business for a number of months from an empty start."""
    run = Run(rng, scale)
    for month in range(months):
        run.step(month)
    return run.history()


class Run:
    """The state of the core business and what has been written down of it."""

    def __init__(self, rng, scale):
        self.rng, self.scale, self.arrived = rng, scale, 0
        empty = np.zeros(0, int)
        self.stock = newcomers(0, 0, empty, empty, np.random.default_rng(0))
        self.gone, self.months, self.answers = [], [], []
        self.complaints, self.purchases, self.draws = [], [], []
        self.at_launch = None

    def step(self, month):
        """One month, in the order that `methods` fixes."""
        self.join(month)
        self.think(month)
        if month == EXPERIMENT:
            n = len(self.stock)
            self.stock.arm = hazard.assigned_arms(n, self.rng["experiment"])
        if month == LAUNCH:
            uniform = self.rng["loyalty"].random(len(self.stock))
            self.stock.holdout = uniform < loyalty.PLANTED["holdout"]
            self.at_launch = self.stock.select(slice(None))
        draws = self.draw(month)
        self.pay(month, draws)
        self.buy(month)
        self.leave_and_enrol(month, draws)

    def join(self, month):
        """The month's newcomers."""
        new = arrivals(
            self.stock, month, self.arrived, self.scale, self.rng["arrivals"]
        )
        self.arrived += len(new)
        self.stock = joined_up([self.stock, new])

    def think(self, month):
        """Newcomers form an opinion, everybody each quarter; the survey goes out."""
        asked = np.flatnonzero((self.stock.joined == month) | (month % 3 == 0))
        thinking = self.stock.select(asked)
        opinion = satisfaction.opinions(thinking, self.rng["opinions"])
        self.stock.score[asked] = opinion.score
        number = thinking.number[opinion.complaint]
        self.complaints.append({"number": number, "month": np.full(len(number), month)})
        if month >= RECORDS and month % 3 == 0:
            rows = satisfaction.answers(thinking, opinion, month, self.rng["surveys"])
            self.answers.append(rows)

    def draw(self, month):
        """Random numbers of the month that the programme could turn into something."""
        n, seen = len(self.stock), month >= RECORDS
        noise = self.rng["spend"].standard_normal(n) if seen else np.zeros(n)
        reviewing = month == REVIEW
        return Draws(
            month,
            self.stock.number,
            self.stock.score.copy(),
            noise,
            self.rng["loyalty"].random((2, n)) if reviewing else np.zeros((2, n)),
            self.rng["hazard"].random((2, n)),
            self.rng["loyalty"].random(n) if month >= LAUNCH else np.ones(n),
        )

    def pay(self, month, draws):
        """Spend and, at its month, the review."""
        stock = self.stock
        amount = spend.revenue(stock, month, draws.spend)
        if month >= LAUNCH:
            amount = spend_in_programme(stock, month, amount, draws.stretch)
            self.draws += [draws] if month < RELEASE else []
        row = {"number": stock.number, "month": np.full(len(stock), month)}
        self.months.append({**row, "score": draws.score, "revenue": amount})

    def buy(self, month):
        """Add-ons, before anybody leaves."""
        uniform = self.rng["add_ons"].random(self.stock.held.shape)
        bought = addons.buying(self.stock, month, uniform)
        self.stock.held |= bought
        who, product = np.nonzero(bought)
        rows = {"number": self.stock.number[who], "month": np.full(len(who), month)}
        self.purchases.append({**rows, "product": product})

    def leave_and_enrol(self, month, draws):
        """Who leaves, and who of the others enrols in the programme."""
        time, at_will = hazard.leaving(self.stock, month, draws.leave)
        out = time < 1
        left = np.full(out.sum(), month), time[out], at_will[out]
        self.gone.append((self.stock.select(out), *left))
        enrolled = ~out & (month >= LAUNCH)
        enrolled &= loyalty.enrols(self.stock, month, draws.enrol)
        self.stock.member_from[enrolled] = month + 1
        self.stock = self.stock.select(~out)

    def history(self):
        """Everything so far, customers in the order of their numbers."""
        here = len(self.stock)
        still = (self.stock, np.full(here, NEVER), np.ones(here), np.zeros(here, bool))
        parts, *ends = zip(*self.gone, still, strict=True)
        customers = joined_up(parts)
        order = np.argsort(customers.number)
        left_month, left_time, voluntary = (np.concatenate(e)[order] for e in ends)
        return History(
            customers.select(order),
            left_month,
            left_time,
            voluntary,
            months=stacked(self.months),
            answers=stacked(self.answers),
            complaints=stacked(self.complaints),
            purchases=stacked(self.purchases),
            at_launch=self.at_launch,
            draws=self.draws,
        )


def spend_in_programme(stock, month, amount, uniform):
    """Spend since the launch, with the stretch to Silver; adds up and reviews."""
    stock.spent = stock.spent + amount
    if month != REVIEW:
        return amount
    stretched = loyalty.stretch(stock, amount, uniform)
    stock.spent = stock.spent + stretched - amount
    loyalty.review(stock)
    return stretched


def stacked(parts):
    """One dict of arrays out of a list of them."""
    names = parts[0] if parts else ()
    return {name: np.concatenate([part[name] for part in parts]) for name in names}
