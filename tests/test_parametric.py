"""Weibull and log-logistic on whole periods: truth, late entry, errors."""

import numpy as np
import pandas as pd
import pytest

from retention.survival.parametric import loglogistic, weibull


def exact_cells(survival, last, *, entry=0, n=200_000.0):
    """Expected counts of customers who had stayed ``entry`` periods."""
    period = np.arange(entry + 1, last + 1)
    given = survival(np.array([float(entry)]))
    left = n * (survival(period - 1.0) - survival(period * 1.0)) / given
    here = n * survival(np.array([float(last)])) / given
    return pd.DataFrame(
        {
            "entry": entry,
            "duration": np.append(period, last),
            "event": np.append(np.ones(len(period), int), 0),
            "n": np.append(left, here),
        }
    )


def weibull_8(time):
    return np.exp(-((time / 8) ** 0.8))


def loglogistic_20(time):
    return 1 / (1 + (time / 20) ** 1.5)


def test_whole_months_are_intervals_not_moments():
    """The truth comes out; taking months as exact moments reads a constant hazard."""
    from lifelines import WeibullFitter

    cells = exact_cells(weibull_8, 24)
    ours = weibull(cells, unit="months")
    assert ours.scale.value == pytest.approx(8, abs=1e-4)
    assert ours.shape.value == pytest.approx(0.8, abs=1e-5)
    moments = WeibullFitter().fit(
        cells["duration"], cells["event"], weights=np.rint(cells["n"]).astype(int)
    )
    assert moments.rho_ == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    ("fit", "survival", "scale", "shape"),
    [(weibull, weibull_8, 8, 0.8), (loglogistic, loglogistic_20, 20, 1.5)],
)
def test_late_entry_is_conditioned_on(fit, survival, scale, shape):
    late = pd.concat(
        [exact_cells(survival, 24), exact_cells(survival, 36, entry=12, n=100_000.0)]
    )
    found = fit(late)
    assert found.scale.value == pytest.approx(scale, rel=1e-4)
    assert found.shape.value == pytest.approx(shape, rel=1e-4)
    ignoring = fit(late.assign(entry=0))
    assert ignoring.scale.value > 1.1 * scale


def test_the_right_family_has_the_smaller_aic():
    cells = exact_cells(loglogistic_20, 48)
    assert loglogistic(cells).aic < weibull(cells).aic
    cells = exact_cells(weibull_8, 48)
    assert weibull(cells).aic < loglogistic(cells).aic


def test_medians_and_survival_are_the_familys():
    curve = weibull(exact_cells(weibull_8, 48), unit="months")
    assert curve.median.value == pytest.approx(8 * np.log(2) ** 1.25, rel=1e-4)
    assert curve.median.unit == "months"
    assert curve.survival([0, 12]).to_numpy() == pytest.approx(
        weibull_8(np.array([0, 12.0])), abs=1e-5
    )
    curve = loglogistic(exact_cells(loglogistic_20, 48))
    assert curve.median.value == pytest.approx(curve.scale.value)
    assert curve.median.se == pytest.approx(curve.scale.se, rel=1e-5)


def test_intervals_cover_with_late_entry():
    rng = np.random.default_rng(77)
    hits = []
    for _ in range(100):
        time = np.ceil(8 * rng.weibull(0.8, 800)).astype(int)
        entry = rng.integers(0, 8, 800) * (rng.random(800) < 0.4)
        tenure = pd.DataFrame(
            {"entry": entry, "duration": np.minimum(time, 24),
             "event": (time <= 24).astype(int)}
        )  # fmt: skip
        curve = weibull(tenure)
        at_36 = curve.projection([36]).iloc[0]
        hits.append(
            [
                curve.scale.lower <= 8 <= curve.scale.upper,
                curve.shape.lower <= 0.8 <= curve.shape.upper,
                at_36["lower"] <= weibull_8(36.0) <= at_36["upper"],
            ]
        )
    assert np.mean(hits, axis=0) == pytest.approx(0.95, abs=0.07)


def test_the_projection_starts_at_one_and_stays_in_range():
    band = weibull(exact_cells(weibull_8, 24, n=500.0)).projection(range(0, 120, 12))
    assert band["survival"].iloc[0] == 1
    assert band["survival"].is_monotonic_decreasing
    later = band.iloc[1:]
    assert (later["lower"] < later["survival"]).all()
    assert (later["survival"] < later["upper"]).all()
    assert band[["lower", "upper"]].stack().between(0, 1).all()


def test_errors_repair():
    nobody = pd.DataFrame({"duration": [3, 4], "event": 0})
    with pytest.raises(ValueError, match="Nobody left"):
        weibull(nobody)
    all_at_once = pd.DataFrame({"duration": [3], "event": [1], "n": [50]})
    with pytest.raises(ValueError, match=r"edge of its range|cannot tell"):
        weibull(all_at_once)
