"""The authorization-code grant: a user allows the application, which redeems the code once (reference, 2.2 and 2.3)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from .service import CLIENT_ID, CLIENT_SECRET, Running

BACK = "https://app.example/back?tenant=7"
VERIFIER = "a-secret-of-43-characters-or-more-0123456789"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorize(running: Running, **changes: str) -> requests.Response:
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "scope": "offline_access",
        "state": "s&1",
        **changes,
    }
    return requests.get(f"{running.api.base}/oauth2/authorize", params=asked, allow_redirects=False, timeout=10)


def sent_back(reply: requests.Response) -> dict[str, str]:
    """What the application learns by the redirect."""
    assert reply.status_code == 302
    address = urlsplit(reply.headers["Location"])
    assert (address.scheme, address.netloc, address.path) == ("https", "app.example", "/back")
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def redeem(running: Running, code: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "code": code,
        "redirect_uri": BACK,
        **changes,
    }
    return requests.post(f"{running.api.base}/oauth2/token", data=form, timeout=10)


def test_a_code_gives_tokens_that_work_once(running: Running) -> None:
    told = sent_back(authorize(running))
    assert (told["tenant"], told["state"]) == ("7", "s&1")
    grant = redeem(running, told["code"])
    assert grant.status_code == 200
    assert set(grant.json()) == {"token_type", "access_token", "refresh_token", "expires_in"}
    bearer = {"Authorization": f"Bearer {grant.json()['access_token']}"}
    assert requests.get(f"{running.api.base}/services/core/model", headers=bearer, timeout=10).status_code == 200
    again = redeem(running, told["code"])
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_without_offline_access_there_is_no_refresh_token(running: Running) -> None:
    assert "refresh_token" not in redeem(running, sent_back(authorize(running, scope=""))["code"]).json()


def test_a_challenge_must_be_proven(running: Running) -> None:
    def code() -> str:
        return sent_back(authorize(running, code_challenge=CHALLENGE, code_challenge_method="S256"))["code"]

    assert redeem(running, code(), code_verifier=VERIFIER).status_code == 200
    assert redeem(running, code(), code_verifier="guessed").status_code == 400
    assert redeem(running, code()).status_code == 400
    assert (
        sent_back(authorize(running, code_challenge="x", code_challenge_method="plain"))["error"] == "invalid_request"
    )


@pytest.mark.parametrize("changes", [{"redirect_uri": "https://other.example/"}, {"code": "guessed"}])
def test_a_code_is_bound_to_its_address(running: Running, changes: dict[str, str]) -> None:
    code = sent_back(authorize(running))["code"]
    assert redeem(running, changes.pop("code", code), **changes).json() == {"error": "invalid_grant"}


def test_a_code_does_not_live_long(running: Running) -> None:
    code = sent_back(authorize(running))["code"]
    running.clock.advance(minutes=10)
    assert redeem(running, code).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"client_id": "nobody"}, 401, "GW-0011"),
        ({"redirect_uri": "app.example"}, 400, "redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, 400, "redirect_uri"),
        ({"redirect_uri": "https://app.example/#x"}, 400, "redirect_uri"),
    ],
)
def test_a_bad_request_sends_nobody_anywhere(
    running: Running, changes: dict[str, str], status: int, words: str
) -> None:
    reply = authorize(running, **changes)
    assert (reply.status_code, words in reply.text, "Location" in reply.headers) == (status, True, False)


def test_another_response_type_is_told_to_the_application(running: Running) -> None:
    assert sent_back(authorize(running, response_type="token"))["error"] == "unsupported_response_type"


def test_a_session_of_the_xml_door_can_be_exchanged(running: Running) -> None:
    opened = running.api.call("GET", "/services/core/session/id").json()["ia::result"]["sessionId"]
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    url = f"{running.api.base}/oauth2/token"
    assert requests.post(url, data={**form, "session_id": opened}, timeout=10).status_code == 200
    assert requests.post(url, data={**form, "session_id": "x"}, timeout=10).json() == {"error": "invalid_grant"}


def test_a_dead_refresh_token_is_told_like_a_dead_access_token(start: Callable[..., Running]) -> None:
    running = start(expired_token_status=400)
    form = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": "x"}
    reply = requests.post(f"{running.api.base}/oauth2/token", data=form, timeout=10)
    assert (reply.status_code, "The token is not valid" in reply.text) == (400, True)
