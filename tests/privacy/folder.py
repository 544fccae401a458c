"""A partnership's folder in which everybody who has a name, an address or a telephone is marked."""

import re
import shutil
from pathlib import Path

from domain.partnership import FILE
from tests.privacy.markers import WORDS
from worker.settings import PROJECT

SHIPPED = PROJECT / "partnerships" / "northamptonshire"

PEOPLE = (
    (r'^name = "(?=[^"]* Lead")', f'name = "{WORDS["lead"]} '),
    (r'{ name = "(?=[^"]* Deputy )', f'{{ name = "{WORDS["deputy"]} '),
    (r'{ name = "(?!Zq)', f'{{ name = "{WORDS["contact"]} '),
    (r'role = "', f'role = "{WORDS["role"]} '),
    (r'email = "', f'email = "{WORDS["address"]}.'),
    (r'phone = "', f'phone = "{WORDS["telephone"]} '),
)
"""Where the file speaks of somebody, and how it then does."""


def marked_folder(folder: Path) -> Path:
    """Make ``folder`` a copy of the shipped one with its leads' and agencies' people marked."""
    shutil.copytree(SHIPPED, folder)
    path = folder / FILE
    text = path.read_text("utf-8")
    first, last = text.index("[leads."), text.index("[[closures]]")
    people = text[first:last]
    for pattern, marked in PEOPLE:
        people = re.sub(pattern, marked, people, flags=re.MULTILINE)
    path.write_text(text[:first] + people + text[last:], encoding="utf-8")
    return folder
