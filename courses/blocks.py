"""Blocks of a quiz, of a rubric and of a lesson. The id of a block is its identity (a question, an answer, a video): it survives edits and reordering."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from academy import recordings
from academy.blocks import TEXT_FEATURES, ContentBlock
from academy.html import text_of
from academy.ui import PILLARS

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
        label=_("Unit"),
        required=False,
        max_length=20,
        help_text=_("Written after the field: €, %, days. Nobody has to type it, everybody may."),
    )
    otherwise = tells(_("What to tell for any other number"))

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
    otherwise = tells(_("What to tell for any other answer"))

    class Meta:
        label = _("A few words")
        icon = "pilcrow"


class PairBlock(blocks.StructBlock):
    left = blocks.CharBlock(label=_("This"), max_length=400)
    right = blocks.CharBlock(label=_("goes with"), max_length=400)
    feedback = tells(_("What to tell who gets it wrong"))

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


class StepBlock(blocks.StructBlock):
    """A step and what to tell about it. Quizzes of before hold its words alone, in their revisions too."""

    text = blocks.CharBlock(label=_("Step"), max_length=400)
    feedback = tells(_("What to tell who gets it wrong"))

    class Meta:
        label = _("Step")
        icon = "order"

    def to_python(self, value):
        return super().to_python({"text": value} if isinstance(value, str) else value)

    def bulk_to_python(self, values):
        return super().bulk_to_python([{"text": value} if isinstance(value, str) else value for value in values])

    def normalize(self, value):
        return super().normalize({"text": value} if isinstance(value, str) else value)


class OrderBlock(QuestionBlock):
    items = blocks.ListBlock(
        StepBlock(),
        label=_("Steps, in the right order"),
        min_num=2,
        help_text=_("They are shown in another order."),
    )

    class Meta:
        label = _("Steps to put in order")
        icon = "list-ol"

    def clean(self, value):
        cleaned = super().clean(value)
        if len({step["text"] for step in cleaned["items"]}) < 2:
            raise wrong_in("items", _("All steps are the same: there is no order to find."))
        return cleaned


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


class JudgedAtOnceBlock(blocks.StreamBlock):
    """Every kind that needs no trainer."""

    single = SingleChoiceBlock()
    multiple = MultipleChoiceBlock()
    true_false = TrueFalseBlock()
    numeric = NumericBlock()
    short = ShortTextBlock()
    match = MatchBlock()
    order = OrderBlock()


class QuestionKindsBlock(JudgedAtOnceBlock):
    long = LongTextBlock()


class CheckBlock(JudgedAtOnceBlock):
    """One question inside a lesson, which counts for nothing. What it shows is the reader's own: `LessonBlock` puts it in its place."""

    class Meta:
        label = _("Check yourself")
        icon = "help"
        template = "blocks/check.html"
        min_num = 1
        max_num = 1

    def get_searchable_content(self, value) -> list[str]:
        """A lesson is found by what it asks, not by what would be answered."""
        return [text_of(child.value["prompt"].source) for child in value if child.value.get("prompt")]


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


PILLAR_CHOICES = [(key, pillar.label) for key, pillar in PILLARS.items()]


class RubricCriterionBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Criterion"), max_length=120)
    pillar = blocks.ChoiceBlock(
        label=_("Pillar"),
        choices=PILLAR_CHOICES,
        required=False,
        search_index=False,
        help_text=_("To which of the three it belongs, if to one."),
    )
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


# --- video and sound in a lesson


def caption_languages() -> list[tuple[str, str]]:
    return settings.WAGTAIL_CONTENT_LANGUAGES


def check_recording(name: str, document, kinds: Iterable[str]) -> dict[str, ValidationError]:
    """What is wrong with the file in the field of this name, for StructBlockValidationError."""
    problem = document.problem_as_recording(kinds) if document else None
    return {name: ValidationError(str(problem))} if problem else {}


class CaptionsBlock(blocks.StructBlock):
    language = blocks.ChoiceBlock(label=_("Language"), choices=caption_languages, search_index=False)
    document = DocumentChooserBlock(label=_("Captions (.vtt)"))

    class Meta:
        label = _("Captions")
        icon = "openquote"

    def clean(self, value):
        cleaned = super().clean(value)
        if wrong := check_recording("document", cleaned.get("document"), recordings.CAPTION_TYPES):
            raise StructBlockValidationError(block_errors=wrong)
        return cleaned


def size_of(document) -> str:
    return filesizeformat(document.file_size) if document and document.file_size else ""


class MediaValue(blocks.StructValue):
    @property
    def kind(self) -> str:
        """video, audio, or nothing when a draft has no file that plays."""
        document = self.get("file")
        return recordings.kind_of(document.filename) if document else ""

    @property
    def facts(self) -> str:
        """What it costs to play it: size, then length."""
        return ", ".join(filter(None, [size_of(self.get("file")), self.length]))

    @property
    def length(self) -> str:
        return (gettext("%(minutes)s min") % {"minutes": self["minutes"]}).replace(" ", "\u00a0") if self.get("minutes") else ""

    @property
    def audio_size(self) -> str:
        return size_of(self.get("audio"))

    @property
    def tracks(self) -> list[dict]:
        """Captions are shown over a picture: sound alone has its transcript."""
        if self.kind != "video":
            return []
        names = dict(caption_languages())
        complete = [one for one in self.get("captions") or [] if one.get("document") and one.get("language")]
        return [{"src": one["document"].url, "language": one["language"], "label": names.get(one["language"], "")} for one in complete]


class MediaBlock(blocks.StructBlock):
    """A video or a sound of ours. Nothing of it is loaded before the learner asks; what it says can be read too."""

    title = blocks.CharBlock(label=_("Title"), max_length=250)
    file = DocumentChooserBlock(
        label=_("Video or sound"), help_text=_("A document of kind .mp4, .webm, .mp3, .ogg or .m4a. Small files reach more learners.")
    )
    minutes = blocks.IntegerBlock(label=_("Length in minutes"), required=False, min_value=1, max_value=600)
    audio = DocumentChooserBlock(
        label=_("The same, to listen only"), required=False, help_text=_("The sound alone (.mp3, .ogg or .m4a), for slow connections.")
    )
    captions = blocks.ListBlock(CaptionsBlock(), label=_("Captions"), default=[])
    transcript = blocks.RichTextBlock(
        label=_("Transcript"),
        required=False,
        features=TEXT_FEATURES,
        help_text=_("What is said and shown, in words. Learners read and search it."),
    )
    poster = ImageChooserBlock(label=_("Picture to show before it plays"), required=False)

    class Meta:
        label = _("Video or sound of our own")
        icon = "media"
        template = "blocks/media.html"
        value_class = MediaValue

    def clean(self, value):
        """A draft may wait for its words; published, a video has captions or a transcript, and a sound has a transcript."""
        cleaned = super().clean(value)
        playable = (*recordings.VIDEO_TYPES, *recordings.SOUND_TYPES)
        wrong = check_recording("file", cleaned.get("file"), playable) | check_recording(
            "audio", cleaned.get("audio"), recordings.SOUND_TYPES
        )
        if not wrong and not self.is_deferred_validation and not text_of(str(cleaned.get("transcript") or "")):
            if cleaned.kind == "audio":
                wrong = {"transcript": ValidationError(_("Write the transcript: who cannot hear has nothing else."))}
            elif cleaned.kind == "video" and not cleaned.get("captions"):
                wrong = {"transcript": ValidationError(_("Add captions or write the transcript: who cannot hear has nothing else."))}
        if wrong:
            raise StructBlockValidationError(block_errors=wrong)
        return cleaned


class LessonBlock(ContentBlock):
    """What every body of the house holds, video and sound of our own, and questions to check oneself."""

    media = MediaBlock()
    check = CheckBlock()
    numbers_pages = True

    def render(self, value, context=None):
        """The words are the same for every reader, and kept; what a reader answered and what may change meanwhile comes after."""
        from courses.checks import with_checks  # reads the models, which import this module
        from courses.terms_and_links import with_freshness, with_words

        context = context or {}
        request, page = context.get("request"), context.get("page")
        is_its_own = getattr(page, "body", None) is value
        prefix = "" if is_its_own or not value else f"{value[0].id}-"  # several lessons may stand on one page
        html = with_words(super().render(value, context), request, prefix=prefix)
        return with_checks(with_freshness(html, request), value, context)
