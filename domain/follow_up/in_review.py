"""What the actions of a running review are written about, and what carrying that out leaves behind."""

from datetime import datetime

from domain.actions import action, kept, open_actions
from domain.case import Case
from domain.follow_up.counting_again import news_to_tell, news_told
from domain.follow_up.letters import letters, worded
from domain.follow_up.performing import advised, performed
from domain.follow_up.steps import FollowUpStep, news_step
from domain.messages import Letter
from domain.step import Performance
from domain.steps import ActionStep, ReviewStep


def action_letters(case: Case, step: ReviewStep, now: datetime) -> list[Letter]:
    """The letters of a step about actions: each action's own, under the rules of a follow-up."""
    return [
        letter for about in step.actions for letter in letters(action(case, about.number), about.step, now)
    ]


def actions_performed(case: Case, done: Performance[ReviewStep], now: datetime) -> Case:
    """The case after a step about actions was carried out: each action takes what was its own of it."""
    for about in done.step.actions:
        case = kept(case, performed(action(case, about.number), _own(done, about), now), now)
    return case


def _own(done: Performance[ReviewStep], about: ActionStep) -> Performance[FollowUpStep]:
    """One action's part of what was carried out, by the keys of its letters."""
    own = tuple(letter for letter in done.letters if letter.key.startswith(about.letters))
    keys = {letter.key for letter in own}
    return Performance(
        step=about.step,
        began_at=done.began_at,
        letters=own,
        deliveries=tuple(delivery for delivery in done.deliveries if delivery.letter in keys),
    )


def moves_of_actions(case: Case) -> dict[str, list[str]]:
    """What each owner has still to hear of dates of actions that moved with the calendar, by the owner's key.

    Since the third edition the letter about the case's own dates says it. Its step comes before theirs,
    which wait a little.
    """
    moves: dict[str, list[str]] = {}
    for follow_up in open_actions(case):
        if step := news_step(follow_up):
            lines = news_to_tell(follow_up, int(step.about))
            moves.setdefault(follow_up.opening.owner, []).extend(lines)
    return moves


def with_moves_told(case: Case, done: Performance[ReviewStep], now: datetime) -> Case:
    """The case whose owners have heard of these with the dates of the case itself."""
    for follow_up in case.follow_ups:
        if told := news_told(follow_up, done.began_at) - follow_up.done:
            case = kept(case, follow_up.with_(done=follow_up.done | told), now)
    return case


def with_advice(case: Case, done: Performance[ReviewStep], now: datetime) -> Case:
    """The case whose owners know of the actions that went to them sealed, with the report or after it.

    One that changed while its letter was on its way is told of again, as it now is.
    """
    sent = {sealed for letter in done.letters for sealed in letter.actions}
    for follow_up in case.follow_ups:
        if worded(follow_up) in sent:
            case = kept(case, advised(follow_up, done.began_at), now)
    return case
