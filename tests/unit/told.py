"""What an input is refused with."""

from collections.abc import Callable

import pytest

from schemas.faults import Invalid


def told(call: Callable[[], object]) -> list[tuple[str, str]]:
    """The pointer and the message of every fault with which ``call`` is refused."""
    with pytest.raises(Invalid) as caught:
        call()
    return [(fault.pointer, fault.message) for fault in caught.value.faults]
