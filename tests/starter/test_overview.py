"""The lists of cases: what is folded into a row, what is asked for, and how each form of it reads."""

import csv
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console, Group, RenderableType

from domain.cspr.figures import CsprFigures
from domain.cspr.messages import LearningKind, Proceedings
from domain.errors import NotReadable
from domain.figures import REPORT, CaseFigures, Reached, YearFigures, figures_of
from starter.figures import unused
from starter.listing import CaseRow, Part, chosen, folded
from starter.overview_screen import list_screen, overview_screen
from starter.sheets import Sheet, as_csv, as_page, case_sheet, figure_sheets

NOW = datetime(2026, 12, 18, 9, 30, tzinfo=UTC)
DUE = datetime(2026, 12, 17, 17, 0, tzinfo=UTC)


def part(process: str, stage: str, *awaited: str, **changes: object) -> Part:
    """One workflow of a case, running unless changed."""
    given: dict[str, object] = {
        "reference": "RR-2026-07",
        "process": process,
        "running": True,
        "started": NOW,
        "stage": stage,
        "next_due": DUE if awaited else None,
        "awaited": awaited,
        "late": (),
        "report_due": None,
        "outcome": "open",
        "area": "northamptonshire",
    }
    return Part(**{**given, **changes})  # type: ignore[arg-type]  # a test's own mapping


def ended(process: str, stage: str, outcome: str) -> Part:
    """One that has ended."""
    return part(process, stage, running=False, outcome=outcome)


def row(**changes: object) -> CaseRow:
    """A review with one agency late."""
    late = {"late": ("return/gp",), "report_due": datetime(2026, 12, 30, 17, tzinfo=UTC)}
    return folded([part("review", "gathering", "return/gp", "meeting/office", **{**late, **changes})])


def printed(screen: RenderableType) -> str:
    """What a terminal wide enough shows."""
    out = StringIO()
    Console(file=out, width=200).print(screen)
    return out.getvalue()


def figures() -> YearFigures:
    """A year of two cases, one of them still open, and one that cannot be counted."""
    report = Reached(key=REPORT, due=DUE, met=DUE, days=14)
    case = CaseFigures(
        reference="RR-2026-01", route="sin", begun_on=DUE.date(), outcome="no_cspr", milestones=(report,)
    )
    still = case.model_copy(update={"route": "request", "outcome": None, "milestones": ()})
    return figures_of(2026, [case, still], NOW, missing=["RR-2026-03"])


def test_a_case_put_forward_and_reviewed_is_one_row_at_its_reviews_stage() -> None:
    """The consideration that has ended says nothing any more."""
    case = folded([ended("consideration", "review_opened", "review_opened"), part("review", "gathering")])
    assert (case.process, case.stage, case.outcome) == ("review", "gathering", "open")


def test_the_wait_for_the_panel_the_cspr_and_the_actions_belong_to_their_case() -> None:
    """Their dates and parties stand together; the stage is that of the CSPR, the outcome the decision."""
    later = datetime(2027, 1, 9, 17, tzinfo=UTC)
    case = folded(
        [
            ended("review", "concluded", "cspr"),
            part("panel", "concluded", "answer/panel", next_due=later, outcome="cspr"),
            part("cspr", "commissioning", "commission/office", next_due=None, outcome="cspr"),
            part("action", "open", "action/1/housing"),
            part("action", "evidenced", "closing/2/office", next_due=None),
        ]
    )
    assert (case.process, case.stage, case.outcome) == ("cspr", "commissioning", "cspr")
    assert (case.next_due, case.running) == (DUE, True)
    assert case.actions == ("action/1/housing", "closing/2/office")
    assert set(case.awaited) == {"commission/office", "answer/panel", *case.actions}


def test_a_case_of_which_only_actions_go_on_is_shown_as_it_ended() -> None:
    """It stays in the list until the last of them is closed."""
    case = folded([part("action", "open", "action/1/housing"), ended("review", "concluded", "no_cspr")])
    assert (case.process, case.stage, case.outcome, case.running) == ("review", "concluded", "no_cspr", True)


def test_an_action_whose_case_has_gone_from_the_server_is_still_listed() -> None:
    """It has nothing else to be shown by."""
    case = folded([part("action", "open", "action/1/housing")])
    assert (case.process, case.stage, case.actions) == ("action", "open", ("action/1/housing",))


def test_cases_are_chosen_by_stage_area_and_what_is_overdue() -> None:
    """All conditions together."""
    fine = row(late=(), next_due=datetime(2026, 12, 21, 17, tzinfo=UTC))
    passed, elsewhere = row(late=()), row(area="rutland").model_copy(update={"stage": "signing"})
    every = [fine, passed, elsewhere]
    assert chosen(every, NOW) == every
    assert chosen(every, NOW, overdue=True) == [passed, elsewhere]
    assert chosen(every, NOW, overdue=True, area="northamptonshire") == [passed]
    assert chosen(every, NOW, stage="signing") == [elsewhere]


def test_a_stage_that_there_is_not_is_refused() -> None:
    """The sentence says which there are."""
    with pytest.raises(NotReadable, match=r"--stage: no case is ever at the stage gatherin\. .*gathering"):
        chosen([], NOW, stage="gatherin")


def test_the_short_list_says_when_from_whom_and_who_is_late() -> None:
    """Many parties are counted."""
    many = row(awaited=tuple(f"return/agency-{n}" for n in range(5)))
    text = printed(list_screen([row(), many], NOW))
    assert re.search(
        r"RR-2026-07 +gathering +Thu 17 Dec 2026 17:00 +return: gp; meeting: office +return: gp +open", text
    )
    assert "return: 5" in text
    assert "rapid-review overview" in text


@pytest.mark.parametrize(("held", "says"), [(1, "1 mail waits"), (2, "2 mails wait"), (None, "not known")])
def test_the_short_list_says_that_mail_waits_in_quarantine(held: int | None, says: str) -> None:
    """Whoever looks at nothing else looks at this; also where no case is open."""
    for rows in ([row()], []):
        text = printed(list_screen(rows, NOW, held=held))
        assert says in text
        assert ("rapid-review quarantine list" in text) is bool(held)
        assert "quarantine" not in printed(list_screen(rows, NOW))


def test_where_no_case_is_open_the_list_says_how_to_open_one() -> None:
    """Somebody who has forgotten reads this first."""
    assert "rapid-review open FILE" in printed(list_screen([], NOW))


def test_where_only_some_cases_were_asked_for_the_list_does_not_say_that_none_is_open() -> None:
    """An office with nothing late has open cases all the same."""
    text = printed(list_screen([], NOW, narrowed=True))
    assert "No case is like that" in text
    assert "is open" not in text


def test_the_overview_has_every_column_and_the_years_figures() -> None:
    """With what could not be counted, by name."""
    text = printed(overview_screen([case_sheet([row()]), *figure_sheets(figures())], 200))
    assert "northamptonshire" in text
    assert "Wed 30 Dec 2026 17:00" in text
    assert re.search(r"Report to the Panel +1 +1 +100% +14 +14 +14", text)
    assert re.search(r"request +open +1", text)
    assert re.search(r"all +1 still open +2", text)
    assert "Not counted: RR-2026-03." in text


def learning_review(**changes: object) -> CsprFigures:
    """A CSPR published after five months and a few days, in time."""
    given = {
        "called": "RR-2026-01",
        "kind": LearningKind.CSPR,
        "became": "published",
        "decided_on": date(2026, 12, 18),
        "commissioned_on": date(2027, 1, 7),
        "commissioned_in": 11,
        "due": datetime(2027, 6, 18, 16, tzinfo=UTC),
        "published_on": date(2027, 5, 21),
        "published_in": 154,
        "in_time": True,
        "held_for": (Proceedings.CRIMINAL,),
        "on_hold": False,
    }
    return CsprFigures.model_validate({**given, **changes})


def test_each_cspr_of_the_year_is_told_of_on_every_form() -> None:
    """When it was commissioned and published, how long after the decision, in time or not, held or not."""
    late = learning_review(called="RR-2026-02/2", in_time=False, on_hold=True)
    open_ = learning_review(published_on=None, published_in=None, in_time=None, held_for=())
    sheets = figure_sheets(figures_of(2026, [], NOW, learning_reviews=[learning_review(), late, open_]))
    text = printed(overview_screen(sheets, 200))
    assert "CSPRs and other learning reviews decided in 2026: 3" in text
    assert "Published in time: 1 of 2." in text
    *_, first, second, third, _ = csv.reader(StringIO(as_csv(sheets)))
    assert first == [
        "RR-2026-01",
        "cspr",
        "published",
        "2026-12-18",
        "2027-01-07",
        "11",
        "2027-06-18 17:00",
        "2027-05-21",
        "5.1",
        "yes",
        "was: criminal",
    ]
    assert (second[0], second[-2:]) == ("RR-2026-02/2", ["no", "criminal"])
    assert third[-4:] == ["", "", "", ""]
    assert "<td>Fri 21 May 2027</td>" in as_page(sheets, NOW, "Open cases.")


@pytest.mark.parametrize("room", [40, 80, 110, 200])
def test_no_word_is_broken_however_narrow_the_screen(room: int) -> None:
    """Keys are typed as they are read; where the columns find no room, each case stands by itself."""
    screen = overview_screen([case_sheet([row()]), *figure_sheets(figures())], room)
    out = StringIO()
    Console(file=out, width=room).print(Group(screen, list_screen([row()], NOW, room=room)))
    words = out.getvalue().split()
    assert {"RR-2026-07", "northamptonshire", "gathering", "meeting:", "sin"} <= set(words)
    assert max(map(len, out.getvalue().splitlines())) <= room


def test_the_csv_reads_back_with_dates_that_sort() -> None:
    """In London time, one line for each case, the figures after a blank line."""
    lines = list(csv.reader(StringIO(as_csv([case_sheet([row()]), *figure_sheets(figures())]))))
    named = dict(zip(lines[0], lines[1], strict=True))
    assert named["reference"] == "RR-2026-07"
    assert (named["next date"], named["report due"]) == ("2026-12-17 17:00", "2026-12-30 17:00")
    assert (named["awaited from"], named["late"]) == ("return: gp; meeting: office", "return: gp")
    assert lines[2] == []
    assert lines[3] == ["route", "outcome", "cases"]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_reckon_is_marked_as_text(formula: str) -> None:
    """An office opens the file in a spreadsheet."""
    [line] = list(csv.reader(StringIO(as_csv([Sheet("", (formula,), ())]), newline="")))
    assert line == [f"'{formula}"]


class _Reader(HTMLParser):
    """Reads a page as somebody with a screen reader does: its captions, its headings, their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read += [f"{tag}:{value}" for name, value in attrs if name in {"scope", "lang"}]
        assert tag not in {"script", "link", "img"}

    def handle_data(self, data: str) -> None:
        self.read += [data.strip()] if data.strip() else []


def test_the_page_is_one_file_that_reads_in_order() -> None:
    """Title, when, which cases; each table with its caption, and a heading for each column and line."""
    reader = _Reader()
    reader.feed(as_page([case_sheet([row()])], NOW, "Open cases."))
    text = "\n".join(reader.read)
    assert reader.read[0] == "html:en-GB"
    assert "As of Fri 18 Dec 2026 09:30 (London). Open cases." in text
    start = reader.read.index("Cases: 1")
    assert reader.read[start + 1 : start + 5] == ["th:col", "reference", "th:col", "area"]
    assert reader.read.count("th:col") == 10
    line = reader.read[reader.read.index("th:row") :]
    assert line == [
        "th:row",
        "RR-2026-07",
        "northamptonshire",
        "review",
        "gathering",
        "Thu 17 Dec 2026 17:00",
        "return: gp; meeting: office",
        "return: gp",
        "Wed 30 Dec 2026 17:00",
        "open",
    ]
    assert "@media print" in text


def test_the_page_says_the_years_figures_and_what_is_missing() -> None:
    """The Sub-Group reads it on paper."""
    page = as_page(figure_sheets(figures()), NOW, "Open cases.")
    assert "<caption>Cases begun in 2026, by route and outcome</caption>" in page
    assert "<strong>Note:</strong> Not counted: RR-2026-03." in page


def test_nothing_in_a_cell_becomes_part_of_the_page() -> None:
    """Every cell is escaped."""
    page = as_page([Sheet("<b>", ("<i>",), (("<script>alert(1)</script>",),))], NOW, "<u>")
    assert re.search(r"<(b|i|u|script)>", page) is None
    assert "&lt;script&gt;" in page


def test_a_number_that_is_wanting_in_a_series_is_named() -> None:
    """Each series by itself, as wide as its numbers are."""
    assert unused(["RR-2026-01", "RR-2026-04", "CW-2026-001"]) == ["RR-2026-02", "RR-2026-03"]
    assert unused(["RR-2026-003"]) == ["RR-2026-001", "RR-2026-002"]
    assert unused([]) == []
