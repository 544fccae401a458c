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


def peak_kib(pid: int) -> float:
    """The most memory a process has had in RAM since `forget_peak`, in KiB. Source: proc(5), ``VmHWM``."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def forget_peak(pid: int) -> None:
    """Begin to count a process's peak anew. Source: proc(5), ``clear_refs``."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")


def children(name: str = "", of: int = 0) -> list[int]:
    """The ids of a process's children (of this one unless told); of those that run ``name`` where given."""
    parent = of or os.getpid()
    stats = [stat.read_text() for stat in Path("/proc").glob("[0-9]*/stat")]
    return [
        int(stat.partition(" ")[0])
        for stat in stats
        if (not name or f"({name})" in stat) and int(stat.rpartition(")")[2].split()[1]) == parent
    ]
