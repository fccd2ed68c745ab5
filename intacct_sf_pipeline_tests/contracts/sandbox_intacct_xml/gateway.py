"""A raw client of the XML gateway: requests as text, replies as elements. It knows nothing of the sandbox's code."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import requests

from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline_tests.contracts.sandbox_intacct.service import (
    CLIENT_SECRET,
    Houses,
    TestClock,
    build_company,
    serving,
)

__all__ = ["Door", "Houses", "Reply", "Running", "TestClock", "build_company", "fields", "serving"]

SENDER, SENDER_PASSWORD = "sandbox_ws", CLIENT_SECRET
COMPANY, USER, USER_PASSWORD = "acme-co", "sync", CLIENT_SECRET
LOGIN = f"<login><userid>{USER}</userid><companyid>{COMPANY}</companyid><password>{USER_PASSWORD}</password></login>"


@dataclass
class Reply:
    """One answer: the HTTP response and, where it is XML, its root."""

    http: requests.Response

    @property
    def root(self) -> Element:
        return ElementTree.fromstring(self.http.content)

    @property
    def results(self) -> list[Element]:
        return self.root.findall("operation/result")

    @property
    def result(self) -> Element:
        [result] = self.results
        return result

    @property
    def data(self) -> Element:
        data = self.result.find("data")
        assert data is not None, self.http.text
        return data

    @property
    def statuses(self) -> list[str]:
        return [result.findtext("status") or "" for result in self.results]

    def ok(self) -> "Reply":
        """Itself, once every function succeeded."""
        assert self.statuses, self.http.text
        assert set(self.statuses) == {"success"}, self.http.text
        return self

    def rows(self) -> list[dict[str, str]]:
        """The records of the only result: name -> text of their direct children."""
        return [fields(record) for record in self.ok().data]

    def errors(self, under: Element | None = None) -> list[dict[str, str]]:
        """The errors under a result (the only one when left out), the operation or the response: member -> text."""
        place = self.root if under is None else under
        return [fields(error) for error in place.iter("error")]

    def error_numbers(self) -> list[str]:
        return [error.get("errorno", "") for error in self.errors()]


def fields(record: Element) -> dict[str, str]:
    """Name -> text of an element's direct children."""
    return {child.tag: child.text or "" for child in record}


@dataclass
class Door:
    """A client of one company's gateway; signs in once and keeps the session."""

    url: str
    http: requests.Session = field(default_factory=requests.Session)
    session: str | None = None

    def post(self, body: str | bytes, **headers: str) -> Reply:
        data = body if isinstance(body, bytes) else body.encode()
        sent = {"Content-Type": "application/xml"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(self.http.post(self.url, data=data, headers=sent, timeout=10))

    def request(
        self,
        *functions: str | tuple[str, str],
        auth: str | None = None,
        sender: tuple[str, str] = (SENDER, SENDER_PASSWORD),
        unique: bool = False,
        transaction: bool = False,
        control: str = "",
    ) -> Reply:
        """Calls in one request: `<call/>` texts with control ids f1, f2, ... or (control id, text)."""
        body = self.body(*functions, auth=auth, sender=sender, unique=unique, transaction=transaction, control=control)
        return self.post(body)

    def body(
        self,
        *functions: str | tuple[str, str],
        auth: str | None = None,
        sender: tuple[str, str] = (SENDER, SENDER_PASSWORD),
        unique: bool = False,
        transaction: bool = False,
        control: str = "",
    ) -> str:
        named = [call if isinstance(call, tuple) else (f"f{place}", call) for place, call in enumerate(functions, 1)]
        calls = "".join(f'<function controlid="{escape(name)}">{call}</function>' for name, call in named)
        return (
            '<?xml version="1.0" encoding="UTF-8"?><request><control>'
            f"<senderid>{sender[0]}</senderid><password>{sender[1]}</password><controlid>c-1</controlid>"
            f"<uniqueid>{str(unique).lower()}</uniqueid><dtdversion>3.0</dtdversion>{control}</control>"
            f'<operation transaction="{str(transaction).lower()}">'
            f"<authentication>{auth or self.auth()}</authentication><content>{calls}</content></operation></request>"
        )

    def auth(self) -> str:
        """`authentication` by the kept session, opened at first use."""
        if self.session is None:
            self.session = self.open()
        return f"<sessionid>{self.session}</sessionid>"

    def open(self, location: str | None = None, auth: str = LOGIN) -> str:
        """A new session's id; `location` None sends no `locationid`."""
        place = "" if location is None else f"<locationid>{location}</locationid>"
        reply = self.request(f"<getAPISession>{place}</getAPISession>", auth=auth).ok()
        return reply.data.findtext("api/sessionid") or ""

    def query(
        self,
        object_name: str,
        *names: str,
        where: str = "",
        order: str = "",
        options: str = "",
        rest: str = "",
    ) -> Reply:
        """A `query` of fields; `where` is the inside of `filter`, `order` a field to order by."""
        select = "".join(f"<field>{name}</field>" for name in names)
        parts = [
            f"<object>{object_name}</object><select>{select}</select>",
            f"<filter>{where}</filter>" if where else "",
            f"<orderby><order><field>{order}</field></order></orderby>" if order else "",
            f"<options>{options}</options>" if options else "",
            rest,
        ]
        return self.request(f"<query>{''.join(parts)}</query>")


def op(name: str, field_name: str, *values: str) -> str:
    """One operator of a filter."""
    texts = "".join(f"<value>{escape(value)}</value>" for value in values)
    return f"<{name}><field>{field_name}</field>{texts}</{name}>"


@dataclass
class Running:
    """A served company with a client of its XML door."""

    company: IntacctCompany
    door: Door
    clock: TestClock


def switches(xml: dict[str, object], rest: dict[str, object]) -> dict[str, object]:
    """Keyword arguments of `CompanyOptions` from XML switches and others."""
    return rest | ({"xml": XmlOptions(**xml)} if xml else {})  # type: ignore[arg-type]


Start = Callable[..., Running]
