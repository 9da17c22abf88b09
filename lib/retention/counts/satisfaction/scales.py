"""Declared scales of scores: where satisfied and very satisfied begin on them."""

from dataclasses import dataclass

import narwhals as nw

from retention.company.errors import CompanyError

DRIVERS = ("quality", "service", "price", "innovation", "image")
MOST_LEVELS = 11
SATISFIED = 0.75  # of the way up: 4 of 1 to 5, 8 of 0 to 10
TOP = 0.9  # 5 of 1 to 5, 9 of 0 to 10
SIXTH = 1 / 6  # 2 or less is low, 6 or more high, of 1 to 7


@dataclass(frozen=True)
class Scale:
    """A declared scale, cut into at most eleven levels.

    Parameters
    ----------
    low, high : float
        Its ends, as workbook.toml declares them.
    satisfied_from : float
        Lowest score that counts as satisfied.

    Examples
    --------
    >>> scale = Scale.of(1, 5)
    >>> scale.levels, scale.satisfied_from, scale.top_from, scale.low_to
    ([1.0, 2.0, 3.0, 4.0, 5.0], 4.0, 5.0, 1.0)
    >>> Scale.of(0, 10).satisfied_from, Scale.of(0, 10).top_from
    (8.0, 9.0)
    """

    low: float
    high: float
    satisfied_from: float

    @classmethod
    def of(cls, low: float, high: float, satisfied_from: float | None = None):
        """Scale whose satisfied part begins where told, or three quarters up."""
        plain = cls(low, high, high)
        if satisfied_from is None:
            reached = [x for x in plain.levels if plain.part(x) >= SATISFIED - 1e-9]
            satisfied_from = reached[0]
        return cls(low, high, satisfied_from)

    @property
    def width(self) -> float:
        """Distance between levels: 1, or a tenth of a longer scale."""
        span = self.high - self.low
        return 1.0 if span <= MOST_LEVELS - 1 else span / (MOST_LEVELS - 1)

    @property
    def levels(self) -> list[float]:
        """All levels, from the lowest."""
        steps = round((self.high - self.low) / self.width)
        return [self.low + k * self.width for k in range(steps + 1)]

    @property
    def top_from(self) -> float:
        """Lowest score at the top of the scale: very satisfied."""
        return next(x for x in self.levels if self.part(x) >= TOP - 1e-9)

    @property
    def low_to(self) -> float:
        """Highest score that counts as low: the lowest sixth of the scale."""
        return [x for x in self.levels if self.part(x) <= SIXTH + 1e-9][-1]

    @property
    def high_from(self) -> float:
        """Lowest score that counts as high: the highest sixth of the scale."""
        return next(x for x in self.levels if self.part(x) >= 1 - SIXTH - 1e-9)

    @property
    def words(self) -> str:
        """Who is satisfied, in words."""
        ends = f"{self.low:g} to {self.high:g}"
        return f"{self.satisfied_from:g} or more on a scale of {ends}"

    def part(self, score: float) -> float:
        """How far up the scale a score is, from 0 to 1."""
        return (score - self.low) / (self.high - self.low)

    def level(self, column: str) -> nw.Expr:
        """Expression that rounds a column to the levels."""
        steps = ((nw.col(column) - self.low) / self.width).round(0)
        return steps * self.width + self.low


def score_scale(company, satisfied: str = "", *, column: str = "satisfaction") -> Scale:
    """Declared scale of a score of the surveys table.

    Parameters
    ----------
    company : Company
    satisfied : str
        Lowest score that counts as satisfied, as text; empty takes the first level
        three quarters up the scale.
    column : str
        A score of the surveys table.

    Returns
    -------
    Scale

    Raises
    ------
    CompanyError
        If workbook.toml declares no scale, or `satisfied` lies outside it. A scale
        is never guessed from the answers: nobody may have given the highest one.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> scale = counts.score_scale(company)
    >>> scale.words, scale.top_from
    ('4 or more on a scale of 1 to 5', 5.0)
    """
    declared = company.settings.scale(column)
    if declared is None:
        raise CompanyError(
            f"The scale of {column} is not declared. Say so in workbook.toml, such as "
            f"[scales] {column} = [1, 5]."
        )
    if not satisfied:
        return Scale.of(*declared)
    try:
        start = float(satisfied)
    except ValueError as error:
        raise CompanyError(f"satisfied = {satisfied!r} is not a score.") from error
    if not declared[0] < start <= declared[1]:
        raise CompanyError(
            f"satisfied = {satisfied} lies outside the declared scale, "
            f"{declared[0]:g} to {declared[1]:g}."
        )
    return Scale.of(*declared, start)


def rating_columns(company) -> list[str]:
    """Drivers that the surveys rate on the declared scale `ratings`.

    Parameters
    ----------
    company : Company

    Returns
    -------
    list of str
        Empty where no scale is declared or no driver is rated.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.rating_columns(company)
    ['quality', 'service', 'price', 'innovation', 'image']
    """
    if "ratings" not in company.settings.scales:
        return []
    return [name for name in DRIVERS if company.has("surveys", name)]


def has_score(company, column: str) -> bool:
    """Whether the surveys hold this score, on a declared scale."""
    declared = company.settings.scale(column) is not None
    return declared and company.has("surveys", column)
