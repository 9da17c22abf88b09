"""Companies with known truth: simulated, seeded, written as any company's tables."""

from retention.simulate.classes import simulate_class
from retention.simulate.lakeshore import DEFAULT_SEED, SimulatedCompany, simulate
from retention.simulate.reveal import KnownTenure, known_tenure, known_truth
from retention.simulate.write import placed, write_company

__all__ = [
    "DEFAULT_SEED",
    "KnownTenure",
    "SimulatedCompany",
    "known_tenure",
    "known_truth",
    "placed",
    "simulate",
    "simulate_class",
    "write_company",
]
