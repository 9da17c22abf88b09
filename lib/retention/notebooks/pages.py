"""The pages that travel with a class."""

import string
from pathlib import Path


def learners_page(name: str, place: str) -> str:
    """README of the learners' folder.

    Parameters
    ----------
    name : str
        Of the class.
    place : str
        Folder of its company in `data/`.
    """
    text = (Path(__file__).parent / "templates" / "learners.md").read_text("utf-8")
    return string.Template(text).substitute(name=name, place=place)


def answer_page(name: str, seed: int, keys, known) -> str:
    """The trainer's answer key as a page.

    Parameters
    ----------
    name, seed : str, int
        Of the class.
    keys : list of dict
        As `handouts.keys_of` gives them.
    known : dict
        The company's `parameters.json`.
    """
    parts = [
        f"# Answer key: {name}\n",
        f"Seed {seed}. The truths of this company were drawn for this class; they "
        "stand in full in `company/truth/parameters.json`. Do not hand this out.\n",
        "## Exercises\n",
        *[_exercise(key) for key in keys],
        "## True values\n",
        "| what | true value |\n|---|---|",
        *[f"| {_cell(what)} | {_value(value)} |" for what, value in _truths(known)],
    ]
    return "\n".join(parts) + "\n"


def _exercise(key):
    lines = [f"### {key['exercise']}\n", f"**{_answer(key)}**\n"]
    mistakes = [m for m in key.get("mistakes", []) if m["message"]]
    if mistakes:
        lines += ["| if the answer is | the learner reads |", "|---|---|"]
        lines += [
            f"| {_value(m['answer'])} | {_cell(m['message'])} |" for m in mistakes
        ]
        lines.append("")
    return "\n".join(lines)


def _answer(key):
    if key["form"] != "sentence":
        return _value(key["answer"])
    needed = [f"{missing} ({_needed(part)})" for missing, part in key["answer"]]
    return "A sentence with " + ", ".join(needed)


def _needed(part):
    return " or ".join(part) if isinstance(part, list) else _value(part)


def _truths(known):
    for part in ("realised", "analytic", "planted"):
        yield from _leaves(known.get(part, {}), part)


def _leaves(value, name):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}: {key}")
    elif not isinstance(value, list):
        yield name.replace("_", " "), value


def _value(value):
    if isinstance(value, list):
        return ", ".join(_value(part) for part in value)
    return f"{value:.6g}" if isinstance(value, float | int) else _cell(str(value))


def _cell(text):
    return text.replace("|", "\\|").replace("\n", " ")
