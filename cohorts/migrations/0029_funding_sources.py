"""Who pays moves from three columns of a registration into rows of their own: several may pay, each with its proof."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import cohorts.models.funding

PAYERS = [
    ("project", "The project itself"),
    ("person", "The person"),
    ("employer", "An employer or partner organisation"),
    ("grant", "A grant or public fund"),
    ("other", "Somebody else"),
]


def _check_now(schema_editor):
    """PostgreSQL changes no table of which rows wait to be checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def into_rows(apps, schema_editor):
    registrations = apps.get_model("cohorts", "Registration").objects.exclude(funding_payer="")
    sources = apps.get_model("cohorts", "FundingSource").objects
    for row in registrations.iterator(500):
        sources.create(
            registration=row,
            payer=row.funding_payer,
            name=row.funding_detail,
            amount=row.funding_amount or None,
            sent_at=row.confirmed_at or row.requested_at,
            verified_at=row.funding_verified_at,
            verified_by_id=row.funding_verified_by_id,
        )
    _check_now(schema_editor)


def into_columns(apps, schema_editor):
    """The first that counts gives its name, all together the amount; proofs and refusals have no place there."""
    for row in apps.get_model("cohorts", "Registration").objects.prefetch_related("funding").iterator(500):
        sources = [source for source in row.funding.all() if source.refused_at is None]
        if sources:
            amounts = [source.amount for source in sources]
            row.funding_payer, row.funding_detail = sources[0].payer, sources[0].name
            row.funding_amount = None if None in amounts else sum(amounts)
        elif row.status in ("confirmed", "ready", "attended"):
            row.funding_payer = "other"
        row.save(update_fields=["funding_payer", "funding_detail", "funding_amount"])
    _check_now(schema_editor)


def pair(stem, name):
    return models.CheckConstraint(
        condition=Q((f"{stem}_at__isnull", True), (f"{stem}_by__isnull", True))
        | Q((f"{stem}_at__isnull", False), (f"{stem}_by__isnull", False)),
        name=name,
        violation_error_message="A date needs its author, and an author needs a date.",
    )


WHO = models.ForeignKey
AUTHOR = {"blank": True, "null": True, "on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}
KINDS = [
    ("silent", "No activity"),
    ("unmoved", "Silent after two reminders"),
    ("overdue", "The project is late"),
    ("smart_late", "Smart is late"),
    ("place", "A place in the cohort without an answer"),
    ("seat", "A place at a session about to expire"),
    ("funding", "Funding not checked before a session"),
    ("gap", "Money missing before a session"),
    ("proof", "Funding that waits for our check"),
    ("review", "A review is late"),
]
POSITIVE = [django.core.validators.MinValueValidator(0)]


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0028_what_an_entry_and_a_value_may_be"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AlterField(
            "attentionitem", "kind", models.CharField(choices=KINDS, max_length=16, verbose_name="rule")
        ),
        migrations.AlterField(
            "attentionrule", "kind", models.CharField(choices=KINDS, editable=False, max_length=16, unique=True, verbose_name="rule")
        ),
        migrations.CreateModel(
            name="FundingSource",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("payer", models.CharField(choices=PAYERS, max_length=16, verbose_name="who pays")),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name of whoever pays")),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, validators=POSITIVE, verbose_name="amount"
                    ),
                ),
                (
                    "proof",
                    models.FileField(blank=True, max_length=120, upload_to=cohorts.models.funding.stored_as, verbose_name="proof"),
                ),
                ("proof_name", models.CharField(blank=True, max_length=150, verbose_name="name of the proof")),
                ("proof_kind", models.CharField(blank=True, max_length=8)),
                ("proof_sha256", models.CharField(blank=True, editable=False, max_length=64)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="said")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="checked")),
                ("verified_by", WHO(**AUTHOR)),
                ("refused_at", models.DateTimeField(blank=True, null=True, verbose_name="refused")),
                ("refused_by", WHO(**AUTHOR)),
                ("refused_reason", models.TextField(blank=True, max_length=2000, verbose_name="why it is refused")),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funding",
                        to="cohorts.registration",
                        verbose_name="registration",
                    ),
                ),
            ],
            options={
                "verbose_name": "source of funding",
                "verbose_name_plural": "sources of funding",
                "ordering": ["sent_at", "pk"],
                "constraints": [
                    pair("verified", "a_source_is_checked_by_somebody"),
                    pair("refused", "a_source_is_refused_by_somebody"),
                    models.CheckConstraint(
                        condition=Q(("verified_at__isnull", True)) | Q(("refused_at__isnull", True)),
                        name="a_source_is_not_checked_and_refused_at_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(("refused_at__isnull", True)) | ~Q(("refused_reason", "")),
                        name="a_refused_source_has_its_reason",
                        violation_error_message="Say why.",
                    ),
                    models.CheckConstraint(
                        condition=Q(("amount__isnull", True)) | Q(("amount__gt", 0)),
                        name="a_source_pays_something",
                        violation_error_message="Write an amount above nought, or leave it empty.",
                    ),
                    models.CheckConstraint(condition=Q(("proof", "")) | ~Q(("proof_name", "")), name="a_proof_has_a_name"),
                ],
            },
        ),
        migrations.AddField(
            "registration",
            "funding_reason",
            models.TextField(blank=True, default="", max_length=2000, verbose_name="why it is enough all the same"),
            preserve_default=False,
        ),
        migrations.RemoveConstraint("registration", "a_confirmed_registration_says_who_pays"),
        migrations.AddConstraint(
            "registration",
            models.CheckConstraint(
                condition=~Q(("status__in", ["confirmed", "ready", "attended"])) | Q(("confirmed_at__isnull", False)),
                name="a_confirmed_registration_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            "registration",
            models.CheckConstraint(
                condition=Q(("funding_reason", "")) | Q(("funding_verified_at__isnull", False)),
                name="what_is_enough_all_the_same_is_settled",
            ),
        ),
        migrations.RunPython(into_rows, into_columns),
        migrations.RemoveField("registration", "funding_amount"),
        migrations.RemoveField("registration", "funding_detail"),
        migrations.RemoveField("registration", "funding_payer"),
    ]
