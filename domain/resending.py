"""Letters that did not arrive, in whatever process: which wait for a person, and what becomes of each."""

import re

from domain.errors import Refused
from domain.messages import Recipient, RecipientKind, Roster
from domain.recipients import called
from domain.record import Undelivered

Tasks = tuple[Undelivered, ...]
"""The letters of one process that did not arrive, in the order in which that was noticed."""


def first_key(letter: str) -> str:
    """The key under which a letter went first, from the one it has by now."""
    return re.sub(r"(/again)+$", "", letter)


def reader_of(letter: str) -> Recipient | None:
    """Whom a letter was for, by how its first key ends: ``panel``, or ``lead/health``; else None."""
    *_, kind, key = ("", *letter.split("/"))
    if key in {*RecipientKind}:
        return Recipient(kind=RecipientKind(key))
    return Recipient(kind=RecipientKind(kind), key=key) if kind in {*RecipientKind} else None


def waiting(tasks: Tasks, letter: str, name: str) -> Undelivered:
    """The task of a letter that can be sent again; ``name`` is what the process is called.

    Raises:
        Refused: no such letter waits; the sentence has those that do.
    """
    found = {task.key: task for task in unmended(tasks)}
    if letter not in found:
        raise Refused(
            f"No undelivered letter {letter} can be sent again on {name}. "
            f"Waiting: {', '.join(found) or 'none'}."
        )
    return found[letter]


def unmended(tasks: Tasks) -> Tasks:
    """Those that nobody has done anything about yet."""
    return tuple(task for task in tasks if not task.settled and not task.again_at)


def to_mend(task: Undelivered, roster: Roster) -> str:
    """What a person does about one, in a sentence."""
    reader = called(task.to, roster)
    return f"The letter to {reader} did not arrive ({task.status}). Telephone, and mend the address."


def facts_of(task: Undelivered, roster: Roster) -> dict[str, str | list[str]]:
    """What the office is written about one."""
    return {"letter": task.key, "recipient": called(task.to, roster), "status": task.status}


def sent_again(tasks: Tasks, letter: str) -> Tasks:
    """The tasks after a letter has gone again."""
    return tuple(
        task.model_copy(update={"settled": True}) if task.key == letter and task.again_at else task
        for task in tasks
    )


def becoming(tasks: Tasks, task: Undelivered, **changes: object) -> Tasks:
    """The tasks with some of one's facts replaced."""
    return tuple(one.model_copy(update=changes) if one is task else one for one in tasks)
