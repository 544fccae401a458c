"""How every program of ours that goes on until it is stopped is told to."""

import asyncio
import signal


async def until_told_to_stop() -> None:
    """Wait for Ctrl-C or a polite end from the system (SIGINT, SIGTERM)."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
