"""Membership and the hazard of leaving, with and without immortal months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.counts import periods
from retention.intervals import Check, Estimate
from retention.survival import HazardFit, hazard_regression

EVENTS_A_TERM = 20


@dataclass(frozen=True, eq=False)
class MembershipHazard:
    """Hazard ratios of members against non-members, from wrong to better.

    Attributes
    ----------
    naive : Estimate
        Ever a member against never: the months before enrolment count for members.
    unadjusted : Estimate
        Membership that begins at enrolment.
    adjusted : Estimate
        The same among customers alike in the covariates.
    landmark : Estimate or None
        Members against others present at one day, followed from there.
    fit : HazardFit
        The adjusted regression.
    table : DataFrame
        `label`, `value`, `lower`, `upper`, `kind` ("naive" or "right").
    checks : list of Check
    """

    naive: Estimate
    unadjusted: Estimate
    adjusted: Estimate
    landmark: Estimate | None
    fit: HazardFit
    table: pd.DataFrame
    checks: list[Check]

    @property
    def estimate(self) -> Estimate:
        """The adjusted hazard ratio."""
        return self.adjusted

    @property
    def summary(self) -> str:
        """What membership does to leaving, in one sentence."""
        return (
            f"A member's monthly risk of leaving is {_times(self.adjusted)} that of a "
            f"customer alike who is no member; ever against never a member would say "
            f"{self.naive.value:.2f}."
        )


def membership_hazard(
    over_time: pd.DataFrame,
    ever: pd.DataFrame,
    *,
    adjust: Sequence[str] = (),
    split: Mapping[str, int | Sequence[int]] | None = None,
    reference: Mapping[str, object] | None = None,
    landmark: pd.DataFrame | None = None,
) -> MembershipHazard:
    """Hazard ratio of members, as membership that changes over time.

    Parameters
    ----------
    over_time : DataFrame
        From `retention.counts.member_tenure`.
    ever : DataFrame
        From `retention.counts.ever_member_tenure`.
    adjust : sequence of str
        Strata of `over_time` to adjust for.
    split, reference : mapping, optional
        As in `retention.survival.hazard_regression`.
    landmark : DataFrame, optional
        From `retention.counts.member_landmark`; adjusted for the same strata where it
        has them.

    Returns
    -------
    MembershipHazard

    Raises
    ------
    ValueError
        If everybody, or nobody, was a member, or no member left.

    Examples
    --------
    All lose a tenth each month. Half of those who stayed one month enrol then, so
    the members are a group that could not leave in the first:

    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "member": ["no", "no", "no", "no", "yes", "yes"],
    ...     "entry": [0, 0, 0, 0, 1, 1], "duration": [1, 1, 2, 2, 2, 2],
    ...     "event": [1, 0, 1, 0, 1, 0], "n": [100, 450, 45, 405, 45, 405]})
    >>> ever = pd.DataFrame({
    ...     "member": ["no", "no", "no", "yes", "yes"], "entry": 0,
    ...     "duration": [1, 2, 2, 2, 2], "event": [1, 1, 0, 1, 0],
    ...     "n": [100, 45, 405, 45, 405]})
    >>> found = membership_hazard(table, ever)
    >>> round(found.naive.value, 2), round(found.unadjusted.value, 2)
    (0.33, 1.0)
    """
    cells = periods(over_time)
    _comparable(cells)
    words = {"reference": reference, "split": split}
    fit = hazard_regression(cells, ["member", *adjust], **_words(adjust, words))
    plain = hazard_regression(cells, ["member"], reference={"member": "no"})
    wrong = hazard_regression(periods(ever), ["member"], reference={"member": "no"})
    followed = None if landmark is None else _landmark(landmark, adjust, words)
    found = {
        "ever a member (immortal months)": ratio(wrong, "ever against never a member"),
        "member since enrolment": ratio(plain, "membership over time"),
        "and alike in the covariates": ratio(fit, "membership over time, adjusted"),
    }
    if followed is not None:
        found["from a landmark, alike"] = followed
    naive, unadjusted, adjusted = list(found.values())[:3]
    return MembershipHazard(
        naive=naive,
        unadjusted=unadjusted,
        adjusted=adjusted,
        landmark=followed,
        fit=fit,
        table=_table(found),
        checks=[_events(fit, cells), _agreement(adjusted, followed)],
    )


def _words(adjust, words) -> dict:
    reference = {"member": "no"} | dict(words["reference"] or {})
    named = ["member", *adjust]
    return {
        "reference": {k: v for k, v in reference.items() if k in named},
        "split": {k: v for k, v in (words["split"] or {}).items() if k in named},
    }


def _comparable(cells: pd.DataFrame) -> None:
    wide = cells.groupby(["period", "member"])["at_risk"].sum().unstack("member")
    if not {"yes", "no"} <= set(wide):
        who = "nobody" if "yes" not in wide else "everybody"
        raise ValueError(
            f"In this table {who} is a member at any time, so there is nobody to "
            "compare with."
        )
    both = wide.dropna()
    inside = cells[cells["period"].isin(both.index)]
    losses = inside.groupby("member")["events"].sum()
    if not len(both) or losses.min() == 0:
        raise ValueError(
            "No period holds both members and non-members who leave: their hazards "
            "cannot be compared at the same tenure."
        )


def ratio(fit: HazardFit, method: str) -> Estimate:
    """Hazard ratio of members from a fitted regression."""
    row = fit.table[fit.table["term"] == "member"].iloc[0]
    return Estimate(
        float(row["hazard_ratio"]),
        float(row["lower"]),
        float(row["upper"]),
        fit.n,
        f"discrete-time hazards, {method}",
        "times the hazard",
        float(row["hazard_ratio"] * row["se"]),
        fit.confidence,
    )


def _times(found: Estimate) -> str:
    return f"{found.value:.2f} times (95 % CI {found.lower:.2f} to {found.upper:.2f})"


def _landmark(table: pd.DataFrame, adjust, words) -> Estimate | None:
    cells = periods(table)
    losses = cells.groupby("member")["events"].sum()
    if len(losses) < 2 or losses.min() == 0:
        return None
    own = [name for name in adjust if name in cells]
    # Split effects are by tenure; periods here count from the landmark.
    kept = _words(own, words | {"split": None})
    fit = hazard_regression(cells, ["member", *own], **kept)
    return ratio(fit, "from a landmark, adjusted")


def _table(found: dict[str, Estimate]) -> pd.DataFrame:
    fields = ("value", "lower", "upper", "n")
    rows = [{f: getattr(e, f) for f in fields} for e in found.values()]
    kinds = ["naive", "naive"] + ["right"] * (len(found) - 2)
    return pd.DataFrame(rows).assign(label=list(found), kind=kinds)[
        ["label", *fields, "kind"]
    ]


def _events(fit: HazardFit, cells: pd.DataFrame) -> Check:
    name = "events a coefficient"
    members = int(cells.loc[cells["member"] == "yes", "events"].sum())
    terms = len(fit.table)
    finding = (
        f"{fit.events:,} losses, {members:,} of them of members, for {terms} "
        "coefficients."
    )
    if min(fit.events / terms, members) >= EVENTS_A_TERM:
        return Check(name, "PASS", finding)
    remedy = "Adjust for fewer columns, or wait until more have left."
    return Check(name, "FAIL", finding, remedy)


def _agreement(adjusted: Estimate, landmark: Estimate | None) -> Check:
    name = "landmark agrees"
    if landmark is None:
        return Check(
            name,
            "REVIEW",
            "No landmark comparison was made.",
            "Choose a landmark with members who left after it.",
        )
    gap = np.log(landmark.value / adjusted.value)
    noise = np.hypot(landmark.se / landmark.value, adjusted.se / adjusted.value)
    finding = (
        f"From a landmark the hazard ratio is {landmark.value:.2f}, over time "
        f"{adjusted.value:.2f}."
    )
    if abs(gap) < 1.96 * noise:
        return Check(name, "PASS", finding)
    remedy = "Members of the landmark differ from later ones: show both."
    return Check(name, "REVIEW", finding, remedy)
