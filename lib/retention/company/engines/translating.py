"""SQL that DuckDB would run, in the words of PostgreSQL."""

from collections.abc import Mapping

_BINARY = {"add": "Add", "subtract": "Sub", "multiply": "Mul"}
_ENDLESS = ("NaN", "Infinity", "-Infinity")


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

    tree = sqlglot.parse_one(sql, read="duckdb")
    mends = _counts, _operators, _groups, _lists, _finite, _divisions, _rounds, _flags
    for mend in (_schemas(schemas), *mends):
        tree = tree.transform(mend)
    return tree.sql(dialect="postgres")


def _schemas(schemas: Mapping[str, str]):
    from sqlglot import exp

    def mend(node):
        if isinstance(node, exp.Table) and node.db in schemas:
            node.set("db", exp.to_identifier(schemas[node.db], quoted=True))
            node.set("catalog", None)
        return node

    return mend


def _counts(node):
    from sqlglot import exp

    if isinstance(node, exp.Count) and node.this is None:
        return exp.Count(this=exp.Star())
    return node


def _groups(node):
    """GROUP BY ALL, spelt out: the places of what is no aggregate."""
    from sqlglot import exp

    if isinstance(node, exp.Group) and node.args.get("all"):
        wanted = [
            exp.Literal.number(place)
            for place, item in enumerate(node.parent.expressions, start=1)
            if not item.find(exp.AggFunc)
        ]
        return exp.Group(expressions=wanted) if wanted else None
    return node


def _operators(node):
    from sqlglot import exp

    if isinstance(node, exp.Anonymous) and node.name.lower() == "mean":
        return exp.Avg(this=node.expressions[0])
    if isinstance(node, exp.Anonymous) and node.name.lower() in _BINARY:
        left, right = (exp.paren(e) for e in node.expressions)
        operator = getattr(exp, _BINARY[node.name.lower()])
        return exp.paren(operator(this=left, expression=right))
    return node


def _lists(node):
    """Whether a value is in a list, or a text within another."""
    from sqlglot import exp

    if not isinstance(node, exp.Contains | exp.ArrayContains):
        return node
    if isinstance(node.this, exp.Array):
        values = [value.copy() for value in node.this.expressions]
        return exp.paren(exp.In(this=node.expression.copy(), expressions=values))
    place = exp.func("STRPOS", node.this.copy(), node.expression.copy())
    return exp.paren(exp.GT(this=place, expression=exp.Literal.number(0)))


def _finite(node):
    """Whether a double is a number; where a value is empty, so is the answer."""
    from sqlglot import exp

    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    asks = isinstance(node, exp.IsNan | exp.IsInf)
    if name != "isfinite" and not asks:
        return node
    x = node.expressions[0] if name else node.this
    words = ("NaN",) if isinstance(node, exp.IsNan) else _ENDLESS
    words = words[1:] if isinstance(node, exp.IsInf) else words
    values = [exp.cast(exp.Literal.string(word), "DOUBLE") for word in words]
    found = exp.paren(exp.In(this=x.copy(), expressions=values))
    return exp.paren(exp.Not(this=found)) if name else found


def _divisions(node):
    """Whole division stays whole; the question whether it is one is answered."""
    from sqlglot import exp

    if isinstance(node, exp.IntDiv):
        whole = exp.func("DIV", node.this.copy(), node.expression.copy())
        return exp.cast(whole, "BIGINT")
    if isinstance(node, exp.In) and isinstance(node.this, exp.Typeof):
        return exp.false()
    return node


def _rounds(node):
    """PostgreSQL rounds a half of a double to even, all others away from zero."""
    from sqlglot import exp

    if isinstance(node, exp.Round) and (
        node.args.get("decimals") is None or node.args["decimals"].name == "0"
    ):
        x = exp.cast(node.this.copy(), "DOUBLE")
        half = exp.Literal.number("0.5")
        floor = exp.Floor(this=exp.Add(this=exp.Abs(this=x), expression=half))
        return exp.paren(exp.Mul(this=exp.Sign(this=x.copy()), expression=floor))
    return node


def _flags(node):
    """A condition as a number: PostgreSQL has a cast from boolean to integer only."""
    from sqlglot import exp

    wide = (exp.DataType.Type.BIGINT, exp.DataType.Type.DOUBLE)
    if not isinstance(node, exp.Cast) or node.to.this not in wide:
        return node
    if _is_condition(node.this):
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
    return isinstance(
        node, exp.In | exp.Predicate | exp.And | exp.Or | exp.Not | exp.Boolean
    )
