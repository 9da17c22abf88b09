"""What surveys show when they are read as dashboards read them."""

import numpy as np
import pandas as pd

from retention.intervals import Estimate, wilson
from retention.satisfaction.weighted import FOLLOWED, LOST, WeightedLosses


def pooled_with_exits(found: WeightedLosses, exits: pd.DataFrame) -> pd.DataFrame:
    """Loss by score as it would seem if exit surveys were thrown in with the others.

    Who fills in an exit survey has left: the row says lost by construction, with a
    score given afterwards.

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score, from surveys of customers who were there.
    exits : DataFrame
        From `counts.exit_answers`.

    Returns
    -------
    DataFrame
        `score`, `apart` (loss of those who were there when asked, as counted),
        `pooled`, `followed`, `exit_rows`. Scores without any answer are left out.

    Examples
    --------
    >>> asked = pd.DataFrame({"score": [2.0, 2.0], "responded": 1, "followed": 1,
    ...     "lost": [1, 0], "gone": [1, 0], "bucket": ["00", "01"], "n": [10, 90]})
    >>> from retention.satisfaction import weighted_losses
    >>> exits = pd.DataFrame({"score": [2.0], "n": [50]})
    >>> pooled = pooled_with_exits(weighted_losses(asked), exits)
    >>> pooled[["apart", "pooled"]].values.tolist()
    [[0.1, 0.4]]
    """
    table = pd.DataFrame({"score": found.groups}).join(found.counted)
    rows = exits.set_index("score")["n"].reindex(table["score"]).fillna(0).to_numpy()
    table = table.assign(exit_rows=rows.astype(int))
    table = table[table["followed"] + table["exit_rows"] > 0].reset_index(drop=True)
    whole = table["followed"] + table["exit_rows"]
    apart = table["lost"] / table["followed"].replace(0, np.nan)
    pooled = (table["lost"] + table["exit_rows"]) / whole
    return table.assign(apart=apart, pooled=pooled)[
        ["score", "apart", "pooled", "followed", "exit_rows"]
    ]


def naive_shares(
    found: WeightedLosses, exits: pd.DataFrame, answer, scale
) -> pd.DataFrame:
    """Satisfied shares as quoted, each beside the one that answers the question.

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score.
    exits : DataFrame
        From `counts.exit_answers`; may be empty.
    answer : SatisfactionAnswer
    scale : counts.satisfaction.Scale

    Returns
    -------
    DataFrame
        `label`, `value`, `lower`, `upper`, `kind` ("naive" or "right"), for
        `plots.answers`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> from retention.counts.satisfaction import score_scale
    >>> from retention.satisfaction import satisfaction_answer, weighted_losses
    >>> company = open_company("data/lakeshore")
    >>> scale = score_scale(company)
    >>> found = weighted_losses(counts.survey_losses(company, horizon=12))
    >>> answer = satisfaction_answer(found, scale, horizon=12)
    >>> shares = naive_shares(found, counts.exit_answers(company), answer, scale)
    >>> shares[["label", "value", "kind"]].round(2)
                                     label  value   kind
    0     satisfied, of those who answered   0.86  naive
    1     satisfied, of all who were asked   0.86  right
    2           satisfied, in exit surveys   0.42  naive
    3  satisfied before, of those who left   0.83  right
    """
    happy = found.rows(lambda s: s >= scale.satisfied_from)
    answers = found.counted["answers"]
    rows = [
        (
            "satisfied, of those who answered",
            wilson(answers[happy].sum(), answers.sum()),
            "naive",
        ),
        ("satisfied, of all who were asked", answer.satisfied_share, "right"),
    ]
    if len(exits):
        said = exits.loc[exits["score"] >= scale.satisfied_from, "n"].sum()
        rows += [
            ("satisfied, in exit surveys", wilson(said, exits["n"].sum()), "naive"),
            (
                f"satisfied before, of those who {answer.loss_words}",
                answer.satisfied_given_left,
                "right",
            ),
        ]
    return pd.DataFrame(
        [(label, e.value, e.lower, e.upper, kind) for label, e, kind in rows],
        columns=["label", "value", "lower", "upper", "kind"],
    )


def attributable_share(found: WeightedLosses, scale) -> Estimate | str:
    """Share of the losses that would not be, did all leave as the satisfied do.

    The population attributable fraction of not being satisfied: one minus the loss
    among the satisfied over the loss of all. An upper bound of what making everybody
    satisfied could save, as the not satisfied differ in more than their score.

    Parameters
    ----------
    found : WeightedLosses
    scale : counts.satisfaction.Scale

    Returns
    -------
    Estimate or str
        A text where fewer than five were lost on either side.

    Examples
    --------
    A tenth of the 200 satisfied left, and three tenths of the 100 others. Had all left
    as the satisfied did, 20 of the 50 losses would not be:

    >>> from retention.counts.satisfaction import Scale
    >>> from retention.satisfaction import weighted_losses
    >>> asked = pd.DataFrame({"score": [2.0, 2.0, 5.0, 5.0], "responded": 1,
    ...     "followed": 1, "lost": [1, 0, 1, 0], "gone": [1, 0, 1, 0],
    ...     "bucket": ["00", "01", "02", "03"], "n": [30, 70, 20, 180]})
    >>> share = attributable_share(weighted_losses(asked), Scale.of(1, 5))
    >>> round(share.value, 3)
    0.4
    """
    happy = found.rows(lambda s: s >= scale.satisfied_from)
    lost = found.counted["lost"].to_numpy()
    if min(lost[happy].sum(), lost[~happy].sum()) < 5:
        return "Fewer than five of the satisfied, or of the others, were lost."

    def part(s: np.ndarray) -> float:
        satisfied = s[happy, LOST].sum() / s[happy, FOLLOWED].sum()
        return 1 - satisfied / (s[:, LOST].sum() / s[:, FOLLOWED].sum())

    return found.number(part, n=int(found.counted["followed"].sum()), unit="%")
