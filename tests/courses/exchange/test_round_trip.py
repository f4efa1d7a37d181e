"""A quiz written as GIFT and read again is the same quiz, whatever its words are; an order becomes pairs, as the export says."""

import random

import pytest

from courses.exchange import gift, gift_writer, stream
from courses.exchange.plain import PlainQuestion, checked
from tests.courses.exchange.plainly import pairs, plainly, steps

# What GIFT, HTML or weights would read, what French needs, and what begins a comment, a name, a format or a category.
PIECES = [
    "a", "b c", "é", "œ", "’", "«\u00a0x\u00a0»", "\\", "\\\\", "\\n", "~", "=", "#", "####", "{", "}", "{}", ":", "::", "->", "→", "%50%", "%",
    "//", "$CATEGORY:", "[html]", "[x]", "<", ">", "<b>", "</p>", "&", "&amp;", "&lt;", "_____", "*", "\\*", "T", "FALSE", "1..5", "3:2", "\"", "'",
    "@@PLUGINFILE@@", "\U0001f600", "日本",
]  # fmt: skip
MARKS = [
    "<b>{}</b>",
    "<i>{}</i>",
    "<code>{}</code>",
    "H<sub>{}</sub>O",
    "<sup>{}</sup>",
    '<a href="https://example.org/?a=1&amp;b=~2">{}</a>',
    "{}<br/>x",
]


class Author:
    """Writes questions by lot; the same seed writes the same."""

    def __init__(self, seed: int) -> None:
        self.lot = random.Random(seed)

    def line(self, without: str = "") -> str:
        pieces = [piece for piece in PIECES if not without or without not in piece]
        return " ".join(self.lot.choices(pieces, k=self.lot.randint(1, 5)))

    def lines(self) -> str:
        return "\n".join(self.line() for _ in range(self.lot.randint(0, 2)))

    def rich(self) -> str:
        paragraphs = []
        for _ in range(self.lot.randint(1, 2)):
            words = self.line().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            paragraphs.append(f"<p>x {self.lot.choice(MARKS).format(words)}</p>")
        return "".join(paragraphs)

    def distinct(self, count: int, without: str = "") -> list[str]:
        return [f"{self.line(without)} {number}" for number in range(count)]

    def question(self, kind: str) -> PlainQuestion:
        return checked(PlainQuestion(kind, self.rich(), getattr(self, kind)(), self.lot.choice(["", self.rich()])))

    def _choice(self, right: int) -> dict:
        texts = self.distinct(right + self.lot.randint(1, 4))
        rows = [{"text": text, "correct": number < right, "feedback": self.lines()} for number, text in enumerate(texts)]
        return {"answers": self.lot.sample(rows, len(rows))}

    def single(self) -> dict:
        return self._choice(1)

    def multiple(self) -> dict:
        return self._choice(self.lot.randint(1, 10))

    def true_false(self) -> dict:
        return {"is_true": self.lot.random() < 0.5, "feedback_true": self.lines(), "feedback_false": self.lines()}

    def _share(self) -> int:
        return self.lot.choice([100, 50, 33, 0])

    def numeric(self) -> dict:
        values = ["0", "-3.5", "1200", "0.001", "12345678901.5"]
        accepted = [
            {"value": self.lot.choice(values), "tolerance": self.lot.choice(["0", "0.5"]), "share": self._share(), "feedback": self.lines()}
            for _ in range(self.lot.randint(1, 3))
        ]
        return {"accepted": accepted, "unit": "", "otherwise": self.lines()}

    def short(self) -> dict:
        texts = self.distinct(self.lot.randint(1, 3), without="->")
        accepted = [{"text": text, "share": self._share(), "feedback": self.lines()} for text in texts]
        return {"accepted": accepted, "case": False, "accents": False, "otherwise": self.lines()}

    def match(self) -> dict:
        rows = [{"left": left, "right": self.line(), "feedback": ""} for left in self.distinct(self.lot.randint(2, 4))]
        return {"pairs": [*rows[:-1], {**rows[-1], "right": "another"}], "decoys": self.distinct(self.lot.randint(0, 2))}

    def long(self) -> dict:
        return {"words": None, "guide": ""}


KINDS = ["single", "multiple", "true_false", "numeric", "short", "match", "long"]


@pytest.mark.parametrize("kind", KINDS)
def test_questions_written_and_read_again_are_the_same(kind):
    author = Author(seed=KINDS.index(kind))
    questions = [author.question(kind) for _ in range(150)]
    written = gift_writer.write([(question, {}) for question in questions], title="// {A quiz} = ~")
    assert written.count == len(questions)
    found = gift.read(written.text)
    assert [str(note.said) for note in found.notes] == []
    for expected, question in zip(questions, found.questions, strict=True):
        assert plainly(question) == plainly(expected)


def test_questions_of_all_kinds_and_pools_stay_in_their_order():
    author = Author(seed=7)
    questions = [author.question(kind) for _ in range(10) for kind in KINDS]
    blocks = [stream.as_block(question) for question in questions]
    raw = [*blocks[:20], stream.pool("A / pool: {x}", 2, blocks[20:40]), *blocks[40:]]
    written = gift_writer.write(stream.plain_of(raw), title="Quiz", pools={"A / pool: {x}": 2})
    found = gift.read(written.text)
    assert [plainly(question) for question in found.questions] == [plainly(question) for question in questions]
    assert [question.category for question in found.questions] == [""] * 20 + ["Quiz / A - pool: {x}"] * 20 + ["Quiz"] * 30
    assert "// Of the pool “A / pool: {x}”, 2 are asked." in written.text


def test_an_order_becomes_pairs_and_says_so():
    question = PlainQuestion("order", "<p>x</p>", steps("first", ("second", "Last.")))
    written = gift_writer.write([(question, {})], title="Quiz")
    [found] = gift.read(written.text).questions
    assert plainly(found) == (
        "match",
        "<p>x</p>",
        pairs(("first", "1"), ("second", "2")),
        "",
    )
    assert [str(note.said) for note in written.notes] == [
        "Steps to put in order: written as pairs, each step with its place.",
        "What is told to who gets a pair or a step wrong is not in the file.",
    ]


def test_words_that_gift_would_take_for_a_pair_are_named_and_left_out():
    accepted = [{"text": "a -> b", "share": 100, "feedback": ""}]
    question = PlainQuestion("short", "<p>x</p>", {"accepted": accepted, "case": False, "accents": False, "otherwise": ""})
    written = gift_writer.write([(question, {})], title="Quiz")
    assert (written.count, [(note.what, str(note.said)) for note in written.notes]) == (
        0,
        [("left", "GIFT would read the arrow in an answer as a pair.")],
    )


def test_moodle_reads_the_names_of_categories_as_they_are_written():
    """Of a category Moodle takes no backslash away (question/format/gift/format.php), so none is written but before another."""
    asked = PlainQuestion(
        "true_false", "<p>x</p>", {"is_true": True, "feedback_true": "", "feedback_false": ""}, category="Prix #1 {a / b\\n"
    )
    text = gift_writer.write([(asked, {})], title="Module 2 : l’écoute ~ =").text
    assert "$CATEGORY: Module 2 : l’écoute ~ =/Prix #1 {a - b\\\\n\n" in text
    assert [one.category for one in gift.read(text).questions] == ["Module 2 : l’écoute ~ = / Prix #1 {a - b\\n"]


def test_moodle_reads_no_weight_in_the_words_of_the_right_answer():
    """After an equals sign it looks for no weight: `=%100%50%` would be shown as it stands."""
    rows = [{"text": text, "correct": text == "%50% of it", "feedback": ""} for text in ("%50% of it", "%20% of it")]
    asked = PlainQuestion("single", "<p>x</p>", {"answers": rows})
    text = gift_writer.write([(asked, {})], title="Parts").text
    assert "\t=&percnt;50% of it\n\t~&percnt;20% of it\n" in text
    assert [one.values for one in gift.read(text).questions] == [{"answers": rows}]
