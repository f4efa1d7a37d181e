"""Blocks that every body of the house shares. Each has a template in templates/blocks/ that survives empty values."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

from academy.anchors import unused_anchor
from academy.embeds import DIAGRAMS, player_for
from academy.html import text_of
from academy.table_bars import TableBars, table_bars

INLINE_FEATURES = ["bold", "italic", "link", "superscript", "subscript", "strikethrough", "ins", "mark", "code"]
TEXT_FEATURES = [*INLINE_FEATURES, "ol", "ul", "hr", "document-link"]


@dataclass(frozen=True)
class ContentsEntry:
    """One line of a contents list."""

    level: int
    text: str
    anchor: str


class HeadingValue(blocks.StructValue):
    @property
    def anchor_id(self) -> str:
        """The address of this heading inside its page; empty for a heading without words."""
        return self.get("anchor") or slugify(self.get("text") or "", allow_unicode=False)

    @property
    def depth(self) -> int:
        return int(self.get("level") or 2)


class HeadingBlock(blocks.StructBlock):
    """A title inside a page. Its anchor is given once and stays when the words change, so that links keep working."""

    level = blocks.ChoiceBlock(
        choices=[("2", _("Section")), ("3", _("Part of a section")), ("4", _("Detail"))], default="2", label=_("level")
    )
    text = blocks.CharBlock(max_length=250, label=_("words"))
    anchor = blocks.RegexBlock(
        regex=r"^[\w.\-:]+$",
        max_length=250,
        required=False,
        label=_("address in the page"),
        help_text=_("Leave empty: it is made from the words and then stays, so that links keep working."),
        error_messages={"invalid": _("Use letters, digits, hyphens and dots only.")},
    )

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "blocks/heading.html"
        value_class = HeadingValue
        form_classname = "struct-block heading-block"


class CalloutValue(blocks.StructValue):
    @property
    def known_kind(self) -> str:
        kind = self.get("kind")
        return kind if kind in CalloutBlock.KINDS else "note"

    @property
    def kind_label(self):
        return CalloutBlock.KINDS[self.known_kind]


class CalloutBlock(blocks.StructBlock):
    """A passage that must not be missed. The kind is said in words too, never by colour alone."""

    KINDS = {
        "note": _("Note"),
        "info": _("Information"),
        "success": _("Good to know"),
        "warning": _("Please note"),
        "danger": _("Important"),
    }

    kind = blocks.ChoiceBlock(choices=list(KINDS.items()), default="note", label=_("kind"))
    title = blocks.CharBlock(required=False, max_length=250, label=_("title"))
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("text"))

    class Meta:
        icon = "info-circle"
        label = _("Callout")
        template = "blocks/callout.html"
        value_class = CalloutValue


class TableValue(blocks.StructValue):
    @cached_property
    def grid(self):
        """The table, or None when a draft has none or an empty one."""
        table = self.get("table")
        return table if table is not None and table.columns else None

    @property
    def region_label(self) -> str:
        """What a screen reader calls the part that scrolls: the caption, else the headings."""
        if self.grid.caption:
            return self.grid.caption
        headings = ", ".join(column["heading"] for column in self.grid.columns if column["heading"])
        return gettext("Table: %(headings)s") % {"headings": headings} if headings else gettext("Table")

    @cached_property
    def bars(self) -> TableBars | None:
        """The numbers as bars, where whoever wrote the table asks for them."""
        if not self.get("drawn") or self.grid is None:
            return None
        columns = [(column["block"].name, column["heading"]) for column in self.grid.columns]
        rows = [
            [text_of(str(cell.value)) if cell.block.name == "rich" else str(cell.value or "") for cell in row] for row in self.grid.rows
        ]
        return table_bars(columns, rows, whole=self.get("drawn_to"))

    @cached_property
    def has_headings(self) -> bool:
        return self.grid is not None and any(column["heading"] for column in self.grid.columns)


class TableBlock(blocks.StructBlock):
    """A table that a screen reader can walk: a caption, headed columns, optionally a first column of headings; and its numbers drawn above it."""

    table = TypedTableBlock(
        [
            ("text", blocks.TextBlock(required=False, rows=1, label=_("plain text"))),
            ("rich", blocks.RichTextBlock(required=False, features=INLINE_FEATURES, label=_("text with links and emphasis"))),
            ("number", blocks.CharBlock(required=False, label=_("number"))),
        ],
        label=_("table"),
    )
    first_column_is_header = blocks.BooleanBlock(required=False, label=_("the first column names the rows"))
    drawn = blocks.BooleanBlock(
        required=False,
        label=_("draw the numbers as bars"),
        help_text=_("The first column of numbers, above the table. The table stays: it says what the drawing shows."),
    )
    drawn_to = blocks.IntegerBlock(
        required=False,
        min_value=1,
        label=_("what a bar across stands for"),
        help_text=_("100 for shares, 4 for a mark out of 4. Leave empty: the longest bar is the largest number."),
    )

    class Meta:
        icon = "table"
        label = _("Table")
        template = "blocks/table.html"
        value_class = TableValue


class DetailsBlock(blocks.StructBlock):
    summary = blocks.CharBlock(max_length=250, label=_("what a reader sees closed"))
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("text"))

    class Meta:
        icon = "collapse-down"
        label = _("Text to open")
        template = "blocks/details.html"


class FigureBlock(blocks.StructBlock):
    """A picture: either a description, or marked as decorative (Wagtail's ImageBlock asks for one of the two)."""

    image = ImageBlock(label=_("image"))
    caption = blocks.CharBlock(required=False, max_length=300, label=_("caption"))

    class Meta:
        icon = "image"
        label = _("Image")
        template = "blocks/image.html"


class FileBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("file"))
    title = blocks.CharBlock(required=False, max_length=250, label=_("title"), help_text=_("Leave empty to show the file's own title."))
    note = blocks.CharBlock(required=False, max_length=300, label=_("when to use it"))

    class Meta:
        icon = "doc-full"
        label = _("File")
        template = "blocks/file.html"


class CodeValue(blocks.StructValue):
    @property
    def is_diagram(self) -> bool:
        """The source of a drawing: a reader is told so, since it does not look like one."""
        return (self.get("language") or "").lower() in DIAGRAMS


class CodeBlock(blocks.StructBlock):
    language = blocks.CharBlock(required=False, max_length=40, label=_("language"))
    text = blocks.TextBlock(label=_("text"))

    class Meta:
        icon = "code"
        label = _("Code")
        template = "blocks/code.html"
        value_class = CodeValue


class EmbedValue(blocks.StructValue):
    @cached_property
    def player(self):
        """The player when the host is allow-listed, else None: the template then shows the link alone."""
        return player_for(self.get("url") or "")


class EmbedBlock(blocks.StructBlock):
    """A video elsewhere. Nothing is asked of that site before the reader opens it."""

    url = blocks.URLBlock(
        label=_("address"), help_text=_("YouTube, Vimeo and PeerTube play in the page; any other address is shown as a link.")
    )
    title = blocks.CharBlock(max_length=250, label=_("title"))

    class Meta:
        icon = "media"
        label = _("Video")
        template = "blocks/embed.html"
        value_class = EmbedValue

    def clean(self, value):
        result = super().clean(value)
        if not (result.get("url") or "").startswith(("https://", "http://")):
            raise blocks.StructBlockValidationError(block_errors={"url": ValidationError(_("Write an address that starts with https://."))})
        return result


class QuoteBlock(blocks.StructBlock):
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("text"))
    attribution = blocks.CharBlock(required=False, max_length=250, label=_("who says so"))

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "blocks/quote.html"


class ContentsListBlock(blocks.StructBlock):
    title = blocks.CharBlock(required=False, max_length=120, label=_("title"))

    class Meta:
        icon = "list-ul"
        label = _("Contents list")
        template = "blocks/contents.html"


def contents_of(stream) -> list[ContentsEntry]:
    """The headings of a body, in order; those without words are left out."""
    return [
        ContentsEntry(child.value.depth, child.value["text"], child.value.anchor_id)
        for child in stream or ()
        if child.block_type == "heading" and child.value.get("text") and child.value.anchor_id
    ]


def rich_text_of(value) -> str:
    """Every string of a body that may hold a link to a page or a file of ours, as one text."""
    found: list[str] = []

    def gather(part) -> None:
        if isinstance(part, str):
            if "linktype=" in part:
                found.append(part)
        elif isinstance(part, dict):
            for item in part.values():
                gather(item)
        elif isinstance(part, list):
            for item in part:
                gather(item)

    gather(value.get_prep_value() if isinstance(value, blocks.StreamValue) else value)
    return " ".join(found)


def document_ids_in(value) -> list[int]:
    """The files of ours that the words of a body link to, in order, each once."""
    tags = re.findall(r"<a\b[^>]*>", rich_text_of(value))
    numbers = [re.search(r'\bid="(\d{1,12})"', tag) for tag in tags if 'linktype="document"' in tag]
    return list(dict.fromkeys(int(number[1]) for number in numbers if number))


class ContentBlock(blocks.StreamBlock):
    """The body of a page: the wiki, the lessons and the home page use this one stream.

    `numbers_pages`: a link to a page says which one (`data-page`), and those that apps add only mark their place, for who has something to
    add there.
    """

    numbers_pages = False

    heading = HeadingBlock()
    text = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("Text"), icon="pilcrow", template="blocks/text.html")
    callout = CalloutBlock()
    table = TableBlock()
    details = DetailsBlock()
    image = FigureBlock()
    file = FileBlock()
    code = CodeBlock()
    embed = EmbedBlock()
    quote = QuoteBlock()
    contents = ContentsListBlock()

    class Meta:
        template = "blocks/content.html"

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context)
        context["body_contents"] = contents_of(value)
        return context

    def render(self, value, context=None):
        """Looks up every page and file that the body links to at once, then renders it. The body of a page is the same for every reader.

        Whose body it is: the page that is shown, or the `part` of it that the template is at, where several bodies stand on one page.
        """
        from academy.privacy import hidden_for  # not before the models are loaded: the models import this module
        from academy.remembered import remembered
        from academy.rich_text import link_targets, offer_to_write

        page, part, request = ((context or {}).get(name) for name in ("page", "part", "request"))
        owner = next((one for one in (page, part) if getattr(one, "pk", None) and getattr(one, "body", None) is value), None)

        def make() -> str:
            guarded = hidden_for(request).guarded if request else None
            with link_targets(rich_text_of(value), owner, guarded, numbered=self.numbers_pages):
                return super(ContentBlock, self).render(value, context)

        html = remembered(request, ("body", owner.pk, owner.last_published_at), make) if owner else make()
        return offer_to_write(html, owner if owner is page else None, getattr(request, "user", None))

    def clean(self, value):
        """Gives every new heading an anchor that is its own in this page, and leaves the others as they are."""
        cleaned = super().clean(value)
        taken = {child.value["anchor"] for child in cleaned if child.block_type == "heading" and child.value.get("anchor")}
        for child in cleaned:
            if child.block_type == "heading" and not child.value.get("anchor"):
                child.value["anchor"] = unused_anchor(child.value.get("text") or "", taken)
        return cleaned
