"""What comes along when a worker imports the workflow of a review."""

import asyncio
import sys

from bench.row import Row

UNWANTED = frozenset(
    {
        "holidays",
        "jinja2",
        "aiosmtplib",
        "aiosmtpd",
        "docx",
        "docxtpl",
        "lxml",
        "icalendar",
        "obstore",
        "msoffcrypto",
        "cryptography",
        "typer",
        "rich",
        "fastapi",
    }
)
"""Libraries that no workflow may bring in: they touch the world, and a workflow may not."""

ASKED = (
    "import sys; import workflows.rapid_review; print(' '.join({m.partition('.')[0] for m in sys.modules}))"
)


async def measure() -> list[Row]:
    """Import it in a fresh interpreter and look."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASKED, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    brought = set(told.decode().split())
    found = sorted(brought & UNWANTED)
    theirs = sorted(brought - sys.stdlib_module_names - {"__main__"})
    return [
        Row("unwanted with the workflow", ", ".join(found) or "none", "none", not found),
        Row("what does come with it", ", ".join(name for name in theirs if not name.startswith("_"))),
    ]
