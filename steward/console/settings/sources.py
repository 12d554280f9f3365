"""Where a preset comes from, in the reader's language."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from steward.kernel.policies import Policy

OURS: Final = _("Steward's preset")
#: A preset without words here is shown with the source that stands beside it in the code.
SOURCES: Final[Mapping[str, Any]] = {
    "absence.kinds": _("Steward's preset; why somebody is ill is health data (PIPL, article 28): others read absent"),
    "callback.after_rain": _(
        "Practice of the trade: 90 days without rain at most; 3 days after the rain: Steward's preset"
    ),
    "callback.quiet": _("Practice of the trade: three tries, urgent ones 3 hours apart, others on different days"),
    "callback.rain_clock": _("As far as it may be late; only warnings and stages are taken from here"),
    "callback.rules": _("Company rule: leaks are called about again after the first rain, all others once"),
    "case.handover": OURS,
    "case.happened_at_bound": _("House rule: what is dated back is bounded and marked"),
    "case.ready_words": _("Steward's preset; a project may choose its own sentences"),
    "case.silence": _("Steward's preset: a day, by night only what is urgent"),
    "case.silence_furthest": _("Steward's preset: a week; who waits longer hears in between"),
    "case.subtask": _("Each piece of work has a clock of its own; the times: Steward's preset"),
    "case.subtask_upward": _("Steward's preset: two working days for the office above, what is urgent at once"),
    "complaint.acknowledge": _("ISO 10002: at once; companies promise 15 minutes to 2 hours: the longer"),
    "complaint.answer": _("Company rule: an answer within 24 hours of hearing it"),
    "complaint.solution": _("Company rule: solved within 48 hours of hearing it"),
    "complaint.plan": _("The date of the approved plan; only warnings and stages are taken from here"),
    "complaint.callback": _("Company rule: within a week of the solution"),
    "complaint.official": _("The deadline on the ticket; only warnings and stages are taken from here"),
    "complaint.collective_from": _("Practice of the trade: ten persons or households acting together"),
    "complaint.told": _("Practice of the trade: the manager at once, the region the same day"),
    "contractor.identity_months": _(
        "Steward's preset: as long as guard-service contracts are kept after their end (Security Services Regulations,"
        " article 21); not longer than needed: PIPL, article 19"
    ),
    "contractor.notice_days": _("Steward's preset: three months to tender again"),
    "contractor.urgent_days": _("Steward's preset: a month is the least to have a paper renewed"),
    "desk.night": _("Practice of the trade: the office works 08:00 to 20:00, the repair line round the clock"),
    "desk.night_posts": _("Steward's preset: somebody to send, and somebody to decide"),
    "desk.night_skills": _("Steward's preset: water and power cannot wait for the morning"),
    "desk.on_call_answer": _("Urgent work is on site within 30 minutes: ten leave time for two more calls"),
    "desk.morning_call": _("Steward's preset: an hour from the end of the night"),
    "incident.common_cause": _("Steward's preset, tried on 4,326 public reports"),
    "incident.news": _("An honest new time before the old one passes; the figures: Steward's preset"),
    "inquiry.first_contact": _("Steward's preset: a quarter of an hour"),
    "insight.hot_spot_days": _("Practice of the trade: within one month"),
    "insight.hot_spot_persons": _("Practice of the trade: three different complainants, the same cause"),
    "insight.recurrence_days": _("Steward's preset: the same room and the same matter within 90 days"),
    "insight.small_numbers": _("Steward's preset: one call more or less would move such a share by a fifth"),
    "knowledge.review_days": _("Steward's preset: half a year"),
    "pin.tries": _("Steward's preset: as many as for passwords"),
    "pin.lock_minutes": _("Steward's preset: as for passwords"),
    "pin.idle_minutes": _("Steward's preset: shorter than a break, longer than a call"),
    "pin.days": OURS,
    "praise.pass_on": _("Company rule: praise is registered and reaches the person; three days: Steward's preset"),
    "service_order.arrange": _("Company rule: orders are confirmed the same day; four hours: Steward's preset"),
    "service_order.callback": _("Company rule: every service is called back, ordinary ones within a week"),
    "service_order.fulfil": _("The customer's own time; three days where none was named: Steward's preset"),
    "suggestion.answer": _("Company rule: suggestions are routed and answered; a week: Steward's preset"),
    "duty.brief_hour": _("Before the morning meeting"),
    "duty.daily_check": _("Steward's preset; the points are the company's to change"),
    "inquiry.answer": _("Company rule: an answer within 24 hours of hearing it"),
    "messages.at_night_for": _("Steward's preset: urgent work goes on at night, so the customer waits for word"),
    "messages.customer_channels": OURS,
    "messages.merge_minutes": OURS,
    "messages.quiet_hours": _(
        "Noise Pollution Prevention Law, article 88: 22:00 to 06:00; until 08:00: Steward's preset"
    ),
    "messages.staff_digest_channels": _("Steward's preset: they stand in the app"),
    "messages.staff_digest_minutes": OURS,
    "messages.staff_stage": _("Steward's preset: the first stage is the first responder's, who works in the app"),
    "messages.staff_urgent_channels": OURS,
    "privacy.answering": _("Personal Information Protection Law, article 50; GB/T 35273: 15 days, 30 at most"),
    "privacy.retention": _(
        "Civil Code, article 188 (3 years); accounting archives (30 years); network data rules, article 12"
    ),
    "repair.acceptance": _("Common parts are accepted by the butler or an engineer; a day: Steward's preset"),
    "repair.approval": _("Steward's preset: what the customer was promised runs on meanwhile"),
    "repair.approval_limit": _("Above the company's limit the manager approves; the sum: Steward's preset"),
    "repair.arrival": _("Trade association, grade 1: urgent within 30 minutes; ordinary the same day"),
    "repair.callback": _("Company rule: urgent repairs within 24 hours of completion, others within a week"),
    "repair.completion": _("Practice of the trade: urgent 24 hours, ordinary 48 hours, planned as agreed"),
    "repair.consent": _("Steward's preset: the desk asks again in good time"),
    "repair.pausing_reasons": _(
        "Only waiting for the customer or a third party stops a clock; a lack of staff is no reason"
    ),
    "repair.payment": _("Steward's preset: a week, then the desk reminds"),
    "repair.promise": _("The newly promised time itself; only warnings and stages are taken from here"),
    "repair.response": _(
        "Practice of the trade: ordinary repairs answered within 30 minutes; others: Steward's preset"
    ),
    "weather.coordinates": _("Steward's preset: no service is asked until a project says where it lies"),
    "weather.rain_from": _("Light rain begins at 0.1 mm (GB/T 28592); a drizzle wets no wall: Steward's preset"),
}


def source_of(policy: Policy[Any]) -> str:
    return str(SOURCES.get(policy.key, policy.source))
