"""Format files: a state adds its own, and every mistake in one is told with its key."""

import pytest

from policy.files.format import Field
from policy.files.format_file import PackError, read_format
from tests.files.formats.made import formats, known, lines, problems_of, read_all, rows_of
from tests.project import ROOT

pytestmark = pytest.mark.rule("files")
OWN = """
format = "north-users"
label = "Users of North"
subject = "users"
mode = "row-wise"
writes = "add"
source = "North's guide"
columns = [
  { field = "first-name", heading = "Given" },
  { field = "last-name", heading = "Family" },
  { field = "email", heading = "Login" },
  { field = "role", heading = "Position" },
  { field = "organization", heading = "Place", lengths = [5] },
  { field = "action", heading = "What", required = false, accepted = { New = "add", Gone = "delete" } },
]
"""


def test_a_state_adds_a_format_by_a_file() -> None:
    form = read_format(OWN, "north.toml")
    assert [column.heading for column in form.columns] == ["Given", "Family", "Login", "Position", "Place", "What"]
    column = form.column(Field.ORGANIZATION)
    assert column is not None
    assert column.lengths == (5,)


@pytest.mark.parametrize("path", sorted((ROOT / "programs" / "formats").glob("*.toml")), ids=lambda path: path.name)
def test_shipped_formats_are_good_and_named_as_their_file(path: object) -> None:
    names = {file.stem for file in (ROOT / "programs" / "formats").glob("*.toml")}
    assert names == set(formats())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format = "north-users"', 'format = "North Users"', "format: “North Users” is no code"),
        ('mode = "row-wise"', 'mode = "some"', "mode: “some” is unknown"),
        ('label = "Users of North"\n', "", "label: is missing"),
        ('source = "North\'s guide"', 'sauce = "x"', "did you mean source"),
        ('field = "email"', 'field = "mail"', "field: “mail” is unknown"),
        ('heading = "Login"', 'heading = "Given"', "as two columns: Given and Given"),
        ('heading = "Family"', 'heading = "Login"', "as two columns: Login and Login"),
        ('heading = "Login"', 'heading = "--"', "without letters or digits"),
        ('heading = "Login"', 'heading = "Login", aliases = ["given"]', "as two columns"),
        ('field = "role", heading', 'field = "ignored", heading', "no column of the field role"),
        ("lengths = [5]", 'lengths = ["5"]', "whole numbers"),
        ("lengths = [5]", 'pattern = "("', "no regular expression"),
        ('New = "add"', 'New = "plus"', "“plus” is no action"),
        (', accepted = { New = "add", Gone = "delete" }', "", "accepted: is missing"),
        ('field = "action", heading = "What", required = false, accepted = { New = "add", Gone = "delete" }',
         'field = "student", heading = "What"', "which is not of users"),
        ('field = "action", heading = "What", required = false, accepted = { New = "add", Gone = "delete" }',
         'field = "organization", heading = "What"', "each needs a level"),
        ('subject = "users"', 'subject = "groups"', "which is not of groups"),
        ('mode =', 'earlier = [{ label = "Old", last_year = "2026-28", headings = ["A"] }]\nmode =', "no school year"),
        ("columns = [", "columns = [ 5,", "must be a table"),
        ("[", "[[", "not valid TOML"),
    ],
)  # fmt: skip
def test_mistakes_in_a_format_file_are_told_with_their_key(old: str, new: str, said: str) -> None:
    assert old in OWN
    with pytest.raises(PackError) as caught:
        read_format(OWN.replace(old, new, 1), "north.toml")
    assert said in str(caught.value)
    assert str(caught.value).startswith("north.toml: ")


def test_an_earlier_template_must_differ_from_the_current_one() -> None:
    earlier = '\n[[earlier]]\nlabel = "Old"\nheadings = ["Given", "family", "LOGIN", "Position", "Place", "What"]\n'
    with pytest.raises(PackError, match="same headings as the format itself"):
        read_format(OWN + earlier, "north.toml")


def test_an_old_row_of_a_changed_label_gets_a_note_by_its_school_year() -> None:
    text = OWN.replace("]\n", '  { field = "school-year", heading = "Year", required = false },\n]\n') + (
        '\n[[changed_labels]]\nlabel = "Test Examiner"\nlast_year = "2017-18"\nnote = "It gave alternate tests only."\n'
    )
    assert read_format(text, "north.toml").changed_labels[0].last_year == "2017-18"
    from policy.files.reader import read  # the formats of `read_all` are the shipped ones

    data = lines(
        "A,B,a@n.example,Test Examiner,00001,,2017-18",
        "A,B,b@n.example,Test Examiner,00001,,2018-19",
        header="Given,Family,Login,Position,Place,What,Year",
    )
    items = list(read(read_format(text, "north.toml"), known(), [data]))
    assert [(one.row, one.message) for one in problems_of(items)] == [(2, "It gave alternate tests only.")]
    assert len(rows_of(items)) == 2


def test_toms_serves_the_year_of_2017_18_with_its_own_roles() -> None:
    data = lines("Jane,Alder,19000010000017,j@n.example,916-555-0100,Test Administrator & Test Examiner")
    (found,) = rows_of(read_all(data, about=known(year="2017-18")))
    assert found.role == known(year="2017-18").roles["test administrator & test examiner"].slug
    assert found.role != known().roles["test examiner"].slug
