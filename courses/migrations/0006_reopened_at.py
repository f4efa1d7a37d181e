"""When staff opened an activity again, and what an attempt must know of a quiz that is gone. Until now the history said the first."""

from django.conf import settings
from django.db import migrations, models

EXCUSED = "excused"


def fill(apps, schema_editor):
    ActivityRecord, QuizAttempt, QuizPage = (apps.get_model("courses", name) for name in ("ActivityRecord", "QuizAttempt", "QuizPage"))
    lines = apps.get_model("wagtailcore", "ModelLogEntry").objects.filter(action="courses.reopen").order_by("timestamp")
    for line in lines.iterator():
        if line.data.get("before", {}).get("rule") != EXCUSED:
            ActivityRecord.objects.filter(pk=line.object_id).update(reopened_at=line.timestamp)
    quizzes = QuizPage.objects.order_by("live").values_list("translation_key", "locale__language_code", "title", "reveal")
    for key, language, title, _reveal in quizzes:
        QuizAttempt.objects.filter(quiz_key=key, language=language).update(title=title)
    ruling = {}
    for key, language, _title, reveal in quizzes:
        if language == settings.LANGUAGE_CODE or key not in ruling:
            ruling[key] = reveal
    for key, reveal in ruling.items():
        QuizAttempt.objects.filter(quiz_key=key).update(reveal=reveal)


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0005_changes_of_modules"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.AddField(
            model_name="activityrecord",
            name="reopened_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="opened again"),
        ),
        migrations.AddField(
            model_name="quizattempt",
            name="reveal",
            field=models.CharField(default="end", max_length=10, verbose_name="what a learner sees afterwards"),
        ),
        migrations.AddField(
            model_name="quizattempt",
            name="title",
            field=models.CharField(blank=True, max_length=255, verbose_name="title"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
