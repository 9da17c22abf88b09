"""No count is asked of a company twice: tables may be large, answers are small."""

import dataclasses
import datetime as dt
import functools
import weakref

import pandas as pd

# Company -> question -> what was found; forgotten with the company.
_ANSWERS = weakref.WeakKeyDictionary()
_PLAIN = (str, int, float, dt.date, type(None))
_CHANGED = (pd.DataFrame, pd.Series)  # by callers, if they like


def once(count):
    """Keep what a function of a company (first argument) finds, as long as that lives.

    The next caller who asks the same gets the same lazy frame, or a table or series
    of its own to change. A question with an argument that is no plain value, such as a
    table, is asked anew.
    """

    @functools.wraps(count)
    def asked(company, *given, **named):
        try:
            question = count.__module__, count.__name__, _told((given, named))
        except TypeError:
            return count(company, *given, **named)
        answers = _ANSWERS.setdefault(company, {})
        if question not in answers:
            answers[question] = count(company, *given, **named)
        found = answers[question]
        return found.copy() if isinstance(found, _CHANGED) else found

    return asked


def _told(value):
    """Value as a part of a key; TypeError if it is none."""
    if isinstance(value, dict):
        return tuple((name, _told(each)) for name, each in value.items())
    if isinstance(value, tuple | list):
        return tuple(map(_told, value))
    if dataclasses.is_dataclass(value):
        return type(value).__name__, _told(vars(value))
    if isinstance(value, _PLAIN):
        return type(value).__name__, value
    raise TypeError(f"{type(value).__name__} is no plain value")
