"""What the codes of the audit mean. A code without words is shown as it is: nothing is hidden for want of a word."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

DEEDS: Final[Mapping[str, Any]] = {
    "audit.export": gettext_lazy("Took out the audit log"),
    "audit.rewritten": gettext_lazy("Erased personal values from the record"),
    "backup.made": gettext_lazy("Made a backup"),
    "backup.restored": gettext_lazy("Restored from a backup"),
    "case.print": gettext_lazy("Printed a paper of a case"),
    "category.add": gettext_lazy("Added a category"),
    "category.place": gettext_lazy("Moved a category"),
    "category.restore": gettext_lazy("Took up a category again"),
    "category.retire": gettext_lazy("Retired a category"),
    "category.set": gettext_lazy("Changed a category"),
    "customer.reveal": gettext_lazy("Looked at personal data of a customer"),
    "grant.given": gettext_lazy("Gave a role"),
    "policy.set": gettext_lazy("Changed a policy"),
    "post.assign": gettext_lazy("Gave a post"),
    "post.end": gettext_lazy("Ended a post"),
    "post.preset": gettext_lazy("Loaded the shipped posts"),
    "post.save": gettext_lazy("Changed a post"),
    "preference.set": gettext_lazy("Changed how somebody is told"),
    "prices.add": gettext_lazy("Added an item to the price list"),
    "prices.change": gettext_lazy("Changed an item of the price list"),
    "prices.follow": gettext_lazy("Gave up an own price list"),
    "prices.publish": gettext_lazy("Published a price list"),
    "prices.withdraw": gettext_lazy("Took an item off the price list"),
    "role.end": gettext_lazy("Ended a role"),
    "role.grant": gettext_lazy("Gave a role"),
    "staff.add": gettext_lazy("Added a colleague"),
    "template.set": gettext_lazy("Changed a template of messages"),
}
#: Where a room has many verbs, all of one area read alike.
AREAS: Final[Mapping[str, Any]] = {"customer": gettext_lazy("Changed customer data")}
FIELDS: Final[Mapping[str, Any]] = {
    "case": gettext_lazy("Case"),
    "fields": gettext_lazy("fields"),
    "files": pgettext_lazy("audit", "files"),
    "from": gettext_lazy("in force from"),
    "paper": gettext_lazy("paper"),
    "piece": gettext_lazy("what"),
    "rows": gettext_lazy("rows"),
    "value": gettext_lazy("value"),
    "whose": gettext_lazy("whose"),
}


def deed(code: str) -> str:
    return str(DEEDS.get(code) or AREAS.get(code.partition(".")[0], code))


def field(name: str) -> str:
    return str(FIELDS.get(name, name))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Field, what it was, what it is."""
    names = dict.fromkeys([*before, *after])
    return [(field(name), _text(before.get(name)), _text(after.get(name))) for name in names if name != "digests"]


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
