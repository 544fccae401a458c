"""A step: one thing a process does next, when it is due; and what carrying it out left behind."""

from abc import abstractmethod
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import AwareDatetime

from domain.messages import Delivery, Letter, Message


class Step(Message):
    """One thing to do: what it is about (a version, a letter), and when it is due.

    Each process has its own kinds of step, in a subclass of its own.
    """

    due: AwareDatetime
    about: str = ""

    @property
    @abstractmethod
    def name(self) -> StrEnum:
        """The kind of step, in plain words of the process."""

    @property
    @abstractmethod
    def says(self) -> str:
        """What happens then, in words."""

    @property
    def key(self) -> str:
        """Stable and plain: ``invitation/1``."""
        return f"{self.name}/{self.about}" if self.about else str(self.name)


S = TypeVar("S", bound=Step)


class Performance(Message, Generic[S]):
    """One carrying out of a step: when it began, what was written, and what became of each letter."""

    step: S
    began_at: AwareDatetime
    letters: tuple[Letter, ...]
    deliveries: tuple[Delivery, ...]
