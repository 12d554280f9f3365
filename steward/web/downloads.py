"""A stored file handed out; who may have it was asked before."""

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from steward.kernel.errors import NotFoundError
from steward.kernel.files import PDF, path_of
from steward.kernel.models import Attachment


def handed_out(found: Attachment, *, cached: bool) -> FileResponse:
    """Pictures are shown, PDFs are for keeping: what they may contain does not run in our name.

    Not ``cached``: each look asks again, and can be written down.
    """
    path = path_of(found.project_id, found.sha256, found.content_type)
    if not path.exists():
        raise NotFoundError(_("There is no such file here."))
    keep = found.content_type == PDF
    response = FileResponse(path.open("rb"), content_type=found.content_type, as_attachment=keep, filename=found.name)
    response["Cache-Control"] = "private, max-age=86400, immutable" if cached else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
