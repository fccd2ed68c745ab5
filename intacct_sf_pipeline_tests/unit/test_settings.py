"""The environment: read when asked, masked when shown, and refused in words that name the variable, not its value."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.settings import VARIABLES, Settings, is_loopback, load_settings
from intacct_sf_pipeline.settings_help import WHERE_TO_FIND

REST = {"INTACCT_CLIENT_ID": "id-1", "INTACCT_CLIENT_SECRET": "hush-1", "INTACCT_USERNAME": "sync@harbor|E100"}
XML = {
    "INTACCT_API": "xml",
    "INTACCT_SENDER_ID": "sender",
    "INTACCT_SENDER_PASSWORD": "hush-2",
    "INTACCT_COMPANY_ID": "harbor",
    "INTACCT_USER_ID": "sync",
    "INTACCT_USER_PASSWORD": "hush-3",
}
SALESFORCE = {
    "SALESFORCE_LOGIN_URL": "https://harbor.my.salesforce.example/",
    "SALESFORCE_CLIENT_ID": "key-1",
    "SALESFORCE_CLIENT_SECRET": "hush-4",
}
SECRETS = [name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable is set, and the working directory is empty."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def given_variables(monkeypatch: pytest.MonkeyPatch, *groups: dict[str, str], **more: str) -> Settings:
    for group in (*groups, more):
        for name, value in group.items():
            monkeypatch.setenv(name, value)
    return load_settings()


def test_complete_settings_may_run(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = given_variables(monkeypatch, REST, SALESFORCE)
    settings.validate_for_run()
    assert settings.salesforce_login_url == "https://harbor.my.salesforce.example"
    assert settings.intacct_base_url == "https://api.intacct.com/ia/api/v1"
    assert settings.salesforce_login == "client_credentials"


@pytest.mark.parametrize(
    ("door", "needed"), [(REST, REST), (XML, {k: v for k, v in XML.items() if k != "INTACCT_API"})]
)
def test_each_missing_variable_is_named_with_where_to_find_it(
    monkeypatch: pytest.MonkeyPatch, door: dict[str, str], needed: dict[str, str]
) -> None:
    for left_out in {**needed, **SALESFORCE}:
        with monkeypatch.context() as patch:
            settings = given_variables(patch, door, SALESFORCE, **{left_out: ""})
            assert settings.missing() == (left_out,)
            with pytest.raises(ConfigurationError, match=f"{left_out} is not set") as caught:
                settings.validate_for_run()
            assert WHERE_TO_FIND[left_out] in caught.value.cure


def test_every_variable_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings().validate_for_run()
    assert all(name in caught.value.what for name in {**REST, **SALESFORCE})


@pytest.mark.parametrize(
    ("variables", "login", "missing"),
    [
        (
            {"SALESFORCE_CLIENT_ID": "k", "SALESFORCE_USERNAME": "u", "SALESFORCE_PRIVATE_KEY_FILE": "key.pem"},
            "jwt",
            (),
        ),
        ({"SALESFORCE_PRIVATE_KEY_FILE": "key.pem"}, "jwt", ("SALESFORCE_CLIENT_ID", "SALESFORCE_USERNAME")),
        ({"SALESFORCE_USERNAME": "u", "SALESFORCE_PASSWORD": "p", "SALESFORCE_SECURITY_TOKEN": "t"}, "password", ()),
        ({"SALESFORCE_USERNAME": "u", "SALESFORCE_PASSWORD": "p"}, "password", ()),
        ({"SALESFORCE_PASSWORD": "p"}, "password", ("SALESFORCE_USERNAME",)),
        ({"SALESFORCE_ACCESS_TOKEN": "t", "SALESFORCE_INSTANCE_URL": "https://o.example"}, "session", ()),
        ({"SALESFORCE_ACCESS_TOKEN": "t"}, "session", ("SALESFORCE_INSTANCE_URL",)),
        (
            {"SALESFORCE_CLIENT_SECRET": "s", "SALESFORCE_PASSWORD": "p"},
            "client_credentials",
            ("SALESFORCE_CLIENT_ID",),
        ),
    ],
)
def test_the_given_variables_choose_the_salesforce_login(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], login: str, missing: tuple[str, ...]
) -> None:
    settings = given_variables(
        monkeypatch, REST, variables, SALESFORCE_LOGIN_URL="https://harbor.my.salesforce.example"
    )
    assert settings.salesforce_login == login
    assert settings.missing() == missing


def test_a_key_file_has_to_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables = {"SALESFORCE_CLIENT_ID": "k", "SALESFORCE_USERNAME": "u", "SALESFORCE_PRIVATE_KEY_FILE": "key.pem"}
    settings = given_variables(monkeypatch, REST, variables, SALESFORCE_LOGIN_URL="https://harbor.example")
    with pytest.raises(ConfigurationError, match="SALESFORCE_PRIVATE_KEY_FILE: the file does not exist"):
        settings.validate_for_run()
    (tmp_path / "key.pem").write_text("key", encoding="utf-8")
    settings.validate_for_run()


@pytest.mark.parametrize(("version", "fits"), [("31.0", True), ("64.0", True), ("65.0", False), ("67.0", False)])
def test_a_password_needs_a_version_that_still_has_the_call(
    monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
) -> None:
    user = {"SALESFORCE_USERNAME": "u", "SALESFORCE_PASSWORD": "p", "SALESFORCE_LOGIN_URL": "https://harbor.example"}
    settings = given_variables(monkeypatch, REST, user, SALESFORCE_API_VERSION=version)
    if fits:
        settings.validate_for_run()
        return
    with pytest.raises(ConfigurationError, match=r"64\.0 or lower") as caught:
        settings.validate_for_run()
    assert caught.value.where == "SALESFORCE_API_VERSION"


def test_a_session_needs_no_login_address_and_heeds_no_key_file(monkeypatch: pytest.MonkeyPatch) -> None:
    session = {"SALESFORCE_ACCESS_TOKEN": "t", "SALESFORCE_INSTANCE_URL": "https://harbor.example/"}
    settings = given_variables(monkeypatch, REST, session, SALESFORCE_PRIVATE_KEY_FILE="nowhere.pem")
    settings.validate_for_run()
    assert settings.salesforce_instance_url == "https://harbor.example"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(SECRETS), secret=st.from_regex(r"\A[A-Za-z0-9]{12,20}\Z"))
def test_no_secret_is_ever_shown(name: str, secret: str) -> None:
    value = f"https://hooks.example/{secret}" if name == "alert_webhook_url" else secret
    with pytest.MonkeyPatch.context() as patch:
        settings = given_variables(patch, REST, {name.upper(): value})
    assert secret not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert getattr(settings, name).get_secret_value() == value


def test_everything_that_opens_a_door_is_a_secret() -> None:
    words = ("secret", "password", "token", "webhook", "smtp_url", "database_url", "broker_url", "result_backend")
    assert set(SECRETS) == {name for name in Settings.model_fields if any(word in name for word in words)}


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("INTACCT_API", "soap-hush", "'rest' or 'xml'"),
        ("INTACCT_BASE_URL", "http://intacct.hush.example", "plain http"),
        ("SALESFORCE_LOGIN_URL", "hush.my.salesforce.example", "not a web address"),
        ("SALESFORCE_LOGIN_URL", "https://[hush", "not a web address"),
        ("SALESFORCE_API_VERSION", "hush", "62.0"),
        ("ALERT_WEBHOOK_URL", "http://hooks.example/hush", "plain http"),
        ("SALESFORCE_INSTANCE_URL", "http://harbor.hush.example", "plain http"),
        ("INTACCT_CONCURRENCY", "0", "greater than or equal to 1"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, what: str
) -> None:
    with pytest.raises(ConfigurationError, match=what) as caught:
        given_variables(monkeypatch, REST, {name: value})
    assert caught.value.where == name
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8801/ia/api/v1", "http://localhost:1", "http://[::1]:80", "http://127.9.9.9"]
)
def test_plain_http_is_fine_on_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert given_variables(monkeypatch, INTACCT_BASE_URL=url).intacct_base_url == url


@pytest.mark.parametrize("host", ["127.0.0.1.example", "localhost.example", "10.0.0.1", "", "::2"])
def test_other_machines_are_not_this_one(host: str) -> None:
    assert not is_loopback(host)


def test_the_staging_database_is_a_file_in_the_home_unless_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load_settings().database_url == f"sqlite:///{tmp_path / '.intacct_sf' / 'staging.db'}"
    home = tmp_path / "dagster"
    assert given_variables(monkeypatch, DAGSTER_HOME=str(home)).database_url == f"sqlite:///{home / 'staging.db'}"
    named = given_variables(monkeypatch, STAGING_DATABASE_URL="postgresql+psycopg://sync:hush@db.example/staging")
    assert named.database_url == "postgresql+psycopg://sync:hush@db.example/staging"
    assert named.home == home


def test_a_dotenv_file_counts_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "INTACCT_CLIENT_ID=from-file\nINTACCT_USERNAME=file@harbor\nUNRELATED=1\n", encoding="utf-8"
    )
    monkeypatch.setenv("INTACCT_USERNAME", "sync@harbor")
    settings = load_settings()
    assert (settings.intacct_client_id, settings.intacct_username) == ("from-file", "sync@harbor")
    assert load_settings(env_file=None).intacct_client_id is None


def test_every_variable_has_its_help() -> None:
    assert set(VARIABLES) == set(WHERE_TO_FIND)
