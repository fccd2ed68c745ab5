"""The environment, typed: addresses, credentials, and where things are kept. Read by callers when they start, never
at import.

Every variable may stand in the environment or in a file `.env` of the working directory; the environment wins, and an
empty variable counts as not set. Credentials come from nowhere else and are masked wherever the settings are shown.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.settings_help import WHERE_TO_FIND

_OWN_HOME = ".intacct_sf"
_API_VERSION = re.compile(r"v?(\d{2}\.0)")
_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LAST_PASSWORD_VERSION = 64
"""Source: Help 005132110, "Platform SOAP API login() Retirement"."""

SyncExecutor = Literal["in_process", "multiprocess", "celery"]
SalesforceLogin = Literal["client_credentials", "jwt", "password", "session"]


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address) is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _safe_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise ValueError("this is not a web address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("this is not a web address: it has to begin with https://")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http is accepted for loopback addresses only: use https://")
    return url.rstrip("/")


def _safe_secret_url(url: SecretStr) -> SecretStr:
    _safe_url(url.get_secret_value())
    return url


def _api_version(version: str) -> str:
    found = _API_VERSION.fullmatch(version)
    if found is None:
        raise ValueError("an API version reads like 62.0")
    return found[1]


def _schema(name: str) -> str:
    if _SCHEMA.fullmatch(name) is None:
        raise ValueError("small letters, digits and _ only, beginning with a letter, 63 at most")
    return name


Url = Annotated[str, AfterValidator(_safe_url)]
SecretUrl = Annotated[SecretStr, AfterValidator(_safe_secret_url)]
ApiVersion = Annotated[str, AfterValidator(_api_version)]
Schema = Annotated[str, AfterValidator(_schema)]


class Settings(BaseSettings):
    """All variables; what each is for stands in `docs/configuration.md`.

    Raises:
        ConfigurationError: a variable has a value that cannot be right; it is named, its value is not shown.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    intacct_api: Literal["rest", "xml"] = "rest"
    intacct_base_url: Url = "https://api.intacct.com/ia/api/v1"
    intacct_client_id: str | None = None
    intacct_client_secret: SecretStr | None = None
    intacct_username: str | None = None
    intacct_xml_url: Url = "https://api.intacct.com/ia/xml/xmlgw.phtml"
    intacct_sender_id: str | None = None
    intacct_sender_password: SecretStr | None = None
    intacct_company_id: str | None = None
    intacct_user_id: str | None = None
    intacct_user_password: SecretStr | None = None
    intacct_entity_id: str | None = None
    intacct_xml_time_zone: Literal["user", "utc"] = "user"
    intacct_xml_dates: Literal["check", "user", "standard"] = "check"
    intacct_concurrency: int = Field(default=2, ge=1, le=100)

    salesforce_login_url: Url | None = None
    salesforce_client_id: str | None = None
    salesforce_client_secret: SecretStr | None = None
    salesforce_username: str | None = None
    salesforce_private_key_file: Path | None = None
    salesforce_password: SecretStr | None = None
    salesforce_security_token: SecretStr | None = None
    salesforce_access_token: SecretStr | None = None
    salesforce_instance_url: Url | None = None
    salesforce_api_version: ApiVersion = "62.0"
    salesforce_concurrency: int = Field(default=4, ge=1, le=25)
    salesforce_bulk_from_rows: int | None = Field(default=None, ge=0)
    salesforce_bulk_wait_seconds: int = Field(default=1800, ge=1, le=86_400)

    staging_database_url: SecretStr | None = None
    staging_schema: Schema | None = None
    sync_config: Path | None = None
    tenant: Schema | None = None
    dagster_home: Path | None = None

    sync_executor: SyncExecutor = "in_process"
    celery_broker_url: SecretStr | None = None
    celery_result_backend: SecretStr | None = None
    celery_start_within_seconds: int = Field(default=900, ge=1, le=86_400)

    alert_webhook_url: SecretUrl | None = None
    alert_email_to: str | None = None
    smtp_url: SecretStr | None = Field(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, data: Any, handler: ModelWrapValidatorHandler[Settings]) -> Settings:
        try:
            return handler(data)
        except ValidationError as error:
            raise _refusal(error) from None

    @property
    def home(self) -> Path:
        """The Dagster instance's directory, absolute: `DAGSTER_HOME`, else `.intacct_sf` in the working directory."""
        return Path.cwd() / (self.dagster_home or _OWN_HOME)

    @property
    def database_url(self) -> str:
        """The staging database as SQLAlchemy names it: `STAGING_DATABASE_URL`, else the file `staging.db` in `home`;
        `STAGING_SCHEMA` among its options (`dialects.create_staging_engine` reads it there).

        It may hold a password: hand it to the staging engine, never to a log or a message.
        """
        url = f"sqlite:///{self.home / 'staging.db'}"
        if self.staging_database_url is not None:
            url = self.staging_database_url.get_secret_value()
        if self.staging_schema is None:
            return url
        return f"{url}{'&' if '?' in url else '?'}staging_schema={self.staging_schema}"

    @property
    def salesforce_login(self) -> SalesforceLogin:
        """Which login the given variables mean.

        A given session comes first, then a key file; a password counts where there is no client secret.
        """
        if self.salesforce_access_token is not None:
            return "session"
        if self.salesforce_private_key_file is not None:
            return "jwt"
        if self.salesforce_password is not None and self.salesforce_client_secret is None:
            return "password"
        return "client_credentials"

    def missing(self) -> tuple[str, ...]:
        """The variables that a sync needs and that are not set, in the order of the configuration reference."""
        needed = (*_NEEDED_BY_INTACCT[self.intacct_api], *_NEEDED_BY_SALESFORCE[self.salesforce_login])
        return tuple(name for name in needed if getattr(self, name.lower()) is None)

    def validate_for_run(self) -> None:
        """Refuse to begin a sync that cannot end well.

        Raises:
            ConfigurationError: variables are missing; it names each and where in the vendor's set-up its value is
                found.
        """
        missing = self.missing()
        if missing:
            cures = "; ".join(f"{name}: {WHERE_TO_FIND[name]}" for name in missing)
            verb = "is" if len(missing) == 1 else "are"
            raise ConfigurationError(f"{', '.join(missing)} {verb} not set", where="environment", cure=cures)
        self._validate_login()

    def _validate_login(self) -> None:
        key = self.salesforce_private_key_file
        if self.salesforce_login == "jwt" and key is not None and not key.is_file():
            cure = "Give the path of the PEM file whose certificate the app in Salesforce holds"
            raise ConfigurationError("the file does not exist", where="SALESFORCE_PRIVATE_KEY_FILE", cure=cure)
        if self.salesforce_login == "password" and float(self.salesforce_api_version) > _LAST_PASSWORD_VERSION:
            what = f"API {self.salesforce_api_version} has no login with user name and password"
            cure = f"Set it to {_LAST_PASSWORD_VERSION}.0 or lower, or use another login (docs/configuration.md)"
            raise ConfigurationError(what, where="SALESFORCE_API_VERSION", cure=cure)


VARIABLES: tuple[str, ...] = tuple(name.upper() for name in Settings.model_fields)
"""The names of all variables."""

_NEEDED_BY_INTACCT = {
    "rest": ("INTACCT_CLIENT_ID", "INTACCT_CLIENT_SECRET", "INTACCT_USERNAME"),
    "xml": (
        "INTACCT_SENDER_ID",
        "INTACCT_SENDER_PASSWORD",
        "INTACCT_COMPANY_ID",
        "INTACCT_USER_ID",
        "INTACCT_USER_PASSWORD",
    ),
}
_NEEDED_BY_SALESFORCE = {
    "client_credentials": ("SALESFORCE_LOGIN_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET"),
    "jwt": ("SALESFORCE_LOGIN_URL", "SALESFORCE_CLIENT_ID", "SALESFORCE_USERNAME", "SALESFORCE_PRIVATE_KEY_FILE"),
    "password": ("SALESFORCE_LOGIN_URL", "SALESFORCE_USERNAME", "SALESFORCE_PASSWORD"),
    "session": ("SALESFORCE_INSTANCE_URL", "SALESFORCE_ACCESS_TOKEN"),
}


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings from the environment and `env_file` (None: from the environment alone).

    Raises:
        ConfigurationError: a variable has a value that cannot be right, or the file cannot be read.
    """
    try:
        return Settings(_env_file=env_file)
    except (UnicodeDecodeError, OSError) as error:
        what = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else f"cannot be read: {error.strerror}"
        cure = "Write it anew as UTF-8 text, one NAME=value a line (.env.example), or remove it"
        raise ConfigurationError(f"the file {what}", where=str(env_file), cure=cure) from None


def _refusal(error: ValidationError) -> ConfigurationError:
    """The first wrong variable as an error; its value is left out, since it may be a secret."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "environment"
    what = str(first["msg"]).removeprefix("Value error, ")
    return ConfigurationError(what, where=name, cure=WHERE_TO_FIND.get(name, "See docs/configuration.md"))
