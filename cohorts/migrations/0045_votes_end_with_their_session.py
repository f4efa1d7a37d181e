"""Votes that stayed open when their session was cancelled, before a cancellation closed them: they end when it did, and keep their ballots."""

from django.db import migrations


def close(apps, _schema_editor):
    polls = apps.get_model("cohorts", "Poll").objects.filter(state="open", session__cancelled_at__isnull=False)
    for poll in polls.select_related("session"):
        poll.state, poll.secret = "closed", ""
        poll.closed_at, poll.closed_by_id = poll.session.cancelled_at, poll.session.cancelled_by_id
        poll.save(update_fields=["state", "secret", "closed_at", "closed_by"])


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0044_places_without_money_go")]
    operations = [migrations.RunPython(close, migrations.RunPython.noop)]
