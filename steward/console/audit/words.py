"""What the codes of the audit mean. A code without words is shown as it is: nothing is hidden for want of a word."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from steward.kernel.actor import Role
from steward.registers.org.tree import tree
from steward.registers.party.verbs import VERBS
from steward.registers.workforce.people import name_of

DEEDS: Final[Mapping[str, Any]] = {
    "absence.cancel": gettext_lazy("Called off an absence"),
    "absence.end": gettext_lazy("Ended an absence earlier"),
    "absence.enter": gettext_lazy("Entered an absence"),
    "audit.export": gettext_lazy("Took out the audit log"),
    "audit.rewritten": gettext_lazy("Erased personal values from the record"),
    "backup.made": gettext_lazy("Made a backup"),
    "backup.restored": gettext_lazy("Restored from a backup"),
    "case.print": gettext_lazy("Printed a paper of a case"),
    "category.add": gettext_lazy("Added a category"),
    "category.place": gettext_lazy("Moved a category"),
    "category.preset": gettext_lazy("Loaded the shipped categories"),
    "category.restore": gettext_lazy("Took up a category again"),
    "category.retire": gettext_lazy("Retired a category"),
    "category.set": gettext_lazy("Changed a category"),
    "contractor.paper": gettext_lazy("Added a paper of a contractor"),
    "contractor.paper_erased": gettext_lazy("Erased an identity paper whose time was over"),
    "contractor.paper_opened": gettext_lazy("Opened a paper of somebody a contractor sends"),
    "contractor.paper_withdrawn": gettext_lazy("Took a paper of a contractor out of force"),
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
    "prices.follow_item": gettext_lazy("Let an item follow the price list above again"),
    "prices.publish": gettext_lazy("Published a price list"),
    "prices.withdraw": gettext_lazy("Took an item off the price list"),
    "role.end": gettext_lazy("Ended a role"),
    "role.grant": gettext_lazy("Gave a role"),
    "staff.add": gettext_lazy("Added a colleague"),
    "staff.sign_in": gettext_lazy("Gave out a link to sign in"),
    "template.set": gettext_lazy("Changed a template of messages"),
}
#: Where a room has many verbs, all of one area read alike.
AREAS: Final[Mapping[str, Any]] = {
    "area": gettext_lazy("Changed who looks after which homes"),
    "contractor": gettext_lazy("Changed a contractor"),
    "customer": gettext_lazy("Changed customer data"),
    "duty": gettext_lazy("Changed who is on duty"),
    "import": gettext_lazy("Imported a list"),
    "knowledge": gettext_lazy("Changed the knowledge base"),
    "oncall": gettext_lazy("Changed who is on call"),
    "pin": gettext_lazy("Used or changed a PIN"),
    "post": gettext_lazy("Changed posts"),
    "staff": gettext_lazy("Changed a colleague"),
    "unit": gettext_lazy("Changed a room"),
    "weather": gettext_lazy("Corrected the weather log"),
}
FIELDS: Final[Mapping[str, Any]] = {
    "authority": pgettext_lazy("audit", "authority"),
    "body": pgettext_lazy("audit", "text"),
    "butler": pgettext_lazy("audit", "butler"),
    "car": pgettext_lazy("audit", "car"),
    "care": pgettext_lazy("audit", "special care"),
    "case": gettext_lazy("Case"),
    "category": pgettext_lazy("audit", "category"),
    "certificate": pgettext_lazy("audit", "certificate"),
    "certified_until": pgettext_lazy("audit", "certificate until"),
    "class": pgettext_lazy("audit", "value class"),
    "code": pgettext_lazy("audit", "code"),
    "consent": pgettext_lazy("audit", "consent"),
    "contact": pgettext_lazy("audit", "contact"),
    "contract_from": pgettext_lazy("audit", "contract from"),
    "contract_no": pgettext_lazy("audit", "contract number"),
    "contract_until": pgettext_lazy("audit", "contract until"),
    "cover_from": pgettext_lazy("audit", "stand-in from"),
    "cover_until": pgettext_lazy("audit", "stand-in until"),
    "covered": pgettext_lazy("audit", "stand-in at work"),
    "department": pgettext_lazy("audit", "department"),
    "department_id": pgettext_lazy("audit", "department"),
    "duties": pgettext_lazy("audit", "duties"),
    "duty": pgettext_lazy("audit", "duty"),
    "email": pgettext_lazy("audit", "e-mail"),
    "fields": gettext_lazy("fields"),
    "files": pgettext_lazy("audit", "files"),
    "from": gettext_lazy("in force from"),
    "guard": pgettext_lazy("audit", "control room"),
    "id_number": pgettext_lazy("audit", "identity card"),
    "insured_until": pgettext_lazy("audit", "insured until"),
    "insurer": pgettext_lazy("audit", "insurer"),
    "is_active": pgettext_lazy("audit", "in use"),
    "is_leak": pgettext_lazy("audit", "counts as a leak"),
    "item": pgettext_lazy("audit", "item"),
    "key": pgettext_lazy("audit", "key customer"),
    "kind": pgettext_lazy("audit", "kind"),
    "language": pgettext_lazy("audit", "language"),
    "lift": pgettext_lazy("audit", "lift company"),
    "manager": pgettext_lazy("audit", "duty manager"),
    "met": pgettext_lazy("audit", "visit or talk"),
    "millimetres": pgettext_lazy("audit", "rain in mm"),
    "name": pgettext_lazy("audit", "name"),
    "name_en": pgettext_lazy("audit", "English name"),
    "node": pgettext_lazy("audit", "place"),
    "paper": gettext_lazy("paper"),
    "phone": pgettext_lazy("audit", "phone"),
    "piece": gettext_lazy("what"),
    "policy_no": pgettext_lazy("audit", "policy number"),
    "position": pgettext_lazy("audit", "position"),
    "post": pgettext_lazy("audit", "post"),
    "power": pgettext_lazy("audit", "power of attorney"),
    "price": pgettext_lazy("audit", "price"),
    "qualifications": pgettext_lazy("audit", "qualifications"),
    "reach_note": pgettext_lazy("audit", "how to reach"),
    "reports_to_id": pgettext_lazy("audit", "reports to"),
    "request": pgettext_lazy("audit", "request"),
    "role": pgettext_lazy("audit", "role"),
    "roles": pgettext_lazy("audit", "roles"),
    "rows": gettext_lazy("rows"),
    "salutation": pgettext_lazy("audit", "form of address"),
    "scope_of_work": pgettext_lazy("audit", "scope of work"),
    "second": pgettext_lazy("audit", "second technician"),
    "shared": pgettext_lazy("audit", "given to"),
    "short": pgettext_lazy("audit", "short text"),
    "since": pgettext_lazy("audit", "since"),
    "skill": pgettext_lazy("audit", "skill"),
    "skills": pgettext_lazy("audit", "skills"),
    "source": pgettext_lazy("audit", "source"),
    "staff": pgettext_lazy("audit", "colleague"),
    "stand_in": pgettext_lazy("audit", "stand-in"),
    "status": pgettext_lazy("audit", "status"),
    "subject": pgettext_lazy("audit", "subject line"),
    "technician": pgettext_lazy("audit", "technician on call"),
    "trade": pgettext_lazy("audit", "trade"),
    "unit": pgettext_lazy("audit", "unit"),
    "until": pgettext_lazy("audit", "until"),
    "urgency": pgettext_lazy("audit", "urgency"),
    "value": gettext_lazy("value"),
    "version": pgettext_lazy("audit", "version"),
    "warranty_months": pgettext_lazy("audit", "warranty in months"),
    "whose": gettext_lazy("whose"),
}


#: What is kept by its number and read by its name.
COLLEAGUES: Final = frozenset({"butler", "giver", "manager", "receiver", "second", "stand_in", "technician"})
PLACES: Final = frozenset({"node"})


def deed(code: str) -> str:
    area, _dot, verb = code.partition(".")
    if area == "customer" and verb in VERBS:
        return str(VERBS[verb].title)
    return str(DEEDS.get(code) or AREAS.get(area, code))


def field(name: str) -> str:
    return str(FIELDS.get(name, name))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Field, what it was, what it is."""
    names = dict.fromkeys([*before, *after])
    return [
        (field(name), _said(name, before.get(name)), _said(name, after.get(name)))
        for name in names
        if name != "digests"
    ]


def _said(name: str, value: Any) -> str:
    if name in COLLEAGUES and isinstance(value, int):
        return name_of(value) or str(value)
    if name in PLACES and isinstance(value, int) and value in tree().places:
        return tree().places[value].name
    if name == "role" and value in Role.values:
        return str(Role(value).label)
    return _text(value)


def was_and_is(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Personal values beside a row: a pair is what it was and what it is, anything else is what was looked at."""
    pairs = {name: value if _is_pair(value) else ["", value] for name, value in values.items()}
    return [(field(name), _text(was), _text(now)) for name, (was, now) in pairs.items()]


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return _(", ").join(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
