"""The many older dialects of delivery reports, which flufl.bounce knows: only whether a mail is one.

Its detectors expect headers that broken reports lack, raise where they stumble, and log what they were
reading, which may name people. So they get a copy in plain ASCII that has a sender, and log nothing.
"""

import logging
from email import message_from_bytes, policy
from email.utils import parseaddr

from flufl.bounce import all_failures

LONGEST = 256 * 1024
"""Longer mails are not looked through, in bytes: that is slow, and reports are short."""

_NOBODY = "nobody@unknown.invalid"

logging.getLogger("flufl.bounce").disabled = True


def says_it_failed(mail: bytes) -> bool:
    """Whether a mail says, in some dialect, that another could not be delivered for good."""
    if len(mail) > LONGEST:
        return False
    report = message_from_bytes(
        mail.decode("ascii", "replace").encode("ascii", "replace"), policy=policy.compat32
    )
    try:
        if not parseaddr(report.get("From", ""))[1]:
            del report["From"]
            report["From"] = _NOBODY
        _, permanent = all_failures(report)
    except Exception:  # noqa: BLE001 - a detector that stumbles has found nothing
        return False
    return bool(permanent)
