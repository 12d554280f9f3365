"""Pictures, refused replays and links stand beside the engine: their tables go to casework, rows and all."""

from django.db import migrations

MOVED = ("CaseFile", "Conflict", "Link")


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_lists_over_many")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name, f"casework_{name.lower()}") for name in MOVED],
            state_operations=[migrations.DeleteModel(name) for name in MOVED],
        ),
    ]
