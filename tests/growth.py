"""How the time that something takes grows with its size: in one run, whatever the machine does."""

from __future__ import annotations

import time
from collections.abc import Callable


def growth(run: Callable[[int], object], small: int, large: int) -> float:
    """How many times the processor's time of `small` is needed for `large`.

    The clock on the wall says nothing on a busy machine, and one measurement little: the least of
    three counts, unless the first is near proportion. Each measures both sizes, since a machine may
    become slower in between.
    """
    run(small)  # the first use of many things makes a table, and keeps it
    found = float("inf")
    for _ in range(3):
        part = _seconds(run, small)
        found = min(found, _seconds(run, large) / part)
        if found <= 1.5 * large / small:
            break
    return found


def _seconds(run: Callable[[int], object], size: int) -> float:
    # The clock of Windows moves 64 times a second.
    begun, times = time.process_time(), 0
    while (passed := time.process_time() - begun) < 0.03:
        run(size)
        times += 1
    return passed / times
