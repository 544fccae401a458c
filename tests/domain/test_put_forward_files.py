"""The files by which a case is put forward: what an officer writes, and the sentence for each mistake."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.criteria import Circumstances, Harm, Suspicion
from domain.errors import NotReadable
from domain.particulars import AlertFile, RequestFile, read_alert, read_request

EXAMPLES = Path(__file__).parents[2] / "examples"
ALERT = (EXAMPLES / "alert.toml").read_text(encoding="utf-8")
REQUEST = (EXAMPLES / "request.toml").read_text(encoding="utf-8")
NOW = datetime(2026, 12, 7, 16, 0, tzinfo=UTC)


def alert(text: str = ALERT) -> AlertFile:
    """An alert as read on 7 December."""
    return read_alert(text, "alert.toml", now=NOW)


def request(text: str = REQUEST) -> RequestFile:
    """A request as read on 7 December."""
    return read_request(text, "request.toml", now=NOW)


def test_the_examples_are_read_whole() -> None:
    """What is shipped can be copied as it is."""
    assert (alert().aware_on, alert().raised_by) == (date(2026, 12, 3), "Service Manager")
    read = request()
    assert read.countersignature
    assert (read.referrer.role, read.other_agencies) == ("Designated safeguarding lead", ("police", "icb"))


def test_the_request_says_that_it_is_no_referral() -> None:
    """It stands in capitals before everything that is to be filled in."""
    assert REQUEST.index("THIS IS NOT A WAY TO REFER A CHILD AT RISK") < REQUEST.index("reference =")


def test_what_a_review_needs_is_told_apart_from_what_the_criteria_ask() -> None:
    """The particulars hold children, family, circumstances and safety, and nothing of the form."""
    sealed = request().particulars.model_dump_json()
    assert "Example Child" in sealed
    assert not [word for word in ("seriously_harmed", "Designated", "criminal") if word in sealed]


@pytest.mark.parametrize(
    ("born", "incident", "age"),
    [
        ("2021-03-14", "2026-12-02", 5),
        ("2021-12-02", "2026-12-02", 5),
        ("2021-12-03", "2026-12-02", 4),
        ("2008-12-02", "2026-12-02", 18),
        ("2024-02-29", "2026-02-28", 1),
    ],
)
def test_the_age_is_that_on_the_day_of_the_incident(born: str, incident: str, age: int) -> None:
    """A birthday counts from its own day."""
    text = ALERT.replace("2021-03-14", born).replace("incident_on = 2026-12-02", f"incident_on = {incident}")
    read = alert(text)
    assert read.children[0].circumstances(read.incident_on).age == age


def test_a_child_expected_is_unborn() -> None:
    """One who has only an expected date of delivery was not born when it happened."""
    text = ALERT.replace("date_of_birth = 2021-03-14", "expected_delivery_on = 2027-02-01")
    assert alert(text).children[0].circumstances(date(2026, 12, 2)) == Circumstances(
        harm=Harm.SERIOUSLY_HARMED, abuse_or_neglect=Suspicion.SUSPECTED, looked_after=True, unborn=True
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("incident_on = 2026-12-02", "incident_on = 2026-12-09", "incident_on: this day has not come yet"),
        ("aware_on = 2026-12-03", "aware_on = 2026-12-01", "aware_on: nobody can be aware before"),
        (
            "# incident_until = 2026-12-03",
            "incident_until = 2026-12-01",
            "incident_until: the period ends before it begins",
        ),
        ('harm = "seriously_harmed"', 'harm = "Zz-Planted"', "children[1].harm: write one of"),
        ('raised_by = "Service Manager"', "", "raised_by: give the name"),
        ('agency = "childrens-trust"', 'agency = "Zz Planted"', "agency: this is not the key of an agency"),
        ('pseudonym = "Child A"', 'pseudonym = "Zz-Planted"', "children[1].pseudonym: write Child A"),
    ],
)
def test_a_mistake_is_answered_by_key_and_remedy(old: str, new: str, says: str) -> None:
    """The sentence names the file and the key, and never the value."""
    assert old in ALERT
    with pytest.raises(NotReadable) as refused:
        alert(ALERT.replace(old, new, 1))
    assert f"alert.toml: {says}" in str(refused.value)
    assert "Planted" not in str(refused.value)


def test_a_request_without_countersignature_can_be_read_and_is_refused_by_the_rules() -> None:
    """The file is in form; it is `domain.consideration.countersigning` that refuses it."""
    first, last = REQUEST.index("[countersignature]"), REQUEST.index("# One [[children]]")
    assert request(REQUEST[:first] + REQUEST[last:]).countersignature is None
