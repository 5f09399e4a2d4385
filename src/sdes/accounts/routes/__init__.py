"""The doors of accounts."""

from litestar import Router

from sdes.accounts.routes import own_account, sign_in

router = Router(
    path="/",
    route_handlers=[
        sign_in.show,
        sign_in.submit,
        sign_in.sign_out,
        sign_in.extend,
        sign_in.new_password,
        sign_in.set_new_password,
        own_account.password,
        own_account.change_password,
        own_account.display,
        own_account.change_display,
    ],
)
