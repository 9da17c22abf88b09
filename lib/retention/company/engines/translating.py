"""SQL that DuckDB would run, in the words of PostgreSQL."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_BINARY = {"add": "Add", "subtract": "Sub", "multiply": "Mul"}
_ENDLESS = ("NaN", "Infinity", "-Infinity")
_DEEP = 50_000  # a score over hundreds of months is one long nested expression


def translated(sql: str, schemas: Mapping[str, str]) -> str:
    """One query in PostgreSQL's dialect.

    Parameters
    ----------
    sql : str
        As DuckDB writes a relation.
    schemas : mapping of str to str
        Schema of the views -> schema of the server's tables.

    Returns
    -------
    str
        sqlglot translates; what it leaves as DuckDB's own is mended first: counts
        without a star, operators written as functions, floor division, rounding of
        doubles, and booleans cast to numbers.
    """
    import sqlglot
    from sqlglot import exp

    with _deep():
        tree = sqlglot.parse_one(sql, read="duckdb")
        mends = _mends()
        # Children before their parents, so that a parent sees what they became.
        for node in reversed(list(tree.bfs())):
            mend = mends.get(type(node))
            if mend is not None:
                mended = mend(node)
                if mended is not node:
                    node.replace(mended)
        for group in list(tree.find_all(exp.Group)):
            _spell_out(group)
        for table in tree.find_all(exp.Table):
            if table.db in schemas:
                theirs = exp.to_identifier(schemas[table.db], quoted=True)
                table.set("db", theirs)
        return tree.sql(dialect="postgres", copy=False)


@contextmanager
def _deep() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEP))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _mends() -> dict:
    """What mends each kind of node that PostgreSQL would not understand."""
    from sqlglot import exp

    return {
        exp.Count: _count,
        exp.Anonymous: _function,
        exp.Contains: _inside,
        exp.ArrayContains: _inside,
        exp.IsNan: _endless,
        exp.IsInf: _endless,
        exp.IntDiv: _whole,
        exp.In: _typed,
        exp.Round: _round,
        exp.Cast: _flag,
        exp.DayOfYear: _part("DOY"),
        exp.Hour: _part("HOUR"),
        exp.Minute: _part("MINUTE"),
        exp.Trunc: _cut,
    }


def _count(node):
    from sqlglot import exp

    return node if node.this is not None else exp.Count(this=exp.Star())


def _spell_out(group) -> None:
    """GROUP BY ALL, spelt out: the places of what is no aggregate."""
    from sqlglot import exp

    if not group.args.get("all"):
        return
    wanted = [
        exp.Literal.number(place)
        for place, item in enumerate(group.parent.expressions, start=1)
        if not item.find(exp.AggFunc)
    ]
    if wanted:
        group.replace(exp.Group(expressions=wanted))
    else:
        group.pop()


def _function(node):
    """Functions that DuckDB alone has under this name."""
    from sqlglot import exp

    name = node.name.lower()
    if name == "mean":
        return exp.Avg(this=node.expressions[0].copy())
    if name == "isfinite":
        return exp.paren(exp.Not(this=_among(node.expressions[0], _ENDLESS)))
    if name not in _BINARY:
        return node
    left, right = (exp.paren(part.copy()) for part in node.expressions)
    operator = getattr(exp, _BINARY[name])
    return exp.paren(operator(this=left, expression=right))


def _inside(node):
    """Whether a value is in a list, or a text within another."""
    from sqlglot import exp

    if isinstance(node.this, exp.Array):
        values = [value.copy() for value in node.this.expressions]
        return exp.paren(exp.In(this=node.expression.copy(), expressions=values))
    place = exp.func("STRPOS", node.this.copy(), node.expression.copy())
    return exp.paren(exp.GT(this=place, expression=exp.Literal.number(0)))


def _endless(node):
    from sqlglot import exp

    words = _ENDLESS[:1] if isinstance(node, exp.IsNan) else _ENDLESS[1:]
    return _among(node.this, words)


def _among(x, words):
    """Whether a double is one of these; empty where it is empty."""
    from sqlglot import exp

    values = [exp.cast(exp.Literal.string(word), "DOUBLE") for word in words]
    return exp.paren(exp.In(this=x.copy(), expressions=values))


def _whole(node):
    from sqlglot import exp

    parts = (exp.cast(e.copy(), "DECIMAL") for e in (node.this, node.expression))
    return exp.cast(exp.func("DIV", *parts), "BIGINT")


def _part(name: str):
    """How a part of a date is asked for, other than year, month and day."""

    def mend(node):
        from sqlglot import exp

        part = exp.Extract(this=exp.var(name), expression=node.this.copy())
        return exp.cast(part, "BIGINT")

    return mend


def _cut(node):
    """A whole number, cut, is itself; PostgreSQL would make a double of it."""
    from sqlglot import exp

    inner = node.this.unnest()
    whole = isinstance(inner, exp.Cast) and inner.to.this == exp.DataType.Type.BIGINT
    return exp.paren(inner.copy()) if whole else node


def _typed(node):
    """Whether a whole division gave a double: ours never do."""
    from sqlglot import exp

    return exp.false() if isinstance(node.this, exp.Typeof) else node


def _round(node):
    """PostgreSQL rounds a half of a double to even, all others away from zero."""
    from sqlglot import exp

    places = node.args.get("decimals")
    if places is not None and places.name != "0":
        return node
    x = exp.cast(node.this.copy(), "DOUBLE")
    half = exp.Literal.number("0.5")
    floor = exp.Floor(this=exp.Add(this=exp.Abs(this=x), expression=half))
    return exp.paren(exp.Mul(this=exp.Sign(this=x.copy()), expression=floor))


def _flag(node):
    """A condition as a number: PostgreSQL has a cast from boolean to integer only."""
    from sqlglot import exp

    wide = (exp.DataType.Type.BIGINT, exp.DataType.Type.DOUBLE)
    if node.to.this in wide and _is_condition(node.this):
        node.set("this", exp.cast(node.this.copy(), "INT"))
    return node


def _is_condition(node) -> bool:
    from sqlglot import exp

    if isinstance(node, exp.Paren):
        return _is_condition(node.this)
    if isinstance(node, exp.Coalesce):
        return any(map(_is_condition, (node.this, *node.expressions)))
    if isinstance(node, exp.Case):
        branches = [branch.args["true"] for branch in node.args["ifs"]]
        return any(map(_is_condition, branches))
    if isinstance(node, exp.Cast):
        return node.to.this == exp.DataType.Type.BOOLEAN
    kinds = exp.In | exp.Predicate | exp.And | exp.Or | exp.Not | exp.Boolean
    return isinstance(node, kinds)
