"""The tables a company can bring, column by column."""

from retention.schema.shape import Column, Table


def _need(name: str, kind: str, **rules) -> Column:
    return Column(name, kind, required=True, filled=True, **rules)


def _customer(name: str = "customer_id") -> Column:
    return _need(name, "id", refers=True)


_RATINGS = ("quality", "service", "price", "innovation", "image")

_ALL = (
    Table(
        "customers",
        (
            _need("customer_id", "id"),
            Column("joined_on", "date", filled=True),
            Column("left_on", "date", ends=True, unit="empty = still here"),
            Column("tenure", "whole", filled=True, at_least=0, unit="time units"),
            Column("left", "flag", filled=True, unit="1 left, 0 still here"),
            Column("entry", "whole", filled=True, at_least=0, unit="periods before"),
            Column("spell", "whole", filled=True, at_least=1, unit="1, 2, ..."),
            Column(
                "leave_reason", "text", one_of=("voluntary", "involuntary", "other")
            ),
            Column("recorded_source", "text"),
            Column("referral_code", "id"),
            Column("told_us", "text", unit="empty = not answered"),
            Column("rep_id", "id"),
            Column("household_id", "id"),
            Column("business", "text"),
        ),
        key=("customer_id", "spell"),
        date="joined_on",
    ),
    Table(
        "tenure_counts",
        (
            _need("duration", "whole", at_least=0, unit="time units"),
            _need("event", "flag", unit="1 left, 0 still here"),
            Column("entry", "whole", filled=True, at_least=0, unit="periods before"),
            Column("cause", "text", unit="empty = still here"),
            _need("n", "whole", at_least=0, unit="customers"),
        ),
        whole_row=True,
    ),
    Table(
        "activity",
        (
            _customer(),
            _need("month", "month"),
            _need("revenue", "amount", at_least=0),
            Column("margin", "amount"),
        ),
        key=("customer_id", "month"),
        date="month",
    ),
    Table(
        "orders",
        (
            _customer(),
            _need("ordered_on", "moment"),
            _need("amount", "amount", at_least=0),
            Column("margin", "amount"),
            Column("product", "text"),
            Column("order_id", "id", filled=True),
        ),
        date="ordered_on",
        whole_row=True,
    ),
    Table(
        "surveys",
        (
            _customer(),
            _need("surveyed_on", "date"),
            Column("responded", "flag", filled=True, unit="1 answered"),
            Column("satisfaction", "score", required=True, unit="declared scale"),
            Column("satisfaction_points", "score", unit="declared scale"),
            Column("kind", "text", one_of=("relationship", "transaction", "exit")),
            Column("expectation", "score", unit="declared scale"),
            Column("intent", "score", unit="declared scale"),
            Column("recommend", "score", unit="declared scale"),
            *(Column(r, "score", unit="scale of ratings") for r in _RATINGS),
        ),
        key=("customer_id", "surveyed_on", "kind"),
        date="surveyed_on",
    ),
    Table(
        "referrals",
        (
            _customer("referrer_id"),
            _customer("referee_id"),
            _need("referred_on", "date"),
            Column("evidence", "text"),
        ),
        key=("referee_id",),
        date="referred_on",
    ),
    Table(
        "touchpoints",
        (
            _need("journey_id", "id"),
            _need("position", "whole", at_least=1, unit="1, 2, ..."),
            _need("channel", "text"),
            _need("converted", "flag", unit="1 bought"),
            Column("customer_id", "id", refers=True),
            Column("cost", "amount", at_least=0),
        ),
        key=("journey_id", "position"),
    ),
    Table(
        "invitations",
        (
            _customer("referrer_id"),
            _need("told", "whole", at_least=0, unit="people"),
            Column("interested", "whole", at_least=0, unit="people"),
            Column("joined", "whole", at_least=0, unit="people"),
        ),
    ),
    Table(
        "memberships",
        (
            _customer(),
            Column(
                "enrolled_on", "date", required=True, ends=True, unit="empty = never"
            ),
            Column("ended_on", "date", ends=True, unit="empty = still a member"),
            Column("holdout", "flag"),
            Column("eligible", "flag"),
            Column("tier", "text"),
            Column("qualifying_spend", "amount"),
            Column("programme", "text"),
        ),
        key=("customer_id", "programme", "enrolled_on"),
    ),
    Table(
        "points",
        (
            _customer(),
            _need("occurred_on", "date"),
            _need("kind", "text", one_of=("earn", "redeem", "expire")),
            _need("points", "number", at_least=0, unit="points"),
            Column("batch_on", "date"),
        ),
        date="occurred_on",
        whole_row=True,
    ),
    Table(
        "contacts",
        (
            _customer(),
            _need("occurred_on", "date"),
            _need("channel", "text"),
            Column("reason", "text"),
            Column("minutes", "number", at_least=0, unit="minutes"),
            Column("cost", "amount", at_least=0),
        ),
        date="occurred_on",
    ),
    Table(
        "experiments",
        (
            _customer(),
            _need("experiment", "text"),
            _need("arm", "text"),
            _need("assigned_on", "date"),
        ),
        key=("customer_id", "experiment"),
        date="assigned_on",
    ),
    Table(
        "leads",
        (
            _need("lead_id", "id"),
            _need("opened_on", "date"),
            Column("closed_on", "date", ends=True, unit="empty = open"),
            _need("outcome", "text", one_of=("won", "abandoned", "open")),
            Column("source", "text"),
            Column("cost", "amount", at_least=0),
        ),
        key=("lead_id",),
        date="opened_on",
    ),
    Table(
        "referral_audit",
        (_customer(), _need("true_source", "text")),
        key=("customer_id",),
    ),
    Table(
        "costs",
        (
            _need("month", "month"),
            _need("kind", "text"),
            _need("amount", "amount", at_least=0),
            Column("channel", "text"),
        ),
        date="month",
        whole_row=True,
    ),
    Table(
        "tiers",
        (_customer(), _need("period", "period"), _need("tier", "text")),
        key=("customer_id", "period"),
        date="period",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}

# What these columns say is only known once the date beside them has come; under
# `as_of` a later date becomes empty, and they become the value given here.
ENDINGS: dict[tuple[str, str], dict[str, str | None]] = {
    ("customers", "left_on"): {"leave_reason": None},
    ("memberships", "enrolled_on"): {"tier": None, "qualifying_spend": None},
    ("leads", "closed_on"): {"outcome": "open"},
}
