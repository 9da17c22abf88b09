"""One sentence shown large: the form in which a study answers."""

import html


def say(*sentences: str):
    """Display sentences as a paragraph of their own, their text escaped.

    Parameters
    ----------
    *sentences : str
        Shown one after the other. A group or company name in them is shown as it
        is written, whatever characters it holds.

    Examples
    --------
    >>> from retention import notebooks
    >>> notebooks.say("Half are gone after", "32 months.")  # doctest: +ELLIPSIS
    {... 'text/plain': 'Half are gone after 32 months.'}
    """
    from IPython.display import display

    text = " ".join(sentence for sentence in sentences if sentence)
    markup = f'<p class="said"><strong>{html.escape(text)}</strong></p>'
    display({"text/html": markup, "text/plain": text}, raw=True)
