"""One cohort's survivors, or a tenure table, as the cells that a fit needs."""

import numpy as np
import pandas as pd

from retention.survival.parametric import observed_cells


def cells(kept_or_tenure: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Cells ``entry, duration, event, n`` with anything to say about leaving."""
    if isinstance(kept_or_tenure, pd.DataFrame):
        return observed_cells(kept_or_tenure)
    return observed_cells(tenure_of_cohort(kept_or_tenure))


def tenure_of_cohort(kept: pd.Series) -> pd.DataFrame:
    """Tenure table of one cohort from its survivors by completed periods."""
    kept = pd.Series(kept)
    counts = pd.to_numeric(kept, errors="coerce").to_numpy(float, na_value=np.nan)
    _refuse_impossible(kept.index, counts)
    periods = np.arange(1, len(counts))
    return pd.DataFrame(
        {
            "entry": 0,
            "duration": np.append(periods, len(counts) - 1),
            "event": np.append(np.ones(len(periods), np.int64), 0),
            "n": np.append(-np.diff(counts), counts[-1]).astype(np.int64),
        }
    )


def _refuse_impossible(index: pd.Index, counts: np.ndarray) -> None:
    if list(index) != list(range(len(counts))) or len(counts) < 3:
        raise ValueError(
            "kept needs one row for each of the periods 0, 1, 2, ... (at least up to "
            f"2), and its index is {list(index[:5])}{' ...' if len(index) > 5 else ''}."
        )
    if not (np.isfinite(counts) & (counts == np.floor(counts)) & (counts >= 0)).all():
        raise ValueError(
            "kept holds customers, so whole numbers of 0 or more: multiply shares by "
            "the size of the cohort."
        )
    rising = np.flatnonzero(np.diff(counts) > 0) + 1
    if len(rising):
        raise ValueError(
            f"kept rises in period {', '.join(map(str, rising[:5]))}: a cohort that "
            "has lost customers cannot win them back here; count returns apart."
        )
