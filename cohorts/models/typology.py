"""The statuses to which the pathway leads, as data: what Smart gives, what it expects in return, on which conditions, with which papers.

Which rules there are is code (`TypologyCondition.Rule`, worked out in `cohorts.conditions`); which of them a typology asks is data.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from academy.fields import LocalizedText, LocalizedTextField
from academy.ui import PILLARS

from .pathway import Requirement


class Typology(ClusterableModel):
    """A status to which the pathway leads, with its level of support. Three of them, known by their key."""

    class Key(models.TextChoices):
        OPEN_SMART = "open_smart", _("Open Smart")
        SOCIAL_FRANCHISE = "social_franchise", _("Social franchise")
        EUROPEAN_GROUP = "european_group", _("European group")

    key = models.CharField(_("key"), max_length=24, choices=Key, unique=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    label = LocalizedTextField(_("label"))
    who = LocalizedTextField(_("who it is for"), blank=True)
    meaning = LocalizedTextField(_("what it means"), blank=True)

    class Meta:
        verbose_name = _("typology")
        verbose_name_plural = _("typologies")
        ordering = ["sort_order", "key"]

    def __str__(self):
        return str(self.label)

    def of_kind(self, kind: str) -> list[TypologyTerm]:
        return [row for row in self.terms.all() if row.kind == kind]

    @property
    def given(self) -> list[TypologyTerm]:
        """What Smart gives."""
        return [row for row in self.terms.all() if row.owed_by == Requirement.Party.SMART]

    @property
    def expected(self) -> list[TypologyTerm]:
        """What Smart expects in return."""
        return [row for row in self.terms.all() if row.owed_by == Requirement.Party.PROMOTER]


class TypologyPart(models.Model):
    """A line of a typology, in an order that is chosen."""

    sort_order = models.PositiveSmallIntegerField(_("order"), default=0, editable=False)

    sort_order_field = "sort_order"

    class Meta:
        abstract = True
        ordering = ["sort_order", "pk"]


class TypologyTerm(TypologyPart):
    """One thing that Smart gives with a status, or expects in return. A new partnership begins with these as its plan.

    NULL `due_in_days`: it goes on, or has no date.
    """

    class Kind(models.TextChoices):
        PEOPLE = "people", _("People and accompaniment")
        MONEY = "money", _("Money")
        TOOLS = "tools", _("Tools")
        CONVERGENCE = "convergence", _("Convergence")
        RETURN = "return", _("Expected in return")

    typology = ParentalKey(Typology, on_delete=models.CASCADE, related_name="terms", verbose_name=_("typology"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    text = LocalizedTextField(_("words"))
    due_in_days = models.PositiveSmallIntegerField(
        _("due, in days from the start of the partnership"),
        null=True,
        blank=True,
        help_text=_("Empty: it goes on all the time, or has no date."),
    )

    class Meta(TypologyPart.Meta):
        verbose_name = _("term of a typology")
        verbose_name_plural = _("terms of typologies")

    def __str__(self):
        return f"{self.get_kind_display()}: {self.text}"

    @property
    def owed_by(self) -> str:
        return Requirement.Party.PROMOTER if self.kind == self.Kind.RETURN else Requirement.Party.SMART


class TypologyPaper(TypologyPart):
    """A document that a status asks both sides to sign, or that goes with it."""

    typology = ParentalKey(Typology, on_delete=models.CASCADE, related_name="papers", verbose_name=_("typology"))
    title = LocalizedTextField(_("title"))
    text = LocalizedTextField(_("what it says"), blank=True)

    class Meta(TypologyPart.Meta):
        verbose_name = _("document of a typology")
        verbose_name_plural = _("documents of typologies")

    def __str__(self):
        return str(self.title)


class TypologyCondition(TypologyPart):
    """A minimum condition of a status: checked by a rule over facts, or confirmed by a person with a note."""

    class Rule(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed by a person, with a note")
        REQUIREMENTS = "requirements", _("Every mandatory requirement is met or waived")
        SESSIONS = "sessions", _("So many sessions were attended")
        PILLAR = "pillar", _("A pillar is at a level or higher in the last assessment by Smart")
        LEGAL_FORM = "legal_form", _("The legal form is written in the dossier")
        STARTED = "started", _("The project has started")

    WITH_NUMBER = (Rule.SESSIONS, Rule.PILLAR)

    typology = ParentalKey(Typology, on_delete=models.CASCADE, related_name="conditions", verbose_name=_("typology"))
    rule = models.CharField(_("how it is checked"), max_length=16, choices=Rule, default=Rule.CONFIRMED)
    number = models.PositiveSmallIntegerField(
        _("number of sessions, or level"), null=True, blank=True, help_text=_("For these two rules only. Levels go from 0 to 4.")
    )
    pillar = models.CharField(
        _("pillar"),
        max_length=16,
        blank=True,
        choices=[(row.key, row.label) for row in PILLARS.values()],
        help_text=_("For the rule about a pillar only."),
    )
    words = LocalizedTextField(
        _("words"), blank=True, help_text=_("Wanted where a person confirms it. Elsewhere empty means the rule's own words.")
    )

    class Meta(TypologyPart.Meta):
        verbose_name = _("condition of a typology")
        verbose_name_plural = _("conditions of typologies")
        constraints = [
            models.CheckConstraint(
                condition=Q(rule="pillar", number__isnull=False) & ~Q(pillar="") | ~Q(rule="pillar") & Q(pillar=""),
                name="only_the_rule_on_a_pillar_names_one",
                violation_error_message=_("The rule about a pillar names a pillar and a level, and no other rule names a pillar."),
            ),
            models.CheckConstraint(
                condition=Q(rule__in=["sessions", "pillar"], number__isnull=False, number__gt=0)
                | (~Q(rule__in=["sessions", "pillar"]) & Q(number__isnull=True)),
                name="a_rule_that_counts_has_its_number",
                violation_error_message=_(
                    "The rules about sessions and about a pillar have a number above nought, and no other rule has one."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(rule="pillar") | Q(number__lte=4),
                name="a_level_wanted_is_one_of_the_rubric",
                violation_error_message=_("Levels go from 0 to 4."),
            ),
        ]

    def __str__(self):
        return str(self.sentence)

    def clean(self):
        super().clean()
        if self.rule == self.Rule.CONFIRMED and not self.words:
            raise ValidationError({"words": _("Write what a person confirms.")})

    @property
    def sentence(self) -> LocalizedText:
        """What is asked, said to the project: its own words, else the rule's."""
        if self.words:
            return LocalizedText(self.words)
        found = {}
        for code, _name in settings.LANGUAGES:
            with override(code):
                found[code] = self._rule_in_words()
        return LocalizedText(found)

    def _rule_in_words(self) -> str:
        if self.rule == self.Rule.SESSIONS:
            words = ngettext("At least %(n)s session attended in person", "At least %(n)s sessions attended in person", self.number)
            return words % {"n": self.number}
        if self.rule == self.Rule.PILLAR:
            words = gettext("“%(pillar)s” at level %(level)s or higher in the last assessment by Smart")
            return words % {"pillar": PILLARS[self.pillar].label, "level": self.number}
        return str(self.get_rule_display())
