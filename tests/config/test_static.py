"""What production serves: every file a style sheet names exists, or `collectstatic` fails here and not at the customer's."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings

MANIFEST = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
SERVED = (
    "vendor/tabler/tabler.min.css",
    "vendor/weui/weui.min.css",
    "vendor/icons.css",
    "vendor/signature_pad/signature_pad.umd.min.js",
    "vendor/idb/idb.umd.js",
    "django_htmx/htmx-2.min.js",
)


@pytest.mark.skipif(not Path("static/vendor").is_dir(), reason="front-end files are copied by make")
def test_all_static_files_can_be_collected_for_production(tmp_path: Path) -> None:
    with override_settings(STORAGES=MANIFEST, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
        for name in SERVED:
            hashed = staticfiles_storage.url(name).removeprefix(settings.STATIC_URL)
            assert hashed != name
            assert (tmp_path / hashed).stat().st_size > 0
            assert b"sourceMappingURL" not in (tmp_path / hashed).read_bytes()
