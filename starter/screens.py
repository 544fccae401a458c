"""What commands print: tables and sentences for people, through rich."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from domain.consideration.standing import ConsiderationStanding
from domain.consideration.state import ConsiderationEntry
from domain.follow_up.standing import FollowUpStanding
from domain.messages import Receipt
from domain.record import Entry
from domain.standing import AgencyStanding, DateStanding, Standing, Task, Todo
from domain.timetable import Timetable, london
from starter.follow_ups import ListedAction
from starter.replanning import Replanned

COMMANDS = {
    Task.BOOK_MEETING: "rapid-review book-meeting {ref} --at {about} --place 'Room 1'",
    Task.RECORD_MEETING: "rapid-review record-meeting {ref} --held ... --attended ... --recommendation ...",
    Task.SUBMIT_DRAFT: "rapid-review submit-draft {ref} draft.docx",
    Task.REVISE_DRAFT: "rapid-review submit-draft {ref} draft.docx",
    Task.CHASE_SIGN_OFF: "rapid-review sign-off {ref} LEAD --version N --confirm --as 'their name'",
    Task.DECIDE: "rapid-review decide {ref} no_cspr --reason '...'",
    Task.CHASE_RETURNS: "rapid-review record-return {ref} AGENCY --kind complete --file return.docx",
    Task.GIVE_VIEWS: "rapid-review view {ref} LEAD no_cspr --reason 'KEY | ...' --as 'their name'",
    Task.PARTNER_DECIDES: "rapid-review decide {ref} no_cspr --reason '...' --by 'the partner''s name'",
    Task.RECONSIDER: "rapid-review decide {ref} no_cspr --reason '...'",
    Task.PANEL_REPLY: "rapid-review panel-replied {ref} --agrees --file letter.pdf",
    Task.OPEN_MAIL: "rapid-review read-mail {ref} {about} --out mail.eml",
    Task.ANSWER_MAIL: "rapid-review read-mail {ref} {about} --out mail.eml",
    Task.READ_SIGN_OFF: "rapid-review read-mail {ref} {about} --out mail.eml",
    Task.CHASE_ACTION: "rapid-review record-evidence {ref} {about} --evidence '...' --by 'who gave it'",
    Task.CLOSE_ACTION: "rapid-review close-action {ref} {about} --by 'somebody else'",
    Task.MEND_DELIVERY: "rapid-review send-again {ref} {about}",
}
"""What to type for each thing that is to be done."""

GAP = 3
"""How many characters a table leaves between columns."""

COLOURS = {"missed": "red", "late": "red", "met": "green", "returned": "green", "confirm": "green"}


def console() -> Console:
    """Where everything is printed; wide enough for a table when it is not a terminal."""
    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal else Console(highlight=False, width=110)


def table(*headings: str) -> Table:
    """An empty table in the house's one style."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    return drawn


def fitted(headings: Sequence[str], lines: Sequence[Sequence[Text]], room: int) -> Table | None:
    """A table in which no word is broken; None where the longest words leave no ``room``, in characters."""
    columns = [
        [Text(heading), *cells] for heading, cells in zip(headings, zip(*lines, strict=True), strict=True)
    ]
    least = [max(_longest_word(cell) for cell in cells) for cells in columns]
    spare = room - sum(least) - GAP * len(columns)
    if spare < 0:
        return None
    wanted = [
        max(cell.cell_len for cell in cells) - width for cells, width in zip(columns, least, strict=True)
    ]
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for left, (place, more) in zip(
        range(len(columns), 0, -1), sorted(enumerate(wanted), key=_more), strict=True
    ):
        given = min(more, spare // left)
        spare -= given
        least[place] += given
    for heading, width in zip(headings, least, strict=True):
        drawn.add_column(heading, width=width)
    for line in lines:
        drawn.add_row(*line)
    return drawn


def _more(column: tuple[int, int]) -> int:
    return column[1]


def _longest_word(cell: Text) -> int:
    return max((Text(word).cell_len for word in cell.plain.split()), default=0)


def timetable_screen(plan: Timetable) -> Group:
    """A whole timetable: each date with its day number, London time, UTC instant and explanation."""
    lines: list[Text | Padding] = []
    for m in plan.milestones:
        day = "   " if m.key == "sin_due" else f"{m.day:>3}"
        lines.append(Text(f"Day {day}  {london(m.due):<23}{m.due.astimezone(UTC):%Y-%m-%dT%H:%MZ}  {m.key}"))
        lines.append(Padding(Text(f"{m.explanation}.", style="dim"), (0, 0, 0, 9)))
    convention = f"The day of the SIN is Day {plan.sin_day_is}. Calendar: {plan.calendar}."
    return Group(*lines, Text(convention), *[Text(f"Warning: {w}", style="yellow") for w in plan.warnings])


def standing_screen(now: Standing, troubles: list[str], held: Sequence[Text] = ()) -> Group:
    """One screen of a case: where it stands, what is late, what is due, what to type next.

    ``troubles`` say why something being done is not done yet; ``held`` is what to do about mail held.
    """
    day = f", working day {now.day}" if now.day is not None else ""
    parts: list[Text | Table] = [
        Text(f"{now.reference}  {now.stage}{day}, {london(now.as_of)}", style="bold")
    ]
    parts += [Text(line) for line in _next(now)]
    parts += [Text(f"TROUBLE  {trouble}", style="red") for trouble in troubles]
    parts += [Text(f"LATE  {late}", style="red") for late in now.late]
    parts += [Text(f"Note: {warning}", style="yellow") for warning in now.warnings]
    parts += [Text(f"Mail: {mail}") for mail in now.mail]
    parts += [_dates(now.dates), _agencies(now.agencies), _leads(now)]
    return Group(*parts, *to_do([*held, *_todo(now)]))


def _next(now: Standing) -> list[str]:
    lines = [f"Next by itself: {now.next_step}, {london(now.next_due)}"] if now.next_due else []
    if now.in_hand and now.in_hand_since:
        lines.append(f"Being sent: {now.in_hand}, since {london(now.in_hand_since)}")
    if now.meeting_at:
        lines.append(f"Meeting: {london(now.meeting_at)}" + (", held" if now.meeting_held else ""))
    if now.submitted_at:
        lines.append(f"Report sent to the Panel: {london(now.submitted_at)} (version {now.version})")
    if now.panel:
        lines.append(f"The Panel's answer: {now.panel}")
    lines += [f"Put forward a second time, as {reference}" for reference in now.duplicates]
    lines += [f"View on a CSPR: {view}" for view in now.views]
    if now.views and not now.decisions:
        lines += [f"Criterion {criterion}" for criterion in now.criteria]
    if now.decisions[:-1]:
        lines.append(f"Decided before: {', '.join(now.decisions[:-1])}")
    if (now.views or now.decisions) and now.statement:
        lines.append(now.statement)
    return [*lines, f"Decision: {now.outcome.words}"] if now.outcome else lines


def _coloured(word: str) -> Text:
    return Text(word, style=COLOURS.get(word, ""))


def _dates(dates: tuple[DateStanding, ...]) -> Table:
    drawn = table("date", "day", "due (London)", "state", "originally")
    for d in dates:
        first = london(d.original) if d.original else ""
        day = "" if d.key == "sin_due" else str(d.day)
        drawn.add_row(d.title, day, london(d.due), _coloured(d.state), first)
    return drawn


def _agencies(agencies: tuple[AgencyStanding, ...]) -> Table:
    drawn = table("key", "agency", "return", "due or received", "")
    for a in agencies:
        late = (
            ""
            if a.late_by is None
            else f"late by {a.late_by} working days"
            if a.late_by
            else "late, same day"
        )
        version = f", version {a.versions}" if a.versions > 1 else ""
        drawn.add_row(
            a.key,
            f"{a.name} ({a.area})" if a.area else a.name,
            _coloured(a.state),
            london(a.received_at or a.due),
            f"{a.kind}{version} {late}".strip(),
        )
    return drawn


def _leads(now: Standing) -> Table:
    drawn = table("key", "strategic lead", f"report, version {now.version}" if now.version else "report")
    for lead in now.leads:
        deputy = " (by a deputy, for the lead)" if lead.by_deputy else ""
        drawn.add_row(lead.key, lead.title, Text.assemble(_coloured(lead.answer), deputy))
    return drawn


def _todo(now: Standing) -> list[Text]:
    return [_task(now.reference, todo) for todo in now.todo]


def to_do(tasks: list[Text]) -> list[Text]:
    """The tasks under their heading, or that there are none."""
    if not tasks:
        return [Text("Nothing is left for the office to do.")]
    return [Text("What to do next:", style="bold"), *tasks]


def _task(reference: str, todo: Todo) -> Text:
    return to_type(todo.says, COMMANDS[todo.task].format(ref=reference, about=todo.about), todo.due)


def to_type(says: str, command: str, due: datetime | None = None) -> Text:
    """One task: what, by when if there is a date, and the command to type for it."""
    by = f" By {london(due)}." if due else ""
    return Text(f"- {says}{by}\n    {command}")


def consideration_screen(now: ConsiderationStanding, held: Sequence[Text] = ()) -> Group:
    """One screen of a case put forward, as `standing_screen` shows a review."""
    parts: list[Text | Table] = [
        Text(f"{now.reference}  put forward by {now.route}: {now.stage}, {london(now.as_of)}", style="bold"),
        Text(f"The criteria say: {now.criteria}"),
    ]
    if now.next_due:
        parts.append(Text(f"Next by itself: {now.next_step}, {london(now.next_due)}"))
    if now.in_hand:
        parts.append(Text(f"Being sent: {now.in_hand}"))
    if now.outcome:
        chosen = ", ".join(now.outcomes) or now.linked_to or ""
        parts.append(Text(f"It ended: {now.outcome}{f' ({chosen})' if chosen else ''}"))
    parts += [Text(f"Put forward a second time, as {reference}") for reference in now.duplicates]
    parts += [Text(f"LATE  {late}", style="red") for late in now.late]
    parts += [Text(f"Note: {warning}", style="yellow") for warning in now.warnings]
    parts.append(_dates(now.dates))
    if now.views:
        drawn = table("strategic lead", "view")
        for view in now.views:
            drawn.add_row(view.title, view.view)
        parts.append(drawn)
    tasks = [to_type(todo.says, todo.type, todo.due) for todo in now.todo]
    return Group(*parts, *to_do([*held, *tasks]))


def _or_none(instant: datetime | None) -> str:
    return london(instant) if instant else "none"


def receipt_screen(receipt: Receipt) -> Text:
    """The answer to a command: what was recorded, what to know, what comes next."""
    warnings = "".join(f"\nNote: {warning}" for warning in receipt.warnings)
    return Text(f"{receipt.reference}: {receipt.recorded}{warnings}\nNext by itself: {receipt.next}")


def replanned_screen(done: list[Replanned], calendar: str) -> Text:
    """How many became what; and a warning where a worker counted on another calendar than this one."""
    counts = Counter(one.became for one in done)
    said = ", ".join(f"{n} {became}" for became, n in sorted(counts.items())) or "none"
    other = [one for one in done if one.became == "left alone" and not one.says.endswith(f" {calendar}.")]
    warning = (
        f"\nWarning: this folder has the calendar {calendar}; {len(other)} were counted on another. "
        "The worker reads a folder of its own: make the same change there, then give this command again."
        if other
        else ""
    )
    return Text(f"{len(done)} open processes: {said}.{warning}", style="yellow" if other else "")


def record_screen(entries: Sequence[Entry | ConsiderationEntry]) -> Table:
    """The record of a case, a line for each entry."""
    drawn = table("when (London)", "what", "in words", "by")
    for e in entries:
        drawn.add_row(london(e.at), str(e.event), " ".join((e.says, *e.warnings)), e.by or "")
    return drawn


def actions_screen(rows: list[ListedAction]) -> Group | Text:
    """The actions of every case, the first due first."""
    if not rows:
        return Text("No action is being followed up. See closed ones with `rapid-review actions --all`.")
    drawn = table("reference", "action", "owner", "kind", "due", "stage", "")
    for row in rows:
        late = Text("late" if row.late else "", style="red")
        drawn.add_row(row.reference, str(row.number), row.owner, row.kind, _or_none(row.due), row.stage, late)
    return Group(drawn, Text("For one action: rapid-review show-action REFERENCE NUMBER"))


def action_screen(now: FollowUpStanding) -> Group:
    """One screen of an action: what, whose, when, its evidence, and what to type next."""
    first = f", first due {london(now.original)}" if now.original else ""
    lines = [
        Text(f"{now.reference}, action {now.number}: {now.stage}", style="bold"),
        Text(f"{now.owner}: {now.what}"),
        Text(f"Due: {_or_none(now.due)}{first}"),
    ]
    if now.late:
        lines.append(Text(f"LATE  by working days: {now.late_by}", style="red"))
    lines += [Text(f"Evidence: {evidence}") for evidence in now.evidence]
    lines += [Text(letter.says, style="yellow") for letter in now.undelivered]
    if now.next_due:
        lines.append(Text(f"Next by itself: {now.next_step}, {london(now.next_due)}"))
    return Group(*lines, *[Text(f"    {command}") for command in _action_commands(now)])


def _action_commands(now: FollowUpStanding) -> list[str]:
    case = f"{now.reference} {now.number}"
    mending = [f"rapid-review send-again {now.reference} {letter.letter}" for letter in now.undelivered]
    return mending + {
        "open": [f"rapid-review record-evidence {case} --evidence '...' --by 'who gave it'"],
        "evidenced": [f"rapid-review close-action {case} --by 'a second person'"],
    }.get(now.stage, [])
