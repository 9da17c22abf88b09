"""Who got the credit: true source against the books, from a checked sample."""

import pandas as pd

from retention.intervals import Estimate, wilson

EVIDENCE = {
    "a code or link": lambda t: t["coded"] == 1,
    "the customer says so": lambda t: t["told"] == "referral",
    "an earlier customer's household": lambda t: t["household"] == 1,
    "any of these": lambda t: (
        (t["coded"] == 1) | (t["told"] == "referral") | (t["household"] == 1)
    ),
    "the books": lambda t: t["recorded"] == "referral",
}


def credit_matrix(audited: pd.DataFrame) -> pd.DataFrame:
    """Share of each true source that the books give to each source.

    Parameters
    ----------
    audited : DataFrame
        From `retention.counts.audited`.

    Returns
    -------
    DataFrame
        One row a pair: `true`, `recorded`, `n`, `of` (checked customers of that true
        source), `share` with its Wilson interval `lower`, `upper`.

    Examples
    --------
    Of 100 customers whom others sent the books credit 40 to referral:

    >>> audited = pd.DataFrame({"true": ["referral", "referral", "ads"],
    ...     "recorded": ["referral", "ads", "ads"], "n": [40, 60, 90]})
    >>> credit_matrix(audited)[["true", "recorded", "n", "of", "share"]]
           true  recorded   n   of  share
    0  referral  referral  40  100    0.4
    1  referral       ads  60  100    0.6
    2       ads  referral   0   90    0.0
    3       ads       ads  90   90    1.0
    """
    counts = audited.groupby(["true", "recorded"])["n"].sum()
    sources = _sources(audited)
    index = pd.MultiIndex.from_product(
        [sources[0], sources[1]], names=["true", "recorded"]
    )
    out = counts.reindex(index, fill_value=0).reset_index()
    out["of"] = out.groupby("true")["n"].transform("sum")
    shares = [wilson(n, of) for n, of in zip(out["n"], out["of"], strict=True)]
    for column, name in (("share", "value"), ("lower", "lower"), ("upper", "upper")):
        out[column] = [getattr(share, name) for share in shares]
    return out


def evidence_quality(audited: pd.DataFrame) -> pd.DataFrame:
    """How often each kind of evidence is right, and how many it finds.

    Parameters
    ----------
    audited : DataFrame
        From `retention.counts.audited`: `true`, `coded` (0/1), `told`, `household`
        (0/1), `recorded` and `n`.

    Returns
    -------
    DataFrame
        `evidence`, `found` (checked customers with it), `precision` (of these, truly
        referred) and `recall` (of the truly referred, found), each with its Wilson
        interval as `precision_lower` and so on.

    Examples
    --------
    Of 50 with a code 45 were truly sent, and of 90 truly sent 45 have one:

    >>> audited = pd.DataFrame({"true": ["referral", "referral", "ads", "ads"],
    ...     "coded": [1, 0, 1, 0], "told": ["referral", "referral", "other", "other"],
    ...     "household": 0, "recorded": ["referral", "ads", "ads", "ads"],
    ...     "n": [45, 45, 5, 105]})
    >>> evidence_quality(audited)[["evidence", "found", "precision", "recall"]].head(2)
                   evidence  found  precision  recall
    0        a code or link     50        0.9     0.5
    1  the customer says so     90        1.0     1.0
    """
    true = audited["true"] == "referral"
    referred = audited.loc[true, "n"].sum()
    rows = []
    for name, has in EVIDENCE.items():
        found = audited.loc[has(audited), "n"].sum()
        hits = audited.loc[has(audited) & true, "n"].sum()
        precision, recall = wilson(hits, found), wilson(hits, referred)
        both = [(e.value, e.lower, e.upper) for e in (precision, recall)]
        rows.append((name, found, *both[0], *both[1]))
    names = ["evidence", "found", "precision", "precision_lower", "precision_upper"]
    names += ["recall", "recall_lower", "recall_upper"]
    return pd.DataFrame(rows, columns=names)


def booked_to_rep(audited: pd.DataFrame) -> Estimate:
    """Share of truly referred customers whom the books give to a salesperson.

    Parameters
    ----------
    audited : DataFrame
        From `retention.counts.audited`: `true`, `rep` (1 booked to a salesperson), `n`.

    Returns
    -------
    Estimate
        A share with Wilson's interval.

    Examples
    --------
    >>> audited = pd.DataFrame({"true": ["referral", "referral", "ads"],
    ...                         "rep": [1, 0, 1], "n": [30, 70, 50]})
    >>> booked_to_rep(audited).text
    '30 % (95 % CI 22 to 40 %)'
    """
    referred = audited[audited["true"] == "referral"]
    reps = int(referred.loc[referred["rep"] == 1, "n"].sum())
    return wilson(reps, int(referred["n"].sum()))


def referred_of_rep(audited: pd.DataFrame) -> Estimate:
    """Share of the customers booked to a salesperson whom a customer sent.

    Parameters
    ----------
    audited : DataFrame
        From `retention.counts.audited`: `true`, `rep` (1 booked to a salesperson), `n`.

    Returns
    -------
    Estimate
        A share with Wilson's interval.

    Examples
    --------
    >>> audited = pd.DataFrame({"true": ["referral", "referral", "ads"],
    ...                         "rep": [1, 0, 1], "n": [30, 70, 50]})
    >>> referred_of_rep(audited).value
    0.375
    """
    booked = audited[audited["rep"] == 1]
    sent = int(booked.loc[booked["true"] == "referral", "n"].sum())
    return wilson(sent, int(booked["n"].sum()))


def audit_share(audited: pd.DataFrame) -> Estimate:
    """Share referred of the checked sample itself.

    Parameters
    ----------
    audited : DataFrame
        From `retention.counts.audited`: `true` and `n`.

    Returns
    -------
    Estimate
        A share with Wilson's interval.

    Examples
    --------
    >>> audit_share(pd.DataFrame({"true": ["referral", "ads"], "n": [120, 180]})).value
    0.4
    """
    sent = int(audited.loc[audited["true"] == "referral", "n"].sum())
    return wilson(sent, int(audited["n"].sum()))


def recorded_share(table: pd.DataFrame) -> Estimate:
    """Share of new customers whom the books call referred.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`: `recorded` and `n`.

    Returns
    -------
    Estimate
        A share with Wilson's interval.

    Examples
    --------
    >>> table = pd.DataFrame({"recorded": ["referral", "ads"], "n": [120, 880]})
    >>> recorded_share(table).value
    0.12
    """
    booked = int(table.loc[table["recorded"] == "referral", "n"].sum())
    return wilson(booked, int(table["n"].sum()))


def recorded_over_true(table: pd.DataFrame, share: Estimate) -> Estimate:
    """Referrals in the books over referrals that happened.

    The books are counted, not estimated, so only the true share has an interval.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`.
    share : Estimate
        True referred share of the same customers.

    Returns
    -------
    Estimate

    Examples
    --------
    The books call 12 % referred where 40 % were:

    >>> table = pd.DataFrame({"recorded": ["referral", "ads"], "n": [120, 880]})
    >>> true = Estimate(0.40, 0.35, 0.45, 1000, "checked", "%", 0.025)
    >>> recorded_over_true(table, true).text
    '0.30 (95 % CI 0.27 to 0.34)'
    """
    booked = recorded_share(table).value
    return Estimate(
        booked / share.value,
        booked / share.upper,
        booked / share.lower,
        share.n,
        f"books over {share.method}",
        "",
        booked * share.se / share.value**2,
    )


def _sources(audited: pd.DataFrame) -> tuple[list[str], list[str]]:
    """True and recorded sources, the referral first, then by size."""
    ordered = []
    for column in ("true", "recorded"):
        sizes = audited.groupby(column)["n"].sum().sort_values(ascending=False)
        rest = [name for name in sizes.index if name != "referral"]
        ordered.append([*(["referral"] if "referral" in sizes else []), *rest])
    return ordered[0], ordered[1]
