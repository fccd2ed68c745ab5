"""User name, password and security token by the SOAP call `login`, for API versions that still have it.

Source: SOAP API Guide, login(); Help 005132110: not in API 65.0 and later, off by default in new orgs, retired for all
versions in Summer '27. Members of the reply are found by their local names, as other clients do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import escape

import requests
from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import redact, transport_error
from intacct_sf_pipeline.connectors.salesforce.faults import refusal, unreadable
from intacct_sf_pipeline.connectors.salesforce.login.advice import advice
from intacct_sf_pipeline.connectors.salesforce.login.grant import SIGN_IN, Grant, instance
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    ConfigurationError,
    QuotaExceededError,
    ServiceError,
    TransientError,
)

LAST_VERSION: Final = 64
EXPIRED_PASSWORD: Final = "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"  # noqa: S105 - a code of the service
_LONGEST: Final = 1_000_000
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
    '<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{user}</n1:username>'
    "<n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>"
)


class SoapLogin:
    """Signs in as a user with name, password and, unless the network is trusted, the security token."""

    flow: Final = "password"
    renewable: Final = True

    def __init__(
        self, login_url: str, username: str, password: SecretStr, security_token: SecretStr, api_version: str
    ) -> None:
        """The user's credentials, and the API version to sign in with.

        Raises:
            ConfigurationError: that version has no `login` any more.
        """
        if float(api_version) > LAST_VERSION:
            raise ConfigurationError(
                f"API {api_version} has no login with user name and password",
                where="SALESFORCE_API_VERSION",
                cure=f"set it to {LAST_VERSION}.0 or lower; or sign in by SALESFORCE_CLIENT_ID and"
                " SALESFORCE_CLIENT_SECRET, or SALESFORCE_PRIVATE_KEY_FILE",
            )
        self._login_url, self._username, self._version = login_url, username, api_version
        self._password, self._security_token = password, security_token

    def __call__(self, session: requests.Session) -> Grant:
        """Call `login`; see `Login`."""
        password = self._password.get_secret_value() + self._security_token.get_secret_value()
        body = _ENVELOPE.format(user=escape(self._username), password=escape(password))
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": "login"}
        url = f"{self._login_url}/services/Soap/u/{self._version}"
        try:
            response = session.post(url, data=body.encode(), headers=headers)
        except requests.RequestException as error:
            raise transport_error(error, SIGN_IN) from None
        members = _members(response.content)
        if response.status_code == 200 and members.get("sessionId"):
            return self._grant(members)
        raise self._refused(response.status_code, members)

    def _grant(self, members: dict[str, str]) -> Grant:
        if members.get("passwordExpired") == "true":
            reply = SIGN_IN.reply(200, EXPIRED_PASSWORD, "the password of this user has expired")
            raise AuthenticationError(reply, cure=advice(self.flow, reply.code, ""))
        server = urlsplit(members.get("serverUrl", ""))
        if not server.netloc:
            raise unreadable(SIGN_IN, 200)
        return Grant(members["sessionId"], instance(f"{server.scheme}://{server.netloc}", self._login_url))

    def _refused(self, status: int, members: dict[str, str]) -> ServiceError:
        code = members.get("exceptionCode") or members.get("faultcode", "").rpartition(":")[2]
        message = members.get("exceptionMessage") or members.get("faultstring", "")
        if status < 400 or not code:
            return unreadable(SIGN_IN, status)
        # A SOAP fault is HTTP 500 whatever it says, so only its code counts.
        error = refusal(SIGN_IN, 400, [{"errorCode": code, "message": message}])
        secrets = (self._password.get_secret_value(), self._security_token.get_secret_value())
        reply = replace(error.reply, status=status, message=redact(error.reply.message, *secrets))
        if isinstance(error, TransientError | QuotaExceededError):
            return type(error)(reply)
        return AuthenticationError(reply, cure=advice(self.flow, code, message))


def _members(content: bytes) -> dict[str, str]:
    """The text of the first element of each local name; empty for what is no XML, or has a document type."""
    found: dict[str, str] = {}
    open_names: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        open_names.append(name.rpartition(":")[2])

    def data(text: str) -> None:
        if len(open_names) > 0:
            key = open_names[-1]
            found[key] = found.get(key, "") + text

    def end(_name: str) -> None:
        open_names.pop()

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    try:
        parser.Parse(content[:_LONGEST], True)
    except (expat.ExpatError, ValueError):
        return {}
    return {name: text.strip() for name, text in found.items()}


def _refuse(*_: object) -> None:
    raise ValueError("a document type declaration is not accepted")
