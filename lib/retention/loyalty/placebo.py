"""The verdict on an effect that cannot be one."""

from retention.intervals import Estimate


def judged(found: Estimate, effect: Estimate) -> tuple[str, str]:
    """Status and remedy of a check that should find nothing.

    PASS where the interval holds 0 and reaches less than half as far as the effect;
    REVIEW where it is too wide for that, or excludes 0 but is less than a quarter of
    the effect; FAIL where it rivals the effect.
    """
    half = (found.upper - found.lower) / 2
    if found.lower <= 0 <= found.upper:
        if half <= abs(effect.value) / 2:
            return "PASS", ""
        return "REVIEW", "Too noisy to rule out: use more months or customers."
    if abs(found.value) < abs(effect.value) / 4:
        return "REVIEW", "Small beside the effect: say so together with the effect."
    return "FAIL", "An effect shows where there can be none: do not read one here."
