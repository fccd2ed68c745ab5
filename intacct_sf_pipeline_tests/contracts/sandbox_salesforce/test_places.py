"""State and Country picklists. Source: salesforce.md section 8.1."""

from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures

from .support import Api, Clock, error_of, make_org


@pytest.fixture
def org(clock: Clock) -> SalesforceOrg:
    return make_org(clock, OrgFeatures(state_country_picklists=True))


def place(api: Api, record_id: str) -> tuple[Any, ...]:
    row = api.get(f"sobjects/Account/{record_id}").json()
    return tuple(row[f"Billing{part}"] for part in ("Country", "CountryCode", "State", "StateCode"))


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"CountryCode": "us", "StateCode": "ca"}, ("United States", "US", "California", "CA")),
        ({"Country": "united states", "State": "California"}, ("United States", "US", "California", "CA")),
        ({"CountryCode": "DE"}, ("Germany", "DE", None, None)),
        ({"Country": "Germany", "CountryCode": "FR"}, ("France", "FR", None, None)),
        ({}, (None, None, None, None)),
    ],
)
def test_text_and_code_are_kept_in_step(api: Api, sent: dict[str, str], stored: tuple[Any, ...]) -> None:
    record_id = api.create("Account", Name="x", **{f"Billing{k}": v for k, v in sent.items()})
    assert place(api, record_id) == stored


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"Country": "Freedonia"}, "There's a problem with this country, even though it may appear correct."),
        ({"CountryCode": "XX"}, "The BillingCountryCode field contains XX, which isn't an available country."),
        (
            {"CountryCode": "US", "StateCode": "EP"},
            "The BillingStateCode field contains EP, which isn't an available state.",
        ),
        (
            {"CountryCode": "US", "State": "Bavaria"},
            (
                "There's a problem with this state, even though it may appear correct. "
                "Please select a state from the list of valid states."
            ),
        ),
        ({"CountryCode": "DE", "State": "Bavaria"}, "There's a problem with this state"),
        ({"State": "California"}, "A country/territory must be specified before specifying a state value"),
    ],
)
def test_unknown_places_are_refused(api: Api, org: SalesforceOrg, sent: dict[str, str], text: str) -> None:
    reply = api.post("sobjects/Account", {"Name": "x", **{f"Billing{k}": v for k, v in sent.items()}})
    assert error_of(reply)["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert text in error_of(reply)["message"]
    assert org.count("Account") == 0


def test_updates_must_agree_and_clearing_the_country_clears_the_state(api: Api) -> None:
    record_id = api.create("Account", Name="x", BillingCountryCode="US", BillingStateCode="CA")
    path = f"sobjects/Account/{record_id}"
    assert api.patch(path, {"BillingCountry": "Germany", "BillingCountryCode": "US"}).status_code == 400
    assert api.patch(path, {"BillingCountryCode": "CA"}).status_code == 400
    assert api.patch(path, {"BillingState": "Texas"}).status_code == 204
    assert place(api, record_id) == ("United States", "US", "Texas", "TX")
    assert api.patch(path, {"BillingCountryCode": None}).status_code == 204
    assert place(api, record_id) == (None, None, None, None)


def test_without_the_feature_any_text_goes(clock: Clock) -> None:
    api = Api(make_org(clock))
    record_id = api.create("Account", Name="x", BillingState="Bavaria", BillingCountry="Freedonia")
    assert api.get(f"sobjects/Account/{record_id}").json()["BillingState"] == "Bavaria"
    assert (
        error_of(api.post("sobjects/Account", {"Name": "x", "BillingCountryCode": "US"}))["errorCode"]
        == "INVALID_FIELD"
    )
