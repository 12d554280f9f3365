"""What is written down after a callback, whatever the case was about."""

from django.utils.translation import gettext_lazy as _

from steward.assurance.models import AttemptOutcome
from steward.kernel.schema import Data, Text, ask


class CallBack(Data):
    outcome: AttemptOutcome = ask(title=_("Outcome"))
    rating: int | None = ask(None, ge=1, le=4, title=_("Rating"), kind="rating")
    comment: Text = ask("", max_length=1000, title=_("What the customer said"))
