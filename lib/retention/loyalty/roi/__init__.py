"""Return on the programme: from what it really brought to what it really cost."""

from retention.loyalty.roi.answer import ReturnOnProgramme
from retention.loyalty.roi.chain import effect_roi, programme_roi

__all__ = ["ReturnOnProgramme", "effect_roi", "programme_roi"]
