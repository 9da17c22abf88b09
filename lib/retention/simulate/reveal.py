"""What is known of a simulated company, for the cells that reveal it."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from retention.simulate.write import PARAMETERS

# What a coefficient of the tenure study is called in parameters.json.
EFFECTS = {
    ("engagement", "", "all"): "engagement",
    ("segment", "SME", "all"): "sme",
    ("plan", "plus", "all"): "plus",
    ("plan", "premium", "all"): "premium",
    ("contract", "annual", "1-12"): "annual_first_year",
    ("contract", "annual", "13+"): "annual_later",
}


@dataclass(frozen=True, eq=False)
class KnownTenure:
    """True tenure of a simulated company's kind.

    Attributes
    ----------
    window : (str, str)
        Months that the truth is about, before the loyalty programme began.
    survival : dict of int to float
        Share of new customers still here after so many months.
    median : float
        In months.
    coefficients : dict of str to float
        Log hazard ratios of leaving at will, without the score and the source,
        which a company does not observe of everybody.
    """

    window: tuple[str, str]
    survival: dict[int, float]
    median: float
    coefficients: dict[str, float]

    def effects(self, table: pd.DataFrame) -> pd.Series:
        """True coefficient of each row of a hazard regression's table."""
        keys = zip(table["term"], table["level"], table["periods"], strict=True)
        named = [EFFECTS.get(key) for key in keys]
        return pd.Series([self.coefficients.get(n) for n in named], table.index, float)


def known_tenure(folder: str | Path) -> KnownTenure | None:
    """True tenure written beside a simulated company, or None where none is.

    Parameters
    ----------
    folder : str or Path
        The company's folder; a relative one may also be told from the project.

    Returns
    -------
    KnownTenure or None

    Examples
    --------
    >>> from retention import simulate
    >>> truth = simulate.known_tenure("data/lakeshore")
    >>> truth.window, truth.median, round(truth.survival[12], 3)
    (('2022-11', '2024-10'), 30, 0.692)
    """
    truth = known_truth(folder)
    if truth is None:
        return None
    known = truth["reference"]
    shares = {k: v for k, v in known["survival"].items() if k[0] == "S"}
    return KnownTenure(
        window=("2022-11", "2024-10"),
        survival={int(name[1:]): share for name, share in shares.items()},
        median=known["survival"]["median"],
        coefficients=known["without_source"],
    )


def known_truth(folder: str | Path) -> dict | None:
    """Everything written down of a simulated company's truth, or None where none is.

    Parameters
    ----------
    folder : str or Path
        The company's folder; a relative one may also be told from the project.

    Returns
    -------
    dict or None
        ``planted`` (values put into the simulation, by process), ``analytic`` (what
        follows from them without chance), ``realised`` (what came of them in this
        company) and ``reference`` (a company of the same kind and twenty times the
        size).

    Examples
    --------
    >>> from retention import simulate
    >>> sorted(simulate.known_truth("data/lakeshore"))[:3]
    ['analytic', 'planted', 'realised']
    """
    project = Path(__file__).parents[3]
    for place in (Path(folder), project / folder):
        if (place / PARAMETERS).is_file():
            return json.loads((place / PARAMETERS).read_text(encoding="utf-8"))
    return None
