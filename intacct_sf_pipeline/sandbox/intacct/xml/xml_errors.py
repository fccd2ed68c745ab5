"""The refusals of the XML gateway: codes and texts, and the levels they appear at.

Source: the reference, 3.4 to 3.7 and 8.4; vendor FAQ (unauthorised sender). Chains of writes are worded where they
arise, from the entries here.
"""

from collections.abc import Mapping, Sequence

from intacct_sf_pipeline.sandbox.intacct.xml.results import ErrorEntry, XmlFault

PARSE_SCHEMA = "XL03000003"
SIGN_IN = "XL03000006"
ROLLED_BACK = "XL03000009"
DATABASE = "DL02000001"
NO_PERMISSION = "PL04000005"
WRONG_SIGN_IN = "Sign-in information is incorrect"


class ControlFault(Exception):  # noqa: N818 - the gateway's own word
    """Nothing ran: `control/status` is failure and `errormessage` follows it. Source: the reference, 3.4."""

    def __init__(self, errors: Sequence[ErrorEntry], status: int = 200) -> None:
        """Args: the errors; the HTTP status."""
        super().__init__("; ".join(error.description2 or error.description for error in errors))
        self.errors = tuple(errors)
        self.status = status


class AuthenticationFault(Exception):  # noqa: N818 - the gateway's own word
    """No function ran: `authentication/status` is failure. Source: the reference, 3.6."""

    def __init__(self, error: ErrorEntry, user_id: str, company_id: str) -> None:
        """Args: the error; what is echoed as user and company (empty for a dead session)."""
        super().__init__(error.description2 or error.description)
        self.error = error
        self.user_id = user_id
        self.company_id = company_id


class EdgeFault(Exception):  # noqa: N818 - the gateway's own word
    """Refused by the edge before the application. Source: the reference, 3.5."""

    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Args: the HTTP status, the `GW-` code, its text, extra response headers."""
        super().__init__(f"{code} {text}")
        self.status = status
        self.code = code
        self.text = text
        self.headers = dict(headers or {})


def schema_faults(findings: Sequence[str], *, malformed: bool = False) -> ControlFault:
    """One `XL03000003` per finding."""
    lead = "XML Parse error" if malformed else "XML Parse schema error"
    return ControlFault([ErrorEntry(PARSE_SCHEMA, "", f"{lead}: {finding}") for finding in findings])


def wrong_sender() -> ControlFault:
    """Unknown sender or wrong sender password, told at control level."""
    return ControlFault([ErrorEntry(SIGN_IN, "", "Incorrect Intacct XML Partner ID or password.")])


def unauthorised_http() -> ControlFault:
    """The same told with HTTP 401. Source: vendor SDK (observed)."""
    return ControlFault([ErrorEntry("XMLGW_JPP0002", WRONG_SIGN_IN)], 401)


def no_policy(policy_id: str) -> ControlFault:
    """Asynchronous delivery needs a transport policy, and no company here has one."""
    return ControlFault([ErrorEntry(SIGN_IN, "", f"The policy ID '{policy_id}' is not set up for this sender.")])


def invalid_tenant(request_id: str) -> EdgeFault:
    """Unknown or inactive tenant or sender, told by the edge."""
    return EdgeFault(400, "GW-0011", f"Invalid Request [Request ID: {request_id}]")


def rate_limited(request_id: str, retry_after: int | None) -> EdgeFault:
    """No free slot."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return EdgeFault(429, "GW-0010", f"API rate limit exceeded [Request ID: {request_id}]", headers)


def wrong_login(user_id: str, company_id: str) -> AuthenticationFault:
    """Bad user, company, password or entity."""
    return AuthenticationFault(ErrorEntry(SIGN_IN, "", WRONG_SIGN_IN), user_id, company_id)


def invalid_session(session_id: str) -> AuthenticationFault:
    """A session that is unknown, over, or of another endpoint."""
    return AuthenticationFault(ErrorEntry(SIGN_IN, "", f"Invalid session {session_id[:8]}...."), "", "")


def sender_not_authorised(sender_id: str, user_id: str, company_id: str) -> AuthenticationFault:
    """The company's list of web services authorisations lacks the sender."""
    error = ErrorEntry(
        SIGN_IN,
        "Invalid Web Services Authorization",
        f"The sender ID '{sender_id}' is not authorized to make Web Services requests to company ID '{company_id}'.",
        "Contact the company administrator to grant Web Services authorization to this sender ID.",
    )
    return AuthenticationFault(error, user_id, company_id)


def unknown_object(name: str) -> XmlFault:
    """A read names an object that does not exist or is not subscribed."""
    return XmlFault([ErrorEntry("Query Failed", "", f"Object definition {name} not found")])


def processing_error(detail: str = "") -> XmlFault:
    """The generic refusal of a read: bad field or literal, no more is told. `detail` goes to `description`."""
    return XmlFault([ErrorEntry(DATABASE, detail, "There was an error processing the request.")])


def unknown_query_fields(object_name: str, names: Sequence[str], support_id: str) -> XmlFault:
    """A `query` names fields that do not exist or may not be read; which, is in `description2`.

    Source: sageintacctsdk, which finds them there by the line `object: [A, B]` and asks again without them.
    """
    listed = f"\n\t{object_name.lower()}: [{', '.join(names)}]"
    text = f"The following fields cannot be used in a query:{listed} [Support ID: {support_id}]"
    return XmlFault([ErrorEntry(DATABASE, "There was an error processing the request.", text)])


def invalid_fields(names: Sequence[str]) -> XmlFault:
    """`read` and its kin name unknown fields. Source: observed, 4.3 (the text is the errorno)."""
    text = f"Invalid fields list {', '.join(names)}"
    return XmlFault([ErrorEntry(text, "", f"{text} ")])


def no_permission(operation: str, object_name: str) -> XmlFault:
    """The user may not do this."""
    text = f"You do not have permission for API operation {operation} on objects of type {object_name}"
    return XmlFault([ErrorEntry(NO_PERMISSION, "", text)])


def no_audit_permission() -> XmlFault:
    """AUDITHISTORY refused: no errorno at all. Source: the reference, 8.4 and 9."""
    return XmlFault([ErrorEntry(None, "", "You do not have permission to view audit history.")])


def unknown_result_set() -> XmlFault:
    """`readMore` with a `resultId` that is unknown or over; code and text are UNCONFIRMED."""
    return XmlFault([ErrorEntry("readMore failed", "", "Attempt to readMore with an unknown or expired resultId")])


def unknown_user(name: str) -> XmlFault:
    """A call about a user that does not exist."""
    return XmlFault([ErrorEntry("BL01001973", "", f"Could not find the user '{name}'.")])


def session_failed(text: str) -> XmlFault:
    """`getAPISession` could not enter what it was asked to."""
    return XmlFault([ErrorEntry("Get API Session Failed", "", text)])


def too_many_keys(function: str, most: int) -> XmlFault:
    """More keys or records than one function takes."""
    text = f"{function} accepts at most {most} keys or records"
    return XmlFault([ErrorEntry("BL01001973", "", text)])
