"""The doors of the one sign-in."""

from litestar import Router

from sdes.single_sign_on.routes import (
    asking,
    clients,
    companies_own,
    elsewhere,
    own_sign_ins,
    providers,
    signing_out,
    telling,
)

router = Router(
    path="/",
    route_handlers=[
        telling.configuration,
        telling.keys,
        telling.token,
        telling.userinfo,
        telling.userinfo_by_post,
        asking.authorize,
        asking.go_on,
        asking.again,
        signing_out.ask,
        signing_out.sign_out,
        clients.index,
        clients.new,
        clients.add,
        clients.show,
        clients.change,
        clients.renew,
        clients.ask_revocation,
        clients.revoke,
        providers.own,
        providers.save_own,
        providers.remove_own,
        providers.enquiry,
        providers.save_enquiry,
        providers.remove_enquiry,
        companies_own.index,
        companies_own.disable,
        elsewhere.choose,
        elsewhere.find,
        elsewhere.begin,
        elsewhere.returned,
        own_sign_ins.end,
    ],
)
