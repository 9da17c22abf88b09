"""One setting for all tests."""

import os

from hypothesis import settings

# A check that must be repeatable draws the same examples every time; at the desk
# every run looks somewhere new.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("repeatable")
