"""How many examples a law is tried on: all of them by ``make laws``, a twelfth of them by ``make test``."""

from hypothesis import settings

EVERY = "every-example"
"""The name of the profile of ``make laws``; ``tests/conftest.py`` makes it known before any law is read."""


def examples(every: int) -> int:
    """The number of examples in this run, of a law that ``make laws`` tries on so many."""
    return every if settings.get_current_profile_name() == EVERY else -(-every // 12)
