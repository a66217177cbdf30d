"""The table of account states: what each allows, what it becomes, and that a suspension ends in one way only."""

import pytest

from policy.accounts import ACCOUNTS, AccountAction, account_refusal, allows, states_allowing, status_after
from policy.facts import UserStatus

INVITED, ACTIVE, INACTIVE = UserStatus.INVITED, UserStatus.ACTIVE, UserStatus.INACTIVE
SUSPENDED, DELETED = UserStatus.SUSPENDED, UserStatus.DELETED


def test_the_table_says_something_of_each_state_and_action() -> None:
    assert set(ACCOUNTS) == {(status, action) for status in UserStatus for action in AccountAction}


@pytest.mark.parametrize("action", AccountAction)
def test_each_refusal_has_code_rule_sentence_and_remedy(action: AccountAction) -> None:
    for status in UserStatus:
        refusal = account_refusal(status, action)
        assert refusal is None or all((refusal.code, refusal.rule, refusal.message, refusal.remedy))


@pytest.mark.rule("S0-51", "S0-55")
@pytest.mark.parametrize("action", [AccountAction.RESET, AccountAction.FILE_ROW, AccountAction.RECEIVE_ROLE])
def test_s0_55_the_three_ways_reactivate_an_inactive_account_and_no_other(action: AccountAction) -> None:
    assert status_after(INACTIVE, action) is ACTIVE
    becoming_active = {one for one in states_allowing(action) if status_after(one, action) is ACTIVE}
    assert becoming_active == {INACTIVE, ACTIVE}


@pytest.mark.rule("S0-50", "accounts-5")
def test_a_suspension_ends_by_lifting_it_and_by_nothing_else() -> None:
    leaving = {
        action
        for action in AccountAction
        if allows(SUSPENDED, action) and status_after(SUSPENDED, action) is not SUSPENDED
    }
    assert leaving == {AccountAction.LIFT, AccountAction.DELETE}


@pytest.mark.parametrize(
    ("before", "after"), [(INVITED, INVITED), (INACTIVE, INACTIVE), (ACTIVE, ACTIVE), (None, ACTIVE)]
)
def test_lifting_brings_back_what_the_account_was(before: UserStatus | None, after: UserStatus) -> None:
    assert status_after(SUSPENDED, AccountAction.LIFT, before) is after


@pytest.mark.rule("S0-38")
def test_s0_38_who_has_no_role_left_is_inactive() -> None:
    assert status_after(ACTIVE, AccountAction.LOSE_LAST_ROLE) is INACTIVE
    assert status_after(ACTIVE, AccountAction.LOSE_ROLE) is ACTIVE
    assert status_after(SUSPENDED, AccountAction.LOSE_LAST_ROLE) is SUSPENDED


@pytest.mark.rule("S0-21")
def test_s0_21_only_active_people_sign_in_and_get_a_reset_link_for_themselves() -> None:
    for action in (
        AccountAction.SIGN_IN,
        AccountAction.RESET_OWN,
        AccountAction.USE_RESET_LINK,
        AccountAction.CHANGE_OWN,
    ):
        assert states_allowing(action) == {ACTIVE}


def test_nothing_is_done_with_a_deleted_account() -> None:
    assert not any(allows(DELETED, action) for action in AccountAction)
    with pytest.raises(ValueError, match="deleted"):
        status_after(DELETED, AccountAction.EDIT)
