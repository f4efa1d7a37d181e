"""A question as data: what a call asks beside the dossier, and what a form of the pathway asks."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from academy.fields import LocalizedTextField

from .pathway import FrozenOnceUsed


def lines_of(text: str) -> list[str]:
    """The choices of a question: one per line, in the order of their numbers."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def check_choices(choices: dict[str, str]) -> None:
    """The same choices in every language, at least two and each of them once."""
    lines = {code: lines_of(text) for code, text in choices.items()}
    counts = {code: len(lines.get(code, [])) for code, _name in settings.LANGUAGES}
    if min(counts.values()) < 2:
        raise ValidationError({"choices": _("Write at least two choices, one per line, in each language.")})
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{name}: {counts[code]}" for code, name in settings.LANGUAGES)
        raise ValidationError({"choices": _("Write the same number of choices in each language (%(found)s).") % {"found": found}})
    if any(len({line.casefold() for line in found}) < len(found) for found in lines.values()):
        raise ValidationError({"choices": _("Two choices are the same.")})


class AskedQuestion(FrozenOnceUsed, models.Model):
    """Of one kind, in every language, with help, required or not.

    `choices` has one choice per line, the same number of lines in each language; an answer keeps the number of its line, from 1.
    `public_name` is what a public page, a column of a list or an export calls it.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        CHOICE = "choice", _("Choice")
        COUNTRY = "country", _("Country")
        MONEY = "money", _("Amount of money")
        FILE = "file", _("File")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.TEXT)
    label = LocalizedTextField(_("question"))
    public_name = LocalizedTextField(_("public name"), help_text=_("Two or three words: the column of a list, the line of a summary."))
    help = LocalizedTextField(_("help"), blank=True)
    choices = LocalizedTextField(_("choices"), blank=True, help_text=_("One per line, in the same order in both languages."))
    most_words = models.PositiveSmallIntegerField(_("most words"), null=True, blank=True, help_text=_("For a text; empty: no limit."))
    is_required = models.BooleanField(_("must be answered"), default=True)

    sort_order_field = "sort_order"
    MOST_CHARACTERS = 8000  # of a text

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.label)

    def clean(self):
        """The same choices in every language, at least two and each of them once; only a choice has any."""
        super().clean()
        if self.kind != self.Kind.CHOICE:
            if any(map(lines_of, self.choices.values())):
                raise ValidationError({"choices": _("Only a question of the kind “Choice” has choices.")})
            return
        check_choices(self.choices)

    @property
    def options(self) -> list[tuple[str, str]]:
        """`[("1", "…")]`, in the reader's language."""
        return [(str(number), line) for number, line in enumerate(lines_of(str(self.choices)), start=1)]


def asks_the_same(one: AskedQuestion, other: AskedQuestion) -> bool:
    """Whether the answer to one is an answer to the other: calls are copied, and their copies may be corrected in one language.

    The same question in one language at least, or the same public name in all; of the same kind, and with the same choices.
    """
    if one.pk == other.pk:
        return True
    if one.kind != other.kind:
        return False
    codes = [code for code, _name in settings.LANGUAGES]
    labels = [(_bare(one.label.get(code)), _bare(other.label.get(code))) for code in codes]
    names = [(_bare(one.public_name.get(code)), _bare(other.public_name.get(code))) for code in codes]
    is_asked = any(a and a == b for a, b in labels) or all(a and a == b for a, b in names)
    return is_asked and all(lines_of(one.choices.get(code, "")) == lines_of(other.choices.get(code, "")) for code in codes)


def likeness(one: AskedQuestion, other: AskedQuestion) -> int:
    """Of two that ask the same, how much they are alike: the same row, then in how many of their words."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("label", "help", "public_name")]
    alike = sum(_bare(a.get(code)) == _bare(b.get(code)) for a, b in pairs for code, _name in settings.LANGUAGES)
    return alike + 100 * (one.pk == other.pk)


def _bare(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
