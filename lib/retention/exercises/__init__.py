"""Exercises: `check` an answer, get a `hint`, see the `solution` after an attempt.

A trainer's notebook states each right answer with `answer_key`, next to the code that
finds it and to the answers that go wrong in a known way. What learners get is sealed:
an answer can be checked, but not read.
"""

from retention.exercises.checking import (
    Feedback,
    check,
    class_here,
    hint,
    solution,
)
from retention.exercises.keys import KEY_MIME, answer_key, sealed_key, stated_keys

__all__ = [
    "KEY_MIME",
    "Feedback",
    "answer_key",
    "check",
    "class_here",
    "hint",
    "sealed_key",
    "solution",
    "stated_keys",
]
