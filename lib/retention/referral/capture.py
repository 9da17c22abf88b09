"""How many customers were referred, from two records that each miss some."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate, limits, measured

FEWEST_IN_BOTH = 7
METHOD = "Chapman, two records"


def chapman(first: float, second: float, both: float) -> Estimate:
    """Number in a closed population, from two lists that overlap.

    Parameters
    ----------
    first, second : number
        On the first list, on the second.
    both : number
        On both.

    Returns
    -------
    Estimate
        (first + 1)(second + 1)/(both + 1) - 1. The interval is normal on the log of
        the number that neither list holds. n is the number of persons listed.

    Raises
    ------
    ValueError
        If more are on both lists than on one of them.

    References
    ----------
    Chapman (1951), "Some properties of the hypergeometric distribution with
    applications to zoological sample censuses", University of California
    Publications in Statistics 1, 131-160. Variance: Seber (1970), "The effects of
    trap response on tag recapture estimates", Biometrics 26, 13-22.

    Examples
    --------
    346 and 184 caught, 49 of them twice:

    >>> round(chapman(346, 184, 49).value, 1), round(chapman(346, 184, 49).se**2, 1)
    (1282.9, 20187.4)
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(
            f"{both:g} on both lists cannot be, with {first:g} on the first and "
            f"{second:g} on the second: check that the lists count the same people."
        )
    value, variance = _chapman(first, second, both)
    found, se = first + second - both, float(np.sqrt(variance))
    unseen = max(value - found, 0.0)
    low, high = limits(unseen, se, scale="log") if unseen > 0 else (0.0, 0.0)
    ends = found + float(low), found + float(high)
    return Estimate(float(value), *ends, int(found), METHOD, "customers", se)


def captured(table: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Referred customers in each stratum, from codes and answers.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`.
    by : sequence of str
        Strata within which the two records are taken as independent.

    Returns
    -------
    DataFrame
        The strata, `customers`, `coded` (on the first list: a code or link), `told`
        (on the second: the customer said so), `both`, `referred` (Chapman) with its
        `se`, and the share of the referred that each list holds: `code_rate`,
        `told_rate`.

    Examples
    --------
    100 came with a code, 100 said that they were sent, 40 both:

    >>> table = pd.DataFrame({"coded": [1, 1, 0, 0], "n": [40, 60, 60, 240],
    ...                       "told": ["referral", "no answer", "referral", "other"]})
    >>> found = captured(table)
    >>> found[["customers", "coded", "told", "both", "referred", "code_rate"]].round(2)
       customers  coded  told  both  referred  code_rate
    0        400    100   100    40     247.8        0.4
    """
    told = table["told"] == "referral"
    n = table["n"]
    cells = table[list(by)].assign(
        customers=n,
        coded=n * table["coded"],
        told=n * told,
        both=n * (table["coded"] * told),
    )
    lists = ["customers", "coded", "told", "both"]
    if by:
        found = cells.groupby(list(by), as_index=False, dropna=False)[lists].sum()
    else:
        found = cells[lists].sum().to_frame().T
    value, variance = _chapman(found["coded"], found["told"], found["both"])
    value = np.minimum(value, found["customers"])
    return found.assign(
        referred=value,
        se=np.sqrt(variance),
        code_rate=found["coded"] / value.where(value > 0),
        told_rate=found["told"] / value.where(value > 0),
    )


def captured_share(table: pd.DataFrame, *, by: Sequence[str] = ()) -> Estimate:
    """Share of new customers who were referred, Chapman within strata.

    Parameters
    ----------
    table, by
        As in `captured`.

    Returns
    -------
    Estimate
        A fraction with unit "%", the interval normal on the logit scale. n counts
        all new customers.

    Examples
    --------
    >>> table = pd.DataFrame({"coded": [1, 1, 0, 0], "n": [40, 60, 60, 240],
    ...                       "told": ["referral", "no answer", "referral", "other"]})
    >>> captured_share(table).text
    '62 % (95 % CI 50 to 72 %)'
    """
    found = captured(table, by=by)
    customers = int(found["customers"].sum())
    method = f"{METHOD}, by {' and '.join(by)}" if by else f"{METHOD}, pooled"
    if customers == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, method, "%")
    share = float(found["referred"].sum() / customers)
    se = float(np.sqrt((found["se"] ** 2).sum()) / customers)
    return measured(share, se, customers, method=method, unit="%", scale="logit")


def dependence(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Columns that sort customers by how well both records catch them.

    Pooling two lists is right if at least one of them catches everybody alike. A
    column that moves both makes them depend on each other, and the pooled number
    too small where the same customers are easily caught by both.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Column to `counts.acquisitions(by=[column])`.

    Returns
    -------
    DataFrame
        One row a column, those that move both lists first: `column`, `p_code`
        (chi-squared test that codes catch all levels alike, among those who told),
        `p_told` (the same for answers, among those with a code), `share` (by that
        column) and `moves_both` (both p below 1 % over the number of columns).

    Examples
    --------
    Plan moves both records; region moves neither:

    >>> lists = pd.DataFrame({"level": ["a"] * 4 + ["b"] * 4, "coded": [1, 1, 0, 0] * 2,
    ...     "told": ["referral", "no answer", "referral", "other"] * 2})
    >>> plan = lists.assign(plan=lists["level"], n=[90, 30, 30, 99, 10, 90, 90, 99])
    >>> region = lists.assign(region=lists["level"], n=[50, 60, 60, 99] * 2)
    >>> found = dependence({"plan": plan, "region": region})
    >>> found[["column", "share", "moves_both"]].round(2)
       column  share  moves_both
    0    plan   0.83        True
    1  region   0.89       False
    """
    rows = []
    for column, table in tables.items():
        if table[column].nunique() < 2:
            continue
        found = captured(table, by=[column])
        share = captured_share(table, by=[column]).value
        p_code = _alike(found["both"], found["told"])
        p_told = _alike(found["both"], found["coded"])
        rows.append((column, p_code, p_told, share))
    names = ["column", "p_code", "p_told", "share"]
    out = pd.DataFrame(rows, columns=names)
    worst = out[["p_code", "p_told"]].max(axis=1)
    out["moves_both"] = worst < 0.01 / max(len(out), 1)
    order = worst.sort_values(kind="stable").index
    return out.loc[order].reset_index(drop=True)


def chosen_strata(dependences: pd.DataFrame, most: int = 2) -> list[str]:
    """Columns to stratify by: those that move both lists, the clearest first.

    Parameters
    ----------
    dependences : DataFrame
        From `dependence`.
    most : int
        How many at most.

    Returns
    -------
    list of str

    Examples
    --------
    >>> found = pd.DataFrame({"column": ["plan", "age"], "moves_both": [True, False]})
    >>> chosen_strata(found)
    ['plan']
    """
    return dependences.loc[dependences["moves_both"], "column"].head(most).tolist()


def share_over_time(
    table: pd.DataFrame, *, time: str = "year", by: Sequence[str] = ()
) -> pd.DataFrame:
    """Referred share of the new customers of each year, beside the books.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`, counted by `time` and `by`.
    time : str
        Column that holds the time.
    by : sequence of str
        Strata.

    Returns
    -------
    DataFrame
        `time`, `customers`, `recorded` (share in the books), `share`, `lower`,
        `upper`, and `fewest` (on both lists, in the smallest stratum).

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2024] * 3 + [2025] * 3, "coded": [1, 1, 0] * 2,
    ...     "told": ["referral", "no answer", "referral"] * 2, "n": [40, 60, 60] * 2,
    ...     "recorded": ["referral", "ads", "ads"] * 2})
    >>> table.loc[6] = (2025, 0, "other", 240, "ads")
    >>> share_over_time(table)[["time", "customers", "recorded", "share"]].round(2)
       time  customers  recorded  share
    0  2024        160      0.25   1.00
    1  2025        400      0.10   0.62
    """
    rows = []
    for when, part in table.groupby(time):
        share = captured_share(part, by=by)
        booked = part.loc[part["recorded"] == "referral", "n"].sum()
        fewest = int(captured(part, by=by)["both"].min())
        interval = share.value, share.lower, share.upper
        rows.append((when, share.n, booked / share.n, *interval, fewest))
    names = ["time", "customers", "recorded", "share", "lower", "upper", "fewest"]
    return pd.DataFrame(rows, columns=names)


def _chapman(first, second, both):
    value = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both)
    return value, variance / ((both + 1) ** 2 * (both + 2))


def _alike(hits: pd.Series, of: pd.Series) -> float:
    """Chi-squared test that a share is the same in all levels; 1 if there is none."""
    from scipy.special import chdtrc

    kept = of > 0
    hits, of = hits[kept].to_numpy(float), of[kept].to_numpy(float)
    if len(of) < 2 or not 0 < hits.sum() < of.sum():
        return 1.0
    share = hits.sum() / of.sum()
    statistic = ((hits - share * of) ** 2 / (share * (1 - share) * of)).sum()
    return float(chdtrc(len(of) - 1, statistic))
