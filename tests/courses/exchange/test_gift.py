"""GIFT: every construct of the format becomes the question that it means, and what cannot be kept is said with its line."""

import pytest

from courses.exchange import gift
from tests.courses.exchange.plainly import answers, notes, numbers, pairs, q, read_as, short, truth

WEIGHTS_DIFFER = "The right answers had different weights: here each counts the same."
TAKES = "A wrong answer that is chosen takes as much away here as a right one gives; there it took more or less."
NO_BRACES = "A text without braces asks nothing: it is a description."

CONSTRUCTS = {
    "one right answer": ("Who? {=Ada ~Bob ~Cy}", q("single", "<p>Who?</p>", answers=answers(("Ada", True), ("Bob", False), ("Cy", False)))),
    "feedbacks and an explanation": (
        "Who?{\n  =Ada#Yes, she.\n  ~Bob#No, not he.\n  ~Cy\n####Ada wrote it.\n}",
        q(
            "single",
            "<p>Who?</p>",
            "<p>Ada wrote it.</p>",
            answers=answers(("Ada", True, "Yes, she."), ("Bob", False, "No, not he."), ("Cy", False)),
        ),
    ),
    "several": (
        "Which?{~%50%a#one ~%50%b ~%-50%c}",
        q("multiple", "<p>Which?</p>", answers=answers(("a", True, "one"), ("b", True), ("c", False))),
    ),
    "thirds": (
        "Which?{~%33.33333%a ~%33.33333%b ~%33.33333%c ~%-33.33333%d}",
        q("multiple", "<p>Which?</p>", answers=answers(("a", True), ("b", True), ("c", True), ("d", False))),
    ),
    "several with one right": ("Which?{~%100%a ~%-100%b}", q("multiple", "<p>Which?</p>", answers=answers(("a", True), ("b", False)))),
    "true": ("So.{T}", q("true_false", "<p>So.</p>", **truth(True))),
    "false in words": ("So.{false}", q("true_false", "<p>So.</p>", **truth(False))),
    "true with both feedbacks": (
        "So.{TRUE#wrong#right####why}",
        q("true_false", "<p>So.</p>", "<p>why</p>", **truth(True, "right", "wrong")),
    ),
    "false with both feedbacks": ("So.{F#wrong#right}", q("true_false", "<p>So.</p>", **truth(False, "wrong", "right"))),
    "a few words": (
        "Say it.{=one =%50%two#half =*three*}",
        q("short", "<p>Say it.</p>", **short(("one", 100), ("two", 50, "half"), ("*three*", 100))),
    ),
    "words without a sign": ("Say it.{one}", q("short", "<p>Say it.</p>", **short(("one", 100)))),
    "a star that is one": ("Say it.{=a\\*b}", q("short", "<p>Say it.</p>", **short(("a\\*b", 100)))),
    "words that gain nothing": ("Say it.{=one =%0%two#no}", q("short", "<p>Say it.</p>", **short(("one", 100), ("two", 0, "no")))),
    "pairs": ("Match.{=a -> b =c->d = -> e}", q("match", "<p>Match.</p>", **pairs(("a", "b"), ("c", "d"), decoys=("e",)))),
    "a number": ("How many?{#3}", q("numeric", "<p>How many?</p>", **numbers(("3", "0", 100)))),
    "a number and its tolerance": ("How many?{#3:2#near}", q("numeric", "<p>How many?</p>", **numbers(("3", "2", 100, "near")))),
    "a range": ("How many?{#1..5}", q("numeric", "<p>How many?</p>", **numbers(("3", "2", 100)))),
    "a range under nothing": ("How cold?{#-5.5..-1}", q("numeric", "<p>How cold?</p>", **numbers(("-3.25", "2.25", 100)))),
    "several numbers": (
        "When?{#=%100%1822:0#yes =%50%1822:2#nearly}",
        q("numeric", "<p>When?</p>", **numbers(("1822", "0", 100, "yes"), ("1822", "2", 50, "nearly"))),
    ),
    "a long text": ("Tell.{}", q("long", "<p>Tell.</p>", words=None, guide="")),
    "a long text explained": ("Tell.{####because}", q("long", "<p>Tell.</p>", "<p>because</p>", words=None, guide="")),
    "a missing word": (
        "Ada {~sold =wrote} programmes.",
        q("single", "<p>Ada _____ programmes.</p>", answers=answers(("sold", False), ("wrote", True))),
    ),
    "a missing word before a stop": ("Ada was a {=writer}.", q("short", "<p>Ada was a _____.</p>", **short(("writer", 100)))),
    "escapes": (
        "\\{x\\} \\~ \\= \\# \\: a\\\\b{=1 \\= 1 ~2 \\~ 2\\#}",
        q("single", "<p>{x} ~ = # : a\\b</p>", answers=answers(("1 = 1", True), ("2 ~ 2#", False))),
    ),
    "a new line": ("One\\nTwo\\n\\nThree{T}", q("true_false", "<p>One<br/>Two</p><p>Three</p>", **truth(True))),
    "lines of the text": ("One\nTwo{T}", q("true_false", "<p>One<br/>Two</p>", **truth(True))),
    "html": (
        "[html]<p>A <b>b</b> <em>c</em> H<sub>2</sub>O</p><script>alert(1)</script>{T}",
        q("true_false", "<p>A <b>b</b> <i>c</i> H<sub>2</sub>O</p>", **truth(True)),
    ),
    "html without being told": ("A <strong>b</strong> &lt; c{T}", q("true_false", "<p>A <b>b</b> &lt; c</p>", **truth(True))),
    "less than": ("Is a < b and b>c & d?{T}", q("true_false", "<p>Is a &lt; b and b&gt;c &amp; d?</p>", **truth(True))),
    "plain": ("[plain]A <b>b</b>{T}", q("true_false", "<p>A &lt;b&gt;b&lt;/b&gt;</p>", **truth(True))),
    "moodle": ("[moodle]A <b>b</b>{T}", q("true_false", "<p>A <b>b</b></p>", **truth(True))),
    "markdown": ("[markdown]A **b** *c* `d`{T}", q("true_false", "<p>A <b>b</b> <i>c</i> <code>d</code></p>", **truth(True))),
    "a format of its own": (
        "Which?{=[html]a &amp; b#[markdown]*yes* ~[plain]<i>}",
        q("single", "<p>Which?</p>", answers=answers(("a & b", True, "yes"), ("<i>", False))),
    ),
    "words with a format": (
        "Say.{=[markdown]*a* =[plain]<b> =[x]}",
        q("short", "<p>Say.</p>", **short(("a", 100), ("<b>", 100), ("[x]", 100))),
    ),
    "lines of code": (
        "[html]<p>Read.</p><pre>\nif a \\{\n  b\n\\}\n</pre>{T}",
        q("true_false", "<p>Read.</p><p><code>if a {<br/> b<br/>}</code></p>", **truth(True)),
    ),
    "a comment inside": (
        "Who?{\n// not Bob\n=Ada\n   // nor Cy\n~Dan}",
        q("single", "<p>Who?</p>", answers=answers(("Ada", True), ("Dan", False))),
    ),
    "an empty line inside": ("Who?{=Ada\n\n~Bob}", q("single", "<p>Who?</p>", answers=answers(("Ada", True), ("Bob", False)))),
    "an address": (
        "Look at https\\://example.org/a?b\\=c {T}",
        q("true_false", "<p>Look at https://example.org/a?b=c</p>", **truth(True)),
    ),
    "no-break spaces": (
        "Qui\u00a0? {=«\u00a0Ada\u00a0» ~Bob}",
        q("single", "<p>Qui\u00a0?</p>", answers=answers(("«\u00a0Ada\u00a0»", True), ("Bob", False))),
    ),
}


MARKS = (1, "lost", "Bold, italic, links and the like in an answer are kept as words.")
SAID = {
    "a format of its own": [MARKS],
    "words with a format": [MARKS],
    "lines of code": [(1, "changed", "A list, a table or a heading became paragraphs.")],
}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_construct_is_understood_whole(name):
    text, expected = CONSTRUCTS[name]
    found = gift.read(text)
    assert read_as(found) == [expected]
    assert notes(found) == SAID.get(name, [])


def test_every_construct_in_one_file_with_windows_lines_and_a_mark():
    text = "\ufeff" + "\n\n// next\n\n".join(text for text, _expected in CONSTRUCTS.values())
    assert read_as(gift.read(text.replace("\n", "\r\n"))) == [expected for _text, expected in CONSTRUCTS.values()]


CHANGED = {
    "a part of one answer": (
        "Who?{=Ada ~%50%Bob}",
        answers(("Ada", True), ("Bob", False)),
        ["An answer was worth a part: here it is wrong, as one answer alone is right."],
    ),
    "marks taken away": (
        "Who?{=Ada ~%-25%Bob}",
        answers(("Ada", True), ("Bob", False)),
        ["A wrong answer took marks away: here it is worth nothing."],
    ),
    "two right of which one was enough": (
        "Who?{=Ada =Bob ~Cy}",
        answers(("Ada", True), ("Bob", True), ("Cy", False)),
        ["Several answers were right and one of them was enough: here all of them have to be chosen."],
    ),
    "weights that differ": ("Who?{~%70%Ada ~%30%Bob ~%-50%Cy}", answers(("Ada", True), ("Bob", True), ("Cy", False)), [WEIGHTS_DIFFER]),
    "wrong ones that took nothing": ("Who?{~%50%Ada ~%50%Bob ~Cy}", answers(("Ada", True), ("Bob", True), ("Cy", False)), [TAKES]),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_our_kinds_cannot_hold_is_said(name):
    text, expected, said = CHANGED[name]
    found = gift.read(f"// a comment first\n\n{text}")
    assert found.questions[0].values["answers"] == expected
    assert notes(found) == [(3, "changed", sentence) for sentence in said]


def test_shares_are_whole_numbers_and_none_takes_away():
    found = gift.read("Say.{=a =%33.33333%b =%-50%c}")
    assert found.questions[0].values == short(("a", 100), ("b", 33))
    assert notes(found) == [
        (1, "changed", "An answer was worth 33.33333 %: here it is worth 33 %."),
        (1, "changed", "An answer took marks away: it is left out, so it is worth nothing."),
    ]


@pytest.mark.parametrize("body", ["#=3:1 ~#No.", "#=3:1 =%0%*#No.", "#3:1 ~#No."])
def test_words_for_any_other_number_are_kept(body):
    found = gift.read(f"How many?{{{body}}}")
    assert found.questions[0].values == numbers(("3", "1", 100), otherwise="No.")
    assert notes(found) == []


def test_words_for_any_other_answer_are_kept():
    found = gift.read("Who?{=Ada =%50%Lady* =%0%*#No.}")
    assert found.questions[0].values == short(("Ada", 100), ("Lady*", 50), otherwise="No.")
    assert notes(found) == []


def test_names_and_categories_stay_with_their_questions():
    text = "::First\\: one::A{T}\n\n$CATEGORY: $course$/top/Law/Forms\n\n::Second::B{F}\n\n$CATEGORY: tom/dick\nC{T}"
    found = gift.read(text)
    assert [(question.name, question.category, question.line) for question in found.questions] == [
        ("First: one", "", 1),
        ("Second", "Law / Forms", 5),
        ("", "tom / dick", 8),
    ]
    assert notes(found) == []


LEFT = {
    "A description.": NO_BRACES,
    "Open {=a ~b": "A brace is missing. Those that belong to the text are written \\{ and \\}.",
    "Closed =a ~b}": "A brace is missing. Those that belong to the text are written \\{ and \\}.",
    "Back }{": "A brace is missing. Those that belong to the text are written \\{ and \\}.",
    "A fraction \\frac{1}{2} {#0.5}": "It has more than one pair of braces. Those that belong to the text are written \\{ and \\}.",
    "Nothing right {~a ~b}": "None of its answers is right.",
    "One alone {~a}": "It has fewer than two answers.",
    "An empty one {=a ~}": None,
    "No number {#many}": "“many” is not a number.",
    "No number {#NaN}": "“NaN” is not a number.",
    "No number {#}": "It has no accepted answer.",
    "A comma {#3,5}": "“3,5” has a comma: this format writes decimals with a point, and nothing between thousands.",
    "Thousands {#=1,200:5}": "“1,200” has a comma: this format writes decimals with a point, and nothing between thousands.",
    "A comma beside it {#=3:0,5}": "“0,5” has a comma: this format writes decimals with a point, and nothing between thousands.",
    "A comma in a range {#1,5..2}": "“1,5” has a comma: this format writes decimals with a point, and nothing between thousands.",
    "A weight {~%33,3%a ~%66,7%b}": "“%33,3%” has a comma: a weight is written with a point.",
    "Figures of Python {#1_000}": "“1_000” is not a number.",
    "One pair {=a -> b}": "It has fewer than two pairs.",
    "All the same {=a -> b =c -> b}": "All its pairs go with the same words: there is nothing to choose.",
    "No arrow {=a -> b =c}": "A pair is written “= this -> that”: “c” has no arrow.",
    "{=a ~b}": "The question has no words.",
    "[html]<script>x</script>{T}": "The question has no words.",
    f"Long {{=a ~{'x' * 401}}}": f"An answer is longer than 400 characters: “{'x' * 60}…”",
    f"Many {{=a {'~b ' * 100}}}": "It has more than 100 answers.",
}


@pytest.mark.parametrize("text", LEFT)
def test_what_is_not_understood_stops_nothing(text):
    found = gift.read(f"Before.{{T}}\n\n{text}\n\nAfter.{{F}}")
    reason = LEFT[text]
    expected = [q("true_false", "<p>Before.</p>", **truth(True)), q("true_false", "<p>After.</p>", **truth(False))]
    if reason is None:  # an answer that is not written is none
        assert notes(found) == [(3, "left", "It has fewer than two answers.")]
    else:
        assert notes(found) == [(3, "left", reason)]
    assert read_as(found) == expected


def test_questions_that_no_empty_line_keeps_apart_are_two():
    found = gift.read("A{T}\nB{\n=a\n~b\n}\n\n\nC{F}\nD{#1}")
    assert [(question.line, question.kind) for question in found.questions] == [
        (1, "true_false"),
        (2, "single"),
        (8, "true_false"),
        (9, "numeric"),
    ]


def test_a_list_and_a_table_become_paragraphs():
    found = gift.read("[html]<h2>Look</h2><ul><li>a<li>b</ul><table><tr><td>1<td>2</table><ol><li>c</ol>{T}")
    assert found.questions[0].prompt == "<p><b>Look</b></p><p>• a</p><p>• b</p><p>1 | 2</p><p>1. c</p>"
    assert notes(found) == [(1, "changed", "A list, a table or a heading became paragraphs.")]


def test_pictures_sounds_and_marks_are_named():
    found = gift.read('[html]<p>A<img src\\="@@PLUGINFILE@@/x.png"><u>b</u><video src\\="y"></video></p>{=a<b>c</b> ~d}')
    assert found.questions[0].prompt == "<p>Ab</p>"
    assert [said for _line, _what, said in notes(found)] == [
        "A sound, a film or another page in the text is not kept.",
        "A picture in the text is not kept.",
        "Underlined or crossed out words are kept as words.",
        "Bold, italic, links and the like in an answer are kept as words.",
    ]


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick\\=alert(1)>x</p>",
        '<a href\\="javascript\\:alert(1)">x</a>',
        "<iframe src\\=//evil></iframe>x",
        "<svg><script>alert(1)</script></svg>x",
        "<p>x<style>p\\{\\}</style></p>",
        "x<img src\\=x onerror\\=alert(1)>",
        "<math><mtext><img src\\=1 onerror\\=alert(1)></mtext></math>x",
        "<div><p title\\='<img src\\=x onerror\\=alert(1)>'>x</p></div>",
    ],
)
def test_nothing_that_acts_gets_through(html):
    found = gift.read(f"[html]{html}{{=[html]{html} ~b####[html]{html}}}")
    [question] = found.questions
    kept = question.prompt + question.feedback
    assert kept.replace("<p>", "").replace("</p>", "").replace("<br/>", "") in ("xx", '"&gt;x' * 2, "'&gt;x'&gt;x")
    assert "alert" not in str(question.values)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("VRAI", truth(True)),
        ("v", truth(True)),
        ("Faux#non#oui", truth(False, "non", "oui")),
    ],
)
def test_true_and_false_in_french_are_read_and_said(written, expected):
    found = gift.read(f"Donc.{{{written}}}")
    assert read_as(found) == [q("true_false", "<p>Donc.</p>", **expected)]
    word = written.partition("#")[0]
    told = f"“{word}” is read as true or false, which GIFT writes T or F. If it is the answer to be typed, write {{={word}}}."
    assert notes(found) == [(1, "changed", told)]


def test_a_french_word_that_is_to_be_typed_stays_one():
    found = gift.read("Henri {=V}\n\nSo.{F}")
    assert (read_as(found), notes(found)) == (
        [q("short", "<p>Henri</p>", **short(("V", 100))), q("true_false", "<p>So.</p>", **truth(False))],
        [],
    )


def test_a_picture_as_an_answer_is_named():
    found = gift.read("[html]Which?{=a ~<img src\\=map.png>}")
    assert notes(found) == [
        (1, "left", "Its answer 2 is a picture (“map.png”): answers that are pictures are not taken. Write it in words.")
    ]


def test_a_text_as_deep_or_as_long_as_one_likes_is_left_out_or_flat():
    deep = gift.read("[html]" + "<b><i>" * 5000 + "x" + "</i></b>" * 5000 + "{T}\n\nB{T}")
    assert [question.prompt for question in deep.questions][-1] == "<p>B</p>"
    assert len(gift.read("{" * 20_000 + "\n\nB{T}").questions) == 1
    assert len(gift.read("A{=" + "~" * 50_000 + "}\n\nB{T}").questions) == 1
    assert len(gift.read("\\" * 100_001 + "\n\nB{T}").questions) == 1
