from datetime import timedelta

from django.db import migrations


def give(apps, schema_editor):
    """Each cohort whose call has opened gets its first round, with the number of reviews that it wanted; assignments go into it."""
    Cohort, ReviewRound = apps.get_model("cohorts", "Cohort"), apps.get_model("cohorts", "ReviewRound")
    ReviewAssignment = apps.get_model("cohorts", "ReviewAssignment")
    asked = ReviewAssignment.objects.filter(round=None).values_list("application__cohort", flat=True)
    for cohort in Cohort.objects.exclude(state="planned") | Cohort.objects.filter(pk__in=list(asked)):
        row, _made = ReviewRound.objects.get_or_create(
            cohort=cohort,
            number=1,
            defaults={
                "opens_at": cohort.intake_opens_at,
                "closes_at": max(cohort.starts_at, cohort.intake_opens_at + timedelta(days=1)),
                "min_reviews": max(cohort.min_reviews, 1),
            },
        )
        ReviewAssignment.objects.filter(round=None, application__cohort=cohort).update(round=row)


def take_back(apps, schema_editor):
    """Backwards: the cohort wants what its first round wanted."""
    for row in apps.get_model("cohorts", "ReviewRound").objects.filter(number=1):
        apps.get_model("cohorts", "Cohort").objects.filter(pk=row.cohort_id).update(min_reviews=row.min_reviews)


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0002_calls_and_rounds")]
    operations = [migrations.RunPython(give, take_back)]
