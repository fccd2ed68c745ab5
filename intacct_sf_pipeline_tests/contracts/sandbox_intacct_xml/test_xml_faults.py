"""Every fault of the sandbox on the XML door, over real sockets (docs/sandbox.md; reference, 3.8 and 14)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox

from .gateway import Door, Reply, op

NOON = datetime(2026, 9, 10, 12, 0, tzinfo=UTC)
SELECT = "<select><field>RECORDNO</field><field>CUSTOMERID</field><field>WHENMODIFIED</field></select>"
ORDER = "<orderby><order><field>RECORDNO</field></order></orderby>"
QUERY = f"<query><object>CUSTOMER</object>{SELECT}{ORDER}<pagesize>2000</pagesize></query>"


def create(*names: str) -> str:
    records = "".join(
        f"<CONTACT><CONTACTNAME>{name}</CONTACTNAME><PRINTAS>{name}</PRINTAS></CONTACT>" for name in names
    )
    return f"<create>{records}</create>"


class Place:
    """A running sandbox with a client of its XML door."""

    def __init__(self, sandbox: Sandbox, clock: OffsetClock) -> None:
        self.sandbox, self.clock = sandbox, clock
        self.access = sandbox.company.xml_sessions.access
        self.door = Door(sandbox.intacct_xml_url)
        self.door.session = self.session()

    def session(self) -> str:
        return self.send("<getAPISession/>", auth=self.login).ok().data.findtext("api/sessionid") or ""

    @property
    def login(self) -> str:
        access = self.access
        return (
            f"<login><userid>{access.user_id}</userid><companyid>{access.company_id}</companyid>"
            f"<password>{access.user_password}</password></login>"
        )

    def send(self, *functions: str | tuple[str, str], auth: str | None = None, **more: Any) -> Reply:
        sender = (self.access.sender_id, self.access.sender_password)
        return self.door.request(*functions, auth=auth, sender=sender, **more)

    def fault(self, name: str, **more: Any) -> None:
        self.sandbox.faults.add(FaultRule("intacct", name, **more))

    def contacts(self, *names: str) -> list[str]:
        known = self.sandbox.company.store["company-config/contact"].by_id
        return [name for name in names if name in known]

    def customers(self) -> list[dict[str, str]]:
        return self.send(QUERY).rows()


@contextmanager
def placed(**switches: Any) -> Iterator[Place]:
    clock = OffsetClock.frozen_at(NOON)
    options = SandboxOptions(accounts=12, contacts=5, items=2, company=CompanyOptions(**switches))
    with running_sandbox(options, clock=clock) as sandbox:
        place = Place(sandbox, clock)
        yield place
        place.door.http.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Place]:
    with placed() as place:
        yield place


@pytest.fixture
def place(shared: Place) -> Iterator[Place]:
    """The shared sandbox without faults, signed in."""
    shared.sandbox.faults.clear()
    shared.door.session = shared.session()
    yield shared
    shared.sandbox.faults.clear()


def test_rules_without_a_path_spare_the_sign_in(place: Place) -> None:
    place.fault("status", status=500)
    place.session()
    assert place.send(QUERY).http.status_code == 500
    assert place.send(QUERY).http.status_code == 200


@pytest.mark.parametrize(
    ("rule", "status", "number"),
    [
        ({"fault": "throttle", "retry_after": 3}, 429, "GW-0010"),
        ({"fault": "throttle_text"}, 200, "GW-0010"),
        ({"fault": "status", "status": 500}, 500, "GW-0001"),
        ({"fault": "status", "status": 400}, 400, "GW-0011"),
        ({"fault": "status", "status": 401, "message": "Sign-in information is incorrect"}, 401, "XMLGW_JPP0002"),
        ({"fault": "status_after", "status": 503, "code": "GW-0005"}, 503, "GW-0005"),
    ],
)
def test_refusals_of_the_edge_are_xml(place: Place, rule: dict[str, Any], status: int, number: str) -> None:
    place.fault(rule.pop("fault"), **rule)
    reply = place.send(QUERY)
    assert reply.http.status_code == status
    assert reply.http.headers["Content-Type"].startswith("text/xml")
    assert reply.error_numbers() == [number]
    assert [child.tag for child in reply.root.find("control") or ()] == ["status"]
    assert reply.http.headers.get("Retry-After") == ("3" if status == 429 else None)
    if "throttle" in number or number == "GW-0010":
        assert "API rate limit exceeded" in reply.http.text


def test_pages_of_proxies_and_of_the_cdn_are_html(place: Place) -> None:
    for rule, status in (
        ({"fault": "html_503"}, 503),
        ({"fault": "cdn_page"}, 503),
        ({"fault": "cdn_page", "status": 403}, 403),
    ):
        place.fault(rule.pop("fault"), **rule)
        http = place.send(QUERY).http
        assert (http.status_code, http.headers["Content-Type"].partition(";")[0]) == (status, "text/html")
    assert "cf-error-details" in http.text


def test_524_comes_after_the_commit(place: Place) -> None:
    place.fault("status_after", status=524)
    http = place.send(create("Late One")).http
    assert (http.status_code, "cf-error-details" in http.text) == (524, True)
    assert place.contacts("Late One") == ["Late One"]


def test_connections_drop_before_and_after_the_commit(place: Place) -> None:
    for fault, name, done in (("reset_before", "R1", []), ("reset_after", "R2", ["R2"])):
        place.fault(fault)
        with pytest.raises(requests.ConnectionError):
            place.send(create(name))
        assert place.contacts(name) == done


def test_a_reply_can_be_cut_in_half(place: Place) -> None:
    place.fault("truncate")
    with pytest.raises(requests.RequestException):
        place.send(create("Half"))
    assert place.contacts("Half") == ["Half"]


def test_sessions_end_in_mid_run(place: Place) -> None:
    place.fault("expire_token", skip=1)
    place.send(QUERY).ok()
    assert "Invalid session" in place.send(QUERY).errors()[0]["description2"]
    assert "Invalid session" in place.send(QUERY).errors()[0]["description2"]
    place.door.session = place.session()
    place.send(QUERY).ok()


def test_the_endpoint_changes() -> None:
    with placed() as place:
        place.fault("endpoint_change")
        assert "Invalid session" in place.send(QUERY).errors()[0]["description2"]
        api = place.send("<getAPISession/>", auth=place.login).ok().data
        endpoint = api.findtext("api/endpoint") or ""
        assert endpoint.startswith(place.sandbox.intacct_xml_url + "?")
        place.door.session = api.findtext("api/sessionid")
        assert place.send(QUERY).error_numbers() == ["XL03000006"]
        place.door.url = endpoint
        place.send(QUERY).ok()


def test_result_sets_end_and_ids_go_missing(place: Place) -> None:
    read = "<readByQuery><object>CUSTOMER</object><fields>RECORDNO</fields><query/><pagesize>5</pagesize></readByQuery>"
    more = "<readMore><object>CUSTOMER</object></readMore>"
    place.fault("no_result_id", contains="readByQuery")
    data = place.send(read).ok().data
    assert (data.get("resultId"), data.get("numremaining"), len(data)) == ("", "7", 5)
    place.send(more).ok()
    place.fault("expire_results", contains="readMore")
    assert place.send(more).statuses == ["failure"]


def test_some_records_of_a_write_are_refused(place: Place) -> None:
    place.fault("partial", records=(0, 2))
    reply = place.send(create("S0"), create("S1"), create("S2"))
    assert reply.statuses == ["failure", "success", "failure"]
    assert place.contacts("S0", "S1", "S2") == ["S1"]
    place.fault("row_lock")
    assert set(place.send(create("L0"), create("L1")).statuses) == {"failure"}


def test_the_service_dies_in_the_middle_and_forgets_the_keys(place: Place) -> None:
    place.fault("cut_off", records=1)
    calls = [("k-0", create("D0")), ("k-1", create("D1"))]
    with pytest.raises(requests.ConnectionError):
        place.send(*calls, unique=True)
    assert place.contacts("D0", "D1") == ["D0"]
    again = place.send(*calls, unique=True)
    assert again.statuses == ["failure", "success"]
    assert "BL34000061" in again.error_numbers()


def test_completed_keys_can_be_played_as_forgotten_or_ignored(place: Place) -> None:
    call = ("once-1", create("Once"))
    place.send(call, unique=True).ok()
    place.fault("idempotency_conflict")
    place.send(("other", create("Other")), unique=True).ok()
    assert place.send(call, unique=True).statuses == ["failure"]
    place.fault("idempotency_ignored")
    ignored = place.send(call, unique=True)
    assert "BL34000061" in ignored.error_numbers()


def test_stamps_go_missing_for_the_same_records(place: Place) -> None:
    place.fault("null_stamp", share=0.5, count=2)
    first, second, whole = (place.customers() for _ in range(3))
    bare = [row["RECORDNO"] for row in first if not row["WHENMODIFIED"]]
    assert 0 < len(bare) < len(first)
    assert bare == [row["RECORDNO"] for row in second if not row["WHENMODIFIED"]]
    assert all(row["WHENMODIFIED"] for row in whole)


def test_reads_fall_short(place: Place) -> None:
    whole = place.customers()
    place.fault("short_read", share=0.25)
    data = place.send(QUERY).ok().data
    assert (len(data), data.get("totalcount")) == (len(whole) * 3 // 4, str(len(whole)))
    place.fault("short_read", share=0.25, consistent=True)
    data = place.send(QUERY).ok().data
    assert data.get("totalcount") == data.get("count") == str(len(data))
    place.fault("empty_read")
    data = place.send(QUERY).ok().data
    assert (len(data), data.get("totalcount"), data.get("count"), data.get("numremaining")) == (0, "0", "0", "0")


def test_people_interfere_between_pages() -> None:
    with placed() as place:
        before = place.customers()
        place.clock.advance(60)
        place.fault("touch_between", records=2)
        touched = [row["RECORDNO"] for row in place.customers() if row["WHENMODIFIED"] == "09/10/2026 12:01:00"]
        assert touched == [row["RECORDNO"] for row in before[:2]]
        place.fault("recreate", record_id=before[0]["CUSTOMERID"])
        anew = next(row for row in place.customers() if row["CUSTOMERID"] == before[0]["CUSTOMERID"])
        assert int(anew["RECORDNO"]) > int(before[-1]["RECORDNO"])
        place.fault("delete_between", records=1, choose="random")
        assert len(place.customers()) == len(before) - 1
        place.clock.advance(60)
        place.fault("same_second", records=5)
        stamps = [row["WHENMODIFIED"] for row in place.customers()]
        assert stamps.count("09/10/2026 12:02:00") == 5


def test_writes_become_visible_late() -> None:
    with placed() as place:
        place.fault("late", seconds=30)
        place.send(create("Shy")).ok()
        asked, shown = "<object>CONTACT</object>", "<fields>RECORDNO</fields>"
        where = f"<select><field>RECORDNO</field></select><filter>{op('equalto', 'CONTACTNAME', 'Shy')}</filter>"
        find = f"<query>{asked}{where}</query>"
        by_query = f"<readByQuery>{asked}{shown}<query>CONTACTNAME = 'Shy'</query></readByQuery>"
        by_name = f"<readByName>{asked}{shown}<keys>Shy</keys></readByName>"
        assert [len(place.send(call).rows()) for call in (find, by_query, by_name)] == [0, 0, 1]
        place.clock.advance(31)
        assert [len(place.send(call).rows()) for call in (find, by_query)] == [1, 1]


def test_the_clock_jumps_but_sessions_live_on() -> None:
    with placed() as place:
        place.fault("clock_jump", seconds=-86400, lasting=1)
        place.send(create("Early")).ok()
        assert place.sandbox.company.read("contact", "Early", "audit.createdDateTime") == {
            "audit.createdDateTime": "2026-09-09T12:00:00Z"
        }
        place.send(QUERY).ok()


def test_the_ready_document_opens_the_door() -> None:
    with placed(xml=XmlOptions(gmt_offset="+01:00")) as place:
        told, env = place.sandbox.ready_document()["intacct"], place.sandbox.env
        door = Door(told["xml_url"])
        login = (
            f"<login><userid>{told['user_id']}</userid><companyid>{told['company_id']}</companyid>"
            f"<password>{told['user_password']}</password></login>"
        )
        door.request("<getAPISession/>", auth=login, sender=(told["sender_id"], told["sender_password"])).ok()
        assert {
            name.lower(): env[f"INTACCT_{name}"]
            for name in ("XML_URL", "SENDER_ID", "SENDER_PASSWORD", "COMPANY_ID", "USER_ID", "USER_PASSWORD")
        } == {
            name: told[name]
            for name in ("xml_url", "sender_id", "sender_password", "company_id", "user_id", "user_password")
        }
        assert env["INTACCT_API"] == "rest"
        for secret in (told["sender_password"], told["user_password"]):
            assert secret not in repr(place.sandbox.credentials) + repr(place.access)
        place.door.http.close()
        door.http.close()


def test_the_environment_can_name_the_xml_door() -> None:
    with running_sandbox(SandboxOptions(accounts=0, contacts=0, items=0, intacct_api="xml")) as sandbox:
        assert sandbox.env["INTACCT_API"] == "xml"


def test_a_fault_file_may_name_the_faults_of_this_door(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(
        "faults:\n"
        "  - {service: intacct, fault: status, status: 503, path: xmlgw, contains: <create>}\n"
        "  - {service: intacct, fault: cdn_page, status: 403, contains: <query>}\n"
    )
    clock = OffsetClock.frozen_at(NOON)
    with running_sandbox(SandboxOptions(accounts=1, contacts=0, items=0, faults=file), clock=clock) as sandbox:
        place = Place(sandbox, clock)
        assert [place.send(call).http.status_code for call in (create("X"), QUERY, QUERY)] == [503, 403, 200]
        place.door.http.close()
