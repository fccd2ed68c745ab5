"""The SOAP calls that begin and end a session: login, logout, getUserInfo.

Source: SOAP API Guide, login(), logout(), getUserInfo(); partner WSDL (order of the members); salesforce.md 2.3; texts
of the refusals as clients report them (jsforce 1771, wsc 363).
"""

from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.identity import Fit
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.sessions import LIFETIME
from intacct_sf_pipeline.sandbox.salesforce.soap.xml import child, leaf, tag, text

LAST_VERSION = 64
"""API versions after this have no login. Source: Help 005132110."""

REFUSED = "Invalid username, password, security token; or user locked out."
TOKEN_NEEDED = (
    f"{REFUSED} Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from"
    " outside of your company's trusted networks, you must add a security token to your password to log in."
)
LOGIN_CODES = frozenset({"INVALID_LOGIN", "LOGIN_MUST_USE_SECURITY_TOKEN", "API_DISABLED_FOR_ORG", "INVALID_OPERATION"})
"""Codes whose fault is a LoginFault."""


def login(org: SalesforceOrg, operation: Element, door: str, version: str, base_url: str) -> str:
    """The result of `login` as XML.

    Raises:
        ApiError: the vendor's refusal.
    """
    policy = org.identity.policy
    if float(version) > LAST_VERSION:
        raise ApiError(
            "INVALID_OPERATION",
            f"The SOAP Login operation is not available in the API version specified ({version})."
            " Refer to the documentation for supported versions.",
        )
    if not policy.soap_login:
        raise ApiError(
            "INVALID_OPERATION",
            "SOAP API login() is disabled by default in this org."
            " Contact the org administrator to enable SOAP API login().",
        )
    user = org.find_user(text(child(operation, "username")))
    given = child_text(operation, "password") or ""
    fit = Fit.NOT_AT_ALL if user is None or not org.is_active(user) else org.identity.password_fits(user.id, given)
    if user is None or fit is Fit.NOT_AT_ALL:
        raise ApiError("INVALID_LOGIN", REFUSED)
    if fit is Fit.HALF:
        raise ApiError("LOGIN_MUST_USE_SECURITY_TOKEN", TOKEN_NEEDED)
    if not policy.api:
        raise ApiError("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    return tag("result", _session(org, user, f"{base_url}/services/Soap", door, version))


def child_text(operation: Element, name: str) -> str | None:
    """The text of a member as it was sent: blanks may belong to a password."""
    found = child(operation, name)
    return None if found is None else found.text


def user_info(org: SalesforceOrg, user: User) -> str:
    """The members of `userInfo`."""
    row, home = org.db.table("User").rows[user.id], org.db.table("Organization").rows[org.organization_id]
    currencies = org.features.currencies
    members: list[tuple[str, object]] = [
        ("accessibilityMode", False),
        ("chatterExternal", False),
        ("currencySymbol", "$"),
        ("orgAttachmentFileSizeLimit", 26_214_400),
        ("orgDefaultCurrencyIsoCode", None if currencies else "USD"),
        ("orgDefaultCurrencyLocale", "en_US"),
        ("orgDisallowHtmlAttachments", False),
        ("orgHasPersonAccounts", False),
        ("organizationId", org.organization_id),
        ("organizationMultiCurrency", bool(currencies)),
        ("organizationName", home["Name"]),
        ("profileId", "00e000000000001AAA"),
        ("roleId", None),
        ("sessionSecondsValid", int(LIFETIME.total_seconds())),
        ("userDefaultCurrencyIsoCode", currencies[0] if currencies else None),
        ("userEmail", row["Email"]),
        ("userFullName", user.name),
        ("userId", user.id),
        ("userLanguage", row["LanguageLocaleKey"]),
        ("userLocale", row["LocaleSidKey"]),
        ("userName", user.username),
        ("userTimeZone", row["TimeZoneSidKey"]),
        ("userType", "Standard"),
        ("userUiSkin", "Theme3"),
    ]
    return "".join(f'<{name} xsi:nil="true"/>' if value is None else leaf(name, value) for name, value in members)


def _session(org: SalesforceOrg, user: User, soap: str, door: str, version: str) -> str:
    home = org.organization_id[:15]
    return (
        leaf("metadataServerUrl", f"{soap}/m/{version}/{home}")
        + leaf("passwordExpired", not org.identity.policy.fresh_password)
        + leaf("sandbox", True)
        + leaf("serverUrl", f"{soap}/{door}/{version}/{home}")
        + leaf("sessionId", org.sessions.issue(user))
        + leaf("userId", user.id)
        + tag("userInfo", user_info(org, user))
    )
