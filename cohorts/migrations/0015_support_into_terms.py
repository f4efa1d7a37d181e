"""What a typology said of its support in one column becomes one row for each thing that is given or expected."""

from django.db import migrations

KINDS = {"in-return": "return"}
LABELS = {
    "people": {"fr": "Personnes et accompagnement", "en": "People and accompaniment"},
    "money": {"fr": "Argent", "en": "Money"},
    "tools": {"fr": "Outils", "en": "Tools"},
    "convergence": {"fr": "Convergence", "en": "Convergence"},
    "return": {"fr": "Attendu en retour", "en": "Expected in return"},
}


def move(apps, schema_editor):
    """A line of a kind that is not known any more is something that Smart gives: its tools."""
    Term = apps.get_model("cohorts", "TypologyTerm")
    for typology in apps.get_model("cohorts", "Typology").objects.all():
        for place, row in enumerate(typology.support):
            kind = KINDS.get(row["key"], row["key"])
            Term.objects.create(typology_id=typology.pk, sort_order=place, kind=kind if kind in LABELS else "tools", text=dict(row["text"]))


def back(apps, schema_editor):
    Term = apps.get_model("cohorts", "TypologyTerm")
    for typology in apps.get_model("cohorts", "Typology").objects.all():
        typology.support = [
            {"key": "in-return" if row.kind == "return" else row.kind, "label": LABELS[row.kind], "text": dict(row.text)}
            for row in Term.objects.filter(typology_id=typology.pk).order_by("sort_order", "pk")
        ]
        typology.save()


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0014_typology_terms")]

    operations = [migrations.RunPython(move, back)]
