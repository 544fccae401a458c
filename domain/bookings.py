"""A booking of the meeting that changes nothing."""

from domain.case import Case
from domain.errors import Refused
from domain.messages import BookMeeting
from domain.timetable import london


def refuse_booked_so(fact: BookMeeting, case: Case) -> None:
    """Refuse a booking typed again as it stands, or everybody would hear of a meeting moved to where it is.

    A matter of the validator alone: a case whose history holds such a booking still plays again.

    Raises:
        Refused: nothing that an invitation says has changed.
    """
    booked = case.meeting.booking if case.meeting and not case.held else None
    if booked and (booked.starts_at, booked.minutes, booked.place) == (
        fact.starts_at,
        fact.minutes,
        fact.place,
    ):
        raise Refused(
            f"The meeting of {case.reference} is booked so already, on {london(fact.starts_at)}. "
            "Its invitations went out then: nothing more is needed."
        )
