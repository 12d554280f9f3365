"""What a technician passes on to the customer by WeChat."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from steward.cases.models import Case
from steward.casework.customer.telling import CUSTOMERS_LANGUAGE


def for_wechat(case: Case, purpose: str, token: str) -> str:
    """In the customer's language, whatever the technician reads."""
    url = f"{settings.PUBLIC_URL}/l/{token}/"
    with translation.override(CUSTOMERS_LANGUAGE):
        if purpose == "amount":
            text = _("%(title)s is done (%(number)s). Please look at the amount and confirm it here:")
        else:
            text = _("The quote for %(title)s (%(number)s). Please look at it; work begins only after you agree:")
        return f"{text % {'title': case.title, 'number': case.number}}\n{url}"
