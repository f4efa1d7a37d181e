from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0015_support_into_terms")]

    operations = [migrations.RemoveField("typology", "support")]
