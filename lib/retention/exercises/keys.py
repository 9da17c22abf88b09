"""The trainer's side: right answers stated in the notebook, sealed for the class."""

import hashlib
import math
from collections.abc import Mapping

from retention.exercises.forms import form, near, token, tolerance_of, words_token
from retention.exercises.sealing import digest, locked, quick_digest

KEY_MIME = "application/vnd.retention.key+json"


def answer_key(
    exercise: str,
    answer,
    *,
    tolerance: float | None = None,
    mistakes: Mapping[str, object] | None = None,
    hint: str = "",
    solution: str = "",
) -> None:
    """Display the right answer to an exercise, for the trainer's key.

    Parameters
    ----------
    exercise : str
        Study and number, such as ``tenure-3``.
    answer : number, sequence of numbers, str or dict
        A dict says what a sentence has to state: what is missing without it, and a
        number or a tuple of words of which one has to be there.
    tolerance : float, optional
        How far a number may be off; see `retention.exercises.check`.
    mistakes : mapping of str to number, sequence or str, optional
        What to tell the learner, and the wrong answer that deserves it. An answer
        that would count as the right one is left out, and so is one that cannot be
        made on this company: None, or a number without end.
    hint, solution : str
        Texts for `hint` and `solution`.

    Raises
    ------
    TypeError
        If the answer is of no known form.
    ValueError
        If a number in it is not finite.

    Examples
    --------
    >>> answer_key(
    ...     "tenure-1", 8, mistakes={"Read it at 0.75, not at 0.5.": 23}
    ... )  # doctest: +ELLIPSIS
    {'application/vnd.retention.key+json': {'exercise': 'tenure-1', ...
    """
    from IPython.display import display

    told = form(answer)
    _known(exercise, answer, told)
    key = {
        "exercise": exercise,
        "form": told,
        "answer": _plain(answer),
        "tolerance": _tolerances(answer, told, tolerance),
        "mistakes": [
            {
                "message": message,
                "answer": _plain(wrong),
                "tolerance": _tolerances(wrong, told, tolerance),
            }
            for message, wrong in _telling(mistakes, answer, told, tolerance)
        ],
        "hint": hint,
        "solution": solution,
    }
    text = f"{exercise}: {_shown(answer, told)}"
    display({KEY_MIME: key, "text/plain": text}, raw=True)


def stated_keys(nb) -> list[dict]:
    """Keys that an executed notebook displays, in order.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        With its outputs.

    Returns
    -------
    list of dict
        What `answer_key` displayed: exercise, form, answer, tolerance, mistakes, hint
        and solution.

    Examples
    --------
    >>> from nbformat import v4
    >>> from retention.exercises import KEY_MIME, stated_keys
    >>> key = {KEY_MIME: {"exercise": "tenure-1"}}
    >>> shown = v4.new_code_cell("answer_key(...)")
    >>> shown.outputs = [v4.new_output("display_data", data=key)]
    >>> nb = v4.new_notebook(cells=[shown])
    >>> stated_keys(nb)
    [{'exercise': 'tenure-1'}]
    """
    outputs = [o for cell in nb.cells for o in cell.get("outputs", [])]
    found = [o.get("data", {}).get(KEY_MIME) for o in outputs]
    return [key for key in found if key]


def sealed_key(key: Mapping, *, salt: str) -> dict:
    """The same key as a class gets it: no answer, message or solution in clear.

    Parameters
    ----------
    key : mapping
        As `stated_keys` gives it.
    salt : str
        The name of the class; the same answer looks different in another class.

    Returns
    -------
    dict
        What `check`, `hint` and `solution` read.

    Examples
    --------
    >>> from retention import exercises
    >>> key = {"exercise": "tenure-3", "form": "words", "answer": "annual",
    ...        "tolerance": [], "mistakes": [], "hint": "Compare the two curves.",
    ...        "solution": "The annual contract: its curve lies higher."}
    >>> sealed = exercises.sealed_key(key, salt="spring")
    >>> sealed["form"], "annual" in str(sealed), "curve" in str(sealed)
    ('words', False, False)
    """
    own = f"{salt}|{key['exercise']}"
    sealed = {"form": key["form"], "salt": own, "whole": _whole(key["tolerance"])}
    if key["form"] == "sentence":
        sealed["states"] = [_sealed_part(own, *part) for part in key["answer"]]
    else:
        sealed["right"] = _sealed_answer(own, key["answer"], key["tolerance"])
        sealed["mistakes"] = [
            _sealed_mistake(own, mistake) for mistake in key["mistakes"]
        ]
    texts = {name: key[name] for name in ("hint", "solution")}
    return sealed | {n: locked(own, own, text) for n, text in texts.items() if text}


def tokens_of(answer, tolerances) -> list[list[str]]:
    """For each part of an answer, every token that counts as that part."""
    if isinstance(answer, str):
        return [[words_token(answer)]]
    parts = answer if isinstance(answer, list) else [answer]
    return [near(part, tol) for part, tol in zip(parts, tolerances, strict=True)]


def _sealed_answer(salt, answer, tolerances):
    return [
        sorted(digest(salt, text) for text in part)
        for part in tokens_of(answer, tolerances)
    ]


def _sealed_mistake(salt, mistake):
    """Locked by the answer's tokens one by one: any of them opens the message."""
    parts = tokens_of(mistake["answer"], mistake["tolerance"])
    opens = [
        {"is": digest(salt, text), "says": locked(salt, text, mistake["message"])}
        for text in parts[0]
    ]
    rest = [sorted(digest(salt, text) for text in part) for part in parts[1:]]
    whole = _whole(mistake["tolerance"])
    exact = [digest(salt, text) for text in _exactly(mistake["answer"], whole)]
    return {"first": opens, "rest": rest, "whole": whole, "exact": exact}


def _exactly(answer, whole):
    """The tokens of an answer itself, without what is near it."""
    if isinstance(answer, str):
        return [words_token(answer)]
    parts = answer if isinstance(answer, list) else [answer]
    return [token(part, whole=w) for part, w in zip(parts, whole, strict=True)]


def _sealed_part(salt, missing, needed):
    told = {"missing": locked(salt, salt, missing)}
    if isinstance(needed, list):
        words = [word.casefold() for word in needed]
        lengths = sorted({len(word) for word in words})
        digests = sorted(quick_digest(salt, word) for word in words)
        return told | {"words": digests, "lengths": lengths}
    cells = near(needed, tolerance_of(float(needed), None))
    return told | {"number": sorted(digest(salt, c) for c in cells)}


def _whole(tolerances):
    return [tolerance == 0 for tolerance in tolerances]


def _plain(answer):
    told = form(answer)
    if told == "sentence":
        return [
            [missing, list(part) if isinstance(part, tuple | list) else _digits(part)]
            for missing, part in answer.items()
        ]
    if told == "numbers":
        return [_digits(part) for part in answer]
    return answer if told == "words" else _digits(answer)


def _digits(value):
    """Nine digits: the same on every machine."""
    return float(f"{float(value):.9g}")


def _tolerances(answer, told, tolerance):
    if told in ("words", "sentence"):
        return []
    parts = [answer] if told == "number" else answer
    return [_digits(tolerance_of(part, tolerance)) for part in parts]


def _known(exercise, answer, told):
    """Refuse an answer that this company does not give."""
    if told == "sentence":
        parts = [p for p in answer.values() if not isinstance(p, tuple | list)]
    else:
        parts = answer if told == "numbers" else [answer]
    if told != "words" and not all(math.isfinite(part) for part in parts):
        raise ValueError(f"The answer to {exercise} is not finite: {answer!r}.")


def _telling(mistakes, answer, told, tolerance):
    """Given mistakes and the usual ones of a number, without any that are right."""
    given = list((mistakes or {}).items())
    if told == "number":
        given += _usual(float(answer))
    if told == "sentence":
        return given
    right = tokens_of(_plain(answer), _tolerances(answer, told, tolerance))
    whole = _whole(_tolerances(answer, told, tolerance))
    return [(m, w) for m, w in given if _usable(w) and not _in(right, whole, _plain(w))]


def _in(right, whole, wrong):
    """Whether a wrong answer would count as the right one."""
    given = _exactly(wrong, whole)
    return all(cell in cells for cell, cells in zip(given, right, strict=True))


def _usable(wrong):
    """False for a mistake that this company cannot make: none, or without end."""
    if wrong is None or isinstance(wrong, str):
        return wrong is not None
    parts = wrong if isinstance(wrong, list | tuple) else [wrong]
    return all(math.isfinite(part) for part in parts)


def _usual(value):
    if not value:
        return []
    found = [("The sign is the other way round.", -value)]
    if 0 < value < 1:
        found += [
            ("Give a share, not a per cent: 0.31 and not 31.", 100 * value),
            ("That is the share of all the others: one minus it.", 1 - value),
        ]
    return found


def _shown(answer, told):
    if told == "sentence":
        return "; ".join(answer)
    parts = answer if told == "numbers" else [answer]
    return ", ".join(f"{p:.6g}" if told.startswith("number") else p for p in parts)


def class_salt(name: str, seed: int) -> str:
    """Salt of a class."""
    return hashlib.sha256(f"{name}|{seed}".encode()).hexdigest()[:16]
