"""Tables as CSV that a spreadsheet opens without running anything."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv(table) -> str:
    """Text of a CSV file; text that a spreadsheet would run is quoted.

    Parameters
    ----------
    table : DataFrame
        Numbers stay numbers; of text, headers included, what begins like a formula
        gets a quote in front, as spreadsheets write it themselves.

    Examples
    --------
    >>> import pandas as pd
    >>> print(csv(pd.DataFrame({"plan": ["=1+1", "basic"], "n": [-1, 2]})))
    plan,n
    '=1+1,-1
    basic,2
    <BLANKLINE>
    """
    safe = table.map(harmless).rename(columns=harmless)
    return safe.to_csv(index=False, lineterminator="\n")


def harmless(cell):
    """A cell on one line, quoted if it is text that a spreadsheet would run."""
    if not isinstance(cell, str):
        return cell
    risky = cell.lstrip(" ").startswith(_FORMULA_STARTS)
    line = cell.replace("\r", " ").replace("\n", " ")
    return f"'{line}" if risky else line
