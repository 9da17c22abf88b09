"""Customer journeys counted as paths: one group-by a journey, one a path.

A path is written into whole numbers, a few bits a touch, so that any engine can
count paths with sums alone, without sorting the touches of a journey.
"""

from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.engine import collect, tally, with_bucket

MOST_TOUCHES = 120
MOST_CHANNELS = 12
OTHER = "other"
_BITS = 52  # a sum of fields below 2^52 is exact in a float of any engine


@dataclass(frozen=True, eq=False)
class Paths:
    """Journeys counted by path.

    Attributes
    ----------
    channels : tuple of str
        Names of the channels, in order.
    touches : ndarray of int, shape (paths, longest)
        Channel numbers (from 0) of each path, -1 after its end.
    table : DataFrame
        One row a path and bucket: `path` (row of `touches`), `bucket`, `n`
        (journeys) and `converted` (journeys that ended in a purchase).
    too_long : int
        Journeys of more than 120 touches, which are left out: they are machines.

    Examples
    --------
    >>> paths = paths_of([("search > email", 3, 1), ("email", 2, 2)])
    >>> paths.channels, paths.journeys, paths.conversions
    (('email', 'search'), 5, 3)
    """

    channels: tuple[str, ...]
    touches: np.ndarray
    table: pd.DataFrame
    too_long: int = 0

    @property
    def journeys(self) -> int:
        """Journeys counted."""
        return int(self.table["n"].sum())

    @property
    def conversions(self) -> int:
        """Journeys that ended in a purchase."""
        return int(self.table["converted"].sum())

    @property
    def lengths(self) -> np.ndarray:
        """Touches of each path."""
        return (self.touches >= 0).sum(axis=1)

    def totals(self) -> pd.DataFrame:
        """`n` and `converted` of each path, all buckets together."""
        summed = self.table.groupby("path")[["n", "converted"]].sum()
        return summed.reindex(range(len(self.touches)), fill_value=0)

    def common(self, most: int = 10) -> pd.DataFrame:
        """The commonest paths: `path` (text), `journeys`, `converted`, `share`."""
        top = self.totals().sort_values("n", ascending=False, kind="stable").head(most)
        named = [
            " > ".join(self.channels[c] for c in self.touches[row] if c >= 0)
            for row in top.index
        ]
        return pd.DataFrame(
            {
                "path": named,
                "journeys": top["n"].to_numpy(),
                "converted": top["converted"].to_numpy(),
                "share": (top["converted"] / top["n"]).to_numpy(),
            }
        )


def journeys(company, *, bucket: bool = True) -> Paths:
    """Journeys of a company counted by path.

    Parameters
    ----------
    company : Company
        One that brings `touchpoints`.
    bucket : bool
        Deal journeys into 256 buckets for the jackknife, by the customer where one
        is named and by the journey otherwise.

    Returns
    -------
    Paths
        With the channels that `workbook.toml` declares, else those found. Of more
        than twelve the eleven most used are kept and the others become "other".

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> paths = counts.journeys(company, bucket=False)
    >>> paths.common(3).round(3)
         path  journeys  converted  share
    0  search      7326        619  0.084
    1  social      4829        146  0.030
    2  friend      2074        909  0.438
    """
    frame = company.table("touchpoints")
    names, (known, others) = frame.collect_schema().names(), _channels(company, frame)
    frame, channels = _numbered(frame, known), (*known, *([OTHER] if others else []))
    too_long, longest = _longest(frame)
    if too_long:
        frame = frame.filter(nw.col("position").max().over("journey_id") <= longest)
    bits = max(1, len(channels).bit_length())
    words = _words(longest, bits)
    who = nw.col("customer_id" if "customer_id" in names else "journey_id")
    walked = frame.group_by("journey_id").agg(
        *words,
        who.max().alias("customer_id"),
        nw.col("converted").max().alias("converted"),
    )
    return _counted(walked, channels, longest, bits, bucket, too_long)


def paths_of(rows) -> Paths:
    """Paths written by hand.

    Parameters
    ----------
    rows : sequence of (str, int, int) or (str, int, int, str)
        Channels joined by " > ", journeys, conversions among them, and optionally a
        bucket.

    Returns
    -------
    Paths

    Examples
    --------
    >>> from retention import counts
    >>> paths = counts.paths_of([("search > email", 3, 1), ("email", 2, 2)])
    >>> paths.common()[["path", "journeys", "converted"]]
                 path  journeys  converted
    0  search > email         3          1
    1           email         2          2
    """
    walks = [[c.strip() for c in row[0].split(">")] for row in rows]
    channels = tuple(sorted({channel for walk in walks for channel in walk}))
    longest = max(map(len, walks))
    touches = np.full((len(walks), longest), -1)
    for i, walk in enumerate(walks):
        touches[i, : len(walk)] = [channels.index(c) for c in walk]
    buckets = [row[3] if len(row) > 3 else "00" for row in rows]
    table = pd.DataFrame({"path": range(len(rows)), "bucket": buckets})
    table["n"], table["converted"] = ([row[k] for row in rows] for k in (1, 2))
    return Paths(channels, touches, table)


def _channels(company, frame) -> tuple[list[str], bool]:
    """Channels that keep their name, and whether there are others."""
    used = tally(frame, "channel")
    used = used.sort_values(["n", "channel"], ascending=[False, True])["channel"]
    declared = list(company.settings.channels.get("touchpoints", ()))
    known = [name for name in declared if name in set(used)] or sorted(used)
    if len(known) > MOST_CHANNELS:
        known = sorted(used.head(MOST_CHANNELS - 1).tolist())
    return known, not set(used) <= set(known)


def _numbered(frame, known: list[str]) -> nw.LazyFrame:
    """Column `__code__`: 1, 2, ... for the channels, one more for all others."""
    code = nw.lit(len(known) + 1)
    for i in reversed(range(len(known))):
        code = (
            nw.when(nw.col("channel") == known[i]).then(nw.lit(i + 1)).otherwise(code)
        )
    return frame.with_columns(__code__=code.cast(nw.Float64))


def _longest(frame) -> tuple[int, int]:
    """Journeys beyond the most touches, and the most touches among the others."""
    last = frame.group_by("journey_id").agg(nw.col("position").max().alias("last"))
    lengths = tally(last, "last")
    long = lengths["last"] > MOST_TOUCHES
    kept = lengths.loc[~long, "last"]
    return int(lengths.loc[long, "n"].sum()), int(kept.max()) if len(kept) else 1


def _words(longest: int, bits: int) -> list[nw.Expr]:
    """One sum a word: the code of each touch, shifted to the touch's own bits."""
    size = _BITS // bits
    at, code = nw.col("position").cast(nw.Float64), nw.col("__code__")
    words = []
    for number, first in enumerate(range(1, longest + 1, size)):
        shift = nw.lit(2.0) ** (bits * (at - first))
        inside = (at >= first) & (at < first + size)
        field = nw.when(inside).then(code * shift).otherwise(0.0)
        words.append(field.sum().alias(f"w{number}"))
    return words


def _counted(walked, channels, longest, bits, bucket, too_long) -> Paths:
    words = [n for n in walked.collect_schema().names() if n[0] == "w"]
    if bucket:
        walked = with_bucket(walked)
    keys = [*words, *(["bucket"] if bucket else [])]
    found = walked.group_by(*keys).agg(
        nw.len().alias("n"), nw.col("converted").sum().alias("converted")
    )
    found = collect(found).sort_values(keys, ignore_index=True)
    codes, path = np.unique(
        found[words].to_numpy(float).astype("int64"), axis=0, return_inverse=True
    )
    table = pd.DataFrame({"path": path.ravel()})
    table["bucket"] = found["bucket"] if bucket else "00"
    for name in ("n", "converted"):
        table[name] = found[name].astype("int64")
    return Paths(channels, _touches(codes, longest, bits), table, too_long)


def _touches(codes: np.ndarray, longest: int, bits: int) -> np.ndarray:
    """Channel numbers of each path, from its words."""
    size = _BITS // bits
    position = np.arange(longest)
    fields = codes[:, position // size] >> (bits * (position % size))
    return (fields & ((1 << bits) - 1)) - 1
