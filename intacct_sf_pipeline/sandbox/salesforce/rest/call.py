"""A request as the resources see it, and what they answer.

What belongs here: `Call`, `Reply` and the small questions every resource asks of a call. A call may come by HTTP or
from inside a composite request; resources cannot tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.faults.records import OPEN, RecordGate
from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, not_found
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType

LOCKED = "unable to obtain exclusive access to this record"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, a body to be printed as JSON (None: no body) or raw bytes, and headers."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    @property
    def ok(self) -> bool:
        """Whether the status is a success."""
        return self.status < 300

    @classmethod
    def of_error(cls, error: ApiError) -> "Reply":
        """The answer to a refused single request."""
        return cls(error.status, error.single_body())


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a resource; `segments` are the decoded parts of the path after the version.

    `version` is such as `59.0`; header names are in lower case; `body` is the parsed JSON, None when there is none.
    `raw` is the body as it came, for resources that take files. `nested` marks a sub-request; `gate` knows of records
    that the service is told to refuse; `hits` are all faults the request meets.
    """

    org: SalesforceOrg
    user: User
    version: str
    method: str
    segments: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    nested: bool = False
    gate: RecordGate = OPEN
    raw: bytes = b""
    hits: tuple[Hit, ...] = ()

    @property
    def origin(self) -> str:
        """The service's own address as the client called it."""
        return f"http://{self.headers.get('host', '127.0.0.1')}"

    @property
    def base(self) -> str:
        """The path up to the version."""
        return f"/services/data/v{self.version}"

    @property
    def number(self) -> float:
        """The API version as a number."""
        return float(self.version)

    def sobject(self, name: str) -> SObjectType:
        """The object type of a path segment; raises NOT_FOUND."""
        found = self.org.schema.find(name)
        if found is None or not self.user.may_see(found):
            raise not_found()
        return found

    def record_id(self, text: str) -> str:
        """The 18-character id of a path segment; raises MALFORMED_ID or NOT_FOUND."""
        found = to_long(text)
        if found is None:
            if len(text) in (15, 18) and text.isalnum():
                raise ApiError("MALFORMED_ID", f"malformed id {text}")
            raise not_found(f"Provided external ID field does not exist or is not accessible: {text}")
        return found

    def admit(self) -> None:
        """Counts one record to be written; raises UNABLE_TO_LOCK_ROW, or what the fault says, for one to be refused."""
        refusal = self.gate.next()
        if refusal is not None:
            raise ApiError(refusal.code or "UNABLE_TO_LOCK_ROW", refusal.message or LOCKED)

    def flag(self, name: str) -> bool:
        """A true/false query parameter, false when missing."""
        return self.query.get(name, "false").lower() == "true"

    def mapping_body(self) -> Mapping[str, object]:
        """The body, which must be a JSON object."""
        if isinstance(self.body, Mapping):
            return self.body
        missing = "The HTTP entity body is required, but this request has no entity body."
        # UNCONFIRMED: the words for a body of another kind.
        wrong = "Cannot deserialize the request body: an object is expected at [line:1, column:1]"
        raise ApiError("JSON_PARSER_ERROR", missing if self.body is None else wrong)


def url_of(call: Call, sobject: str, record_id: object) -> str:
    """The address of a row."""
    return f"{call.base}/sobjects/{sobject}/{record_id}"
