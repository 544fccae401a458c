"""The errors of this project, each carrying a sentence for the person who reads it.

::

    RapidReviewError
    ├── Refused               a fact or command the case cannot take as it stands
    │   └── NothingMoves      a re-plan under which every date would stay as it is
    ├── NotConfigured         a partnership's folder or a setting is wrong or missing
    ├── NotReadable           a file given by a person is wrong
    │   └── Mistyped          a value typed on the command line is not of the form it must have
    ├── NotCovered            the calendar does not know the days asked of it
    ├── NotSealed             a key is missing, or a sealed payload or document does not open
    └── NotReachable          a server or mail host does not answer

Every message says what is wrong, where, and how to mend it, and holds only plain facts: references,
keys, dates and counts. No name, address or narrative is ever part of an error.
"""


class RapidReviewError(Exception):
    """The root: anything this project raises for a person to read."""


class Refused(RapidReviewError):
    """A fact or command that the case cannot take as it stands; nothing has changed."""


class NothingMoves(Refused):
    """A re-plan under which every date of the case would stay as it is; nothing has changed."""


class NotConfigured(RapidReviewError):
    """A partnership's folder or a setting is wrong: the sentence names file, key and remedy."""


class NotReadable(RapidReviewError):
    """A file or argument given by a person is wrong: the sentence names it and the remedy."""


class Mistyped(NotReadable):
    """A value typed on the command line has not the form it must have: wrong usage, exit status 2."""


class NotCovered(RapidReviewError):
    """The calendar has no holiday data for the days asked of it."""


class NotSealed(RapidReviewError):
    """A key is missing, or something sealed does not open with the keys at hand."""


class NotReachable(RapidReviewError):
    """A server or mail host does not answer: the sentence names its address and the remedy."""
