"""Estimators of the referral study: published numbers, brute force, properties."""

import datetime as dt
import itertools
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention import counts, referral
from retention.company import open_company
from retention.intervals import Estimate, wilson

PUBLISHED = Path(__file__).parents[1] / "data" / "published"


def published_paths():
    rows = pd.read_csv(PUBLISHED / "markov_paths.csv")
    return counts.paths_of(list(rows.itertuples(index=False, name=None)))


# --- who sent them -------------------------------------------------------------


def test_chapman_gives_the_printed_estimate_and_variance():
    row = pd.read_csv(PUBLISHED / "capture.csv").iloc[0]
    found = referral.chapman(*row[["caught_first", "caught_second", "caught_both"]])
    assert found.value == pytest.approx(row["estimate"], abs=0.05)
    assert found.se**2 == pytest.approx(row["variance"], abs=0.05)
    assert found.lower > 346 + 184 - 49


def test_chapman_refuses_an_overlap_larger_than_a_list():
    with pytest.raises(ValueError, match="on both lists cannot be"):
        referral.chapman(10, 5, 6)


def test_chapman_is_the_expectation_over_hypergeometric_overlaps():
    """Unbiased when both lists together could hold everybody."""
    from scipy.stats import hypergeom

    size, first, second = 60, 40, 30
    both = np.arange(10, 31)
    chance = hypergeom.pmf(both, size, first, second)
    value = [referral.chapman(first, second, m).value for m in both]
    assert chance @ value == pytest.approx(size, abs=1e-9)


def evidence(coded, told, n, **more):
    return pd.DataFrame({"coded": coded, "told": told, "n": n, **more})


def two_groups():
    """Independent lists in both groups, of 1000 referred and 1000 others each."""
    parts = []
    for age, code, answer in (("young", 0.5, 0.6), ("old", 0.2, 0.3)):
        sent = [code * answer, code * (1 - answer), (1 - code) * answer]
        rest = 2000 - 1000 * sum(sent) - 1000 * answer
        n = np.round([*(1000 * np.array(sent)), 1000 * answer, rest])
        told = ["referral", "no answer", "referral", "other", "no answer"]
        coded = [1, 1, 0, 0, 0]
        parts.append(evidence(coded, told, n.astype(int), age=age, household=0))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(recorded=np.where(table["coded"] == 1, "referral", "rep"))


def test_strata_find_the_share_and_pooling_does_not():
    table = two_groups()
    assert referral.captured_share(table, by=["age"]).value == pytest.approx(0.5, 0.01)
    pooled = referral.captured_share(table)
    assert pooled.value < 0.45 and pooled.upper < 0.5


def test_a_column_that_moves_both_lists_is_chosen_and_others_are_not():
    table = two_groups()
    half = pd.concat([table.assign(region=r) for r in ("east", "west")])
    found = referral.dependence({"age": table, "region": half})
    assert referral.chosen_strata(found) == ["age"]
    assert found.set_index("column").loc["region", "p_code"] > 0.99


def test_captured_never_exceeds_the_customers_there_are():
    table = evidence([1, 0, 1], ["no answer", "referral", "referral"], [40, 40, 1])
    assert referral.captured(table)["referred"].iloc[0] <= 81


def test_three_lists_find_what_independence_expects_and_a_planted_dependence():
    shares = {"code": 0.4, "told": 0.5, "household": 0.2}
    rows = []
    for cell in itertools.product((0, 1), repeat=3):
        chance = np.prod(
            [s if c else 1 - s for c, s in zip(cell, shares.values(), strict=True)]
        )
        rows.append((cell[0], ["no answer", "referral"][cell[1]], cell[2], chance))
    table = pd.DataFrame(rows, columns=["coded", "told", "household", "n"])
    table["n"] = (10_000 * table["n"]).round()
    found = referral.three_lists(table[table["n"] > 0]).set_index("model")
    # Those on no list are in the table too, and are not used.
    assert found["referred"].to_numpy() == pytest.approx(10_000, rel=0.001)
    assert found["p"].dropna().min() > 0.9
    extra = (table["coded"] == 1) & (table["told"] == "referral")
    more = table.assign(n=table["n"] + 1_000 * extra)
    depends = referral.three_lists(more).set_index("model")
    assert depends["aic"].idxmin() == "code with told"
    assert depends.loc["code with told", "p"] < 1e-6


def test_log_linear_models_are_those_of_statsmodels():
    import statsmodels.api as sm

    seen = [c for c in itertools.product((0, 1), repeat=3) if any(c)]
    n = np.array([50, 80, 12, 90, 7, 30, 9.0])
    table = pd.DataFrame(seen, columns=["coded", "t", "household"]).assign(n=n)
    table["told"] = np.where(table["t"] == 1, "referral", "other")
    found = referral.three_lists(table).set_index("model")
    x = sm.add_constant(np.array(seen, float))
    x = np.column_stack([x, x[:, 1] * x[:, 2]])
    fit = sm.GLM(n, x, family=sm.families.Poisson()).fit(tol=1e-12)
    model = found.loc["code with told"]
    assert model["deviance"] == pytest.approx(fit.deviance, abs=1e-6)
    assert model["referred"] == pytest.approx(n.sum() + np.exp(fit.params[0]), 1e-6)


def test_rogan_gladen_is_the_share_where_nobody_errs_and_undoes_errors():
    said = wilson(400, 1000)
    same = referral.rogan_gladen(said, (100, 100), (100, 100))
    assert same.value == pytest.approx(0.4)
    true, se, sp = 0.44, 0.92, 0.97
    shown = true * se + (1 - true) * (1 - sp)
    said = Estimate(shown, 0, 1, 5000, "", "%", 0.007)
    back = referral.rogan_gladen(said, (92, 100), (97, 100))
    assert back.value == pytest.approx(true, abs=1e-12)
    assert back.se > 0.007 / (se + sp - 1)
    with pytest.raises(ValueError, match="say nothing"):
        referral.rogan_gladen(said, (50, 100), (50, 100))


def test_weighting_by_strata_undoes_unequal_answering():
    table = two_groups()
    raw, weighted = (
        referral.raw_told_share(table),
        referral.told_share(table, by=["age"]),
    )
    assert weighted.value == pytest.approx(0.5, abs=0.001)
    table.loc[table["age"] == "old", "n"] *= 3
    assert referral.told_share(table, by=["age"]).value == pytest.approx(0.5, abs=1e-3)
    assert raw.n == 1800


def test_credit_matrix_rows_add_up_and_its_intervals_are_wilsons():
    audited = pd.DataFrame(
        {
            "true": ["referral", "referral", "rep", "ads"],
            "recorded": ["referral", "rep", "rep", "ads"],
            "rep": [0, 1, 1, 0],
            "n": [30, 60, 50, 40],
        }
    )
    matrix = referral.credit_matrix(audited)
    assert matrix.groupby("true")["share"].sum().to_numpy() == pytest.approx(1)
    lost = matrix.query("true == 'referral' and recorded == 'rep'").iloc[0]
    expected = wilson(60, 90)
    assert (lost["lower"], lost["upper"]) == (expected.lower, expected.upper)
    assert referral.booked_to_rep(audited).value == pytest.approx(60 / 90)
    assert referral.referred_of_rep(audited).value == pytest.approx(60 / 110)


def test_one_record_alone_gives_what_it_allows_and_says_what_is_missing():
    told = two_groups()
    codes = told.assign(told="no answer")
    by_codes = referral.referred_share(codes)
    assert by_codes.summary.startswith("At least") and not by_codes.identified
    assert "Ask new customers" in by_codes.missing
    by_answers = referral.referred_share(told.assign(coded=0), by=["age"])
    assert "if those who answered are to be believed" in by_answers.summary
    assert "No code or link" in by_answers.missing
    both = referral.referred_share(told, by=["age"])
    assert both.identified and both.missing == ""


def test_few_on_both_records_fail_the_check_and_give_no_share():
    table = evidence(
        [1, 1, 0, 0],
        ["referral", "no answer", "referral", "other"],
        [6, 60, 60, 200],
        household=0,
        recorded="rep",
    )
    answer = referral.referred_share(table)
    assert not answer.identified
    checks = {c.name: c for c in referral.share_checks(table, None, answer)}
    assert checks["Customers on both records"].status == "FAIL"


# --- links ---------------------------------------------------------------------


@pytest.fixture
def family():
    """Seven customers: codes, a household, an impossible pair."""
    days = [1, 5, 9, 9, 15, 20, 25]
    people = pd.DataFrame(
        {
            "customer_id": list("abcdefg"),
            "joined_on": [dt.date(2025, 1, d) for d in days],
            "left_on": [None] * 6 + [dt.date(2025, 3, 3)],
            "household_id": ["H1", None, "H1", "H2", "H2", "H1", None],
        }
    )
    links = pd.DataFrame(
        {
            "referrer_id": ["b", "a", "g"],
            "referee_id": ["f", "c", "b"],
            "referred_on": [dt.date(2025, 1, d) for d in (20, 9, 26)],
        }
    )
    settings = {"company": {"observed_to": dt.date(2025, 6, 30)}}
    tables = {"customers": people, "referrals": links}
    return open_company(tables, settings=settings)


def test_links_take_one_referrer_each_and_none_that_joined_later(family):
    found = counts.collect(counts.links(family)).sort_values("referee_id")
    rows = found[["referrer_id", "referee_id", "evidence"]].values.tolist()
    assert rows == [["a", "c", "link"], ["d", "e", "household"], ["b", "f", "link"]]
    flow = counts.link_flow(family).set_index("step")["pairs"]
    assert flow["named by both"] == 2
    assert flow["of these, the same referrer"] == 1
    assert family.rule_counts()["rule"].tolist() == ["referrer_joined_later"]


def test_referrals_are_counted_by_the_referrers_tenure(family):
    made = counts.referrals_made(family)
    assert made.groupby("period")["n"].sum().to_dict() == {1: 3}
    born = counts.offspring(family, months=3).set_index("referrals")["n"]
    assert born.to_dict() == {0: 4, 1: 3}


def test_the_tree_counts_generations_and_descendants_and_refuses_circles():
    pairs = pd.DataFrame(
        [("a", "b"), ("b", "c"), ("b", "d"), ("x", "y")],
        columns=["referrer_id", "referee_id"],
    )
    tree = referral.referral_tree(pairs)
    nodes = tree.nodes.set_index("customer_id")
    assert nodes["generation"].to_dict() == {
        "a": 0,
        "b": 1,
        "c": 2,
        "d": 2,
        "x": 0,
        "y": 1,
    }
    assert nodes["descendants"].to_dict() == {
        "a": 3,
        "b": 2,
        "c": 0,
        "d": 0,
        "x": 1,
        "y": 0,
    }
    assert len(tree.largest()) == 4
    circle = pd.DataFrame(
        [("a", "b"), ("b", "c"), ("c", "a")], columns=["referrer_id", "referee_id"]
    )
    with pytest.raises(ValueError, match="circle"):
        referral.referral_tree(circle)
    with pytest.raises(ValueError, match="two referrers"):
        referral.referral_tree(pd.concat([pairs, pairs.head(1)]))


def test_the_tree_takes_a_chain_of_two_thousand():
    ids = [f"{i}" for i in range(2_000)]
    pairs = pd.DataFrame({"referrer_id": ids[:-1], "referee_id": ids[1:]})
    tree = referral.referral_tree(pairs)
    assert tree.nodes["generation"].max() == 1_999
    assert tree.nodes["descendants"].max() == 1_999


# --- journeys ------------------------------------------------------------------


def test_the_three_journeys_give_the_printed_removal_effects():
    three = published_paths()
    assert referral.model_conversion(three) == pytest.approx(1 / 3, abs=1e-12)
    found = referral.removal_effects(three)
    assert found["removal_effect"].tolist() == pytest.approx([0.5, 1, 1], abs=1e-12)
    assert found["share"].tolist() == pytest.approx([0.2, 0.4, 0.4], abs=1e-12)


LETTERS = "abcd"
WALKS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(LETTERS), min_size=1, max_size=5),
        st.integers(1, 30),
        st.integers(0, 30),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


def paths_from(walks):
    rows = [
        (" > ".join(walk), n, min(n, bought), f"{b:02x}")
        for walk, n, bought, b in walks
    ]
    return counts.paths_of(rows)


def shapley_by_orders(paths, worth):
    """Average of what a channel adds, over all orders of joining."""
    k, totals = len(paths.channels), paths.totals()
    touched = [frozenset(c for c in row if c >= 0) for row in paths.touches]

    def value(team):
        inside = [i for i, t in enumerate(touched) if t <= team]
        n, bought = totals.iloc[inside].sum()
        of = n if worth == "rate" else totals["n"].sum()
        return bought / of if of else 0.0

    credit = np.zeros(k)
    for order in itertools.permutations(range(k)):
        team = frozenset()
        for channel in order:
            credit[channel] += value(team | {channel}) - value(team)
            team = team | {channel}
    return credit / factorial(k)


@settings(max_examples=25, deadline=None)
@given(walks=WALKS, worth=st.sampled_from(["purchases", "rate"]))
def test_shapley_values_are_those_of_all_orders(walks, worth):
    paths = paths_from(walks)
    found = referral.shapley_values(paths, worth=worth)
    expected = shapley_by_orders(paths, worth)
    assert found["value"].to_numpy() == pytest.approx(expected, abs=1e-12)
    rate = paths.conversions / paths.journeys
    assert found["value"].sum() == pytest.approx(rate, abs=1e-12)


def removal_by_power(paths, gone):
    """Purchases reached in 16,384 steps of the chain, a channel taken out."""
    k = len(paths.channels)
    counted = referral.steps(paths).counts[0]
    contexts = referral.steps(paths).contexts[:, 0]
    # Channels, the beginning, a purchase, the end: the last two are never left.
    step = np.zeros((k + 3, k + 3))
    share = counted / counted.sum(axis=1, keepdims=True)
    step[np.ix_(contexts, [*range(k), k + 1, k + 2])] = share
    step[k + 1, k + 1] = step[k + 2, k + 2] = 1.0
    if gone is not None:
        step[:, k + 2] += step[:, gone]
        step[:, gone] = 0.0
    return np.linalg.matrix_power(step, 2**14)[k, k + 1]


@settings(max_examples=20, deadline=None)
@given(walks=WALKS)
def test_removal_effects_are_those_of_walking_the_chain(walks):
    paths = paths_from(walks)
    if not paths.conversions:
        return
    whole = removal_by_power(paths, None)
    assert referral.model_conversion(paths) == pytest.approx(whole, abs=1e-9)
    found = referral.removal_effects(paths)["removal_effect"]
    expected = [
        1 - removal_by_power(paths, c) / whole for c in range(len(paths.channels))
    ]
    assert found.to_numpy() == pytest.approx(np.array(expected), abs=1e-8)


@settings(max_examples=20, deadline=None)
@given(walks=WALKS, order=st.sampled_from([1, 2, 3]))
def test_the_model_converts_as_often_as_the_journeys(walks, order):
    paths = paths_from(walks)
    rate = paths.conversions / paths.journeys
    assert referral.model_conversion(paths, order=order) == pytest.approx(
        rate, abs=1e-9
    )


@settings(max_examples=20, deadline=None)
@given(walks=WALKS)
def test_a_long_memory_removes_what_the_purchases_touched(walks):
    paths = paths_from(walks)
    if not paths.conversions:
        return
    found = referral.removal_effects(paths, order=5)["removal_effect"]
    bought = paths.totals()["converted"].to_numpy()
    touched = [
        bought[(paths.touches == c).any(axis=1)].sum() / bought.sum()
        for c in range(len(paths.channels))
    ]
    assert found.to_numpy() == pytest.approx(np.array(touched), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(walks=WALKS)
def test_credits_sum_to_one_and_follow_their_channels_new_names(walks):
    if not any(min(n, b) for _, n, b, _ in walks):
        return
    paths = paths_from(walks)
    found = referral.journey_credits(paths, order=1).set_index("channel")
    rules = ["first", "last", "linear", "position", "shapley", "markov"]
    assert found[rules].sum().to_numpy() == pytest.approx(1.0)
    new = dict(zip(LETTERS, "zyxw", strict=True))
    renamed = [([new[c] for c in walk], *rest) for walk, *rest in walks]
    other = referral.journey_credits(paths_from(renamed), order=1)
    other = other.set_index("channel").rename(index={v: k for k, v in new.items()})
    for rule in [*rules, "removal_effect"]:
        assert other[rule].reindex(found.index).to_numpy() == pytest.approx(
            found[rule].to_numpy(), abs=1e-9
        )


@settings(max_examples=12, deadline=None)
@given(walks=WALKS)
def test_a_channel_that_nobody_touches_changes_nothing(walks):
    if not any(min(n, b) for _, n, b, _ in walks):
        return
    paths = paths_from(walks)
    wider = counts.Paths((*paths.channels, "never"), paths.touches, paths.table)
    before = referral.journey_credits(paths, order=1)
    after = referral.journey_credits(wider, order=1)
    for rule in ("first", "last", "linear", "position", "shapley", "markov"):
        found = after[rule].to_numpy()
        assert found[:-1] == pytest.approx(before[rule].to_numpy(), abs=1e-12)
        assert found[-1] == pytest.approx(0, abs=1e-12)


def test_the_order_of_the_chain_is_found():
    rng = np.random.default_rng(4)
    rows: dict[tuple, list[int]] = {}
    for _ in range(4_000):
        walk = [rng.integers(2), rng.integers(2)]
        while rng.random() < 0.7 and len(walk) < 12:
            same = walk[-1] == walk[-2]
            walk.append(int(rng.random() < (0.9 if same else 0.1)))
        name = " > ".join("ab"[c] for c in walk)
        row = rows.setdefault(name, [0, 0])
        row[0] += 1
        row[1] += int(rng.random() < 0.3)
    table = [(name, n, bought) for name, (n, bought) in rows.items()]
    orders = referral.markov_orders(counts.paths_of(table))
    assert orders.loc[orders["chosen"], "order"].item() >= 2


def test_the_jackknife_is_that_of_the_intervals_room():
    from retention.intervals import jackknife

    rng = np.random.default_rng(3)
    walks = [
        (
            list(rng.choice(list("ab"), rng.integers(1, 4))),
            20,
            int(rng.integers(0, 9)),
            b,
        )
        for b in range(6)
        for _ in range(8)
    ]
    paths = paths_from(walks)
    found = referral.removal_effects(paths)

    def effect(table):
        part = counts.Paths(paths.channels, paths.touches, table.assign(bucket="00"))
        return referral.removal_effects(part)["removal_effect"][0]

    expected = jackknife(paths.table, effect)
    assert found["lower"][0] == pytest.approx(expected.lower, abs=1e-12)
    assert found["upper"][0] == pytest.approx(expected.upper, abs=1e-12)


def touchpoints(walks):
    rows = [
        (f"J{j}", p, channel, int(bought))
        for j, (walk, bought) in enumerate(walks)
        for p, channel in enumerate(walk, 1)
    ]
    names = ["journey_id", "position", "channel", "converted"]
    return pd.DataFrame(rows, columns=names)


def test_paths_come_back_from_their_numbers():
    rng = np.random.default_rng(5)
    names = [f"channel {i}" for i in range(7)]
    walks = [
        (
            [names[c] for c in rng.integers(0, 7, rng.integers(1, 60))],
            rng.random() < 0.3,
        )
        for _ in range(200)
    ]
    shuffled = touchpoints(walks).sample(frac=1, random_state=1)
    paths = counts.journeys(open_company({"touchpoints": shuffled}))
    found = sorted(
        (
            tuple(paths.channels[c] for c in paths.touches[row.path] if c >= 0),
            bool(row.converted),
        )
        for row in paths.table.itertuples()
        for _ in range(row.n)
    )
    assert found == sorted((tuple(walk), bool(bought)) for walk, bought in walks)


def test_machines_are_left_out_and_many_channels_are_joined():
    long = (["a", "b"] * 100, True)
    many = [([f"c{i:02d}"], i % 2) for i in range(20)] + [(["c00"], 1)] * 5
    paths = counts.journeys(open_company({"touchpoints": touchpoints([long, *many])}))
    assert paths.too_long == 1 and paths.journeys == 25
    assert len(paths.channels) == 12 and paths.channels[-1] == "other"
    assert len(referral.shapley_values(paths)) == 12


# --- worth ---------------------------------------------------------------------


def test_the_mean_cumulative_function_by_hand():
    tenure = pd.DataFrame(
        {
            "entry": 0,
            "duration": [1, 2, 3, 3],
            "event": [1, 1, 0, 0],
            "bucket": list("abcd"),
            "n": [10, 20, 30, 40],
        }
    )
    made = pd.DataFrame({"period": [1, 2, 3], "bucket": list("abc"), "n": [5, 9, 7]})
    found = referral.reproduction(tenure, made)
    survival = [1, 0.9, 0.9 * 70 / 90]
    rate = [5 / 100, 9 / 90, 7 / 70]
    expected = np.cumsum(np.multiply(survival, rate))
    assert found.table["referrals"].to_numpy() == pytest.approx(expected)
    assert found.share_at(0.0).value == pytest.approx(expected[-1])
    assert not found.corrected
    within = found.within(2)
    assert within.value == pytest.approx(expected[1]) and within.lower < within.value


def test_missed_referrals_are_put_back_by_stratum():
    tenure = pd.DataFrame(
        {"entry": 0, "duration": 3, "event": 0, "bucket": list("ab"), "n": [50, 50]}
    )
    acquired = evidence(
        [1, 1, 0], ["referral", "no answer", "referral"], [99, 100, 99], bucket="a"
    )
    made = pd.DataFrame({"period": [2], "bucket": ["a"], "n": [199]})
    found = referral.reproduction(tenure, made, acquired)
    all_referred = 200 * 199 / 100 - 1
    assert found.corrected
    assert found.within(3).value == pytest.approx(all_referred / 100)


def test_dispersion_recovers_the_size_and_thinning_leaves_it():
    rng = np.random.default_rng(1)
    size, mean = 0.7, 3.0
    x = rng.negative_binomial(size, size / (size + mean), 20_000)
    for drawn in (x, rng.binomial(x, 0.4)):
        table = pd.Series(drawn).value_counts().rename_axis("referrals")
        found = referral.dispersion(table.reset_index(name="n"))
        assert found.lower < size < found.upper
    alike = pd.DataFrame({"referrals": [0, 1, 2], "n": [38, 38, 24]})
    assert referral.dispersion(alike).value == np.inf


def test_the_margin_gap_is_least_squares_on_rows():
    rng = np.random.default_rng(2)
    rows = pd.DataFrame(
        {
            "source": rng.choice(["referred", "others"], 3_000),
            "band": rng.choice([12, 24], 3_000),
            "plan": rng.choice(["a", "b", "c"], 3_000),
            "bucket": rng.choice(list("0123456789"), 3_000),
        }
    )
    rows["margin"] = 3 * (rows["plan"] == "b") + rng.normal(size=3_000)
    rows["margin"] += (rows["source"] == "referred") * (rows["band"] == 12)
    keys = ["source", "plan", "band", "bucket"]
    cells = rows.groupby(keys)["margin"].agg(n="size", margin="sum").reset_index()
    found = referral.margin_gap(cells, by=["plan"])
    x = np.column_stack(
        [
            rows["band"] == 12,
            rows["band"] == 24,
            (rows["band"] == 12) & (rows["source"] == "referred"),
            (rows["band"] == 24) & (rows["source"] == "referred"),
            rows["plan"] == "b",
            rows["plan"] == "c",
        ]
    ).astype(float)
    beta = np.linalg.lstsq(x, rows["margin"], rcond=None)[0]
    assert found["gap"].to_numpy() == pytest.approx(beta[2:4], abs=1e-6)


def test_spearman_is_scipys():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(6)
    rows = pd.DataFrame(
        {
            "margin": rng.integers(0, 30, 500) * 1.0,
            "referrals": rng.poisson(0.4, 500),
            "bucket": rng.choice(list("abcdef"), 500),
        }
    )
    cells = rows.groupby(["margin", "referrals", "bucket"]).size().reset_index(name="n")
    found = referral.value_correlation(cells).value
    assert found == pytest.approx(spearmanr(rows["margin"], rows["referrals"])[0])


def test_the_chain_multiplies_and_says_when_it_dies_out():
    asked = pd.DataFrame(
        {
            "told": [0, 10, 20],
            "interested": [0, 3, 6],
            "joined": [0, 1, 2],
            "score": [1.0, 3.0, 5.0],
            "n": [100, 100, 50],
        }
    )
    found = referral.chain(asked)
    assert found.product.value == pytest.approx((100 + 100) / 250)
    assert "dies out" in found.fate
    stages = referral.stages_per_customer(found)
    assert stages["per_customer"].tolist() == pytest.approx([8, 2.4, 0.8])
    many = referral.chain(asked.assign(joined=[0, 3, 6]))
    assert "grow" in many.fate
    scores = referral.told_by_score(asked, (1, 5)).set_index("customers")
    assert scores.loc["between", "ratio"] == 1
    assert scores.loc["delighted", "ratio"] == pytest.approx(2)
