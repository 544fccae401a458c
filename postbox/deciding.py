"""The last step: what a mail is that is signed, known, confirmed and clean."""

from dataclasses import replace

from postbox.house import House
from postbox.message import Mail
from postbox.replies import acknowledges, says_part
from postbox.verdicts import Reading, Verdict


def decided(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The verdict on an answer: by whose it is, then by what is attached, then by its words."""
    _ = mail, house
    if so_far.automatic:
        return replace(so_far, verdict=Verdict.QUESTION if so_far.attachments else Verdict.AUTOMATIC)
    return replace(so_far, verdict=_verdict(so_far))


def _verdict(reading: Reading) -> Verdict:
    if reading.role == "lead":
        return Verdict.SIGN_OFF_COMMENT
    if reading.role != "agency":
        return Verdict.QUESTION
    if not reading.attachments:
        return Verdict.ACKNOWLEDGEMENT if acknowledges(reading.text) else Verdict.QUESTION
    if reading.only_shown:
        return Verdict.QUESTION
    if reading.nil:
        return Verdict.NIL
    return Verdict.PARTIAL if reading.missing or says_part(reading.text) else Verdict.RETURN
