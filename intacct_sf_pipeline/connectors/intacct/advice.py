"""What to do about each refusal to sign in or to serve: the vendor's reply, the setting and the screen. Data.

Sources: OAuth 2.0 and error handling guides (GW codes); prerequisites of the REST API; replies as public clients report
them (windmill 10684 for `invalid_client`, the vendor's Python SDK for token texts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from intacct_sf_pipeline.connectors.intacct.faults import Fault

_PORTAL: Final = "Sage developer portal > your application"
_AUTHORIZED: Final = "Company > Setup > Configuration > Security > Authorized Client Applications"
_WEB_USERS: Final = "Company > Admin > Web Services users"


@dataclass(frozen=True)
class Advice:
    """One reply and its cure.

    Attributes:
        codes: `code` or `errorId` of the error, any of them; empty: any code.
        words: what its texts contain, in lower case; empty: anything.
        cure: what to do.
    """

    codes: frozenset[str]
    words: str
    cure: str

    def fits(self, fault: Fault) -> bool:
        """Whether a reply is meant."""
        return (not self.codes or bool(self.codes.intersection(fault.codes))) and self.words in fault.words


ADVICE: Final[tuple[Advice, ...]] = (
    Advice(
        frozenset({"GW-0012", "GW-0036", "GW-0039"}),
        "",
        "check INTACCT_USERNAME: it has to read user@company, or user@company|entity",
    ),
    Advice(frozenset({"GW-0037", "GW-0038"}), "", f"check INTACCT_CLIENT_ID ({_PORTAL} > Client ID)"),
    Advice(
        frozenset({"GW-0011"}),
        "",
        f"authorize the application in the company: {_AUTHORIZED} has to list INTACCT_CLIENT_ID; check the company in"
        f" INTACCT_USERNAME, and that the application is active and of the right scope, production or not ({_PORTAL})",
    ),
    Advice(
        frozenset({"GW-0042"}),
        "",
        f"the application of INTACCT_CLIENT_ID may not do this: look at its scopes ({_PORTAL}), and at {_AUTHORIZED}",
    ),
    Advice(
        frozenset({"GW-0032", "GW-0033", "GW-0035", "GW-0014"}),
        "",
        "check INTACCT_BASE_URL: https://api.intacct.com/ia/api/v1; does a proxy change what is sent?",
    ),
    Advice(
        frozenset({"GW-0015"}), "", f"check INTACCT_CLIENT_ID and INTACCT_CLIENT_SECRET ({_PORTAL}): one is missing"
    ),
    Advice(
        frozenset({"invalid_client", "invalid_client_id"}),
        "",
        f"check INTACCT_CLIENT_ID and INTACCT_CLIENT_SECRET ({_PORTAL} > Client ID and Client Secret)",
    ),
    Advice(
        frozenset({"invalid_grant"}),
        "",
        f"check INTACCT_USERNAME: is the user active, and a Web Services user ({_WEB_USERS})?",
    ),
    Advice(
        frozenset(),
        "credentials are invalid",
        f"check INTACCT_CLIENT_SECRET ({_PORTAL} > Client Secret), then INTACCT_USERNAME: an active user"
        f" ({_WEB_USERS}), and behind a | an entity that exists (Company > Entities); the company needs the Web"
        " Services subscription (Company > Subscriptions)",
    ),
    Advice(
        frozenset(),
        "",
        f"check INTACCT_CLIENT_ID and INTACCT_CLIENT_SECRET ({_PORTAL}), INTACCT_USERNAME ({_WEB_USERS}) and that the"
        f" company has the Web Services subscription and lists the application ({_AUTHORIZED})",
    ),
)
"""Asked in order; what is particular stands before what is general."""

REFUSED_AGAIN: Final = (
    "a fresh token was refused too: check that the user of INTACCT_USERNAME may use the application of"
    f" INTACCT_CLIENT_ID ({_AUTHORIZED}), and that no other program revokes its tokens"
)
ENTITY: Final = (
    "check INTACCT_ENTITY_ID, and the entity behind the | in INTACCT_USERNAME: the id of an entity that exists and that"
    " the user may enter (Company > Entities); leave it out to work at the top level"
)


def advice(fault: Fault) -> str:
    """The first cure in the table that fits a refusal to sign in."""
    return next((entry.cure for entry in ADVICE if entry.fits(fault)), "")
