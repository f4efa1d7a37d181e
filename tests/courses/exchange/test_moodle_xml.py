"""Moodle XML: every kind that is asked here is understood; the others, and what they hold besides, are named with their line."""

import pytest

from courses.exchange import moodle_xml
from courses.exchange.plain import Picture
from tests.courses.exchange.plainly import answers, notes, numbers, pairs, q, read_as, short, steps, truth


def quiz(*questions: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + "\n".join(questions) + "\n</quiz>\n"


def question(kind: str, inside: str = "", *, text: str = "<p>Asked?</p>", name: str = "Named", general: str = "", files: str = "") -> str:
    feedback = f'<generalfeedback format="html"><text><![CDATA[{general}]]></text></generalfeedback>' if general else ""
    return (
        f'<question type="{kind}"><name><text>{name}</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text>{files}</questiontext>{feedback}{inside}</question>'
    )


def answer(text: str, fraction: str, told: str = "", more: str = "", form: str = "html") -> str:
    feedback = f'<feedback format="html"><text><![CDATA[{told}]]></text></feedback>' if told else ""
    return f'<answer fraction="{fraction}" format="{form}"><text><![CDATA[{text}]]></text>{feedback}{more}</answer>'


KINDS = {
    "one right answer": (
        question(
            "multichoice",
            "<single>true</single>" + answer('<p dir="ltr" style="text-align:left">a &amp; b</p>', "100", "<p>Yes.</p>") + answer("c", "0"),
            general="<p>Because.</p>",
        ),
        q("single", "<p>Asked?</p>", "<p>Because.</p>", answers=answers(("a & b", True, "Yes."), ("c", False))),
    ),
    "several": (
        question("multichoice", "<single>false</single>" + answer("a", "50") + answer("b", "50") + answer("c", "-50")),
        q("multiple", "<p>Asked?</p>", answers=answers(("a", True), ("b", True), ("c", False))),
    ),
    "true": (
        question("truefalse", answer("true", "100", "right", form="moodle_auto_format") + answer("false", "0", "wrong")),
        q("true_false", "<p>Asked?</p>", **truth(True, "right", "wrong")),
    ),
    "false": (question("truefalse", answer("true", "0") + answer("false", "100")), q("true_false", "<p>Asked?</p>", **truth(False))),
    "a few words": (
        question("shortanswer", "<usecase>1</usecase>" + answer("One", "100", "yes") + answer("t*", "50")),
        q("short", "<p>Asked?</p>", **short(("One", 100, "yes"), ("t*", 50), case=True)),
    ),
    "a number": (
        question(
            "numerical",
            answer("3.50", "100", "near", "<tolerance>0.5</tolerance>")
            + answer("4", "50", "", "<tolerance>0</tolerance>")
            + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit></units>",
        ),
        q("numeric", "<p>Asked?</p>", **numbers(("3.5", "0.5", 100, "near"), ("4", "0", 50), unit="m")),
    ),
    "pairs": (
        question(
            "matching",
            '<subquestion format="html"><text><![CDATA[<p>a</p>]]></text><answer><text>b</text></answer></subquestion>'
            '<subquestion format="html"><text>c</text><answer><text>d</text></answer></subquestion>'
            '<subquestion format="html"><text></text><answer><text>e</text></answer></subquestion>',
        ),
        q("match", "<p>Asked?</p>", **pairs(("a", "b"), ("c", "d"), decoys=("e",))),
    ),
    "pairs that are dragged": (
        question(
            "ddmatch",
            '<subquestion format="html"><text>a</text><answer format="html"><text><![CDATA[<p>b</p>]]></text></answer></subquestion>'
            '<subquestion format="html"><text>c</text><answer format="html"><text>d</text></answer></subquestion>',
        ),
        q("match", "<p>Asked?</p>", **pairs(("a", "b"), ("c", "d"))),
    ),
    "a long text": (
        question(
            "essay",
            '<maxwordlimit>200</maxwordlimit><graderinfo format="html"><text><![CDATA[<p>Says a.</p><p>Says b.</p>]]></text></graderinfo>',
        ),
        q("long", "<p>Asked?</p>", words=200, guide="Says a.\nSays b."),
    ),
    "an order": (
        question("ordering", answer("second", "2.0000000") + answer("first", "1.0000000") + answer("third", "3.0000000", "Last.")),
        q("order", "<p>Asked?</p>", **steps("first", "second", ("third", "Last."))),
    ),
    "an order that says no places": (
        question("ordering", answer("first", "0") + answer("second", "0")),
        q("order", "<p>Asked?</p>", **steps("first", "second")),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_kind_is_understood_whole(name):
    text, expected = KINDS[name]
    found = moodle_xml.read(quiz(text))
    assert (read_as(found), notes(found)) == ([expected], [])
    assert (found.questions[0].name, found.questions[0].line) == ("Named", 3)


def test_every_kind_in_one_file():
    found = moodle_xml.read(quiz(*(text for text, _expected in KINDS.values())))
    assert read_as(found) == [expected for _text, expected in KINDS.values()]
    assert [question.line for question in found.questions] == list(range(3, 3 + len(KINDS)))


def test_formats_of_a_text():
    def written(form: str, text: str) -> str:
        return question("truefalse", answer("true", "100") + answer("false", "0"), text=text).replace(
            '<questiontext format="html">', f'<questiontext format="{form}">'
        )

    found = moodle_xml.read(
        quiz(written("markdown", "a **b**"), written("plain_text", "a <b>\nc"), written("moodle_auto_format", "a <b>b</b>"))
    )
    assert [one.prompt for one in found.questions] == ["<p>a <b>b</b></p>", "<p>a &lt;b&gt;<br/>c</p>", "<p>a <b>b</b></p>"]


def test_characters_by_their_html_names():
    text = question("truefalse", answer("true", "100") + answer("false", "0"), text="&eacute;&nbsp;&lt;&amp;").replace(
        "<name><text>Named", "<name><text>&Eacute;&amp;"
    )
    [one] = moodle_xml.read(quiz(text)).questions
    assert (one.name, one.prompt) == ("É&", "<p>é\u00a0&lt;&amp;</p>")


def test_categories_stay_with_their_questions():
    category = '<question type="category"><category><text>$course$/top/Law/Forms</text></category></question>'
    found = moodle_xml.read(quiz(KINDS["true"][0], category, KINDS["false"][0]))
    assert [one.category for one in found.questions] == ["", "Law / Forms"]


REFUSED = {
    "description": "“Named”: A description asks nothing.",
    "cloze": "“Named”: A text with several gaps (Cloze) is not a kind that is asked here: write a question for each gap.",
    "calculated": "“Named”: A calculated question draws its numbers by lot, which is not done here: write it as a number.",
    "ddwtos": "“Named”: Words dragged into gaps are not a kind that is asked here: write pairs to match.",
    "stack": "“Named”: “stack” is not a kind that is asked here.",
    "": "“Named”: “” is not a kind that is asked here.",
    "multichoice": "“Named”: It has fewer than two answers.",
    "truefalse": "“Named”: Its answers are not ‘true’ and ‘false’.",
    "numerical": "“Named”: It has no accepted answer.",
    "shortanswer": "“Named”: It has no accepted answer.",
    "matching": "“Named”: It has fewer than two pairs.",
    "ordering": "“Named”: It has fewer than two steps.",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_not_asked_here_is_named_and_stops_nothing(kind):
    found = moodle_xml.read(quiz(KINDS["true"][0], question(kind), KINDS["false"][0]))
    assert [one.kind for one in found.questions] == ["true_false", "true_false"]
    assert notes(found) == [(4, "left", REFUSED[kind])]


def test_what_a_question_loses_is_said():
    found = moodle_xml.read(
        quiz(
            question(
                "numerical",
                "<defaultgrade>3</defaultgrade>"
                + answer("1", "100")
                + answer("*", "0", "No.")
                + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
                "<unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>",
            ),
            question("essay", "<attachments>1</attachments><minwordlimit>50</minwordlimit><maxwordlimit>5</maxwordlimit>"),
            question("ordering", answer("a", "1") + answer("b", "2") + "<selecttype>RANDOM</selecttype>"),
            question(
                "truefalse",
                answer("true", "100")
                + answer("false", "0")
                + "<hint><text>Think.</text></hint><tags><tag><text>law</text></tag></tags><correctfeedback><text>Well.</text></correctfeedback>",
            ),
        )
    )
    assert notes(found) == [
        (3, "lost", "The number is asked in one unit: cm is not taken."),
        (3, "changed", "It was worth 3 points: here every question counts the same."),
        (4, "lost", "No file can be handed in with the text."),
        (4, "lost", "The least number of words is not kept."),
        (4, "changed", "A limit of 5 words cannot be asked: it is left out."),
        (5, "changed", "Only some of its steps were asked at a time: here all of them are."),
        (0, "lost", "Hints for a second try are not kept; questions that had some: 1."),
        (0, "lost", "Tags are not kept; questions that had some: 1."),
        (0, "lost", "Words for a right, partly right or wrong answer are not kept; questions that had some: 1."),
    ]
    assert found.questions[0].values == numbers(("1", "0", 100), unit="m", otherwise="No.")


def test_what_takes_everything_and_is_worth_nothing_is_told_for_any_other_answer():
    text = quiz(question("shortanswer", answer("a", "100") + answer("*", "0", "Not that.")))
    assert moodle_xml.read(text).questions[0].values == short(("a", 100), otherwise="Not that.")
    text = quiz(question("shortanswer", answer("*", "100", "Anything.")))
    assert moodle_xml.read(text).questions[0].values == short(("*", 100, "Anything."))


def test_pictures_of_the_text():
    text = '<p>A<img src="@@PLUGINFILE@@/a%20b.png" alt="Alt"><img src="@@PLUGINFILE@@/two.png"></p>'
    files = '<file name="a b.png" path="/" encoding="base64">aGVs\nbG8=</file><file name="two.png" encoding="base64">aGVsbG8=</file>'
    truths = answer("true", "100") + answer("false", "0")
    found = moodle_xml.read(
        quiz(
            question("truefalse", truths, text=text, files=files),
            question("truefalse", truths, text='B<img src="@@PLUGINFILE@@/gone.png"><img src="https://example.org/c.png">'),
            question("truefalse", truths, text='C<img src="@@PLUGINFILE@@/x">', files='<file name="x" encoding="base64">!!</file>'),
        )
    )
    assert [one.picture for one in found.questions] == [Picture("a b.png", b"hello", "Alt"), None, None]
    assert [one.prompt for one in found.questions] == ["<p>A</p>", "<p>B</p>", "<p>C</p>"]
    assert [said for _line, _what, said in notes(found)] == [
        "A question has one picture: “two.png” is not kept.",
        "The picture “@@PLUGINFILE@@/gone.png” is not in the file.",
        "The picture “https://example.org/c.png” is not in the file.",
        "The picture “x” is broken in the file.",
    ]


def test_a_picture_pasted_into_the_text_is_kept():
    text = '<p>A<img src="data:image/PNG;base64,aGVs bG8%3D" alt="Alt"></p><img src="data:image/gif;base64,aGVsbG8="><img src="data:image/png;base64,!!">'
    truths = answer("true", "100") + answer("false", "0")
    alone = '<img src="data:image/png;base64,!!">B'
    found = moodle_xml.read(quiz(question("truefalse", truths, text=text), question("truefalse", truths, text=alone)))
    assert [one.picture for one in found.questions] == [Picture("picture.png", b"hello", "Alt"), None]
    assert [said for _line, _what, said in notes(found)] == [
        "A question has one picture: “picture.gif” is not kept.",
        "A question has one picture: “picture.png” is not kept.",
        "The picture “picture.png” is broken in the file.",
    ]


def test_links_that_lead_nowhere_from_here_are_words():
    text = '<p><a href="@@PLUGINFILE@@/a.mp3">Listen</a>, <a href="/mod/x">look</a>, <a href="https://example.org/">read</a>.</p>'
    found = moodle_xml.read(quiz(question("truefalse", answer("true", "100") + answer("false", "0"), text=text)))
    assert found.questions[0].prompt == '<p>Listen, look, <a href="https://example.org/">read</a>.</p>'
    assert notes(found) == [(3, "lost", "A link to a file or a page of there is kept as words.")]


def test_a_file_that_breaks_off_gives_what_came_before():
    text = quiz(KINDS["true"][0], KINDS["false"][0])
    found = moodle_xml.read(text[: text.rindex("<questiontext")])
    assert [one.kind for one in found.questions] == ["true_false"]
    assert [(what, said) for _line, what, said in notes(found)] == [
        ("left", "The file is broken at this line: nothing that comes after it was read. Export it again.")
    ]


ENTITIES = "This XML defines entities or a document type, which no question bank needs: it is not opened."
HOSTILE = {
    "laughs": ('<!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]><quiz>&b;</quiz>', ENTITIES),
    "outside": ('<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>', ENTITIES),
    "a type": ('<!DOCTYPE quiz SYSTEM "http://example.org/q.dtd"><quiz></quiz>', ENTITIES),
    "deep": (
        "<quiz>" + "<a>" * 5000 + "</a>" * 5000 + "</quiz>",
        "This XML is built in a way that no question bank writes: it is too deep or has too many parts.",
    ),
    "many": (
        "<quiz>" + "<a/>" * 200_001 + "</quiz>",
        "This XML is built in a way that no question bank writes: it is too deep or has too many parts.",
    ),
    "another root": ("<rss><quiz></quiz></rss>", "This XML does not hold questions of Moodle: it begins with <rss>."),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_only_an_attack_needs_is_not_opened(name):
    text, reason = HOSTILE[name]
    found = moodle_xml.read(text)
    assert (found.questions, notes(found)) == ((), [(0, "left", reason)])


def test_scripts_do_not_get_through():
    evil = '<p onclick="alert(1)">A<script>alert(2)</script><a href="javascript:alert(3)">b</a></p>'
    found = moodle_xml.read(quiz(question("truefalse", answer("true", "100", evil) + answer("false", "0"), text=evil, general=evil)))
    [one] = found.questions
    assert (one.prompt, one.feedback, one.values["feedback_true"]) == ("<p>Ab</p>", "<p>Ab</p>", "Ab")


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("3,5", answer("3,5", "100", "", "<tolerance>0</tolerance>")),
        ("1,200", answer("1,200", "100", "", "<tolerance>0</tolerance>")),
        ("0,5", answer("3", "100", "", "<tolerance>0,5</tolerance>")),
        ("33,33333", answer("3", "33,33333", "", "<tolerance>0</tolerance>")),
    ],
)
def test_a_comma_is_no_decimal_sign_here_and_nobody_guesses(said, given):
    found = moodle_xml.read(quiz(question("numerical", given)))
    [(_line, what, words)] = notes(found)
    told = f"“{said}” has a comma: this format writes decimals with a point, and nothing between thousands."
    assert (found.questions, what, words.endswith(told)) == ((), "left", True)


@pytest.mark.parametrize(("kind", "said"), [("multichoice", "0"), ("matching", "false"), ("multichoice", "1"), ("matching", "")])
def test_a_fixed_order_of_the_answers_is_said(kind, said):
    inside = {
        "multichoice": "<single>true</single>" + answer("a", "100") + answer("b", "0"),
        "matching": "".join(f"<subquestion><text>{one}</text><answer><text>{one * 2}</text></answer></subquestion>" for one in "ab"),
    }[kind]
    found = moodle_xml.read(quiz(question(kind, f"<shuffleanswers>{said}</shuffleanswers>{inside}")))
    told = "The order of its answers was fixed there: here a quiz mixes the answers of all its questions, or of none."
    assert (len(found.questions), notes(found)) == (1, [(3, "changed", told)] if said in ("0", "false") else [])


PICTURE = '<img src="@@PLUGINFILE@@/map.png" alt="%s">'


@pytest.mark.parametrize(
    ("kind", "inside", "number", "name"),
    [
        ("multichoice", "<single>true</single>" + answer("a", "100") + answer(PICTURE % "", "0"), 2, "map.png"),
        ("ordering", answer(f"<p>{PICTURE % 'A map'}</p>", "1") + answer("b", "2"), 1, "A map"),
        (
            "matching",
            "<subquestion format='html'><text>a</text><answer><text>1</text></answer></subquestion>"
            f"<subquestion format='html'><text><![CDATA[{PICTURE % ''}]]></text><answer><text>2</text></answer></subquestion>"
            "<subquestion format='html'><text>c</text><answer><text>3</text></answer></subquestion>",
            2,
            "map.png",
        ),
    ],
)
def test_an_answer_that_is_only_a_picture_is_named(kind, inside, number, name):
    found = moodle_xml.read(quiz(question(kind, inside)))
    reason = f"Its answer {number} is a picture (“{name}”): answers that are pictures are not taken. Write it in words."
    assert (found.questions, notes(found)) == ((), [(3, "left", f"“Named”: {reason}")])


def test_what_does_not_say_how_it_is_written_is_written_as_the_question():
    """As Moodle reads it (question/format/xml/format.php): words of a question in plain text are no HTML."""
    inside = '<single>true</single><answer fraction="100"><text>&lt;b&gt;</text><feedback><text>a &lt;i&gt; b</text></feedback></answer>'
    inside += '<answer fraction="0"><text>&lt;i&gt;</text></answer>'
    asked = question("multichoice", inside, text="Which is bold: <b> or <i>?").replace(
        '<questiontext format="html">', '<questiontext format="plain_text">'
    )
    paired = "<subquestion><text>*one*</text><answer><text>1 *</text></answer></subquestion><subquestion><text>two</text><answer><text>2</text></answer></subquestion>"
    matched = question("matching", paired, text="*Which*?").replace('<questiontext format="html">', '<questiontext format="markdown">')
    assert read_as(moodle_xml.read(quiz(asked, matched))) == [
        q("single", "<p>Which is bold: &lt;b&gt; or &lt;i&gt;?</p>", answers=answers(("<b>", True, "a <i> b"), ("<i>", False))),
        q("match", "<p><i>Which</i>?</p>", **pairs(("one", "1 *"), ("two", "2"))),
    ]
