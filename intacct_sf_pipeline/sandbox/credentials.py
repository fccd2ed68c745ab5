"""Made-up secrets of a sandbox, derived from its seed: the same seed gives the same ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """Made-up secrets of one sandbox, the same for the same seed; they open nothing but the loopback services."""

    intacct_client_id: str
    intacct_client_secret: str = field(repr=False)
    intacct_sender_id: str
    intacct_sender_password: str = field(repr=False)
    intacct_user_password: str = field(repr=False)
    salesforce_client_id: str
    salesforce_client_secret: str = field(repr=False)
    salesforce_password: str = field(repr=False)
    salesforce_security_token: str = field(repr=False)
    salesforce_refresh_token: str = field(repr=False)


def derive_credentials(seed: int) -> Credentials:
    """The secrets of a seed."""

    def derived(purpose: str, length: int) -> str:
        return hashlib.sha256(f"sandbox:{seed}:{purpose}".encode()).hexdigest()[:length]

    return Credentials(
        intacct_client_id=f"{derived('intacct id', 20)}.app.sandbox.example",
        intacct_client_secret=derived("intacct secret", 40),
        intacct_sender_id=f"sandbox_{derived('intacct sender', 8)}",
        intacct_sender_password=derived("intacct sender password", 24),
        intacct_user_password=derived("intacct user password", 24),
        salesforce_client_id=f"3MVG9{derived('salesforce id', 60)}",
        salesforce_client_secret=derived("salesforce secret", 64).upper(),
        salesforce_password=derived("salesforce password", 20),
        salesforce_security_token=derived("salesforce security token", 24),
        salesforce_refresh_token=f"5Aep861{derived('salesforce refresh token', 48)}",
    )
