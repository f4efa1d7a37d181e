"""Who pays for a trip: each source with its amount, its proof, and what the team says of it."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator

from .constraints import date_with_author
from .session import Registration


def stored_as(row: FundingSource, _name: str) -> str:
    """Under a name that says nothing, new for each proof, in a folder that no web server serves."""
    return f"funding/{row.pk}-{secrets.token_hex(8)}.{row.proof_kind}"


class FundingSourceQuerySet(models.QuerySet):
    def for_user(self, user):
        """One's own; coordinators all. Nobody else of the project: what a bank or an employer writes is the person's."""
        if not user.is_authenticated:
            return self.none()
        return self if is_coordinator(user) else self.filter(registration__person=user)

    def standing(self):
        """What counts: checked, or not looked at yet."""
        return self.filter(refused_at__isnull=True)

    def waiting(self):
        """Smart owes a look at these."""
        return self.filter(refused_at__isnull=True, verified_at__isnull=True)


class FundingSource(models.Model):
    """One of those who pay for the trip of one registration; several together may cover it.

    NULL `amount`: whatever is left to pay. NULL `verified_at` and NULL `refused_at`: nobody of the team has looked at it yet. NULL `sent_at`
    never: it is when it was said, or said again after a refusal. `proof` is empty where none was brought, and once its date has passed.
    """

    Payer = Registration.Payer

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="funding", verbose_name=_("registration"))
    payer = models.CharField(_("who pays"), max_length=16, choices=Registration.Payer)
    name = models.CharField(_("name of whoever pays"), max_length=200, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    proof = models.FileField(_("proof"), upload_to=stored_as, max_length=120, blank=True)
    proof_name = models.CharField(_("name of the proof"), max_length=150, blank=True)
    proof_kind = models.CharField(max_length=8, blank=True)
    proof_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    sent_at = models.DateTimeField(_("said"), default=timezone.now)
    verified_at = models.DateTimeField(_("checked"), null=True, blank=True)
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refused_reason = models.TextField(_("why it is refused"), max_length=2000, blank=True)

    objects = FundingSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source of funding")
        verbose_name_plural = _("sources of funding")
        ordering = ["sent_at", "pk"]
        constraints = [
            date_with_author("verified", name="a_source_is_checked_by_somebody"),
            date_with_author("refused", name="a_source_is_refused_by_somebody"),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True) | Q(refused_at__isnull=True), name="a_source_is_not_checked_and_refused_at_once"
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True) | ~Q(refused_reason=""),
                name="a_refused_source_has_its_reason",
                violation_error_message=_("Say why."),
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0),
                name="a_source_pays_something",
                violation_error_message=_("Write an amount above nought, or leave it empty."),
            ),
            models.CheckConstraint(condition=Q(proof="") | ~Q(proof_name=""), name="a_proof_has_a_name"),
        ]

    def __str__(self):
        return f"{self.registration}: {self.get_payer_display()}"

    @property
    def is_waiting(self) -> bool:
        return self.verified_at is None and self.refused_at is None
