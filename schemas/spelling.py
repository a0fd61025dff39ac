"""Names as they were probably meant."""

import difflib
from collections.abc import Iterable


def suggestion(name: str, known: Iterable[str], *, guess: bool = True) -> str:
    """``, did you mean X?`` for the known name most like ``name``, "" if none is.

    Without ``guess`` only the case may differ, which is much faster.
    """
    names = list(known)
    similar = [each for each in names if each.lower() == name.lower()]
    if guess and not similar:
        similar = difflib.get_close_matches(name, names, n=1)
    return f", did you mean {similar[0]}?" if similar else ""
