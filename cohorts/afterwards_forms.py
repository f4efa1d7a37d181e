"""What is asked of the team about what a session leaves: the place and the notes, a photo, a question with its answer."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from academy.cms_verbs import words
from academy.files import RefusedFile
from academy.models import User
from cohorts.actions.afterwards import LONGEST_ANSWER
from cohorts.afterwards import kept_of, key_of
from cohorts.models import Afterwards, AfterwardsAnswer, AfterwardsPhoto, Session
from wiki.import_forms import ImportForm
from wiki.importer import SourceFile, kind_of
from wiki.models import WikiSection
from wiki.models.questions import LONGEST_QUESTION

LARGEST = 20 * 1024 * 1024
PAGES = ".md,.txt,.html,.htm,.docx,.odt"
SESSIONS_PAGE = "in-person-sessions"  # the starter page about sessions: what they leave goes beside it


def usual_section(sections) -> WikiSection | None:
    """In the language of who asks: where the pages of the last session went, else beside the page about sessions."""
    mine = sections.filter(locale__language_code=get_language())
    last = Afterwards.objects.filter(section__in=mine, made_at__isnull=False).order_by("-made_at").select_related("section").first()
    if last:
        return last.section
    pages = WikiSection.objects.none()
    for section in mine.order_by("path"):
        if section.get_children().filter(slug=SESSIONS_PAGE).exists():
            return section
    return pages.first()


class WriteForm(ImportForm):
    """Begins with what is kept. The section is fixed once there is a page: who wants it elsewhere moves it in the wiki."""

    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        widget=words(12),
        help_text=_("Paste the pad as it is: headings, lists, tables and links are kept. Names that stand in it stand on the page."),
    )
    notes_file = forms.FileField(
        label=_("Or the notes as a file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": PAGES}),
        help_text=_("Markdown, text, HTML, Word or LibreOffice. It comes after what is typed above."),
    )
    drop_file = forms.BooleanField(label=_("Take the file away"), required=False)
    decisions = forms.CharField(label=_("Decisions, one per line"), required=False, widget=words(5))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, row: Session, user: User, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        del self.fields["publish"]
        kept = kept_of(row)
        self.key = key_of(row)
        field = self.fields["section"]
        field.required = False
        field.help_text = _("Its language is that of the page, and whoever may read it may read the page.")
        if kept and kept.page_id:
            del self.fields["section"]
        else:
            self.initial.setdefault("section", kept.section if kept and kept.section_id else usual_section(field.queryset))
        if kept and kept.notes_file_id:
            self.fields["notes_file"].label = _("Another file instead of “%(name)s”") % {"name": kept.notes_file.filename}
        else:
            del self.fields["drop_file"]
        for name in ("notes", "decisions", "version"):
            self.initial.setdefault(name, getattr(kept, name) if kept else Afterwards._meta.get_field(name).get_default())

    def clean_notes_file(self) -> SourceFile | None:
        upload = self.cleaned_data["notes_file"]
        if not upload:
            return None
        if upload.size > LARGEST:
            raise ValidationError(_("This file is too large: %(most)d MB is the most.") % {"most": LARGEST // 1024**2})
        source = SourceFile(self.key, upload.name, upload.read())
        try:
            kind = kind_of(source)
        except RefusedFile as refusal:
            raise ValidationError(str(refusal)) from None
        if kind != "page":
            raise ValidationError(_("This file does not become a page. Bring the notes as Markdown, text, HTML, Word or LibreOffice."))
        return source


class PhotoForm(forms.Form):
    """A picture is checked by the verb, which keeps it."""

    photo = forms.FileField(label=_("Photo"), widget=forms.FileInput(attrs={"accept": "image/*"}))
    alt_text = forms.CharField(
        label=_("What it shows, for those who do not see it"),
        max_length=300,
        help_text=_("Without names, unless the people want theirs here."),
    )
    caption = forms.CharField(label=_("Caption"), required=False, max_length=300)
    agreed = forms.BooleanField(
        label=_("Everybody who can be recognised in it agrees to be shown on this page"),
        help_text=_("Your name is kept with this. Who changes their mind is taken off: remove the photo, then make the page again."),
        error_messages={"required": _("Add a photo only once everybody in it agrees to be shown.")},
    )

    def clean_photo(self):
        upload = self.cleaned_data["photo"]
        if upload.size > LARGEST:
            raise ValidationError(_("This file is too large: %(most)d MB is the most.") % {"most": LARGEST // 1024**2})
        return upload


class RemovePhotoForm(forms.Form):
    photo = forms.ModelChoiceField(label=_("Which photo"), queryset=AfterwardsPhoto.objects.none())

    def __init__(self, *args, row: Session, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["photo"].queryset = AfterwardsPhoto.objects.filter(afterwards__session=row)


class AnswerForm(forms.Form):
    text = forms.CharField(label=_("What was asked, in one sentence"), max_length=LONGEST_QUESTION, widget=words(2))
    answer = forms.CharField(label=_("What was answered"), max_length=LONGEST_ANSWER, widget=words(5))
    wants_page = forms.BooleanField(label=_("The answer becomes a page of its own, too"), required=False)


class RemoveAnswerForm(forms.Form):
    answer = forms.ModelChoiceField(label=_("Which question"), queryset=AfterwardsAnswer.objects.none())

    def __init__(self, *args, row: Session, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].queryset = AfterwardsAnswer.objects.filter(afterwards__session=row, question__isnull=True)
