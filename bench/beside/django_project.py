"""Django's project: one application with the same tables, as far as its models can say them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.beside import django_models, history, rows
from bench.beside.history import Change
from bench.beside.project import Project
from bench.django_settings import SETTINGS
from bench.measure import Case

_MIGRATION = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", {parent!r})]
    operations = [
        {operation},
    ]
"""


class Django(Project):
    """Django's migrations."""

    tool = rows.DJANGO
    migrations = "shop/migrations"

    @property
    def migrating(self) -> Sequence[str | Path]:
        """The command that applies everything."""
        return (*self._admin, "migrate")

    @property
    def generating(self) -> Sequence[str | Path]:
        """The command that writes a migration."""
        return (*self._admin, "makemigrations", "shop")

    @property
    def _admin(self) -> tuple[str | Path, ...]:
        return (self.tools / "django-admin",)

    @property
    def _models(self) -> Path:
        return self.root / "shop" / "models.py"

    def write(self) -> None:
        """Write the application, its first migration by `makemigrations`, and the others."""
        self.environment |= {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(self.root)}
        migrations = self.root / "shop" / "migrations"
        migrations.mkdir(parents=True)
        for package in (migrations, migrations.parent):
            (package / "__init__.py").touch()
        (self.root / "settings.py").write_text(SETTINGS)
        self._models.write_text(django_models.models(self.place.catalog))
        self.place.databases.empty(self._name("head"))
        self.run(*self.generating)
        parent = "0001_initial"
        for change in history.changes([table.name for table in self.place.catalog.tables], self.place.length):
            name = f"{change.number + 1:04d}_{change.kind}_{change.column}"
            text = _MIGRATION.format(parent=parent, operation=_operation(change))
            (migrations / f"{name}.py").write_text(text)
            parent = name

    def add_column(self, name: str) -> None:
        """Give the models one more column."""
        self._models.write_text(django_models.with_column(self._models.read_text(), name))

    def importing(self) -> Case:
        """Import the models."""
        return self.case(rows.IMPORT, self.tools / "python", "-c", "import django; django.setup()")

    def no_change(self, name: str) -> Case:
        """Compare the models with the migrations."""
        return self.case(name, *self.generating, "--check", "--dry-run", prints="No changes detected")

    def more(self) -> Sequence[Case]:
        """It lists its migrations."""
        return (self.case(rows.STATUS, *self._admin, "showmigrations", prints="[X]"),)


def _operation(change: Change) -> str:
    of = f'model_name="{django_models.model_name(change.table).lower()}", name="{change.column}"'
    match change.kind:
        case "add":
            return f"migrations.AddField({of}, field=models.TextField(null=True))"
        case "default":
            value = history.DEFAULT.strip("'")
            return f'migrations.AlterField({of}, field=models.TextField(null=True, db_default="{value}"))'
        case "drop":
            return f"migrations.RemoveField({of})"
