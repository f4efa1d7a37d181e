"""Tables of questions: headings in two languages, three delimiters, one row for each question, errors by row and column."""

import pytest
from django.utils import translation

from courses.exchange import csv_table
from tests.courses.exchange.plainly import answers, notes, numbers, pairs, q, read_as, short, steps, truth

ENGLISH = [
    q("single", "<p>Which form is a cooperative?</p>", answers=answers(
        ("One that its members own", True), ("One that the state owns", False), ("One that a bank owns", False))),
    q("multiple", "<p>What does a member get?</p>", "<p>Both come with the contract.</p>", answers=answers(
        ("Invoicing", True), ("Social protection", True), ("A share of the market", False))),
    q("true_false", "<p>A member finds their own work.</p>", **truth(True)),
    q("numeric", "<p>After how many years should it break even?</p>", **numbers(("3", "0.5", 100), unit="years", otherwise="Think of the first clients.")),
    q("short", "<p>What is shared?</p>", "<p>A * stands for any words; 50% is worth half.</p>", **short(("risk*", 100), ("money", 50))),
    q("match", "<p>Where are they?</p>", **pairs(("Liège", "Belgium"), ("Lille", "France"), decoys=("Spain",))),
    q("order", "<p>In what order?</p>", **steps("Ask", "Meet", "Decide")),
    q("long", "<p>Tell about your project.</p>", words=200, guide="It names the need, and who has it."),
]  # fmt: skip


def test_the_english_example_is_understood_whole():
    found = csv_table.read(csv_table.template("en"))
    assert (read_as(found), notes(found)) == (ENGLISH, [])
    assert [question.line for question in found.questions] == list(range(2, 10))


def test_the_french_example_says_the_same_kinds():
    found = csv_table.read("\ufeff" + csv_table.template("fr"))
    assert [question.kind for question in found.questions] == [expected[0] for expected in ENGLISH]
    assert notes(found) == []
    assert found.questions[3].values == numbers(("3", "0.5", 100), unit="ans", otherwise="Pensez aux premiers clients.")


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_delimiters_and_line_ends(sign, ending):
    text = ending.join([sign.join(["Type", "Question", "Correct"]), sign.join(["vrai ou faux", '"So, or so; or?"', "FAUX"])])
    assert csv_table.is_like(text)
    assert read_as(csv_table.read(text)) == [q("true_false", "<p>So, or so; or?</p>", **truth(False))]


def test_columns_in_any_order_and_the_kind_told_by_the_answers():
    text = 'Explanation,wrong,right,question,pool\nWhy,b|c,a,"One\nor two",Law\n,c,a|b,Two?,\n,,true,Three?,'
    found = csv_table.read(text)
    assert [(question.kind, question.category, question.line) for question in found.questions] == [
        ("single", "Law", 2),
        ("multiple", "", 4),
        ("true_false", "", 5),
    ]
    assert found.questions[0].prompt == "<p>One<br/>or two</p>"


def test_bars_ranges_and_markup():
    text = "kind;question;right;wrong\none;A <b>b</b>?;a \\| b;c\nnumber;N?;1..5 | 50% 7:1;\n"
    assert read_as(csv_table.read(text)) == [
        q("single", "<p>A <b>b</b>?</p>", answers=answers(("a | b", True), ("c", False))),
        q("numeric", "<p>N?</p>", **numbers(("3", "2", 100), ("7", "1", 50))),
    ]


def test_the_kinds_that_are_known_are_named_in_the_language_of_the_reader():
    note = csv_table.read("genre;question;bonnes réponses\nénigme;Q ?;a\n").notes[0]
    with translation.override("fr"):
        assert str(note.said).endswith("Ce peut être\xa0: une, plusieurs, vrai ou faux, nombre, quelques mots, paires, ordre, texte.")


ROWS = {
    "riddle,Q?,a,b": "Column “kind”: “riddle” is not known. It may be: one, several, true or false, number, a few words, pairs, order, text.",
    ",Q?,a,": "Column “kind”: it is empty, and the answers do not tell.",
    "one,,a,b": "Column “question”: it is empty.",
    "one,Q?,,b": "Column “right answers”: it is empty.",
    "one,Q?,a,": "It has fewer than two answers.",
    "one,Q?,a|b,c": "More than one of its answers is right, and only one may be chosen.",
    "true or false,Q?,perhaps,": "Column “right answers”: write ‘true’ or ‘false’.",
    "number,Q?,many,": "Column “right answers”: “many” is not a number.",
    "pairs,Q?,a -> b|c,": "Column “right answers”: a pair is written “this -> that”, not “c”.",
    "order,Q?,a,": "It has fewer than two steps.",
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_that_is_wrong_is_named_and_stops_nothing(row):
    found = csv_table.read(f"kind,question,right answers,wrong answers\ntext,Before?,,\n\n{row}\ntext,After?,,")
    assert [question.prompt for question in found.questions] == ["<p>Before?</p>", "<p>After?</p>"]
    assert notes(found) == [(4, "left", ROWS[row])]


def test_what_a_kind_has_no_place_for_is_said():
    found = csv_table.read(
        "kind,question,right,wrong,unit,words,otherwise\ntrue or false,Q?,true,b,€,,No.\ntext,R?,,,,5,\na few words,S?,a,,,,No.\n"
    )
    assert notes(found) == [
        (2, "lost", "Column “wrong answers”: this kind of question has none, they are not kept."),
        (2, "lost", "Column “unit”: only a number has one, it is not kept."),
        (2, "lost", "Column “any other answer”: only a number and a few words have one, it is not kept."),
        (3, "changed", "Column “words at most”: “5” is not a number from 10 to 3000, so there is no limit."),
    ]
    assert found.questions[2].values == short(("a", 100), otherwise="No.")


def test_a_quotation_mark_that_nothing_closes_is_named_with_what_it_swallowed():
    open_mark = "A quotation mark is opened in this row and never closed: close it, or take it away. Lines after it that it swallowed: %d."
    found = csv_table.read('question,right,wrong\nA?,a,b\n"B?,a,b\n' + "C?,a,b\n" * 60)
    assert [question.prompt for question in found.questions] == ["<p>A?</p>"]
    assert notes(found) == [(3, "left", open_mark % 60)]
    found = csv_table.read('question,right,wrong\n"A\n?",a,b\n"B?,a,b\nC?,a,b\nD?,"d, e",f\nE?,a,b\n')
    assert [(question.prompt, question.line) for question in found.questions] == [("<p>A<br/>?</p>", 2), ("<p>E?</p>", 7)]
    assert notes(found) == [(4, "left", open_mark % 2)]
    assert notes(csv_table.read('question,right,wrong\nA?,a,"b')) == [(2, "left", open_mark % 0)]
    assert notes(csv_table.read('question,right,"wrong\nA?,a,b')) == [(1, "left", open_mark % 1)]


def test_a_mark_that_is_closed_by_the_next_one_and_has_swallowed_many_lines_is_named():
    found = csv_table.read('question,right,wrong\n"B?,a,b\n' + "C?,a,b\n" * 60 + '",a,b\nD?,a,b\n')
    assert [question.prompt for question in found.questions] == ["<p>D?</p>"]
    assert notes(found) == [(2, "left", "This row cannot be read: is a quotation mark missing?")]


def test_columns_that_nobody_knows_are_named():
    found = csv_table.read("Genre;Question;Bonnes réponses;Points;Image;Feedback right;;Question\nordre;Q?;a|b;2;x.png;Yes;;R?\n")
    assert read_as(found) == [q("order", "<p>Q?</p>", **steps("a", "b"))]
    assert notes(found) == [
        (1, "lost", "Column “Points” is not known: what it holds is not kept."),
        (1, "lost", "Column “Image” is not known: what it holds is not kept."),
        (1, "lost", "Column “Feedback right” is not known: what it holds is not kept."),
        (1, "lost", "Column “Question”: there are two of the kind, only the first is read."),
    ]


def test_cells_without_a_heading_are_said():
    found = csv_table.read("question,right,wrong\nA, or B?,a,b\n")
    assert notes(found) == [
        (2, "lost", "The row has more cells than there are headings: “b” is not kept. Is a quotation mark missing round a text?")
    ]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_first_line_of_excel_says_the_sign(sign):
    text = f"\ufeffsep={sign}\r\nkind{sign}question{sign}right\r\ntrue or false{sign}Q?{sign}true\r\n"
    assert csv_table.is_like(text)
    assert read_as(csv_table.read(text)) == [q("true_false", "<p>Q?</p>", **truth(True))]
    assert [question.line for question in csv_table.read(text).questions] == [3]


def test_a_table_without_its_columns_is_none():
    assert not csv_table.is_like("name,age\nAda,36")
    assert notes(csv_table.read("kind,question\none,Q?")) == [(1, "left", "The first row has no column “right answers”.")]


def test_a_comma_is_a_decimal_sign_in_a_table_and_said_to_be_where_it_may_mean_thousands():
    found = csv_table.read('kind;question;right\nnumber;"A?";"3,5 ± 0,25"\nnumber;"B?";"1,200"\n')
    assert read_as(found) == [
        q("numeric", "<p>A?</p>", **numbers(("3.5", "0.25", 100))),
        q("numeric", "<p>B?</p>", **numbers(("1.2", "0", 100))),
    ]
    assert notes(found) == [(3, "changed", "“1,200”: a comma is read as a decimal sign. For thousands, write none.")]
