"""The refusal of the token endpoint. Source: salesforce.md section 2.2."""

# UNCONFIRMED (salesforce.md 2.2): which status goes with invalid_client.
INVALID_CLIENT_STATUS = 400


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.status = status
        self.body = {"error": error, "error_description": description}
