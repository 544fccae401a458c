"""What the commands about the quarantine print: what waits, why in words, and what to type."""

from rich.console import Group
from rich.text import Text

from domain.messages import Recipient, RecipientKind, Roster
from domain.recipients import called
from domain.timetable import london
from starter.mailroom.answered import advice
from starter.mailroom.quarantine import Damaged, Line, Settlement, sentence
from starter.mailroom.read import Read
from starter.screens import table, to_type


def quarantine_screen(lines: list[Line], damaged: list[Damaged]) -> Group | Text:
    """The mails in quarantine, the oldest first, and those that do not open: plain facts alone."""
    unopened = [Text(found.sentence, style="red") for found in damaged]
    if not lines:
        return Group(*unopened) if unopened else Text("No mail waits in quarantine.")
    drawn = table("number", "received (London)", "held because", "reference", "of", "KB")
    for line in lines:
        read, size = line.read, -(-line.arrival.mail.size // 1024)
        received = london(line.arrival.received_at)
        held = sentence(line.reason).partition(". ")[0]
        drawn.add_row(line.number, received, held, read.reference or "", read.key or "", str(size))
    return Group(drawn, Text("For one mail: rapid-review quarantine show NUMBER"), *unopened)


UNKNOWN = "Whether mail waits in quarantine is not known: the document store does not answer."


def held_tasks(waiting: list[Line] | None, reference: str, roster: Roster) -> list[Text]:
    """What the office has to do about the mails of one case that wait in quarantine: one task, or none.

    ``waiting`` is None where the store did not answer; ``roster`` says what those who wrote are called.
    """
    if waiting is None:
        return [Text(f"- {UNKNOWN}", style="yellow")]
    held = [line for line in waiting if line.read.reference == reference]
    if not held:
        return []
    writers = ", ".join(sorted({_writer(line.read, roster) for line in held}))
    if len(held) == 1:
        says, command = (
            f"A mail from {writers} waits in quarantine. It may be an answer.",
            f"show {held[0].number}",
        )
    else:
        says, command = f"{len(held)} mails from {writers} wait in quarantine. They may be answers.", "list"
    return [to_type(says, f"rapid-review quarantine {command}")]


def _writer(read: Read, roster: Roster) -> str:
    """Whose letter a mail answers; who really wrote it is for a person to say."""
    if read.key and read.role in ("agency", "lead", "partner"):
        return called(Recipient(kind=RecipientKind(read.role), key=read.key), roster)
    return "somebody else"


def quarantined_screen(
    line: Line, settlement: Settlement | None, written_to: str, letter: str | None = None
) -> Group:
    """One mail in quarantine: why it is held, what is known of it and of what it answers, what to type."""
    read = line.read
    known = [f"{read.reference}, {read.key}" if read.reference else "", f"sender at {read.domain}"]
    lines = [
        Text(f"Mail {line.number}, received {london(line.arrival.received_at)}", style="bold"),
        Text(sentence(line.reason)),
        Text(f"Known of it: {'; '.join(k for k in known[: 1 + bool(read.domain)] if k) or 'nothing'}."),
    ]
    if letter and read.reference:
        lines.append(Text(advice(letter, read.reference)))
    if written_to:
        lines.append(Text(f"It is in {written_to}, decrypted. Open it with care; delete it when read."))
    if settlement:
        was = f"{settlement.action} by {settlement.by}, {london(settlement.at)}: {settlement.reason}"
        return Group(*lines, Text(f"It was {was}"))
    number, says = line.number, "--reason '...'"
    of_agency = read.reference and read.key and read.role == "agency"
    whose = f"{read.reference} {read.key}" if of_agency else f"{read.reference or 'REF'} AGENCY"
    return Group(
        *lines,
        *([] if written_to else [Text(f"    rapid-review quarantine show {number} --out mail.eml")]),
        Text(f"    rapid-review quarantine file {number} {whose} complete {says}"),
        Text(f"    rapid-review quarantine release {number} {says}"),
        Text(f"    rapid-review quarantine dismiss {number} {says}"),
    )
