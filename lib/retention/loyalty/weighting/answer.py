"""The doubly robust answer and its diagnostics."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, measured
from retention.loyalty.balance import balance, balance_check, moments
from retention.loyalty.placebo import judged
from retention.loyalty.weighting.design import design, with_constant
from retention.loyalty.weighting.entropy import entropy_balance
from retention.loyalty.weighting.nuisance import cross_fitted, least_squares

LEAST_SIZE = 0.10  # effective non-members over non-members
LARGEST_SHARE = 0.05  # of all weight, on one customer
FEWEST = 30


@dataclass(frozen=True, eq=False)
class DoublyRobust:
    """What membership did to members, if nothing unseen set them apart.

    Attributes
    ----------
    estimate : Estimate
        Weighted and regression-adjusted at once (AIPW): right if either model is.
    naive, weighted, entropy, trimmed : Estimate
        Difference of means; by propensity weights alone; by entropy balancing;
        doubly robust among customers whose propensity is not extreme.
    placebo : Estimate or None
        The same for an outcome before membership, which should be 0.
    influence, propensity, weights : array, shape (n,)
        One a row: influence on the estimate (its standard deviation over root n is
        the standard error), chance of being a member, and weight (1 for members).
    ess : float
        Effective number of non-members.
    largest_share : float
        Share of the non-members' weight on one of them.
    balance : DataFrame
        `covariate`, `level`, `label`, and the standardised difference `before` and
        `after` weighting and with `entropy` weights.
    table : DataFrame
        `estimator`, `value`, `lower`, `upper`, `se`, `n`.
    checks : list of Check
    """

    estimate: Estimate
    naive: Estimate
    weighted: Estimate
    entropy: Estimate
    trimmed: Estimate
    placebo: Estimate | None
    influence: np.ndarray
    propensity: np.ndarray
    weights: np.ndarray
    ess: float
    largest_share: float
    balance: pd.DataFrame
    checks: list[Check]

    @property
    def table(self) -> pd.DataFrame:
        """All estimators side by side."""
        named = {
            "difference of means": self.naive,
            "propensity weights": self.weighted,
            "entropy balancing": self.entropy,
            "doubly robust": self.estimate,
            "doubly robust, trimmed": self.trimmed,
        }
        fields = ("value", "lower", "upper", "se", "n")
        rows = [{f: getattr(e, f) for f in fields} for e in named.values()]
        return pd.DataFrame(rows).assign(estimator=list(named))[["estimator", *fields]]

    @property
    def summary(self) -> str:
        """The effect and what it rests on, in one sentence."""
        return (
            f"Membership changed the outcome by {self.estimate.text} against a "
            f"difference of {self.naive.value_text}, if nothing but the "
            f"{self.balance['covariate'].nunique()} covariates sets members apart "
            f"({self.estimate.n:,} customers)."
        )


def doubly_robust(
    rows: pd.DataFrame,
    *,
    outcome: str = "revenue",
    treatment: str = "member",
    covariates: Sequence[str],
    placebo: str = "",
    degree: int = 1,
    folds: int = 5,
    trim: float = 0.1,
    seed: int = 1,
    unit: str = "EUR per month",
) -> DoublyRobust:
    """Effect on members, doubly robust and cross-fitted, with its diagnostics.

    Needs customer rows (`retention.counts.loyalty_rows`, which states the limit).

    Parameters
    ----------
    rows : DataFrame
        One row a customer.
    outcome, treatment : str
        Columns; the treatment is 0 or 1.
    covariates : sequence of str
        What is adjusted for: numbers or words, all known before membership.
    placebo : str
        A column from before membership. It is estimated as if it were the outcome,
        with the other covariates.
    degree : int
        Powers of the numeric covariates in both models.
    folds : int
        Parts for cross-fitting; 1 fits both models on everybody.
    trim : float
        Customers with a propensity below it or above 1 minus it are left out of the
        trimmed estimate.
    seed : int
        Of the folds.
    unit : str
        Of the outcome.

    Returns
    -------
    DoublyRobust

    Raises
    ------
    ValueError
        If there are fewer than 30 members or non-members, or covariates are missing.

    References
    ----------
    Robins, J. M., Rotnitzky, A. and Zhao, L. P. (1994). Estimation of regression
    coefficients when some regressors are not always observed. Journal of the
    American Statistical Association 89, 846-866. Chernozhukov, V. and others (2018).
    Double/debiased machine learning for treatment and structural parameters.
    Econometrics Journal 21, C1-C68.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> taste = rng.normal(size=4_000)
    >>> member = (rng.random(4_000) < 1 / (1 + np.exp(-taste))).astype(int)
    >>> rows = pd.DataFrame({"taste": taste, "member": member,
    ...     "revenue": 50 + 5 * taste + 2 * member + rng.normal(size=4_000)})
    >>> found = doubly_robust(rows, covariates=["taste"])
    >>> found.naive.text
    'EUR 6.13 per month (95 % CI 5.85 to 6.42)'
    >>> found.estimate.lower < 2 < found.estimate.upper
    True
    """
    d, y = rows[treatment].to_numpy(float), rows[outcome].to_numpy(float)
    _enough(d, y, outcome)
    x = design(rows, covariates, degree=degree)
    e, mu = cross_fitted(x, d, y, folds=folds, seed=seed)
    w = np.where(d == 1, 1.0, e / (1 - e))
    value, influence = att(y, d, mu, w)
    estimate = _estimate(value, influence, unit, "doubly robust, influence function")
    inside = (e >= trim) & (e <= 1 - trim)
    tilt = _entropy_weights(x, d)
    others = w[d == 0]
    ess, share = float(others.sum() ** 2 / (others**2).sum()), others.max()
    table = _balance(rows, covariates, treatment, w, tilt)
    pretended = _placebo(
        rows, placebo, treatment, covariates, degree, folds, seed, unit
    )
    return DoublyRobust(
        estimate=estimate,
        naive=_naive(y, d, unit),
        weighted=_weighted(y, d, w, unit),
        entropy=_entropy(x, y, d, tilt, unit),
        trimmed=_trimmed(y, d, mu, w, inside, unit),
        placebo=pretended,
        influence=influence,
        propensity=e,
        weights=w,
        ess=ess,
        largest_share=float(share / others.sum()),
        balance=table,
        checks=[
            _overlap(ess, share / others.sum(), len(others), e[d == 1]),
            balance_check(table.rename(columns={"after": "smd"}), name="balance after"),
            _placebo_check(placebo, pretended, estimate),
        ],
    )


def att(y, d, mu, w) -> tuple[float, np.ndarray]:
    """Effect on the treated and everybody's influence on it.

    mean over d = 1 of (y - mu), minus the weighted mean over d = 0 of the same.
    """
    rest, n1 = y - mu, d.sum()
    weight = np.where(d == 1, 0.0, w)
    offset = weight @ rest / weight.sum()
    value = d @ rest / n1 - offset
    gain = d * (rest - offset - value) / n1
    loss = weight * (rest - offset) / weight.sum()
    return float(value), len(y) * (gain - loss)


def _estimate(value, influence, unit, method) -> Estimate:
    n = len(influence)
    se = float(np.sqrt((influence**2).sum()) / n)
    return measured(value, se, n, method=method, unit=unit)


def _enough(d: np.ndarray, y: np.ndarray, outcome: str) -> None:
    sizes = {"members": int((d == 1).sum()), "non-members": int((d == 0).sum())}
    few = [f"{n:,} {who}" for who, n in sizes.items() if n < FEWEST]
    if few:
        raise ValueError(
            f"Only {' and '.join(few)}: a comparison by weights needs {FEWEST} of "
            "each. Where everybody or nobody joined there is nobody to compare with."
        )
    if np.isnan(y).any():
        raise ValueError(f"{int(np.isnan(y).sum()):,} customers have no {outcome}.")


def _naive(y, d, unit) -> Estimate:
    value, influence = att(y, d, np.zeros_like(y), np.ones_like(y))
    return _estimate(value, influence, unit, "difference of means")


def _weighted(y, d, w, unit) -> Estimate:
    value, influence = att(y, d, np.zeros_like(y), w)
    return _estimate(value, influence, unit, "propensity weights, as if known")


def _trimmed(y, d, mu, w, inside, unit) -> Estimate:
    method = "doubly robust, extreme propensities left out"
    if min(d[inside].sum(), (1 - d[inside]).sum()) < FEWEST:
        nan = float("nan")
        return Estimate(nan, nan, nan, int(inside.sum()), method, unit)
    value, influence = att(y[inside], d[inside], mu[inside], w[inside])
    return _estimate(value, influence, unit, method)


def _entropy_weights(x: np.ndarray, d: np.ndarray) -> np.ndarray | None:
    """Entropy weights (1 for members); None where no weights reach the balance."""
    try:
        found = entropy_balance(x[d == 0], x[d == 1].mean(axis=0))
    except ValueError:
        return None
    weights = np.ones(len(d))
    weights[d == 0] = found * d.sum()
    return weights


def _entropy(x, y, d, weights, unit) -> Estimate:
    method = "entropy balancing, influence function"
    if weights is None:
        nan = float("nan")
        return Estimate(nan, nan, nan, len(y), method, unit)
    matrix, others = with_constant(x), d == 0
    slope = least_squares(matrix[others], y[others], weights[others])
    value, influence = att(y, d, matrix @ slope, weights)
    return _estimate(value, influence, unit, method)


def _balance(rows, covariates, treatment, w, tilt) -> pd.DataFrame:
    words = {"group": treatment, "covariates": covariates}
    before = moments(rows, **words)
    sides = {"treated": 1, "control": 0}
    out = balance(before, **sides).rename(columns={"smd": "before"})
    for name, weights in (("after", w), ("entropy", tilt)):
        if weights is None:
            out[name] = np.nan
            continue
        found = moments(rows, weights=weights, **words)
        own = balance(found, spread=before, **sides)[["covariate", "level", "smd"]]
        out = out.merge(
            own.rename(columns={"smd": name}), on=["covariate", "level"], how="left"
        )
    return out.drop(columns=["treated", "control"])


def _placebo(rows, placebo, treatment, covariates, degree, folds, seed, unit):
    if not placebo:
        return None
    others = [name for name in covariates if name != placebo]
    d, y = rows[treatment].to_numpy(float), rows[placebo].to_numpy(float)
    x = design(rows, others, degree=degree)
    e, mu = cross_fitted(x, d, y, folds=folds, seed=seed)
    value, influence = att(y, d, mu, np.where(d == 1, 1.0, e / (1 - e)))
    return _estimate(value, influence, unit, f"doubly robust for {placebo}, a placebo")


def _overlap(ess: float, share: float, n: int, members: np.ndarray) -> Check:
    finding = (
        f"{n:,} non-members weigh like {ess:,.0f}; the heaviest holds {share:.1%} of "
        f"the weight; 95 % of members have a propensity below "
        f"{np.quantile(members, 0.95):.2f}."
    )
    if ess >= LEAST_SIZE * n and share < LARGEST_SHARE:
        return Check("overlap", "PASS", finding)
    remedy = "Restrict to customers who could be either, and say who they are."
    return Check("overlap", "FAIL", finding, remedy)


def _placebo_check(placebo: str, found: Estimate | None, effect: Estimate) -> Check:
    name = "placebo outcome"
    if found is None:
        return Check(
            name,
            "REVIEW",
            "No outcome from before membership was tried.",
            "Give one: what membership seems to have done before it began is bias.",
        )
    status, remedy = judged(found, effect)
    finding = f"On {placebo}, before membership, it seems to have brought {found.text}."
    return Check(name, status, finding, remedy)
