"""What is timed. A case prepares (not timed) and returns what is to be run.

What is run answers with numbers, so that speed is reported only where they agree.
Ours read Parquet within the time; others have their data in memory beforehand.
"""

import subprocess
from pathlib import Path

COVARIATES = ["channel", "region", "payment", "contract"]
NUMBERS = ["age", "fee"]
SIX = ["plan", *COVARIATES, "age_group"]
TEXT = {"plan", *COVARIATES}
HORIZON = 60
MEMORY = "2GB"  # DuckDB may hold no more, at any number of rows


def relation(path, threads):
    """The customers as a lazy DuckDB relation."""
    import duckdb

    con = duckdb.connect(config={"threads": threads, "memory_limit": MEMORY})
    return con.read_parquet(str(path))


def scan(columns):
    """Bare reading of columns: the floor under everything else.

    Sums, because the largest value can be answered from a file's statistics.
    """

    def case(path, threads):
        rel = relation(path, threads)
        text = [f"sum(length({c}))" for c in columns if c in TEXT]
        read = ", ".join([*text, *(f"sum({c})" for c in columns if c not in TEXT)])
        return lambda: {"rows": len(rel.aggregate(read).fetchall())}

    return case


def curves_ours(path, threads):
    """Kaplan-Meier with intervals and log-rank in three strata, from Parquet."""
    from retention.counts import tenure_counts
    from retention.survival.comparisons import logrank
    from retention.survival.curves import kaplan_meier

    rel = relation(path, threads)

    def run():
        tenure = tenure_counts(rel, by=["plan"])
        curve = kaplan_meier(tenure, by=["plan"])
        at = (curve["time"] == HORIZON).to_numpy()
        test = logrank(tenure, by=["plan"])
        plans, values = curve["plan"].array[at], curve[BOUNDS].to_numpy()[at]
        numbers = {
            f"{plan} {bound}": value
            for plan, row in zip(plans, values, strict=True)
            for bound, value in zip(BOUNDS, row, strict=True)
        }
        return numbers | {"chi2": test.chi_square}

    return run


BOUNDS = ["survival", "lower", "upper"]


def brought(rows):
    """Bytes of the rows that left the engine; a text counts as its pointer."""
    return {"clock moved": float(rows.memory_usage(index=False).sum())}


def curves_lifelines(path, threads):
    """The same by lifelines on rows."""
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test

    rel = relation(path, threads)
    rows = rel.select("plan", "duration", "event").df()

    def run():
        numbers = brought(rows)
        for plan, part in rows.groupby("plan"):
            fit = KaplanMeierFitter().fit(part["duration"], part["event"])
            low, high = fit.confidence_interval_.loc[HORIZON]
            values = (fit.predict(HORIZON), low, high)
            numbers |= {f"{plan} {c}": v for c, v in zip(BOUNDS, values, strict=True)}
        test = multivariate_logrank_test(rows["duration"], rows["plan"], rows["event"])
        return numbers | {"chi2": test.test_statistic}

    return run


def curves_sksurv(path, threads):
    """The same by scikit-survival on rows (its log-rank; curves without bounds)."""
    from sksurv.compare import compare_survival
    from sksurv.nonparametric import kaplan_meier_estimator
    from sksurv.util import Surv

    rel = relation(path, threads)
    rows = rel.select("plan", "duration", "event").df()
    y = Surv.from_arrays(rows["event"] == 1, rows["duration"])

    def run():
        numbers = brought(rows)
        for plan in sorted(rows["plan"].unique()):
            own = (rows["plan"] == plan).to_numpy()
            time, survival = kaplan_meier_estimator(y["event"][own], y["time"][own])
            numbers[f"{plan} survival"] = survival[time <= HORIZON][-1]
        return numbers | {"chi2": compare_survival(y, rows["plan"])[0]}

    return run


def cox_ours(path, threads):
    """Cox model, twelve coefficients of six covariates, three strata, from Parquet."""
    from retention.counts.sums import cox_sums
    from retention.survival.cox import cox

    rel = relation(path, threads)

    def run():
        sums = cox_sums(
            rel, strata=["plan"], categorical=COVARIATES, continuous=NUMBERS
        )
        return coefficients(cox(sums).table)

    return run


def coefficients(table):
    """Coefficients and standard errors by name, as the peers name them."""
    names = table["term"] + table["level"]
    return dict(zip(names, table["coef"], strict=True)) | dict(
        zip("se " + names, table["se"], strict=True)
    )


def cox_lifelines(path, threads):
    """The same by lifelines on rows, with a ready design matrix."""
    import pandas as pd
    from lifelines import CoxPHFitter

    rel = relation(path, threads)
    rows = rel.select("plan", *COVARIATES, *NUMBERS, "duration", "event").df()
    design = pd.get_dummies(
        rows, columns=COVARIATES, drop_first=True, prefix_sep="", dtype=float
    )

    def run():
        fit = CoxPHFitter().fit(design, "duration", "event", strata=["plan"])
        errors = {f"se {k}": v for k, v in fit.standard_errors_.items()}
        return dict(fit.params_) | errors | brought(rows)

    return run


def zph_ours(path, threads):
    """Test of proportional hazards after the fit, from its sums."""
    from retention.counts.sums import cox_sums
    from retention.survival.cox import cox, cox_zph

    rel = relation(path, threads)
    fit = cox(
        cox_sums(rel, strata=["plan"], categorical=COVARIATES, continuous=NUMBERS)
    )

    def run():
        test = cox_zph(fit)
        return dict(zip(test["term"], test["chi2"], strict=True))

    return run


def period_table(path, threads):
    """Period table of six text columns, 1,080 cells."""
    from retention.counts import periods, tenure_counts

    rows = relation(path, threads).select(*SIX, "duration", "event")
    return periods(tenure_counts(rows, by=SIX))


def cloglog_counts(path, threads):
    """Counting the period table in the engine, from Parquet."""
    return lambda: {"events": period_table(path, threads)["events"].sum()}


def cloglog_ours(path, threads):
    """Hazard regression on the period table."""
    from retention.survival.hazards import hazard_regression

    table = period_table(path, threads)
    return lambda: coefficients(hazard_regression(table, SIX).table)


def cloglog_statsmodels(path, threads):
    """The same by statsmodels, with a ready design matrix."""
    import numpy as np
    import pandas as pd
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.families.links import CLogLog
    from statsmodels.genmod.generalized_linear_model import GLM

    from retention.survival.hazards.baseline import default_ends

    table = period_table(path, threads)
    ends = default_ends(int(table["period"].max()))
    band = np.searchsorted(ends, table["period"])
    x = pd.get_dummies(table[SIX], drop_first=True, prefix_sep="", dtype=float)
    baseline = pd.get_dummies(pd.Series(band, x.index), prefix="band", dtype=float)
    y = np.column_stack([table["events"], table["at_risk"] - table["events"]])

    def run():
        design = pd.concat([x, baseline], axis=1)
        fit = GLM(y, design, family=Binomial(CLogLog())).fit(tol=1e-12)
        errors = {f"se {k}": v for k, v in fit.bse[x.columns].items()}
        return dict(fit.params[x.columns]) | errors

    return run


R_CASES = {
    "curves": """
      f <- survfit(Surv(duration, event) ~ plan, d, conf.type = "log-log")
      s <- summary(f, times = 60)
      x <- survdiff(Surv(duration, event) ~ plan, d)
      out <- c(setNames(s$surv, paste(levels(d$plan), "survival")),
        setNames(s$lower, paste(levels(d$plan), "lower")),
        setNames(s$upper, paste(levels(d$plan), "upper")), chi2 = x$chisq)""",
    "cox": """
      f <- coxph(MODEL, d)
      out <- c(coef(f), setNames(sqrt(diag(vcov(f))), paste("se", names(coef(f)))))""",
    "zph": """
      z <- cox.zph(f)$table
      out <- setNames(z[, 1], rownames(z))""",
}
R_MODEL = (
    "Surv(duration, event) ~ channel + region + payment + contract + age + fee "
    "+ strata(plan)"
)
R_SCRIPT = """
library(survival)
d <- read.csv("PATH", stringsAsFactors = TRUE)
PREPARE
start <- proc.time()
RUN
spent <- proc.time() - start
cat(sprintf("wall %.6f\\ncpu %.6f\\n", spent[[3]], spent[[1]] + spent[[2]]))
cat(sprintf("%s = %.15g\\n", names(out), out), sep = "")
"""


def in_r(case):
    """A case run by R's survival package; it times itself, without reading."""

    def prepared(path, threads):
        prepare = f"f <- coxph({R_MODEL}, d)" if case == "zph" else ""
        script = R_SCRIPT.replace("PATH", str(Path(path).with_suffix(".csv")))
        script = script.replace("PREPARE", prepare).replace("RUN", R_CASES[case])
        script = script.replace("MODEL", R_MODEL)

        def run():
            command = ["Rscript", "--vanilla", "-e", script]
            text = subprocess.run(command, capture_output=True, text=True, check=True)
            lines = text.stdout.splitlines()
            numbers = [x.rsplit(" = ", 1) for x in lines if " = " in x]
            clock = dict(x.split() for x in lines if x.startswith(("wall", "cpu")))
            found = {name: float(value) for name, value in numbers}
            return found | {f"clock {k}": float(v) for k, v in clock.items()}

        return run

    return prepared


CASES = {
    "scan of 3 columns": {"duckdb": scan(["plan", "duration", "event"])},
    "curves and log-rank": {
        "ours": curves_ours,
        "lifelines": curves_lifelines,
        "sksurv": curves_sksurv,
        "R": in_r("curves"),
    },
    "scan of 9 columns": {
        "duckdb": scan(["plan", *COVARIATES, *NUMBERS, "duration", "event"])
    },
    "Cox": {"ours": cox_ours, "lifelines": cox_lifelines, "R": in_r("cox")},
    "proportionality": {"ours": zph_ours, "R": in_r("zph")},
    "period table": {"ours": cloglog_counts},
    "cloglog": {"ours": cloglog_ours, "statsmodels": cloglog_statsmodels},
}
