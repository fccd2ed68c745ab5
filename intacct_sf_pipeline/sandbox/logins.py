"""The ways into both services: secrets of users, the app's key pair, and what may be switched off.

What belongs here: how `sandbox serve` sets up sign-ins. How each service answers them is its own business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.company import USER
from intacct_sf_pipeline.sandbox.salesforce.identity import AccessPolicy, UserSecrets
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

OPERATIONS = ("read", "create", "update", "delete")
_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class SalesforceSecrets:
    """What other Salesforce logins than client credentials need; the access token is a live session."""

    username: str
    password: str = field(repr=False)
    security_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    private_key_file: Path | None = None

    def document(self) -> dict[str, str]:
        """Its part of the ready document."""
        shown = {
            "username": self.username,
            "password": self.password,
            "security_token": self.security_token,
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
        }
        return shown if self.private_key_file is None else {**shown, "private_key_file": str(self.private_key_file)}


@dataclass(frozen=True, slots=True)
class Without:
    """What is switched off: names of the access policy, and of Intacct's doors and objects."""

    salesforce: tuple[str, ...] = ()
    intacct: tuple[str, ...] = ()

    @classmethod
    def parsed(cls, names: Iterable[str]) -> Without:
        """From names such as `salesforce:app-approval` or `intacct:accounts-receivable/customer:create`.

        Raises:
            SandboxError: a name that neither service knows.
        """
        by_system: dict[str, list[str]] = {"salesforce": [], "intacct": []}
        for name in names:
            system, _, what = name.partition(":")
            if system not in by_system or not what:
                raise SandboxError(f"--without {name}: write salesforce:WHAT or intacct:WHAT")
            by_system[system].append(what)
        return cls(tuple(by_system["salesforce"]), tuple(by_system["intacct"]))

    def policy(self) -> AccessPolicy:
        """The Salesforce access policy; the switch `user` is no part of it.

        Raises:
            SandboxError: no such switch.
        """
        try:
            return AccessPolicy().without(*(name for name in self.salesforce if name != "user"))
        except KeyError as error:
            known = ", ".join(sorted(name.replace("_", "-") for name in AccessPolicy.__dataclass_fields__))
            raise SandboxError(f"--without salesforce:{error.args[0]}: known are user, {known}") from None

    def company(self, options: CompanyOptions) -> CompanyOptions:
        """The Intacct switches with these off; an object may be followed by one operation.

        Raises:
            SandboxError: an unknown operation.
        """
        denied = dict(options.denied)
        for name in self.intacct:
            if name == "application":
                options = replace(options, application_authorised=False)
            elif name == "sender":
                options = replace(options, xml=replace(options.xml, sender_authorised=False))
            elif name != "user":
                target, _, operation = name.partition(":")
                if operation not in ("", *OPERATIONS) or "/" not in target:
                    raise SandboxError(
                        f"--without intacct:{name}: known are application, sender, user, and an object such as"
                        f" accounts-receivable/customer, with :{', :'.join(OPERATIONS)} or for all of these"
                    )
                denied[target] = denied.get(target, frozenset()) | frozenset((operation,) if operation else OPERATIONS)
        return replace(options, denied=denied)

    def lock_out(self, org: SalesforceOrg, company: IntacctCompany) -> None:
        """Deactivates the sync users that are named."""
        if "user" in self.salesforce:
            org.set_active(org.integration_user, active=False)
        if "user" in self.intacct:
            company.edit(USER, company.username.partition("@")[0], {"status": "inactive"})


def open_doors(
    org: SalesforceOrg, password: str, security_token: str, refresh_token: str, key_file: Path | None
) -> SalesforceSecrets:
    """Gives the integration user every way in.

    Raises:
        SandboxError: `key_file` cannot be read or written, or holds no RSA key.
    """
    user = org.integration_user
    org.identity.set_password(user.id, UserSecrets(password, security_token))
    org.identity.add_refresh_token(refresh_token, user.id)
    if key_file is not None:
        org.identity.certificate = public_key(key_file)
    return SalesforceSecrets(user.username, password, security_token, org.sessions.issue(user), refresh_token, key_file)


def public_key(key_file: Path) -> str:
    """The public key in PEM of the RSA private key in a file, which is made when it does not exist.

    Raises:
        SandboxError: the file cannot be read or written, or holds something else.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        if not key_file.exists():
            made = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
            key_file.touch(mode=0o600)
            key_file.write_bytes(
                made.private_bytes(
                    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                )
            )
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except OSError as error:
        raise SandboxError(f"--jwt-key {key_file}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise SandboxError(f"--jwt-key {key_file}: the file holds no private key in PEM without pass phrase") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SandboxError(f"--jwt-key {key_file}: the key is not RSA")
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode("ascii")
