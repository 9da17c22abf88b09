"""Counts of survey rows by score and by what customers did afterwards."""

from collections.abc import Mapping, Sequence

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect, tally, with_bucket
from retention.counts.once import once
from retention.counts.satisfaction.asked import (
    STUDY,
    asked_frame,
    has_dates,
    surveys,
    usual_outcome,
    with_people,
)
from retention.counts.satisfaction.scales import score_scale
from retention.counts.tenure import NOT_STATED


def usual_reason(company, asked: str = "") -> str:
    """Reason that counts as leaving: "voluntary" where any is so recorded, else all.

    Parameters
    ----------
    company : Company
    asked : str
        A reason asked for, which is taken as it is; "any" counts every loss.

    Returns
    -------
    str
        Empty where every loss counts.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.usual_reason(company), counts.usual_reason(company, "any")
    ('voluntary', '')
    """
    if asked:
        return "" if asked == "any" else asked
    if not company.has("customers", "leave_reason", "left_on"):
        return ""
    own = nw.col("leave_reason") == "voluntary"
    customers = company.population(STUDY).filter(own)
    return (
        "voluntary" if int(collect(customers.select(nw.len()))["len"].iloc[0]) else ""
    )


def survey_tenure(
    company,
    *,
    horizon: int,
    by: Sequence[str] = (),
    widths: Mapping[str, float] | None = None,
    outcome: str = "",
    reason: str = "",
) -> pd.DataFrame:
    """Tenure table whose clock starts with an answer.

    Parameters
    ----------
    company : Company
    horizon : int
        Periods of follow-up, in the company's time unit.
    by : sequence of str
        Columns to count by besides `score`: of surveys or customers, or one that
        `asked_frame` makes.
    widths : mapping of str to float, optional
        Numeric columns rounded to a multiple of this width.
    outcome : {"", "left", "bought"}
        What is followed; empty takes `usual_outcome`.
    reason : str
        Count only losses for this leave reason; the others end the follow-up.
        Empty counts every loss.

    Returns
    -------
    DataFrame
        Columns of `by` and `widths`, `score`, `entry` (0), `duration` (periods after
        the answer), `event` (1 left, or bought), `bucket` and `n` answers.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.survey_tenure(company, horizon=6)
    >>> table.groupby(["score", "event"])["n"].sum().unstack()
    event      0     1
    score
    1.0      125    25
    2.0      914   150
    3.0     2358   262
    4.0    13322  1418
    5.0     8208   577
    """
    frame = asked_frame(
        company, horizon=horizon, outcome=outcome, complaints="complained" in by
    ).filter(nw.col("responded") == 1)
    if reason:
        frame = frame.with_columns(event=(nw.col("cause") == reason).cast(nw.Int64))
    keys = [*by, *(widths or {}), "score", "duration", "event"]
    counted = _counted(_rounded(frame, widths), keys)
    counted = counted[counted["duration"] > 0].reset_index(drop=True)
    counted.insert(counted.columns.get_loc("duration"), "entry", 0)
    return counted


@once
def survey_losses(
    company,
    *,
    horizon: int,
    by: Sequence[str] = (),
    widths: Mapping[str, float] | None = None,
    outcome: str = "",
    reason: str = "",
    everybody: bool = False,
) -> pd.DataFrame:
    """Answers by score, and how many who gave them were lost within the horizon.

    Parameters
    ----------
    company, horizon, by, widths, outcome, reason
        As in `survey_tenure`. Where the outcome is "bought", whoever did not buy
        again within the horizon is lost.
    everybody : bool
        Count those who were asked and did not answer too; their score is nan.

    Returns
    -------
    DataFrame
        Columns of `by` and `widths`, `score`, `responded`, `followed` (1 if the whole
        horizon was observed), `lost` (1 lost within it; 0 where not followed),
        `gone` (the same for any reason), `bucket` and `n` rows.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.survey_losses(company, horizon=6)
    >>> followed = table[table["followed"] == 1]
    >>> followed.groupby(["score", "lost"])["n"].sum().unstack()
    lost       0     1
    score
    1.0      117    21
    2.0      843   142
    3.0     2163   255
    4.0    12311  1361
    5.0     7607   555
    """
    outcome = outcome or usual_outcome(company)
    frame = asked_frame(
        company, horizon=horizon, outcome=outcome, complaints="complained" in by
    )
    if not everybody:
        frame = frame.filter(nw.col("responded") == 1)
    event, whole = nw.col("event"), nw.col("followed")
    chosen = (nw.col("cause") == reason).cast(nw.Int64) if reason else event
    lost, gone = (chosen, event) if outcome == "left" else (1 - event, 1 - event)
    frame = frame.with_columns(
        lost=(lost * whole).cast(nw.Int64), gone=(gone * whole).cast(nw.Int64)
    )
    keys = [*by, *(widths or {}), "score", "responded", "followed", "lost", "gone"]
    return _counted(_rounded(frame, widths), list(dict.fromkeys(keys)))


def exit_answers(company, *, reason: str = "") -> pd.DataFrame:
    """Scores that customers gave when they left.

    Parameters
    ----------
    company : Company
    reason : str
        Only those who left for this reason; empty takes all.

    Returns
    -------
    DataFrame
        `score` and `n`; empty where there are no exit surveys.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.exit_answers(company, reason="voluntary")
       score     n
    0    1.0   322
    1    2.0   455
    2    3.0  1323
    3    4.0  1306
    4    5.0   198
    """
    rows = surveys(company).filter(nw.col("kind") == "exit", nw.col("responded") == 1)
    if reason and company.has("customers", "leave_reason"):
        rows = with_people(rows, company).filter(nw.col("leave_reason") == reason)
    rows = rows.with_columns(score=score_scale(company).level("satisfaction"))
    counted = tally(rows, "score")
    counted = counted.astype({"score": float, "n": "int64"})
    return counted.sort_values("score", ignore_index=True)


def survey_flow(company, *, horizon: int, outcome: str = "") -> pd.DataFrame:
    """How many survey rows there are, and how many can be used for what.

    Parameters
    ----------
    company, horizon, outcome
        As in `survey_tenure`.

    Returns
    -------
    DataFrame
        `step` and `rows`: from all rows to the answers followed for the horizon.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.survey_flow(company, horizon=6)
                                          step   rows
    0                         survey rows read  71572
    1                 exit surveys, kept apart  -3604
    2  not a customer of this study on the day      0
    3                                    asked  67968
    4                           did not answer -40609
    5                                 answered  27359
    6            not yet followed for 6 months  -1984
    7                    answered and followed  25375
    """
    kinds = tally(surveys(company), "kind")
    total = int(kinds["n"].sum())
    exits = int(kinds.loc[kinds["kind"] == "exit", "n"].sum())
    frame = asked_frame(company, horizon=horizon, outcome=outcome)
    seen = tally(frame, "responded", "followed")
    asked = int(seen["n"].sum())
    answered = int(seen.loc[seen["responded"] == 1, "n"].sum())
    whole = (seen["responded"] == 1) & (seen["followed"] == 1)
    used = int(seen.loc[whole, "n"].sum())
    unit = f"{company.time_unit}{'' if horizon == 1 else 's'}"
    away = "not a customer of this study on the day" if has_dates(company) else "others"
    return pd.DataFrame(
        [
            ("survey rows read", total),
            ("exit surveys, kept apart", -exits),
            (away, asked - (total - exits)),
            ("asked", asked),
            ("did not answer", answered - asked),
            ("answered", answered),
            (f"not yet followed for {horizon} {unit}", used - answered),
            ("answered and followed", used),
        ],
        columns=["step", "rows"],
    )


def _rounded(frame: nw.LazyFrame, widths: Mapping[str, float] | None) -> nw.LazyFrame:
    if not widths:
        return frame
    return frame.with_columns(
        *(((nw.col(c) / w).round(0) * w).alias(c) for c, w in widths.items())
    )


def _counted(frame: nw.LazyFrame, keys: list[str]) -> pd.DataFrame:
    """Cells in the order of their keys; empty words are a group of their own."""
    kinds = frame.collect_schema()
    unknown = [k for k in keys if k not in kinds]
    if unknown:
        raise ValueError(
            f"No column named {', '.join(unknown)} in surveys or customers. There "
            f"are: {', '.join(sorted(kinds.names()))}."
        )
    texts = [k for k in keys if kinds[k] == nw.String and k != "met"]
    stated = [nw.coalesce(nw.col(k), nw.lit(NOT_STATED)).alias(k) for k in texts]
    frame = frame.with_columns(*stated) if stated else frame
    keys = [*keys, "bucket"]
    counted = tally(with_bucket(frame), *keys)
    whole = ["responded", "followed", "lost", "gone", "duration", "event", "n"]
    numbers = {"score": "float64"} | {c: "int64" for c in whole if c in counted}
    return counted.astype(numbers).sort_values(keys, ignore_index=True)
