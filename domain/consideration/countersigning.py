"""A Request for Consideration is taken only when it was discussed, and countersigned by the right person."""

from datetime import date

from domain.consideration.messages import Countersignature
from domain.errors import Refused

NO_REFERRAL = (
    "A Request for Consideration is not a way to refer a child at risk. If a child is at risk now, refer "
    "them to children's social care by telephone, or ring 999 in an emergency."
)
"""What the form says, and what is said with every answer to it."""


def checked(
    signed: Countersignature | None, *, agency: str, representative: str, referrer: str, today: date
) -> Countersignature:
    """The countersignature of a request, as it must be. Source: the guide, "Notifications from other ...".

    ``agency`` is a key; ``representative`` the name the contact book has for that agency's own LLR
    representative; ``referrer`` who filled the form in.

    Raises:
        Refused: it is missing, by another person, by the referrer, or dated wrongly. Names are not repeated.
    """
    if signed is None:
        raise Refused(
            f"The request has not been discussed with, and countersigned by, the LLR representative of "
            f"{agency}. Have it countersigned, and fill in the table [countersignature]."
        )
    if signed.countersigned_by == referrer:
        raise Refused("The request is countersigned by its referrer. The agency's LLR representative must.")
    if signed.countersigned_by != representative:
        raise Refused(
            f"The request must be countersigned by the LLR representative of {agency}, by the name that "
            "partnership.toml has. Have that person countersign it, or mend the name."
        )
    if signed.countersigned_on < signed.discussed_on:
        raise Refused("The request was countersigned before it was discussed. Check both dates.")
    if signed.countersigned_on > today:
        raise Refused("The day of the countersignature has not come yet. Check the date.")
    return signed
