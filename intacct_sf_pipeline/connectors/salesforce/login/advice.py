"""What to do about each refusal to sign in: the vendor's reply, and the setting and screen to look at. Data.

Sources: Help "OAuth Error Codes", "OAuth 2.0 JWT Bearer Flow", "OAuth 2.0 Client Credentials Flow"; SOAP API Guide,
login() (codes of the partner WSDL); replies as public clients report them (jsforce 1771, wsc 363, restforce 303,
simple-salesforce 491, forrest 169 and 278, pub-sub-api-node-client 58).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CLIENT_CREDENTIALS: Final = "client_credentials"
JWT: Final = "jwt"
PASSWORD: Final = "password"  # noqa: S105 - the name of a flow

_APPS: Final = "Setup > External Client App Manager > your app"
_KEY_AND_SECRET: Final = f"{_APPS} > Settings > OAuth Settings > Consumer Key and Secret"
_USER: Final = "Setup > Users > the integration user"
_RUN_AS: Final = f"{_APPS} > Policies > OAuth Policies > Client Credentials Flow > Run As"
_APPROVE: Final = (
    f"{_APPS} > Policies > OAuth Policies: set Permitted Users to admin approved users are pre-authorized, and under "
    "App Policies choose a permission set or profile"
)
_OTHER_LOGINS: Final = "SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET, or SALESFORCE_PRIVATE_KEY_FILE"


@dataclass(frozen=True)
class Advice:
    """One reply and its cure.

    Attributes:
        code: `error` of the token endpoint or `exceptionCode` of a SOAP fault; empty: any.
        words: what its text contains, in lower case; empty: anything.
        cure: what to do.
        flow: the login it belongs to; empty: any.
    """

    code: str
    words: str
    cure: str
    flow: str = ""

    def fits(self, flow: str, code: str, message: str) -> bool:
        """Whether a reply in that flow is meant."""
        return self.flow in ("", flow) and self.code in ("", code) and self.words in message.lower()


ADVICE: Final[tuple[Advice, ...]] = (
    # The app.
    Advice(
        "invalid_client_id",
        "",
        f"check SALESFORCE_CLIENT_ID ({_KEY_AND_SECRET}), and that SALESFORCE_LOGIN_URL is the org that has the app;"
        " a new app is known after some ten minutes",
    ),
    Advice("invalid_client", "", f"check SALESFORCE_CLIENT_SECRET ({_KEY_AND_SECRET})"),
    Advice("invalid_grant", "invalid client credentials", f"check SALESFORCE_CLIENT_SECRET ({_KEY_AND_SECRET})"),
    Advice(
        "invalid_grant",
        "no client credentials user enabled",
        f"choose the user that SALESFORCE_CLIENT_ID acts as: {_RUN_AS}; that user needs the permission API Enabled",
    ),
    Advice(
        "invalid_grant",
        "request not supported on this domain",
        "set SALESFORCE_LOGIN_URL to the My Domain address of the org (Setup > My Domain):"
        " https://your-domain.my.salesforce.com, not login. or test.salesforce.com",
    ),
    Advice(
        "unsupported_grant_type",
        "",
        f"switch the client credentials flow on ({_APPS} > Settings > OAuth Settings > Flow Enablement); is"
        " SALESFORCE_LOGIN_URL the org's My Domain address (Setup > My Domain)?",
        CLIENT_CREDENTIALS,
    ),
    Advice(
        "unsupported_grant_type",
        "",
        f"switch the JWT bearer flow on ({_APPS} > Settings > OAuth Settings > Flow Enablement) for the app of"
        " SALESFORCE_CLIENT_ID",
        JWT,
    ),
    Advice(
        "invalid_app_access",
        "",
        f"let the user use the app of SALESFORCE_CLIENT_ID: {_APPROVE} that the user has",
    ),
    Advice(
        "invalid_grant",
        "no valid scopes",
        f"give the app of SALESFORCE_CLIENT_ID the scope api ({_APPS} > Settings > OAuth Settings > OAuth Scopes:"
        " Manage user data via APIs)",
    ),
    Advice(
        "invalid_scope",
        "",
        f"give the app of SALESFORCE_CLIENT_ID the scope api ({_APPS} > Settings > OAuth Settings > OAuth Scopes)",
    ),
    Advice(
        "invalid_grant",
        "ip restricted",
        f"this machine's address is not allowed for the app of SALESFORCE_CLIENT_ID: {_APPS} > Policies > IP"
        " Relaxation, or the login IP ranges of the user's profile",
    ),
    # The assertion.
    Advice(
        "invalid_grant",
        "hasn't approved this consumer",
        f"approve the app of SALESFORCE_CLIENT_ID for SALESFORCE_USERNAME: {_APPROVE} that the user has; check that"
        f" SALESFORCE_USERNAME is an active user of this org ({_USER} > Username)",
    ),
    Advice(
        "invalid_grant",
        "invalid assertion",
        "check that SALESFORCE_PRIVATE_KEY_FILE is the key of the certificate that the app of SALESFORCE_CLIENT_ID"
        f" holds ({_APPS} > Settings > OAuth Settings > Flow Enablement > Enable JWT Bearer Flow), and the clock of"
        " this machine",
    ),
    Advice(
        "invalid_grant",
        "audience",
        "check SALESFORCE_LOGIN_URL: the My Domain address, https://login.salesforce.com, or https://test.salesforce.com"
        " for a sandbox org",
    ),
    Advice(
        "invalid_grant",
        "expired authorization code",
        "the signed assertion had expired when it arrived: check the clock of this machine (time service, NTP); if it"
        " is right, check SALESFORCE_LOGIN_URL",
        JWT,
    ),
    # The user.
    Advice("inactive_user", "", f"activate the user that is signed in ({_USER} > Active; of an app: {_RUN_AS})"),
    Advice(
        "invalid_grant",
        "inactive user",
        f"activate the user that is signed in ({_USER} > Active; of an app: {_RUN_AS})",
    ),
    Advice("invalid_grant", "locked", f"unlock the user that is signed in ({_USER} > Unlock)"),
    Advice("inactive_org", "", "check SALESFORCE_LOGIN_URL: this org is not active (locked, suspended or removed)"),
    # The SOAP call.
    Advice(
        "INVALID_LOGIN",
        "",
        "check SALESFORCE_USERNAME, SALESFORCE_PASSWORD and SALESFORCE_SECURITY_TOKEN (a new password brings a new"
        f" token), and that the user is active and not locked ({_USER} > Login History tells which);"
        " SALESFORCE_LOGIN_URL has to be that of the org, https://test.salesforce.com for a sandbox org",
    ),
    Advice(
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "",
        "set SALESFORCE_SECURITY_TOKEN (the user's Settings > Reset My Security Token sends one by e-mail), or add this"
        " machine's address under Setup > Network Access",
    ),
    Advice("PASSWORD_LOCKOUT", "", f"unlock the user of SALESFORCE_USERNAME ({_USER} > Unlock)"),
    Advice(
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
        "",
        f"set a new password for the user of SALESFORCE_USERNAME ({_USER} > Reset Password), then SALESFORCE_PASSWORD"
        " and SALESFORCE_SECURITY_TOKEN; the permission Password Never Expires keeps it from happening again",
    ),
    Advice(
        "API_DISABLED_FOR_ORG",
        "",
        "the API is not part of this org's edition, or switched off: ask Salesforce to enable it (Setup > Company"
        " Information names the edition), and check SALESFORCE_LOGIN_URL",
    ),
    Advice(
        "API_CURRENTLY_DISABLED",
        "",
        f"give the user of SALESFORCE_USERNAME the permission API Enabled ({_USER} > Permission Set Assignments)",
    ),
    Advice(
        "INVALID_OPERATION",
        "disabled by default",
        f"sign in another way: set {_OTHER_LOGINS} instead of SALESFORCE_PASSWORD; or let an administrator switch SOAP"
        " API login() on (Setup > User Interface)",
    ),
    Advice(
        "INVALID_OPERATION",
        "",
        "set SALESFORCE_API_VERSION to 64.0 or lower, or sign in another way: set"
        f" {_OTHER_LOGINS} instead of SALESFORCE_PASSWORD",
    ),
    Advice(
        "UNSUPPORTED_API_VERSION", "", "set SALESFORCE_API_VERSION to a version between 31.0 and 64.0, such as 62.0"
    ),
    Advice(
        "LOGIN_DURING_RESTRICTED_DOMAIN",
        "",
        "this machine's address is outside the login IP ranges of the user's profile: Setup > Profiles > the profile"
        " of SALESFORCE_USERNAME > Login IP Ranges",
    ),
    Advice(
        "LOGIN_DURING_RESTRICTED_TIME",
        "",
        "the profile of SALESFORCE_USERNAME has login hours: Setup > Profiles > that profile > Login Hours",
    ),
    Advice("ORG_LOCKED", "", "the org is locked: ask Salesforce support; check SALESFORCE_LOGIN_URL"),
    Advice("TRIAL_EXPIRED", "", "the trial of this org has ended; check SALESFORCE_LOGIN_URL"),
    # Everything else, by flow.
    Advice(
        "",
        "",
        f"check SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET ({_KEY_AND_SECRET}) and the app's run-as user;"
        " SALESFORCE_LOGIN_URL must be the org's My Domain address",
        CLIENT_CREDENTIALS,
    ),
    Advice(
        "",
        "",
        "check SALESFORCE_CLIENT_ID, SALESFORCE_USERNAME, SALESFORCE_PRIVATE_KEY_FILE and SALESFORCE_LOGIN_URL"
        f" ({_APPS})",
        JWT,
    ),
    Advice(
        "",
        "",
        f"check SALESFORCE_USERNAME, SALESFORCE_PASSWORD, SALESFORCE_SECURITY_TOKEN and SALESFORCE_LOGIN_URL ({_USER})",
        PASSWORD,
    ),
)
"""Asked in order; what is particular stands before what is general."""

ENDED_SESSION: Final = (
    "SALESFORCE_ACCESS_TOKEN has expired, was revoked, or belongs to another org than SALESFORCE_INSTANCE_URL, and it"
    f" cannot be renewed from here: fetch a new one, or leave it out and set {_OTHER_LOGINS}"
)
UNFIT_SESSION: Final = (
    f"the session may not use the API: give the app the scope api ({_APPS} > Settings > OAuth Settings > OAuth Scopes)"
    " and allow it under Setup > API Access Control; check the session security level that the user's profile demands"
)
REFUSED_AGAIN: Final = (
    f"the session is refused again right after signing in: check the app's IP and session policies ({_APPS} > Policies)"
)


def advice(flow: str, code: str, message: str) -> str:
    """The first cure in the table that fits a refusal; empty when there is none."""
    return next((entry.cure for entry in ADVICE if entry.fits(flow, code, message)), "")
