"""Several arms at once, and the size of the next experiment."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, benjamini_hochberg
from retention.loyalty.randomised.answer import PER_CUSTOMER, randomised
from retention.loyalty.randomised.checks import sample_ratio
from retention.loyalty.randomised.contrast import arm_sums, contrast, p_value


@dataclass(frozen=True, eq=False)
class Arms:
    """Every arm of an experiment against its control.

    Attributes
    ----------
    table : DataFrame
        `arm`, `n`, `value`, `lower`, `upper`, `se`, `p`, `p_adjusted`.
    estimates : dict of str to Estimate
    method : str
        How the p-values allow for the number of arms.
    checks : list of Check
    """

    table: pd.DataFrame
    estimates: dict[str, Estimate]
    method: str
    checks: list[Check]

    @property
    def estimate(self) -> Estimate:
        """The arm with the largest effect."""
        return self.estimates[self.table["arm"].iloc[0]]

    @property
    def summary(self) -> str:
        """How many arms did better than the control, in one sentence."""
        surely = self.table[(self.table["p_adjusted"] < 0.05) & (self.table.value > 0)]
        best = self.table["arm"].iloc[0]
        if not len(surely):
            return (
                f"No arm is shown to beat the control once {len(self.table)} arms are "
                f"allowed for; the best, {best}, brought {self.estimate.text}."
            )
        names = " and ".join(surely["arm"])
        return f"{names} beat the control; {best} by {self.estimate.text}."


def all_arms(
    arms: pd.DataFrame,
    *,
    outcome: str = "margin",
    control: str = "control",
    method: str = "holm",
    planned: dict[str, float] | None = None,
    unit: str = PER_CUSTOMER,
) -> Arms:
    """Each arm against the control, with p-values that allow for their number.

    Parameters
    ----------
    arms : DataFrame
        As in `randomised`.
    outcome, control : str
    method : {"holm", "bh"}
        Holm guards against any false finding, Benjamini-Hochberg (bh) against a
        large share of them.
    planned : mapping of str to float, optional
        Planned share of each arm; equal ones by default.
    unit : str

    Returns
    -------
    Arms
        Largest effect first.

    Raises
    ------
    ValueError
        If the method is unknown or there is no other arm.

    Examples
    --------
    >>> def sums(arm, y):
    ...     y = np.array(y, float)
    ...     return dict(arm=arm, outcome="margin", n=4, d=0, y=y.sum(), x=0, yy=y @ y,
    ...                 xy=0, xx=0, dy=0, dx=0)
    >>> arms = pd.DataFrame([sums("call", [14, 12, 13, 13]),
    ...     sums("card", [10, 9, 12, 11]), sums("control", [10, 11, 9, 10])])
    >>> found = all_arms(arms)
    >>> found.table[["arm", "n", "value", "p", "p_adjusted"]].round(3)
        arm  n  value      p  p_adjusted
    0  call  8    3.0  0.000       0.000
    1  card  8    0.5  0.513       0.513
    """
    names = sorted(set(map(str, arms["arm"])) - {control})
    if not names:
        raise ValueError(f"There is no arm beside {control!r}.")
    found = {
        name: randomised(arms, outcome=outcome, arm=name, control=control, unit=unit)
        for name in names
    }
    estimates = {name: answer.itt for name, answer in found.items()}
    p = pd.Series({name: p_value(e) for name, e in estimates.items()})
    fields = ("n", "value", "lower", "upper", "se")
    rows = [{f: getattr(e, f) for f in fields} for e in estimates.values()]
    table = pd.DataFrame(rows).assign(
        p=p.to_numpy(), p_adjusted=adjusted(p, method).to_numpy()
    )
    table.insert(0, "arm", names)
    table = table.sort_values("value", ascending=False, ignore_index=True)
    shares = planned or dict.fromkeys([control, *names], 1.0)
    check = sample_ratio(arms, planned=shares)
    return Arms(table, estimates, method, [check])


def adjusted(p: pd.Series, method: str = "holm") -> pd.Series:
    """P-values that allow for their number.

    Parameters
    ----------
    p : Series of float
    method : {"holm", "bh"}

    Returns
    -------
    Series

    Raises
    ------
    ValueError
        If the method is unknown.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure.
    Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> adjusted(pd.Series([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    if method == "bh":
        return benjamini_hochberg(p)
    if method != "holm":
        raise ValueError(f"method is {method!r}; it can be holm or bh.")
    ordered = p.sort_values(kind="stable")
    steps = ordered * np.arange(len(p), 0, -1)
    return steps.cummax().clip(upper=1.0).reindex(p.index)


def detectable_effect(
    arms: pd.DataFrame,
    *,
    outcome: str = "margin",
    arm: str = "programme",
    control: str = "holdout",
    n: int | None = None,
    share: float | None = None,
    power: float = 0.80,
    alpha: float = 0.05,
    use_past: bool = True,
) -> float:
    """Smallest true effect that an experiment as noisy as this one would find.

    Parameters
    ----------
    arms, outcome, arm, control
        As in `randomised`; they tell the noise.
    n : int, optional
        Customers in both arms; this experiment's own by default.
    share : float, optional
        Share of them in the arm; this experiment's own by default.
    power, alpha : float
        Chance of finding it, and of a false alarm (two-sided).
    use_past : bool
        Whether each customer's own past will be taken out.

    Returns
    -------
    float
        In the unit of the outcome, per customer assigned.

    Examples
    --------
    Two arms of 5,000 with a standard deviation of 100: 2.8 standard errors of 2.

    >>> noise = dict(outcome="margin", n=5000, d=0, y=0.0, x=0.0, yy=5000 * 100.0**2,
    ...              xy=0.0, xx=0.0, dy=0.0, dx=0.0)
    >>> arms = pd.DataFrame([noise | {"arm": "programme"}, noise | {"arm": "holdout"}])
    >>> round(detectable_effect(arms), 2)
    5.6
    """
    n1, n0, v1, v0 = _noise(arms, outcome, arm, control, adjusted=use_past)
    total = n1 + n0 if n is None else n
    own = n1 / (n1 + n0) if share is None else share
    return float(_reach(power, alpha) * np.sqrt(v1 / own + v0 / (1 - own)) / total**0.5)


def sample_size(
    arms: pd.DataFrame,
    *,
    effect: float,
    outcome: str = "margin",
    arm: str = "programme",
    control: str = "holdout",
    share: float = 0.5,
    power: float = 0.80,
    alpha: float = 0.05,
    use_past: bool = True,
) -> int:
    """Customers in both arms that the next experiment needs to find an effect.

    Parameters
    ----------
    arms, outcome, arm, control, power, alpha, use_past
        As in `detectable_effect`.
    effect : float
        Effect per customer assigned that would be worth knowing; not 0.
    share : float
        Share of customers in the arm.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the effect is 0 or the share is not between 0 and 1.

    Examples
    --------
    >>> noise = dict(outcome="margin", n=5000, d=0, y=0.0, x=0.0, yy=5000 * 100.0**2,
    ...              xy=0.0, xx=0.0, dy=0.0, dx=0.0)
    >>> arms = pd.DataFrame([noise | {"arm": "programme"}, noise | {"arm": "holdout"}])
    >>> sample_size(arms, effect=10.0)
    3141
    """
    if effect == 0 or not 0 < share < 1:
        raise ValueError(
            f"An effect of {effect:g} with a share of {share:g} cannot be planned for: "
            "the effect must not be 0 and the share lies between 0 and 1."
        )
    _, _, v1, v0 = _noise(arms, outcome, arm, control, adjusted=use_past)
    needed = _reach(power, alpha) ** 2 * (v1 / share + v0 / (1 - share)) / effect**2
    return int(np.ceil(needed))


def power(
    arms: pd.DataFrame,
    *,
    effect: float,
    outcome: str = "margin",
    arm: str = "programme",
    control: str = "holdout",
    sizes: tuple[int, ...] = (1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000),
    share: float = 0.5,
    alpha: float = 0.05,
    use_past: bool = True,
) -> pd.DataFrame:
    """Chance of finding an effect, by the size of the experiment.

    Parameters
    ----------
    arms, effect, outcome, arm, control, share, alpha, use_past
        As in `sample_size`.
    sizes : tuple of int
        Customers in both arms.

    Returns
    -------
    DataFrame
        `n` and `power` (0 to 1).

    Examples
    --------
    >>> noise = dict(outcome="margin", n=5000, d=0, y=0.0, x=0.0, yy=5000 * 100.0**2,
    ...              xy=0.0, xx=0.0, dy=0.0, dx=0.0)
    >>> arms = pd.DataFrame([noise | {"arm": "programme"}, noise | {"arm": "holdout"}])
    >>> power(arms, effect=10.0, sizes=(1_000, 3_140, 10_000)).round(3)
           n  power
    0   1000  0.353
    1   3140  0.800
    2  10000  0.999
    """
    from scipy.special import ndtr, ndtri

    _, _, v1, v0 = _noise(arms, outcome, arm, control, adjusted=use_past)
    n = np.array(sizes)
    z = abs(effect) / np.sqrt((v1 / share + v0 / (1 - share)) / n)
    edge = ndtri(1 - alpha / 2)
    return pd.DataFrame({"n": n, "power": ndtr(z - edge) + ndtr(-z - edge)})


def _noise(arms, outcome, arm, control, *, adjusted: bool):
    """Customers of each arm, and the variance of one customer's outcome in it."""
    sums = [arm_sums(arms, outcome, name) for name in (arm, control)]
    alone = [contrast(s, s, adjusted=adjusted).covariance[0, 0] / 2 for s in sums]
    (n1, n0) = (s["n"] for s in sums)
    return n1, n0, alone[0] * n1, alone[1] * n0


def _reach(power: float, alpha: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2) + ndtri(power))
