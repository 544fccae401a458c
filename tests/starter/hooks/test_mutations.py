"""Two thousand deliveries gone wrong, in body or signature: ``make fuzz`` sends a hundred thousand."""

from tests.starter.hooks.fuzz import SLOW, Mill


async def test_a_delivery_gone_wrong_is_refused_or_taken_once_and_unsigned_never() -> None:
    """Never a fault of ours, never two seconds; what nobody signed who may has nothing done."""
    tally = await Mill(seed=1).run(2000)
    assert tally.wrong == []
    assert tally.slowest < SLOW
    assert {name for name in tally.statuses if name.startswith("unsigned")} == {
        "unsigned 401",
        "unsigned 403",
    }
    assert tally.statuses["signed 201"] > 20 < tally.statuses["signed 202"]
