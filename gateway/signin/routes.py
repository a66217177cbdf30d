"""The addresses of the sign-in pages."""

from starlette.routing import BaseRoute, Route

from gateway.signin import (
    choose_password,
    confirm_email,
    email_code_page,
    finish_registration,
    invitation,
    lost_factors_page,
    own_password,
    passkey_set_up,
    passkey_step,
    passkeys,
    registration,
    reset,
    role,
    second_step,
    second_step_set_up,
    sign_in,
    sign_out,
)
from gateway.signin.account_addresses import CHOOSE_PATH, EMAIL_PATH, FACTORS_PATH, RESET_PATH


def routes() -> list[BaseRoute]:
    return [
        Route(sign_in.PATH, sign_in.sign_in_page, methods=["GET"]),
        Route(sign_in.PATH, sign_in.sign_in, methods=["POST"]),
        Route(second_step.PATH, second_step.second_step_page, methods=["GET"]),
        Route(second_step.PATH, second_step.take_second_step, methods=["POST"]),
        Route(second_step.CANCEL_PATH, second_step.cancel, methods=["POST"]),
        Route(second_step_set_up.PATH, second_step_set_up.set_up_page, methods=["GET"]),
        Route(second_step_set_up.PATH, second_step_set_up.set_up, methods=["POST"]),
        Route(email_code_page.PATH, email_code_page.code_page, methods=["GET"]),
        Route(email_code_page.PATH, email_code_page.take_code, methods=["POST"]),
        Route(email_code_page.AGAIN_PATH, email_code_page.send_again, methods=["POST"]),
        Route(invitation.PATH, invitation.PAGE.show, methods=["GET"]),
        Route(invitation.PATH, invitation.PAGE.choose, methods=["POST"]),
        Route(RESET_PATH, reset.reset_page, methods=["GET"]),
        Route(RESET_PATH, reset.ask_for_reset, methods=["POST"]),
        Route(CHOOSE_PATH, choose_password.PAGE.show, methods=["GET"]),
        Route(CHOOSE_PATH, choose_password.PAGE.choose, methods=["POST"]),
        Route(own_password.PATH, own_password.password_page, methods=["GET"]),
        Route(own_password.PATH, own_password.change_password, methods=["POST"]),
        Route(own_password.WELL_KNOWN, own_password.well_known, methods=["GET"]),
        Route(EMAIL_PATH, confirm_email.confirm_page, methods=["GET"]),
        Route(EMAIL_PATH, confirm_email.confirm, methods=["POST"]),
        Route(passkeys.OPTIONS_PATH, passkeys.options, methods=["POST"]),
        Route(passkeys.PATH, passkeys.enter, methods=["POST"]),
        Route(passkey_step.OPTIONS_PATH, passkey_step.options, methods=["POST"]),
        Route(passkey_step.PATH, passkey_step.take, methods=["POST"]),
        Route(passkey_set_up.OPTIONS_PATH, passkey_set_up.options, methods=["POST"]),
        Route(passkey_set_up.PATH, passkey_set_up.set_up, methods=["POST"]),
        Route(FACTORS_PATH, lost_factors_page.lost_factors_page, methods=["GET"]),
        Route(FACTORS_PATH, lost_factors_page.decide, methods=["POST"]),
        Route(registration.PATH, registration.registration_page, methods=["GET"]),
        Route(registration.PATH, registration.ask, methods=["POST"]),
        Route(finish_registration.PATH, finish_registration.finish_page, methods=["GET"]),
        Route(finish_registration.PATH, finish_registration.finish, methods=["POST"]),
        Route(role.PATH, role.switch_role, methods=["POST"]),
        Route(sign_out.PATH, sign_out.sign_out, methods=["POST"]),
    ]
