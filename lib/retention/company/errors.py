"""What can be wrong with a user's data, and with the engine that holds them."""

from collections.abc import Iterable
from difflib import get_close_matches


class CompanyError(ValueError):
    """A company's files or settings cannot be used; the message says what to do.

    Parameters
    ----------
    message : str
    rule : str
        Name of the broken rule in the table of rules; "" for settings and paths.
    """

    def __init__(self, message: str, *, rule: str = ""):
        """Keep the rule beside the message."""
        super().__init__(message)
        self.rule = rule


class EngineError(RuntimeError):
    """An engine elsewhere went away, or refused to count; the message says which.

    It is no ValueError: a study takes those as "not known from these data", and an
    answer that is missing because a server stopped must not look like one.
    """


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, and otherwise list them."""
    known = sorted(known)
    alike = {k.lower().replace(" ", "_"): k for k in known}
    close = get_close_matches(word.lower().replace(" ", "_"), alike, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {alike[close[0]]}?"
    return f"It can be: {', '.join(known)}."
