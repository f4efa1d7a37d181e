"""Blocks of a quiz. The id of a block is the identity of a question or an answer: it survives edits and reordering."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock

SHORT_TEXT = ["bold", "italic", "link", "code", "subscript", "superscript"]


def wrong_in(name: str, sentence: str) -> StructBlockValidationError:
    return StructBlockValidationError(block_errors={name: ValidationError(sentence)})


def tells(label: str) -> blocks.TextBlock:
    return blocks.TextBlock(label=label, required=False, rows=2)


class ShareBlock(blocks.IntegerBlock):
    """What an expected answer is worth, in percent of the question."""

    def __init__(self, **kwargs):
        super().__init__(label=_("Worth (%)"), min_value=0, max_value=100, default=100, **kwargs)


class AnswerBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Answer"), max_length=400)
    correct = blocks.BooleanBlock(label=_("This is a right answer"), required=False)
    feedback = tells(_("What to tell who chooses it"))

    class Meta:
        label = _("Answer")
        icon = "tick-inverse"


class QuestionBlock(blocks.StructBlock):
    """What every kind of question has. What a kind adds stands between the picture and the explanation."""

    prompt = blocks.RichTextBlock(label=_("Question"), features=SHORT_TEXT)
    image = ImageBlock(label=_("Picture"), required=False)
    feedback = blocks.RichTextBlock(label=_("Explanation, shown after handing in"), required=False, features=SHORT_TEXT)

    def __init__(self, local_blocks=None, **kwargs):
        super().__init__(local_blocks, **kwargs)
        self.child_blocks["feedback"] = self.child_blocks.pop("feedback")  # last, whatever a kind adds


class ChoiceBlock(QuestionBlock):
    """`several` says whether more than one answer may be right."""

    several = False

    answers = blocks.ListBlock(AnswerBlock(), label=_("Answers"))

    def clean(self, value):
        """A published question can be answered: two answers at least, and the number of right ones that its kind asks for."""
        cleaned = super().clean(value)
        answers = list(cleaned.get("answers") or [])
        right = sum(1 for answer in answers if answer.get("correct"))
        if len(answers) < 2:
            raise wrong_in("answers", _("Write at least two answers."))
        if not self.several and right != 1:
            raise wrong_in("answers", _("Mark exactly one answer as right."))
        if self.several and not right:
            raise wrong_in("answers", _("Mark at least one answer as right."))
        return cleaned


class SingleChoiceBlock(ChoiceBlock):
    class Meta:
        label = _("One right answer")
        icon = "radio-full"


class MultipleChoiceBlock(ChoiceBlock):
    several = True

    class Meta:
        label = _("Several right answers")
        icon = "tick"


class TrueFalseBlock(QuestionBlock):
    is_true = blocks.BooleanBlock(label=_("The statement is true"), required=False)
    feedback_true = tells(_("What to tell who says ‘true’"))
    feedback_false = tells(_("What to tell who says ‘false’"))

    class Meta:
        label = _("True or false")
        icon = "check"


class AcceptedNumberBlock(blocks.StructBlock):
    value = blocks.DecimalBlock(label=_("Number"))
    tolerance = blocks.DecimalBlock(label=_("Tolerance"), min_value=0, default=0, help_text=_("2 accepts 10 ± 2. 0: exactly this number."))
    share = ShareBlock()
    feedback = tells(_("What to tell who writes it"))

    class Meta:
        label = _("Accepted number")
        icon = "order"


class NumericBlock(QuestionBlock):
    accepted = blocks.ListBlock(AcceptedNumberBlock(), label=_("Accepted numbers"), min_num=1)
    unit = blocks.CharBlock(
        label=_("Unit"), required=False, max_length=20, help_text=_("Written after the field: €, %, days. Nobody has to type it.")
    )

    class Meta:
        label = _("A number")
        icon = "order"


class AcceptedTextBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Words"), max_length=400, help_text=_("* stands for any words; \\* for a star."))
    share = ShareBlock()
    feedback = tells(_("What to tell who writes it"))

    class Meta:
        label = _("Accepted answer")
        icon = "pilcrow"


class ShortTextBlock(QuestionBlock):
    accepted = blocks.ListBlock(AcceptedTextBlock(), label=_("Accepted answers"), min_num=1)
    case = blocks.BooleanBlock(label=_("Capitals must be as written"), required=False)
    accents = blocks.BooleanBlock(label=_("Accents must be as written"), required=False)

    class Meta:
        label = _("A few words")
        icon = "pilcrow"


class PairBlock(blocks.StructBlock):
    left = blocks.CharBlock(label=_("This"), max_length=400)
    right = blocks.CharBlock(label=_("goes with"), max_length=400)

    class Meta:
        label = _("Pair")
        icon = "link"


class MatchBlock(QuestionBlock):
    pairs = blocks.ListBlock(PairBlock(), label=_("Pairs"), min_num=2)
    decoys = blocks.ListBlock(
        blocks.CharBlock(max_length=400, label=_("Words")), label=_("Words that go with nothing"), required=False, default=[]
    )

    class Meta:
        label = _("Pairs to match")
        icon = "link"

    def clean(self, value):
        cleaned = super().clean(value)
        right = {pair["right"] for pair in cleaned["pairs"]}
        if len(right | set(cleaned["decoys"])) < 2:
            raise wrong_in("pairs", _("All pairs go with the same words: there is nothing to choose."))
        return cleaned


class OrderBlock(QuestionBlock):
    items = blocks.ListBlock(
        blocks.CharBlock(max_length=400, label=_("Step")),
        label=_("Steps, in the right order"),
        min_num=2,
        help_text=_("They are shown in another order."),
    )

    class Meta:
        label = _("Steps to put in order")
        icon = "list-ol"


class LongTextBlock(QuestionBlock):
    words = blocks.IntegerBlock(
        label=_("Words at most"), required=False, min_value=10, max_value=3000, help_text=_("Told to the learner; nothing is cut.")
    )
    guide = blocks.TextBlock(
        label=_("What a good answer says"), required=False, rows=3, help_text=_("For the trainer who marks; never shown to the learner.")
    )

    class Meta:
        label = _("A text, marked by a trainer")
        icon = "doc-full"


class QuestionKindsBlock(blocks.StreamBlock):
    single = SingleChoiceBlock()
    multiple = MultipleChoiceBlock()
    true_false = TrueFalseBlock()
    numeric = NumericBlock()
    short = ShortTextBlock()
    match = MatchBlock()
    order = OrderBlock()
    long = LongTextBlock()


class PoolBlock(blocks.StructBlock):
    """Each attempt is asked some of these questions, drawn by lot."""

    name = blocks.CharBlock(label=_("Name"), max_length=100, required=False, help_text=_("For authors."))
    draw = blocks.IntegerBlock(label=_("How many are asked"), min_value=1, max_value=100, default=1)
    questions = QuestionKindsBlock(label=_("Questions"), min_num=1)

    class Meta:
        label = _("Draw from a pool")
        icon = "folder-open-inverse"

    def clean(self, value):
        cleaned = super().clean(value)
        if cleaned["draw"] > len(cleaned["questions"]):
            raise wrong_in("draw", _("The pool has fewer questions than that."))
        return cleaned


class QuestionsBlock(QuestionKindsBlock):
    pool = PoolBlock()


class BandBlock(blocks.StructBlock):
    from_percent = blocks.IntegerBlock(label=_("From (%)"), min_value=0, max_value=100)
    text = blocks.TextBlock(label=_("What to tell"), rows=2)

    class Meta:
        label = _("Band")
        icon = "list-ol"


class BandsBlock(blocks.StreamBlock):
    band = BandBlock()


class RubricLevelBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Level"), max_length=80)
    text = blocks.TextBlock(label=_("What the work looks like at this level"), rows=2)
    points = blocks.IntegerBlock(label=_("Points"), min_value=0, max_value=100)

    class Meta:
        label = _("Level")
        icon = "order"


class RubricCriterionBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Criterion"), max_length=120)
    help = blocks.TextBlock(label=_("What is looked at"), required=False, rows=2)
    levels = blocks.ListBlock(RubricLevelBlock(), label=_("Levels, the lowest first"), min_num=2)

    class Meta:
        label = _("Criterion")
        icon = "list-ol"

    def clean(self, value):
        cleaned = super().clean(value)
        if not any(level["points"] for level in cleaned["levels"]):
            raise wrong_in("levels", _("At least one level gives points."))
        return cleaned


class RubricBlock(blocks.StreamBlock):
    criterion = RubricCriterionBlock()
