"""Which cell gives another cell its names."""

import ast
import symtable

from retention.notebooks.copies import tags

_COMPOUND = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.With,
    ast.If,
    ast.Try,
)


def borrowed(nb, dropped) -> list[tuple[int, str, int]]:
    """Names that kept cells take from dropped ones.

    Parameters
    ----------
    nb : nbformat.NotebookNode
    dropped : collection of str
        Tags whose cells a copy leaves out.

    Returns
    -------
    list of (int, str, int)
        The using cell's number, the name, the number of the dropped cell that
        last set it. Cells count from 1.
    """
    giver, found = {}, []
    for number, cell in enumerate(nb.cells, start=1):
        if cell.cell_type != "code":
            continue
        is_dropped = bool(tags(cell) & set(dropped))
        needed, bound = _needed_and_bound(cell.source)
        if not is_dropped:
            takes = [(n, *giver[n]) for n in sorted(needed) if n in giver]
            found += [(number, name, at) for name, at, lost in takes if lost]
        giver.update(dict.fromkeys(bound, (number, is_dropped)))
    return found


def _needed_and_bound(source):
    """Names a cell reads before it sets them, and names it sets."""
    needed, bound = set(), set()
    for statement in ast.parse(plain_python(source)).body:
        used, set_here = _symbols(statement)
        own = set_here if isinstance(statement, _COMPOUND) else set()
        needed |= used - bound - own
        bound |= set_here
    return needed, bound


def _symbols(statement):
    table = symtable.symtable(ast.unparse(statement), "cell", "exec")
    symbols = table.get_symbols()
    used = {s.get_name() for s in symbols if s.is_referenced()}
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    for inner in table.get_children():
        used |= _free_names(inner)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        used.add(statement.target.id)
    return used, bound


def _free_names(table):
    names = {
        s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()
    }
    return names.union(*map(_free_names, table.get_children()))


def plain_python(source):
    """Magics, which only IPython reads, as calls."""
    if not any(line.lstrip()[:1] in ("%", "!") for line in source.splitlines()):
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)
