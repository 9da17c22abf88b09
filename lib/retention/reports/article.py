"""A study's notebook as the inside of a page: prose, tables and figures, no code."""

import ast
from functools import cache
from pathlib import Path

from retention.reports.cleaning import cleaned, labelled

TEMPLATES = Path(__file__).with_name("templates")


def article(nb, *, smallest: int = 0) -> str:
    """HTML of an executed notebook without its opening cell, code and record.

    The opening cell tells a learner what to expect; the page has its own title.

    Parameters
    ----------
    nb : nbformat.NotebookNode
    smallest : int
        Groups of fewer customers are not shown in its tables.

    Returns
    -------
    str
        No script, no style, nothing that is loaded from elsewhere.
    """
    shown = nb.copy()
    shown["cells"] = [cell for cell in nb.cells[1:] if _is_shown(cell)]
    return labelled(_exporter(smallest).from_notebook_node(shown)[0])


def _is_shown(cell):
    tags = cell.metadata.get("tags", [])
    hidden = {"parameters", "injected-parameters", "record"}
    return not hidden & set(tags)


@cache
def _exporter(smallest):
    """Exporter of every page: its templates are compiled once."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(
        template_name="article",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        optimistic_validation=True,
    )
    # Before the first template is compiled: whatever is not named safe is escaped.
    exporter.environment.autoescape = True
    exporter.register_filter("prose", _prose)
    exporter.register_filter("said", _said)
    exporter.register_filter("table", lambda html: cleaned(html, smallest=smallest))
    exporter.register_filter("sentence", _sentence)
    return exporter


def _prose(source):
    """Markdown that the notebook's author wrote."""
    return cleaned(_markdown(source, escape=False), written=True)


def _said(source):
    """Markdown that a cell put together, perhaps from a company's data."""
    return cleaned(_markdown(source, escape=True), written=True)


def _markdown(source, *, escape):
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    renderer = _renderer()(escape=escape, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(source)


def _renderer():
    from nbconvert.filters.markdown_mistune import IPythonRenderer

    class MathML(IPythonRenderer):
        """Formulas as MathML, which browsers show without a script."""

        def block_math(self, body):
            return _mathml(body, display="block")

        def inline_math(self, body):
            # "$5 and $10" is money: a formula does not end in a space.
            if body != body.strip() or not body:
                return f"${self.escape_html(body)}$"
            return _mathml(body, display="inline")

        def latex_environment(self, name, body):
            return _mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", display="block")

    return MathML


def _mathml(formula, *, display):
    from latex2mathml.converter import convert

    return convert(formula.strip(), display=display)


def _sentence(text):
    """Text of a result: a string is shown as it reads, not as it is quoted."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""
