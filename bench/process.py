"""What a process uses, as Linux tells it."""

import os
from pathlib import Path


def resident_kib(pid: int) -> float:
    """The memory a process has of its own in RAM, in KiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def cpu_ms(pid: int) -> float:
    """The processor time a process has used, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def children(name: str) -> list[int]:
    """The ids of this process's children that run the program ``name``."""
    stats = [stat.read_text() for stat in Path("/proc").glob("[0-9]*/stat")]
    return [
        int(stat.partition(" ")[0])
        for stat in stats
        if f"({name})" in stat and int(stat.rpartition(")")[2].split()[1]) == os.getpid()
    ]
