"""What to know before believing a page on customer value."""

from retention.intervals import Check
from retention.value.ground import Ground
from retention.value.migration import ChainTest

FEW = 100
HALF = 0.5
SMALL_EFFECT = 0.1


def cautions(base: Ground) -> list[str]:
    """Sentences on what is odd about a company's money; empty where nothing is.

    Parameters
    ----------
    base : Ground

    Returns
    -------
    list of str
        On returns, amounts of zero, negative margins, rows before joining, customers
        with a single row, few customers and one customer who brings most.

    Examples
    --------
    One of 120 customers brings most:

    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> from retention.value import ground
    >>> activity = pd.DataFrame({"customer_id": [f"{k:03d}" for k in range(120)] * 12,
    ...     "month": pd.date_range("2025-01-01", freq="MS", periods=12).repeat(120),
    ...     "revenue": ([5000.0] + [10.0] * 119) * 12})
    >>> company = open_company({"activity": activity},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> for said in cautions(ground(company)):
    ...     print(said.split(":")[0])
    One customer brought 81 % of the revenue
    """
    odd = base.oddities
    said = [
        text.format(n=odd[name], of=odd["rows"])
        for name, text in _ROWS.items()
        if odd[name]
    ]
    if odd["once"] > HALF * odd["customers"]:
        said.append(
            f"{odd['once']:,} of {odd['customers']:,} customers have a single row of "
            "money: habits cannot be read off one, so forecasts lean on the others."
        )
    if base.basis.margin and base.kind == "revenue":
        said.append(
            "All customers together cost more than their margin, so shares of profit "
            "mean nothing: shares below are of revenue."
        )
    return [*said, *_few(base), *_one(base)]


def value_checks(base: Ground) -> list[Check]:
    """Whether value is profit, and whether there is a next window to test on.

    Parameters
    ----------
    base : Ground
        From `ground`.

    Returns
    -------
    list of Check
        PASS or REVIEW for profit against sales; PASS or FAIL for a next window.

    Examples
    --------
    >>> from retention.company import open_company
    >>> from retention.value import ground
    >>> base = ground(open_company("data/lakeshore"))
    >>> for check in value_checks(base):
    ...     print(check.status, check.name)
    PASS Value is profit, not sales
    PASS There is a next window
    """
    profit = bool(base.basis.margin) and base.basis.contacts
    several = len(base.windows) > 1
    return [
        Check(
            "Value is profit, not sales",
            "PASS" if profit else "REVIEW",
            base.basis.note,
            "" if profit else "Bring a margin, and contacts with their cost.",
        ),
        Check(
            "There is a next window",
            "PASS" if several else "FAIL",
            f"{len(base.windows)} windows of {base.windows[-1].months} months each.",
            "" if several else "Bring more months, or choose shorter windows.",
        ),
    ]


def chain_check(test: ChainTest, *, name: str) -> Check:
    """Whether a test of a chain of tiers leaves its assumption standing.

    Parameters
    ----------
    test : ChainTest
    name : str
        The assumption in a few words.

    Returns
    -------
    Check
        PASS for p of 0.01 or more, or an effect below a tenth: with many moves any
        difference is significant.

    Examples
    --------
    >>> test = ChainTest("Does the tier before matter", 900.0, 4, 1e-9, 1_000_000)
    >>> check = chain_check(test, name="Memory of one period")
    >>> check.status, round(test.effect, 3)
    ('REVIEW', 0.03)
    """
    stands = not test.p < 0.01
    status = "PASS" if stands else "REVIEW" if test.effect < SMALL_EFFECT else "FAIL"
    remedy = "" if stands else "Count the latest periods alone and compare."
    return Check(name, status, f"{test.summary} Effect {test.effect:.3f}.", remedy)


_ROWS = {
    "returns": "{n:,} of {of:,} rows are returns (negative amounts): they are taken "
    "off what the customer brought.",
    "losses": "{n:,} of {of:,} rows have a negative margin: they count as losses.",
    "before_joining": "{n:,} of {of:,} rows are dated before the month in which their "
    "customer joined: the money counts, but the customer's age is then in doubt.",
}


def _few(base: Ground) -> list[str]:
    n = int(base.cells("revenue")["n"].sum())
    if n >= FEW:
        return []
    return [f"Only {n:,} customers had money in the last window: intervals are wide."]


def _one(base: Ground) -> list[str]:
    cells = base.cells("revenue")
    last, total = cells.iloc[-1], cells["revenue"].sum()
    if last["n"] != 1 or not last["revenue"] > HALF * total:
        return []
    return [
        f"One customer brought {100 * last['revenue'] / total:.0f} % of the revenue: "
        "every share below is about that customer."
    ]
