"""The addresses of single-use links as they are mailed, and how long each link lives (decisions, accounts 3 and 6)."""

from datetime import timedelta
from typing import Final

from store.account_links import LinkPurpose

INVITATION_PATH: Final = "/signin/invitation"
RESET_PATH: Final = "/signin/reset"
CHOOSE_PATH: Final = "/signin/reset/choose"
EMAIL_PATH: Final = "/account/email"
FACTORS_PATH: Final = "/account/lost-factors"

LIFE: Final = {
    LinkPurpose.INVITATION: timedelta(days=30),
    LinkPurpose.RESET: timedelta(minutes=15),
    LinkPurpose.EMAIL_OLD: timedelta(hours=24),
    LinkPurpose.EMAIL_NEW: timedelta(hours=24),
    LinkPurpose.EMAIL_STOP: timedelta(hours=24),
    LinkPurpose.FACTORS_CONFIRM: timedelta(hours=24),
    LinkPurpose.FACTORS_STOP: timedelta(hours=24),
}
_PATHS: Final = {
    LinkPurpose.INVITATION: INVITATION_PATH,
    LinkPurpose.RESET: CHOOSE_PATH,
    LinkPurpose.EMAIL_OLD: EMAIL_PATH,
    LinkPurpose.EMAIL_NEW: EMAIL_PATH,
    LinkPurpose.EMAIL_STOP: EMAIL_PATH,
    LinkPurpose.FACTORS_CONFIRM: FACTORS_PATH,
    LinkPurpose.FACTORS_STOP: FACTORS_PATH,
}


def link_address(issuer: str, purpose: LinkPurpose, token: str) -> str:
    """The link as it is printed or mailed."""
    return f"{issuer}{_PATHS[purpose]}?token={token}"
