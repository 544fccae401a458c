"""What a message says of itself when something is wrong with it: never what it was given."""

import pytest
from pydantic import BaseModel, ValidationError

from domain import messages, particulars
from domain.messages import BookMeeting, DeliveryFailed, Replan, SendAgain, SignOff
from starter.hooks import delivery, desk, panel_reply

MODELS = [
    model
    for module in (messages, particulars, desk, panel_reply, delivery)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
]

WRONG = {"reason": "No", "by": "Some Body", "place": {"street": "Some Street"}, "note": "Some Body"}


def test_a_message_out_of_form_does_not_repeat_what_it_was_given() -> None:
    """The SDK writes such an error to the worker's log, as it stands, with its traceback."""
    assert [model.__name__ for model in MODELS if "Some" in _complaint(model)] == []


def _complaint(model: type[BaseModel]) -> str:
    with pytest.raises(ValidationError) as mistake:
        model.model_validate({**WRONG, "unheard_of": "Some Body", "id": ["Some Body"]})
    return str(mistake.value)


@pytest.mark.parametrize(
    ("model", "field"),
    [(SendAgain, "letter"), (DeliveryFailed, "letter"), (Replan, "extend")],
    ids=["send-again", "delivery-failed", "replan"],
)
def test_a_key_is_a_key(model: type[BaseModel], field: str) -> None:
    """A refusal repeats the key it does not know, so words that could name somebody are no key."""
    with pytest.raises(ValidationError) as mistake:
        model.model_validate({field: "Some Body's letter"})
    assert field in {error["loc"][0] for error in mistake.value.errors() if error["type"] != "missing"}


@pytest.mark.parametrize("model", [BookMeeting, SignOff], ids=["book-meeting", "sign-off"])
def test_an_unknown_field_is_refused(model: type[BaseModel]) -> None:
    """Nothing travels that the rules do not know, so nothing slips in beside them."""
    with pytest.raises(ValidationError, match="unheard_of"):
        model.model_validate({"unheard_of": "Some Body"})
