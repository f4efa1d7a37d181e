"""What follows graduation: the support plan of a partnership, and the versions of what both sides sign."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.fields import LocalizedTextField
from academy.permissions import is_coordinator

from .append_only import AppendOnlyModel, AppendOnlyQuerySet
from .application import interests_of
from .constraints import date_with_author
from .participation import Partnership
from .pathway import Requirement
from .project import ProjectMember
from .typology import TypologyTerm


class SupportPlanItem(models.Model):
    """One thing that Smart or the project owes the other. Copied from the terms of the typology when the partnership begins, or added later.

    The words are those of that day. NULL `due_on`: it goes on, or has no date. NULL `owner`: nobody sees to it yet.
    NULL `settled_at`: still open.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    Party = Requirement.Party

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="plan", verbose_name=_("partnership"))
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=16, choices=TypologyTerm.Kind)
    owed_by = models.CharField(_("owed by"), max_length=16, choices=Requirement.Party)
    what = LocalizedTextField(_("what"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who sees to it")
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.OPEN)
    reason = models.TextField(_("reason or note"), max_length=4000, blank=True)
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("item of a support plan")
        verbose_name_plural = _("items of support plans")
        ordering = ["partnership", "owed_by", "sort_order", "pk"]
        constraints = [
            date_with_author("settled", name="an_item_of_a_plan_is_settled_by_somebody"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True) | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="an_item_of_a_plan_is_open_until_it_is_settled",
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(reason=""),
                name="what_is_dropped_has_its_reason",
                violation_error_message=_("Say why it is dropped."),
            ),
        ]

    def __str__(self):
        return f"{self.partnership}: {self.what}"

    def days_late(self, today) -> int:
        """Nought while it is not late."""
        return max(0, (today - self.due_on).days) if self.due_on and self.state == self.State.OPEN else 0


class AgreementState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent to the project")
    SIGNED = "signed", _("Signed")
    REPLACED = "replaced", _("Replaced")


_A = AgreementState

AGREEMENT_MOVES: dict[str, frozenset[str]] = {
    _A.DRAFT: frozenset({_A.SENT, _A.REPLACED}),
    _A.SENT: frozenset({_A.SIGNED, _A.REPLACED}),
    _A.SIGNED: frozenset({_A.REPLACED}),
    _A.REPLACED: frozenset(),
}


def stored_as(row: Agreement, _name: str) -> str:
    """Under a name that says nothing, in a folder that no web server serves."""
    return f"agreements/{row.pk}.{row.kind}"


class AgreementQuerySet(AppendOnlyQuerySet):
    def for_user(self, user):
        """Members of the project what was sent to them; coordinators without an interest all."""
        if not user.is_authenticated:
            return self.none()
        own = ProjectMember.objects.filter(person=user).values("project")
        told = Q(partnership__project__in=own, sent_at__isnull=False)
        if not is_coordinator(user):
            return self.filter(told)
        return self.filter(told | ~Q(partnership__project__in=interests_of(user).values("pk")))


class Agreement(AppendOnlyModel):
    """One version of one document between Smart and a project. Its file and its words are never changed: a change is a new version.

    `document` is the same for every version of one document. A draft or a sent version is replaced by the next one at once, a signed one
    when the next one is signed.
    """

    State = AgreementState
    may_change = frozenset(
        {"state", "sent_at", "sent_by", "sent_by_id", "signed_at", "signed_by", "signed_by_id", "signed_on", "replaced_at"}
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("partnership"))
    document = models.UUIDField(default=uuid.uuid4, editable=False)
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    title = LocalizedTextField(_("title"))
    file = models.FileField(_("file"), upload_to=stored_as, max_length=120)
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("kind"), max_length=8)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=AgreementState, default=AgreementState.DRAFT)
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_on = models.DateField(_("signed by both on"), null=True, blank=True)
    signed_at = models.DateTimeField(_("recorded as signed"), null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["partnership", "document", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="versions_of_an_agreement_are_numbered"),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state="signed"),
                name="one_version_of_an_agreement_is_signed",
                violation_error_message=_("A version of this document is signed already."),
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state__in=["draft", "sent"]),
                name="one_version_of_an_agreement_is_on_its_way",
                violation_error_message=_("A version of this document is on its way already."),
            ),
            date_with_author("sent", name="an_agreement_is_sent_by_somebody"),
            date_with_author("signed", name="an_agreement_is_recorded_as_signed_by_somebody"),
            models.CheckConstraint(
                condition=Q(state="draft", sent_at__isnull=True)
                | Q(state="sent", sent_at__isnull=False)
                | Q(state="signed", sent_at__isnull=False, signed_at__isnull=False)
                | Q(state="replaced"),
                name="an_agreement_has_the_dates_of_its_state",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_on__isnull=True) | Q(signed_at__isnull=False, signed_on__isnull=False),
                name="a_signed_agreement_says_the_day",
            ),
            models.CheckConstraint(
                condition=Q(state="replaced", replaced_at__isnull=False) | (~Q(state="replaced") & Q(replaced_at__isnull=True)),
                name="a_replaced_agreement_says_since_when",
            ),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"
