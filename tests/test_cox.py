"""Cox's model from group sums: against R, published fits, and known truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.counts.sums import ENTRY, cox_sums
from retention.survival.cox import cox, cox_zph
from retention.survival.cox.efron import _added, _closed

ROSSI = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


def customers(n: int = 3000) -> pd.DataFrame:
    """Customers without random numbers, written to CSV for the R sessions below."""
    i = np.arange(n)

    def share(a):
        return ((i * a + 11) * (i % 97 + 5) % 10007) / 10007

    channel = np.array(["friend", "shop", "web"])[(share(31) * 3).astype(int)]
    age, fee = np.round(20 + 50 * share(53)), np.round(5 + 40 * share(71) ** 2, 1)
    pace = 18 * np.exp(0.3 * (channel == "web") + 0.01 * (age - 45) - 0.02 * (fee - 18))
    life = np.maximum(np.ceil(-np.log(1 - share(101)) * pace).astype(int), 1)
    entry = np.where(share(17) < 0.5, 0, (share(19) * 12).astype(int))
    end = 1 + (share(23) * 36).astype(int) + entry
    return pd.DataFrame(
        {
            "plan": np.array(["basic", "plus", "premium"])[(i * 7 + i // 13) % 3],
            "channel": channel,
            "age": age,
            "fee": fee,
            "entry": entry,
            "duration": np.minimum(life, end),
            "event": (life <= end).astype(int),
        }
    )


@pytest.fixture(scope="module")
def late() -> pd.DataFrame:
    return customers()


@pytest.fixture(scope="module")
def rossi() -> pd.DataFrame:
    from lifelines.datasets import load_rossi

    return load_rossi()


@pytest.fixture(scope="module")
def heart() -> pd.DataFrame:
    """Stanford heart transplants; times in half days, which are whole numbers."""
    from lifelines.datasets import load_stanford_heart_transplants

    rows = load_stanford_heart_transplants()
    return rows.assign(
        start=(2 * rows["start"]).astype(int), stop=(2 * rows["stop"]).astype(int)
    )


def late_fit(frame) -> object:
    sums = cox_sums(
        frame,
        strata=["plan"],
        categorical=["channel"],
        continuous=["age", "fee"],
        entry="entry",
    )
    return cox(sums)


def close(found, expected, within) -> bool:
    return bool(np.allclose(found, expected, rtol=0, atol=within))


# Published and R ---------------------------------------------------------------


def test_freireich_with_efron_ties():
    # Freireich et al. (1963), Blood 21: weeks of remission; a plus is censored
    treated = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
    control = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
    rows = [
        (arm, int(w.rstrip("+")), not w.endswith("+"))
        for arm, weeks in (("placebo", control), ("6-MP", treated))
        for w in weeks.split()
    ]
    frame = pd.DataFrame(rows, columns=["arm", "duration", "event"])
    fit = cox(cox_sums(frame, categorical=["arm"]), reference={"arm": "placebo"})
    # R: coxph(Surv(time, cens) ~ treat, MASS::gehan), ties = "efron"
    assert close(fit.table["coef"], -1.57213, 5e-6)
    assert close(fit.table["se"], 0.41240, 5e-6)
    assert close(fit.log_likelihood, -85.00842, 5e-6)
    assert fit.passes == 1 and fit.n == 42 and fit.events == 30


def test_rossi_equals_the_published_table_and_r(rossi):
    fit = cox(cox_sums(rossi, continuous=ROSSI, duration="week", event="arrest"))
    # Fox (2002), Cox regression appendix, and R:
    # coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio)
    coef = [
        *(-0.3794221665, -0.0574377427, 0.3138997878, -0.1497956977),
        *(-0.4337038779, -0.0848710825, 0.0914970810),
    ]
    se = [
        *(0.1913794807, 0.0219994706, 0.3079927766, 0.2122242962),
        *(0.3818680577, 0.1957566719, 0.0286485500),
    ]
    assert close(fit.table["coef"], coef, 1e-7)
    assert close(fit.table["se"], se, 1e-7)
    assert close(fit.log_likelihood, -658.7477, 5e-5)
    assert close(fit.likelihood_ratio, 33.27, 5e-3)


# R: cox.zph(fit, transform = ...)$table[, "chisq"]
ROSSI_ZPH = {
    "km": [0.06243, 5.97398, 2.06827, 4.22460, 1.01102, 0.01838, 0.52058, 17.69442],
    "rank": [1.38381, 0.89642, 2.25998, 4.15968, 0.08959, 0.02185, 1.64080, 11.02518],
    "identity": [
        0.00895,
        6.61594,
        2.14443,
        3.87676,
        1.03135,
        0.02818,
        0.42480,
        18.18269,
    ],
    "log": [0.13760, 8.23150, 1.61708, 2.08585, 1.12597, 0.21920, 0.01348, 17.66157],
}


@pytest.mark.parametrize("transform", ROSSI_ZPH)
def test_rossi_proportionality_equals_r(rossi, transform):
    fit = cox(cox_sums(rossi, continuous=ROSSI, duration="week", event="arrest"))
    found = cox_zph(fit, transform=transform)
    assert found["term"].tolist() == [*ROSSI, "GLOBAL"]
    assert found["df"].tolist() == [1] * 7 + [7]
    assert close(found["chi2"], ROSSI_ZPH[transform], 1e-5)


def test_stratified_rossi_equals_r(rossi):
    sums = cox_sums(
        rossi,
        strata=["race"],
        continuous=["fin", "age", "prio"],
        duration="week",
        event="arrest",
    )
    fit = cox(sums)
    # R: coxph(Surv(week, arrest) ~ fin + age + prio + strata(race), rossi)
    assert close(fit.table["coef"], [-0.3641719235, -0.0674582342, 0.1007481770], 1e-7)
    assert close(fit.log_likelihood, -621.895194551, 1e-6)
    assert close(cox_zph(fit)["chi2"], [0.02524, 6.18230, 0.69296, 7.16342], 1e-5)


def test_stanford_hearts_are_no_better_off_once_time_is_right(heart):
    times = {"entry": "start", "duration": "stop", "event": "event"}
    alone = cox(cox_sums(heart, continuous=["transplant"], **times))
    # Crowley and Hu (1977); R: coxph(Surv(start, stop, event) ~ transplant, heart)
    assert close(alone.table["coef"], 0.1271, 5e-5)
    assert close(alone.table["se"], 0.3011, 5e-5)
    fit = cox(
        cox_sums(heart, continuous=["transplant", "age", "year", "surgery"], **times)
    )
    coef = [-0.0102507724, 0.0271666410, -0.1463463457, -0.6372098900]
    assert close(fit.table["coef"], coef, 1e-7)
    assert close(
        fit.table["se"], [0.3137547983, 0.0137141152, 0.0704679795, 0.3672259962], 1e-7
    )
    assert close(fit.log_likelihood, -290.565616218, 1e-7)
    assert close(
        cox_zph(fit)["chi2"], [0.20293, 0.86687, 1.71641, 0.09740, 3.47310], 1e-5
    )


def test_stanford_hearts_counted_as_ever_transplanted_mislead(heart):
    people = heart.groupby("id").agg(
        transplant=("transplant", "max"), stop=("stop", "max"), event=("event", "max")
    )
    fit = cox(cox_sums(people, continuous=["transplant"], duration="stop"))
    # R: coxph(Surv(stop, event) ~ transplant) on a row a person: immortal time
    assert close(fit.table["coef"], -1.32344484818, 1e-8)


def test_late_entry_strata_factor_and_numbers_equal_r(late):
    fit = late_fit(late)
    # R: d <- d[d$duration > d$entry, ]
    # coxph(Surv(entry, duration, event) ~ channel + age + fee + strata(plan), d,
    #       control = coxph.control(eps = 1e-14, toler.chol = 1e-15))
    coef = [0.03227648086552, -0.40459823429636, -0.00782239761175, 0.02004456645849]
    se = [0.06194341823625, 0.06700340359442, 0.00184782234930, 0.00222546006624]
    assert close(fit.table["coef"], coef, 1e-8)
    assert close(fit.table["se"], se, 1e-7)
    assert close(fit.log_likelihood, -8460.2318262, 1e-6)
    assert close(fit.null_log_likelihood, -8529.97466088, 1e-7)
    assert (fit.n, fit.events, fit.sets.sums.never_at_risk) == (2651, 1457, 349)


@pytest.mark.parametrize(
    ("transform", "chi2"),
    [  # R: cox.zph(fit, transform = ...)
        ("km", [7.00204103, 0.28921716, 1.25199215, 8.44965101]),
        ("rank", [7.47908146, 0.27952274, 1.06648698, 8.70751230]),
        ("identity", [5.26636809, 0.14729642, 0.89260933, 6.38796190]),
        ("log", [6.26826478, 0.19759475, 1.92148635, 8.28108753]),
    ],
)
def test_proportionality_with_late_entry_equals_r(late, transform, chi2):
    found = cox_zph(late_fit(late), transform=transform)
    assert found["term"].tolist() == ["channel", "age", "fee", "GLOBAL"]
    assert found["df"].tolist() == [2, 1, 1, 4]
    assert close(found["chi2"], chi2, 1e-3)


def test_two_factors_equal_r(late):
    rows = late[late["duration"] > late["entry"]]
    fit = cox(
        cox_sums(rows, categorical=["channel", "plan"], continuous=["age", "fee"])
    )
    # R: coxph(Surv(duration, event) ~ channel + plan + age + fee, d)
    coef = [
        *(0.02808136667912, -0.40065828863644, 0.07025849102740, -0.01252951089280),
        *(-0.00903625148563, 0.02069891883007),
    ]
    assert close(fit.table["coef"], coef, 1e-8)
    zph = cox_zph(fit).set_index("term")["chi2"]
    assert close(zph["plan"], 5.8354157650, 1e-6)
    assert close(zph["GLOBAL"], 15.4387163742, 1e-6)


# Engines and forms --------------------------------------------------------------


def test_every_engine_gives_the_same_fit(late):
    import duckdb
    import pyarrow

    table = pyarrow.Table.from_pandas(late)
    frames = [late, table, duckdb.connect().from_arrow(table)]
    fits = [late_fit(frame) for frame in frames]
    for fit in fits[1:]:
        assert close(fit.table["coef"], fits[0].table["coef"], 1e-12)
        assert close(fit.covariance, fits[0].covariance, 1e-12)


def test_categorical_covariates_need_one_pass_only(late):
    sums = cox_sums(late, categorical=["plan", "channel"], entry="entry")
    assert sums.weighted(np.zeros(0)) is sums.plain
    assert cox(sums).passes == 1
    assert len(sums.cells) == 9 and (sums.kind == ENTRY).any()


def test_indicators_and_numbers_are_two_ways_to_the_same_fit(late):
    coded = late.assign(
        web=(late["channel"] == "web") * 1, shop=(late["channel"] == "shop") * 1
    )
    by_cells = cox(cox_sums(late, categorical=["channel"], entry="entry"))
    by_numbers = cox(cox_sums(coded, continuous=["shop", "web"], entry="entry"))
    assert close(by_cells.table["coef"], by_numbers.table["coef"], 1e-8)
    assert close(by_cells.table["se"], by_numbers.table["se"], 1e-7)


def test_a_number_far_from_zero_fits_as_well(late):
    moved = late.assign(fee=1e6 + 1000 * late["fee"])
    fits = [
        cox(cox_sums(f, continuous=["fee", "age"], entry="entry"))
        for f in (late, moved)
    ]
    assert close(1000 * fits[1].table["coef"][0], fits[0].table["coef"][0], 1e-9)
    assert close(fits[1].table["se"][1], fits[0].table["se"][1], 1e-9)


def test_the_closed_form_of_many_ties_equals_the_sum():
    deaths = np.array([201, 5_000, 60_000])
    lost = deaths * np.array([0.4, 1.0, 7.0])
    at_risk = lost * np.array([1.0, 3.7, 900.0])
    found, summed = (f(at_risk, lost, deaths) for f in (_closed, _added))
    # a sum with f counts in the likelihood as its product with lost / at_risk
    share = (lost / at_risk) ** np.array([0, 0, 1, 0, 1, 2])[:, None]
    size = summed[[0, 1, 1, 3, 3, 3]]
    assert np.abs((found - summed) * share / size).max() < 1e-11


# Libraries -----------------------------------------------------------------------


def test_equals_lifelines_on_rows(late):
    from lifelines import CoxPHFitter

    rows = late[late["duration"] > late["entry"]]
    other = CoxPHFitter().fit(
        rows,
        "duration",
        "event",
        entry_col="entry",
        strata=["plan"],
        formula="channel + age + fee",
        fit_options={"precision": 1e-10},
    )
    fit = late_fit(late)
    assert close(fit.table["coef"], other.params_.to_numpy(), 1e-7)
    assert close(fit.table["se"], other.standard_errors_.to_numpy(), 1e-7)


def test_equals_phreg_on_rows_with_its_two_peculiarities_undone(late):
    from statsmodels.duration.hazard_regression import PHReg

    rows = late[late["duration"] > late["entry"]]
    x = np.column_stack(
        [rows["channel"] == "shop", rows["channel"] == "web", rows["age"], rows["fee"]]
    ).astype(float)

    def params(entry, **options):
        status, strata = rows["event"].to_numpy(), rows["plan"].to_numpy()
        time = rows["duration"].to_numpy()
        model = PHReg(time, x.copy(), status, entry=entry, strata=strata, **options)
        return model.fit().params

    fit, entry = late_fit(late).table["coef"], rows["entry"].to_numpy()
    # it takes an entry at t as at risk at t; R, lifelines and we do not
    assert close(fit, params(entry + 0.5, ties="efron"), 1e-7)
    assert abs(params(entry, ties="efron")[1] - fit[1]) > 0.002
    # its default is Breslow's treatment, which shrinks effects when ties are heavy
    assert abs(params(entry + 0.5)[1]) < abs(fit[1]) - 0.005


def test_phreg_takes_no_counts():
    from statsmodels.duration.hazard_regression import PHReg

    x, time = np.array([[0.0], [1.0], [0.0]]), np.array([1, 2, 3])
    plain = PHReg(time, x.copy(), ties="efron")
    assert not hasattr(plain, "freq_weights") and not hasattr(plain, "weights")


def test_lifelines_weights_are_not_counts_of_customers(late):
    from lifelines import CoxPHFitter

    # few, long periods: many leave at once
    yearly = late.assign(duration=(late["duration"] + 11) // 12)
    cells = (
        yearly.groupby(["plan", "duration", "event"]).size().rename("n").reset_index()
    )
    fit = cox(cox_sums(yearly, categorical=["plan"]))
    on_rows = CoxPHFitter().fit(
        yearly[["plan", "duration", "event"]], "duration", "event", formula="plan"
    )
    on_counts = CoxPHFitter().fit(
        cells, "duration", "event", weights_col="n", formula="plan", robust=False
    )
    assert close(fit.table["coef"], on_rows.params_.to_numpy(), 1e-6)
    off = np.abs(on_counts.params_.to_numpy() - on_rows.params_.to_numpy())
    assert off.max() > 0.003


def test_the_proportionality_statistic_of_lifelines_is_another_one(rossi):
    from lifelines import CoxPHFitter
    from lifelines.statistics import proportional_hazard_test

    other = proportional_hazard_test(
        CoxPHFitter().fit(rossi, "week", "arrest"), rossi, time_transform="km"
    )
    statistic = dict(zip(other.name, other.test_statistic, strict=True))
    assert close(statistic["age"], 11.03, 5e-3) and close(statistic["wexp"], 7.48, 5e-3)
    ours = cox_zph(
        cox(cox_sums(rossi, continuous=ROSSI, duration="week", event="arrest"))
    )
    assert close(ours.set_index("term")["chi2"][["age", "wexp"]], [5.97, 4.22], 5e-3)


def test_patsy_takes_a_variable_named_c_for_its_own():
    from patsy import PatsyError, dmatrix

    C = 3  # noqa: F841
    with pytest.raises(PatsyError):
        dmatrix("C(plan)", {"plan": ["basic", "plus"]})


# Truth ---------------------------------------------------------------------------


def test_known_coefficients_are_recovered_from_late_entrants():
    rng = np.random.default_rng(20)
    n = 40_000
    plan = rng.choice(["basic", "plus", "premium"], n)
    age, fee = rng.normal(45, 12, n), rng.lognormal(2, 0.6, n)
    effect = np.select([plan == "plus", plan == "premium"], [0.3, -0.5])
    rate = 0.03 * np.exp(effect + 0.02 * (age - 45) - 0.04 * (fee - 9))
    life = np.ceil(rng.exponential(1 / rate)).astype(int)
    entry = rng.integers(0, 24, n)
    end = entry + rng.integers(1, 36, n)
    frame = pd.DataFrame({"plan": plan, "age": age, "fee": fee, "entry": entry})
    frame = frame.assign(duration=np.minimum(life, end), event=life <= end)
    sums = cox_sums(
        frame, categorical=["plan"], continuous=["age", "fee"], entry="entry"
    )
    fit = cox(sums)
    truth = np.array([0.3, -0.5, 0.02, -0.04])
    assert (np.abs(fit.table["coef"] - truth) < 2.6 * fit.table["se"]).all()
    assert cox_zph(fit)["p"].iloc[-1] > 0.001
    # who forgets the late entry takes long lives for typical ones
    forgotten = cox(cox_sums(frame, categorical=["plan"], continuous=["age", "fee"]))
    assert fit.log_likelihood != forgotten.log_likelihood


rows = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(-3, 3),
        st.integers(0, 4),
        st.integers(1, 5),
        st.booleans(),
    ),
    min_size=12,
    max_size=60,
)


def small_frame(drawn) -> pd.DataFrame:
    """Drawn customers beside twelve fixed ones that keep every effect finite."""
    fixed = [
        (g, x, 0, t, True) for g in "abc" for x, t in ((-1, 2), (1, 2), (0, 3), (2, 1))
    ]
    frame = pd.DataFrame([*drawn, *fixed], columns=["g", "x", "entry", "stay", "event"])
    return frame.assign(duration=frame["entry"] + frame["stay"])


def small_fit(frame) -> object:
    return cox(cox_sums(frame, categorical=["g"], continuous=["x"], entry="entry"))


@settings(max_examples=12, deadline=None)
@given(rows, st.randoms())
def test_order_of_rows_and_names_of_levels_do_not_matter(drawn, random):
    frame = small_frame(drawn)
    fit = small_fit(frame)
    shuffled = frame.sample(frac=1, random_state=random.randrange(1000))
    renamed = shuffled.assign(g=shuffled["g"].map({"a": "x-a", "b": "y-b", "c": "z-c"}))
    again = small_fit(renamed)
    assert close(again.table["coef"], fit.table["coef"], 1e-7)
    assert close(again.log_likelihood, fit.log_likelihood, 1e-8)


@settings(max_examples=12, deadline=None)
@given(rows)
def test_a_customer_may_be_cut_into_stretches(drawn):
    frame = small_frame(drawn)
    middle = frame["entry"] + 1
    long = frame[frame["duration"] > middle]
    first = long.assign(duration=long["entry"] + 1, event=False)
    second = long.assign(entry=long["entry"] + 1)
    cut = pd.concat([frame[frame["duration"] <= middle], first, second])
    whole, parts = small_fit(frame), small_fit(cut)
    assert close(parts.table["coef"], whole.table["coef"], 1e-6)
    assert close(parts.log_likelihood, whole.log_likelihood, 1e-8)


@settings(max_examples=12, deadline=None)
@given(rows)
def test_two_companies_as_strata_add_their_likelihoods(drawn):
    frame = small_frame(drawn)
    both = pd.concat([frame.assign(company="one"), frame.assign(company="two")])
    sums = cox_sums(
        both, strata=["company"], categorical=["g"], continuous=["x"], entry="entry"
    )
    twice, once = cox(sums), small_fit(frame)
    assert close(twice.table["coef"], once.table["coef"], 1e-6)
    assert close(twice.log_likelihood, 2 * once.log_likelihood, 1e-7)


# Separation and mistakes ----------------------------------------------------------


def test_a_level_that_nobody_left_is_named_and_the_rest_is_fitted(late):
    guests = late.head(40).assign(channel="guest", event=0)
    fit = cox(
        cox_sums(pd.concat([late, guests]), categorical=["channel"], continuous=["age"])
    )
    without = cox(cox_sums(late, categorical=["channel"], continuous=["age"]))
    assert fit.separated == ("channel=guest",)
    row = fit.table.set_index("level").loc["guest"]
    assert np.isnan(row["coef"]) and "nobody with this level left" in row["note"]
    others = fit.table[fit.table["level"] != "guest"]
    assert close(others["coef"], without.table["coef"], 1e-8)
    assert "channel" in cox_zph(fit)["term"].tolist()


def test_a_number_that_orders_the_events_has_no_finite_coefficient():
    frame = pd.DataFrame({"duration": range(1, 31), "event": 1})
    frame = frame.assign(
        x=-frame["duration"] * 1.0, g=np.where(frame.index % 2, "a", "b")
    )
    fit = cox(cox_sums(frame, categorical=["g"], continuous=["x"]))
    assert fit.separated == ("x",)
    assert "plus infinity" in fit.table["note"].iloc[-1]


def test_a_reference_without_events_is_left_for_the_next_or_refused(late):
    frame = late.assign(event=late["event"] * (late["channel"] != "friend"))
    sums = cox_sums(frame, categorical=["channel"])
    assert cox(sums).table["reference"].unique().tolist() == ["shop"]
    with pytest.raises(ValueError, match="Nobody in the reference level 'friend'"):
        cox(sums, reference={"channel": "friend"})
    with pytest.raises(ValueError, match="has no level 'radio'; it has friend, shop"):
        cox(sums, reference={"channel": "radio"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"duration": 1.5}, "Column duration is Float64, but times must be whole"),
        ({"event": 2}, "event is neither 0 nor 1 in 3,000 rows"),
        ({"event": 0}, "No row at risk has event = 1"),
        ({"age": 30.0}, "age has the same value in every row"),
        ({"plan": "basic"}, "plan is basic in every row"),
        ({"plan": None}, r"Empty or not finite: plan \(3,000 rows\)"),
        ({"fee": np.inf}, r"Empty or not finite: fee \(3,000 rows\)"),
    ],
)
def test_unusable_columns_are_refused_with_what_to_do(late, change, message):
    options = {"categorical": ["plan"], "continuous": ["age", "fee"]}
    with pytest.raises(ValueError, match=message):
        cox(cox_sums(late.assign(**change), **options))


def test_some_empty_cells_are_counted(late):
    holes = late.assign(
        age=late["age"].where(late.index >= 7), entry=late["entry"].astype("Int64")
    )
    with pytest.raises(ValueError, match=r"age \(7 rows\)"):
        cox_sums(holes, continuous=["age"])
    holes.loc[:4, "entry"] = None
    with pytest.raises(ValueError, match=r"entry \(5 rows\)"):
        cox_sums(holes, continuous=["fee"], entry="entry")


def test_columns_that_say_the_same_are_named(late):
    twice = late.assign(cents=100 * late["fee"])
    fit = cox(cox_sums(twice, continuous=["fee", "age", "cents"]))
    alone = cox(cox_sums(twice, continuous=["fee", "age"]))
    assert fit.separated == ("cents",)
    assert fit.table["note"].tolist()[2] == "says no more than the columns before it"
    pd.testing.assert_frame_equal(fit.table[:2], alone.table)
    assert cox_zph(fit)["term"].tolist() == ["fee", "age", "GLOBAL"]


def test_absent_and_doubled_columns_are_named(late):
    with pytest.raises(ValueError, match="No column tariff; the table has plan, "):
        cox_sums(late, categorical=["tariff"])
    with pytest.raises(ValueError, match="Column plan is named for two purposes"):
        cox_sums(late, strata=["plan"], categorical=["plan"])
    with pytest.raises(ValueError, match="needs a categorical or continuous covariate"):
        cox(cox_sums(late, strata=["plan"]))


def test_sizes_that_memory_cannot_hold_are_refused(late, monkeypatch):
    from retention.counts.sums import checks
    from retention.survival.cox import risk

    monkeypatch.setattr(risk, "MOST_NUMBERS", 1000)
    with pytest.raises(ValueError, match="count in longer periods"):
        late_fit(late)
    monkeypatch.setattr(checks, "MOST_GROUPS", 100)
    with pytest.raises(ValueError, match="More than 100 groups of channel, duration"):
        cox_sums(late, categorical=["channel"])


def test_summary_and_check_can_be_read_aloud(late):
    fit = late_fit(late)
    assert fit.summary == (
        "The clearest effect is one unit more of fee: 1.02 times the hazard of leaving "
        "(95 % CI 1.02 to 1.02; 1,457 losses among 2,651 customers)."
    )
    assert fit.check.status == "PASS"
