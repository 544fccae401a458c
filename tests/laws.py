"""How many examples a law is tried on: all of them by ``make laws``, a twelfth of them by ``make test``."""

from hypothesis import settings

EVERY = "every-example"
"""The name of the profile of ``make laws``; ``tests/conftest.py`` makes it known before any law is read."""


def trying_every() -> bool:
    """Whether this run is ``make laws``."""
    return settings.get_current_profile_name() == EVERY


def examples(every: int) -> int:
    """The number of examples in this run, of a law that ``make laws`` tries on so many."""
    return every if trying_every() else -(-every // 12)
