"""A company of its own for each class: other truths, drawn around the shipped ones."""

import contextlib
import copy
import dataclasses

import numpy as np

from retention.simulate import known
from retention.simulate.lakeshore import SimulatedCompany, check, simulate
from retention.simulate.truths import reference

# How far each value may move, as a share of itself in either direction.
SPREAD = {
    "arrivals": {"referrals_per_month": 0.12},
    "hazard": {
        "voluntary": {
            "floor": 0.25,
            "early": 0.20,
            "engagement": 0.25,
            "annual_first_year": 0.20,
            "referred": 0.40,
            "member": 0.35,
            "score": {"1": 0.20, "2": 0.20, "5": 0.20},
        },
        "involuntary": {"rate": 0.25},
    },
    "satisfaction": {
        "points": {"expectation": 0.25},
        "penalty": {"quality": 0.20, "service": 0.20, "price": 0.20},
        "reward": {"service": 0.20, "price": 0.20, "innovation": 0.20},
        "response": {"complaint": 0.20},
    },
    "referral": {
        "uses_code": {"old": 0.25, "young": 0.25},
        "answers": {"old": 0.20, "young": 0.20},
        "invitations": {"told_mean": 0.25, "interested": 0.25, "joined": 0.25},
    },
    "spend": {"member": {"basic": 0.30, "plus": 0.30}, "gold": 0.25},
    "loyalty": {"points": {"redeemed": 0.10}},
    "service": {"heavy_share": 0.40},
    "leads": {"won": 0.25, "abandoned": 0.25},
    "plans": {"a": 0.20, "b": 0.20},
    "shop": {"r": 0.15, "alpha": 0.15, "a": 0.15, "b": 0.15},
}
# Rows of probabilities: each but the one that must stay is moved, then they sum to 1.
ROW_SPREAD = 0.25
REFERENCE_SCALE = 4.0
# Far from the seeds of the company's own processes.
_STREAM = 9_177


def simulate_class(*, seed: int, name: str, scale: float = 1.0) -> SimulatedCompany:
    """Company for one class, whose truths differ from those of any other class.

    The processes are Lakeshore's. Their values (how fast customers leave, what the
    programme does, who uses a code, and so on) are drawn within a quarter or so of
    the shipped ones, so that an answer from another year does not fit.

    Parameters
    ----------
    seed : int
        The same seed gives the same company.
    name : str
        What the company is called on its pages.
    scale : float, default 1.0
        As in `simulate`.

    Returns
    -------
    SimulatedCompany
        Its `parameters` hold the values that were drawn; `reference` comes from a
        company four times the shipped size.

    Raises
    ------
    ValueError
        As in `simulate`.

    Examples
    --------
    >>> company = simulate_class(seed=7, name="Spring", scale=0.02)
    >>> company.settings["company"]["name"]
    'Spring'
    """
    check(seed, scale)
    with drawn_truths(seed):
        company = simulate(seed=seed, scale=scale)
        far_larger = reference(seed=seed, scale=min(REFERENCE_SCALE, 40 * scale))
    parameters = company.parameters | {"reference": known.rounded(far_larger, 4)}
    workbook = company.workbook.replace('name = "Lakeshore"', f"name = {_quoted(name)}")
    return dataclasses.replace(company, parameters=parameters, workbook=workbook)


@contextlib.contextmanager
def drawn_truths(seed: int):
    """Planted values as drawn for a seed, until the block ends."""
    draw = np.random.default_rng([_STREAM, seed])
    modules = known.PARTS
    shipped = {name: copy.deepcopy(part.PLANTED) for name, part in modules.items()}
    try:
        for name, spread in SPREAD.items():
            _move(modules[name].PLANTED, spread, draw)
        journeys, tiers = modules["journeys"].PLANTED, modules["tiers"].PLANTED
        journeys["next"] = [_mixed(row, len(row) - 1, draw) for row in journeys["next"]]
        rows = enumerate(tiers["quarterly"])
        tiers["quarterly"] = [_mixed(row, stays, draw) for stays, row in rows]
        yield
    finally:
        for name, part in modules.items():
            part.PLANTED.clear()
            part.PLANTED.update(shipped[name])


def _move(planted, spread, draw):
    for key, by in spread.items():
        if isinstance(by, dict):
            _move(planted[key], by, draw)
        else:
            planted[key] = round(planted[key] * (1 + by * draw.uniform(-1, 1)), 6)


def _mixed(row, stays, draw):
    """The row with each share moved, but for the one that takes up the rest."""
    moved = np.array(row) * (1 + ROW_SPREAD * draw.uniform(-1, 1, len(row)))
    moved[stays] = 0.0
    moved = moved.round(5)
    moved[stays] = 1 - moved.sum()
    return moved.tolist()


def _quoted(name):
    """The name as a TOML string."""
    plain = "".join(c for c in name if c.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
