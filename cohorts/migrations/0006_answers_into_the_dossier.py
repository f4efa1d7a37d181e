"""What applications said about the five ingredients goes under the headings of the project's dossier (decision 0028)."""

from django.db import migrations

# column of the application → heading; two of them become one chapter
MOVED = {"need": "publics", "profile": "team", "network": "competition", "similar_enterprises": "competition", "investors": "key_figures"}


def chapters(application):
    found = {}
    for column, heading in MOVED.items():
        said = getattr(application, column).strip()
        if said:
            found[heading] = f"{found[heading]}\n\n{said}" if heading in found else said
    return found


def move(apps, schema_editor):
    """The newest words of each project; older ones are added where no submitted version keeps them."""
    Application, Dossier = apps.get_model("cohorts", "Application"), apps.get_model("cohorts", "Dossier")
    for application in Application.objects.order_by("-saved_at").iterator():
        dossier, _is_new = Dossier.objects.get_or_create(project_id=application.project_id)
        for heading, said in chapters(application).items():
            there = getattr(dossier, heading)
            if not there:
                setattr(dossier, heading, said)
            elif said not in there and application.submitted_at is None:
                setattr(dossier, heading, f"{there}\n\n{said}"[:8000])
        dossier.save()


def back(apps, schema_editor):
    """A chapter of two ingredients goes back as one text."""
    Application, Dossier = apps.get_model("cohorts", "Application"), apps.get_model("cohorts", "Dossier")
    for dossier in Dossier.objects.iterator():
        words = {column: getattr(dossier, heading)[:4000] for column, heading in reversed(MOVED.items()) if column != "network"}
        Application.objects.filter(project_id=dossier.project_id).update(**words)


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0005_calendar_entries")]

    operations = [migrations.RunPython(move, back)]
