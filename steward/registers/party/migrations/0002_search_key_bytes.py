"""Search keys become bytes. They can be built anew at any time (``party.search.reindex``): none is carried over."""

import django.db.models.deletion
from django.db import migrations, models

import steward.kernel.fields


class Migration(migrations.Migration):
    dependencies = [("estate", "0002_building_nicknames"), ("org", "0001_initial"), ("party", "0001_initial")]

    operations = [
        migrations.DeleteModel(name="SearchKey"),
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BinaryField(max_length=120)),
                ("kind", models.CharField(max_length=10)),
                (
                    "customer",
                    steward.kernel.fields.ProjectForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="party.customer",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.node"),
                ),
                (
                    "unit",
                    steward.kernel.fields.ProjectForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="estate.unit"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["project", "key"], name="search_key_prefix")]},
        ),
    ]
