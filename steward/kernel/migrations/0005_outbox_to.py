from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0004_seal"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="outbox", name="outbox_to"),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(fields=["project", "recipient", "channel", "-id"], name="outbox_to"),
        ),
    ]
