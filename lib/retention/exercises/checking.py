"""The learner's side: check, hint, solution."""

import html
import json
from dataclasses import dataclass
from pathlib import Path

from retention.exercises.forms import form, numbers_in, openings, token, words_token
from retention.exercises.sealing import digest, opened, quick_digest

SEALED = "answers.json"
_attempts: dict[str, int] = {}


@dataclass(frozen=True, eq=False)
class Feedback:
    """What is said of an answer.

    Attributes
    ----------
    right : bool
    message : str
    """

    right: bool
    message: str

    def __repr__(self) -> str:
        """The message in one line."""
        return self.message

    def _repr_html_(self) -> str:
        mark = "✓" if self.right else "…"
        return (
            f'<p class="said"><strong>{mark} {html.escape(self.message)}</strong></p>'
        )


def check(exercise: str, answer=..., *, folder: str | Path = ".") -> Feedback:
    """Whether an answer is right, or not yet and what kind of mistake it is.

    Parameters
    ----------
    exercise : str
        Study and number, such as ``tenure-3``.
    answer : number, sequence of numbers or str
        The dots mean: not answered.
    folder : str or Path
        Where to look for the class's sealed answers (`answers.json`), and then in
        the folders above it.

    Returns
    -------
    Feedback

    Notes
    -----
    A whole number has to be exact. Any other number is compared by its first three
    digits and may differ from the right one by 1 % of it, unless the exercise says
    otherwise: enough for rounding or another bootstrap seed, not for another method.
    Words are compared without case and spaces. Of a sentence it is checked that it
    states the numbers and words that it needs, from the beginning of a word on.

    Nothing is sent anywhere. The sealed file holds slow digests of the answers, from
    which they cannot be read.

    Examples
    --------
    >>> check("tenure-1")
    Not yet: put your answer in place of the dots.
    """
    if answer is ...:
        return Feedback(False, "Not yet: put your answer in place of the dots.")
    key, reason = _key(exercise, folder)
    if key is None:
        return Feedback(False, reason)
    _attempts[exercise] = _attempts.get(exercise, 0) + 1
    if key["form"] == "sentence":
        return _sentence(key, answer)
    return _compared(key, answer)


def hint(exercise: str, *, folder: str | Path = ".") -> str:
    """Hint for an exercise.

    Parameters
    ----------
    exercise : str
    folder : str or Path
        As in `check`.

    Returns
    -------
    str
        Why there is none, where the exercise is unknown or has no hint.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> from retention.exercises import hint, sealed_key
    >>> key = {"exercise": "tenure-3", "form": "words", "answer": "annual",
    ...        "tolerance": [], "mistakes": [], "hint": "Compare the two curves.",
    ...        "solution": "The annual contract: its curve lies higher."}
    >>> sealed = {"tenure-3": sealed_key(key, salt="spring")}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     answers = json.dumps({"class": "spring", "exercises": sealed})
    ...     _ = (Path(folder) / "answers.json").write_text(answers)
    ...     print(hint("tenure-3", folder=folder))
    Compare the two curves.
    """
    return _text(exercise, "hint", folder)


def solution(exercise: str, *, folder: str | Path = ".") -> str:
    """Solution of an exercise in words, once an answer to it was checked.

    Parameters
    ----------
    exercise : str
    folder : str or Path
        As in `check`.

    Returns
    -------
    str
        Before an answer was checked, and where there is no solution, a text says so.

    Examples
    --------
    >>> from retention import exercises
    >>> exercises.solution("tenure-99")
    'Check an answer of yours first; then the solution is shown.'
    """
    if not _attempts.get(exercise):
        return "Check an answer of yours first; then the solution is shown."
    return _text(exercise, "solution", folder)


def class_here(*, folder: str | Path = ".") -> str:
    """Name of the class whose sealed answers lie in a folder or above.

    Parameters
    ----------
    folder : str or Path
        As in `check`.

    Returns
    -------
    str
        Empty where there are none.

    Examples
    --------
    >>> class_here(folder="/")
    ''
    """
    return _sealed(folder).get("class", "")


def _text(exercise, name, folder):
    key, reason = _key(exercise, folder)
    if key is None:
        return reason
    if name not in key:
        return f"There is no {name} in words for this one; ask your trainer."
    return opened(key["salt"], key["salt"], key[name])


def _key(exercise, folder):
    exercises = _sealed(folder).get("exercises")
    if exercises is None:
        return None, (
            "There is no answers.json here or above: a class gets one from "
            "`retention handouts`. In the trainer's notebook the answer stands below."
        )
    if exercise not in exercises:
        known = ", ".join(sorted(exercises))
        return None, f"There is no exercise {exercise!r}; there are {known}."
    return exercises[exercise], ""


def _sealed(folder):
    """What the nearest sealed file holds; nothing where there is none."""
    place = Path(folder).resolve()
    for parent in (place, *place.parents):
        if (parent / SEALED).is_file():
            return json.loads((parent / SEALED).read_text(encoding="utf-8"))
    return {}


def _compared(key, answer):
    try:
        tokens = _tokens(key, answer)
    except (TypeError, ValueError):
        return Feedback(False, f"Not yet: the answer is {_asked(key)}.")
    parts = [digest(key["salt"], text) for text in tokens]
    inside = [d in right for d, right in zip(parts, key["right"], strict=True)]
    if all(inside):
        return Feedback(True, "Right.")
    if told := _mistakes(key, answer):
        return Feedback(False, f"Not yet: {told}")
    if len(inside) > 1 and any(inside):
        wrong = ", ".join(str(i) for i, ok in enumerate(inside, 1) if not ok)
        return Feedback(False, f"Not yet: number {wrong} of your answer is off.")
    return Feedback(False, "Not yet. `hint` may help.")


def _tokens(key, answer, whole=None):
    if key["form"] == "words":
        return [words_token(answer)]
    parts = [answer] if key["form"] == "number" else list(answer)
    if form(parts) != "numbers":
        raise TypeError
    whole = key["whole"] if whole is None else whole
    return [token(p, whole=w) for p, w in zip(parts, whole, strict=True)]


def _asked(key):
    count = len(key["whole"])
    return {"words": "a word or two", "number": "one number"}.get(
        key["form"], f"{count} numbers in a list"
    )


def _mistakes(key, answer):
    """What the mistakes behind an answer are told; those that it hits exactly first."""
    exact, near = [], []
    for mistake in key["mistakes"]:
        tokens = _tokens(key, answer, mistake["whole"])
        digests = [digest(key["salt"], text) for text in tokens]
        if told := _told(key, mistake, tokens, digests):
            (exact if digests == mistake["exact"] else near).append(told)
    return " Or: ".join(exact or near[:1])


def _told(key, mistake, tokens, digests):
    """Message of a mistake whose cells are the answer's; empty otherwise."""
    first, *rest = digests
    if not all(r in known for r, known in zip(rest, mistake["rest"], strict=True)):
        return ""
    opening = (each for each in mistake["first"] if each["is"] == first)
    found = next(opening, None)
    return opened(key["salt"], tokens[0], found["says"]) if found else ""


def _sentence(key, answer):
    if not isinstance(answer, str):
        return Feedback(False, "Not yet: the answer is a sentence in quotes.")
    own = key["salt"]
    lacking = [part for part in key["states"] if not _stated(key, part, answer)]
    missing = [opened(own, own, part["missing"]) for part in lacking]
    if missing:
        return Feedback(False, f"Not yet: your sentence lacks {'; '.join(missing)}.")
    return Feedback(True, "Right: it says what a board needs.")


def _stated(key, part, answer):
    if "words" in part:
        said = openings(answer, part["lengths"])
        return any(quick_digest(key["salt"], text) in part["words"] for text in said)
    cells = {token(value, whole=False) for value in numbers_in(answer)}
    return any(digest(key["salt"], cell) in part["number"] for cell in cells)
