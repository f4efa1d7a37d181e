"""Blocks of a quiz. The id of a block is the identity of a question or an answer: it survives edits and reordering."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

SHORT_TEXT = ["bold", "italic", "link"]


class AnswerBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Answer"), max_length=400)
    correct = blocks.BooleanBlock(label=_("This is a right answer"), required=False)
    feedback = blocks.TextBlock(label=_("What to tell who chooses it"), required=False, rows=2)

    class Meta:
        label = _("Answer")
        icon = "tick-inverse"


class QuestionBlock(blocks.StructBlock):
    """What both kinds of question share. `several` says whether more than one answer may be right."""

    several = False

    prompt = blocks.RichTextBlock(label=_("Question"), features=SHORT_TEXT)
    answers = blocks.ListBlock(AnswerBlock(), label=_("Answers"))
    feedback = blocks.RichTextBlock(label=_("Explanation, shown after handing in"), required=False, features=SHORT_TEXT)

    def clean(self, value):
        """A published question can be answered: two answers at least, and the number of right ones that its kind asks for."""
        cleaned = super().clean(value)
        answers = list(cleaned.get("answers") or [])
        right = sum(1 for answer in answers if answer.get("correct"))
        if len(answers) < 2:
            raise StructBlockValidationError(block_errors={"answers": ValidationError(_("Write at least two answers."))})
        if not self.several and right != 1:
            raise StructBlockValidationError(block_errors={"answers": ValidationError(_("Mark exactly one answer as right."))})
        if self.several and not right:
            raise StructBlockValidationError(block_errors={"answers": ValidationError(_("Mark at least one answer as right."))})
        return cleaned


class SingleChoiceBlock(QuestionBlock):
    class Meta:
        label = _("One right answer")
        icon = "radio-full"


class MultipleChoiceBlock(QuestionBlock):
    several = True

    class Meta:
        label = _("Several right answers")
        icon = "tick"


class QuestionsBlock(blocks.StreamBlock):
    single = SingleChoiceBlock()
    multiple = MultipleChoiceBlock()


class BandBlock(blocks.StructBlock):
    from_percent = blocks.IntegerBlock(label=_("From (%)"), min_value=0, max_value=100)
    text = blocks.TextBlock(label=_("What to tell"), rows=2)

    class Meta:
        label = _("Band")
        icon = "list-ol"


class BandsBlock(blocks.StreamBlock):
    band = BandBlock()
