from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("estate", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="building",
            name="nicknames",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
