"""The parameters cell as a contract: names, types, defaults, help."""

import ast
import difflib
import io
import tokenize
from dataclasses import dataclass

_TYPES = {"str": str, "int": int, "float": float, "bool": bool}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class ParameterError(ValueError):
    """A parameter that a notebook does not have, or a value it cannot take."""


@dataclass(frozen=True)
class Parameter:
    """One line of a parameters cell.

    Attributes
    ----------
    name : str
    type : str
        "str", "int", "float" or "bool".
    default : str, int, float or bool
    help : str
        The comment at the end of the line.
    """

    name: str
    type: str
    default: str | int | float | bool
    help: str

    def value(self, given):
        """`given` in the declared type; text is read, other types are checked.

        Raises
        ------
        ParameterError
            The value does not fit the declared type.

        Examples
        --------
        >>> Parameter("horizon", "int", 12, "months ahead").value("24")
        24
        >>> Parameter("branch", "str", "", "a branch's number").value("0123")
        '0123'
        """
        try:
            return _READERS[self.type](given)
        except (TypeError, ValueError, LookupError) as error:
            raise ParameterError(
                f"{self.name} takes {_KINDS[self.type]}, not {given!r}. {self.help}"
            ) from error


def parameters(nb) -> list[Parameter]:
    """Parameters a notebook declares, in their order.

    Parameters
    ----------
    nb : nbformat.NotebookNode

    Returns
    -------
    list of Parameter

    Raises
    ------
    ParameterError
        Not exactly one cell tagged `parameters`, or a line that is not
        `name: type = default  # help` with a str, int, float or bool.

    Examples
    --------
    >>> from nbformat import v4
    >>> cell = v4.new_code_cell('horizon: int = 12  # months ahead')
    >>> cell.metadata["tags"] = ["parameters"]
    >>> parameters(v4.new_notebook(cells=[cell]))
    [Parameter(name='horizon', type='int', default=12, help='months ahead')]
    """
    cells = [c for c in nb.cells if "parameters" in c.metadata.get("tags", [])]
    if len(cells) != 1:
        raise ParameterError(
            f"The notebook has {len(cells)} cells tagged `parameters`; it needs "
            "exactly one, or values given to it would be lost."
        )
    return _declared(cells[0].source)


def arguments(declared, given, *, notebook="this notebook") -> dict:
    """Given values by name, each in its declared type.

    Parameters
    ----------
    declared : iterable of Parameter
    given : mapping of str to str, int, float or bool
    notebook : str
        Named in the message.

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        A name is unknown (the nearest one is suggested) or a value does not fit.

    Examples
    --------
    >>> horizon = Parameter("horizon", "int", 12, "months ahead")
    >>> arguments([horizon], {"horizon": "24"})
    {'horizon': 24}
    >>> arguments([horizon], {"horizn": "24"})
    Traceback (most recent call last):
    retention.notebooks.parameters.ParameterError: this notebook has no parameter \
horizn. Did you mean horizon? It has: horizon.
    """
    known = {p.name: p for p in declared}
    for name in given:
        if name not in known:
            raise ParameterError(
                f"{notebook} has no parameter {name}.{nearest(name, known)} "
                f"It has: {', '.join(known)}."
            )
    return {name: known[name].value(value) for name, value in given.items()}


def nearest(name, known) -> str:
    """' Did you mean x?' for the closest known name; '' where none is close.

    Parameters
    ----------
    name : str
        As it was written.
    known : iterable of str
        What could be meant.

    Returns
    -------
    str

    Examples
    --------
    >>> nearest("tenur", ["tenure", "claims"])
    ' Did you mean tenure?'
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _declared(source):
    help_by_line = _comments(source)
    return [
        _parameter(node, source, help_by_line.get(node.end_lineno, ""))
        for node in ast.parse(source).body
    ]


def _parameter(node, source, help_text):
    line = source.splitlines()[node.lineno - 1]
    if not (
        isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.annotation, ast.Name)
        and node.annotation.id in _TYPES
    ):
        raise ParameterError(
            f"Line {node.lineno} of the parameters cell is not `name: type = default"
            f"  # help` with str, int, float or bool: {line}"
        )
    parameter = Parameter(node.target.id, node.annotation.id, "", help_text)
    try:
        default = parameter.value(_literal(node.value, node.annotation.id))
    except ValueError as error:
        raise ParameterError(
            f"Line {node.lineno} of the parameters cell has a default that is no "
            f"{node.annotation.id}: {line}"
        ) from error
    return Parameter(parameter.name, parameter.type, default, help_text)


def _literal(node, declared):
    value = ast.literal_eval(node) if node is not None else None
    if isinstance(value, str) and declared != "str":
        raise ValueError(value)
    return value


def _comments(source):
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _text(given):
    if not isinstance(given, str):
        raise TypeError(given)
    return given


def _whole(given):
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        raise TypeError(given)
    return int(given)


def _number(given):
    number = float(given)
    if isinstance(given, bool) or abs(number) == float("inf") or number != number:
        raise ValueError(given)
    return number


def _truth(given):
    return given if isinstance(given, bool) else _TRUTH[_text(given).lower()]


_READERS = {"str": _text, "int": _whole, "float": _number, "bool": _truth}
_KINDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}
