"""The doors of accounts."""

from litestar import Router

from sdes.accounts.routes import own_account, own_passkeys, passkey_sign_in, second_factor, security, sign_in

router = Router(
    path="/",
    route_handlers=[
        sign_in.show,
        sign_in.submit,
        sign_in.sign_out,
        sign_in.extend,
        sign_in.new_password,
        sign_in.set_new_password,
        passkey_sign_in.challenge,
        passkey_sign_in.submit,
        second_factor.show,
        second_factor.give,
        second_factor.challenge,
        security.show,
        security.confirmation,
        security.confirm,
        security.authenticator,
        security.set_authenticator,
        security.remove_authenticator,
        security.make_recovery_codes,
        security.recovery_codes_text,
        own_passkeys.new,
        own_passkeys.challenge,
        own_passkeys.add,
        own_passkeys.rename,
        own_passkeys.remove,
        own_account.password,
        own_account.change_password,
        own_account.display,
        own_account.change_display,
    ],
)
