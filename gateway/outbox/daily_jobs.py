"""The list of daily jobs: each room writes its own, and adds it here."""

from typing import Final

from gateway.audit.counts import count_people
from gateway.jobs import last_days
from gateway.jobs.erasing import erase_deleted_people
from gateway.jobs.overrides import tell_of_overrides
from gateway.jobs.retention import purge
from gateway.jobs.signing_keys import rotate_old_keys
from gateway.jobs.state_roles import end_unconfirmed
from gateway.jobs.suggestions import forget_old
from gateway.outbox.daily import MIDNIGHT, DailyJob
from gateway.outbox.expiry import forget_what_lapsed, tell_of_credentials, tell_of_sis_credentials
from gateway.outbox.reviews import close_reviews, remind_of_reviews
from gateway.outbox.upkeep import keep_outbox

DAILY_JOBS: Final[tuple[DailyJob, ...]] = (
    DailyJob("outbox", keep_outbox),
    DailyJob(last_days.NAME, last_days.end_last_days, MIDNIGHT),
    DailyJob("credential notices", tell_of_credentials),
    DailyJob("sis notices", tell_of_sis_credentials),
    DailyJob("lapsed registrations", forget_what_lapsed),
    DailyJob("access reviews that are due", remind_of_reviews),
    DailyJob("access reviews that are over", close_reviews),
    DailyJob("overrides of cells", tell_of_overrides, MIDNIGHT),
    DailyJob("state roles", end_unconfirmed),
    DailyJob("signing keys", rotate_old_keys),
    DailyJob("retention", purge),
    DailyJob("erasing", erase_deleted_people),
    DailyJob("old suggestions", forget_old),
    DailyJob("counts of people", count_people),
)
"""In the order in which they are done."""
