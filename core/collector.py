"""The garbage collector, put aside while many small things are made that live until the work is done."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Do not look for circular rubbish meanwhile. For a few seconds of reading 100,000 lines: none of their tuples is
    rubbish, and to walk all of them again each time their number has grown takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
