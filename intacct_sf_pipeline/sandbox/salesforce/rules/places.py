"""State and Country picklists: text and code columns of an address are kept in step.

Source: salesforce.md section 8.1; Help "State and Country/Territory Picklist Field-Syncing Logic". Country and state
names are those of ISO 3166, as the org's "integration values" are unless an administrator changed them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pycountry

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rules.base import Rules
from intacct_sf_pipeline.sandbox.salesforce.schema.addresses import address_prefixes
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Save
from intacct_sf_pipeline.sandbox.salesforce.values import Value, as_text

_ADVICE = "Please select a"
WITH_STATES = ("AU", "BR", "CA", "CN", "IN", "IE", "IT", "JP", "MX", "US")


@dataclass(frozen=True, slots=True)
class Place:
    """A country or a state: its code and its integration value."""

    code: str
    name: str


@cache
def countries() -> Mapping[str, Place]:
    """Countries by code and by name, both in lower case."""
    places = [Place(c.alpha_2, c.name) for c in pycountry.countries]
    return {key.lower(): place for place in places for key in (place.name, place.code)}


@cache
def states(country_code: str) -> Mapping[str, Place]:
    """States of a country by code and by name; empty for countries without them."""
    if country_code not in WITH_STATES:
        return {}
    found = [s for s in pycountry.subdivisions if s.country_code == country_code]
    places = [Place(s.code.partition("-")[2], s.name) for s in found]
    return {key.lower(): place for place in places for key in (place.name, place.code)}


class PlaceRules(Rules):
    """The picklist rules for every address of the object."""

    def before_save(self, save: Save) -> None:
        """Brings countries and states of the addresses that were sent into step."""
        for prefix in address_prefixes(save.sobject.fields):
            names = {f"{prefix}{part}" for part in ("Country", "CountryCode", "State", "StateCode")}
            if names & save.given:
                _settle_country(save, prefix)
                _settle_state(save, prefix)


def _settle_country(save: Save, prefix: str) -> None:
    text, code = f"{prefix}Country", f"{prefix}CountryCode"
    if not {text, code} & save.given:
        return
    place = _chosen(save, text, code, countries(), "country")
    _store(save, text, code, place)
    if place is None and not {f"{prefix}State", f"{prefix}StateCode"} & save.given:
        _store(save, f"{prefix}State", f"{prefix}StateCode", None)


def _settle_state(save: Save, prefix: str) -> None:
    text, code = f"{prefix}State", f"{prefix}StateCode"
    country = save.row[f"{prefix}CountryCode"]
    if save.row[text] is None and save.row[code] is None:
        return
    if country is None:
        message = f"A country/territory must be specified before specifying a state value for field: {text}"
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", message, (text,))
    known = states(str(country))
    if {text, code} & save.given:
        _store(save, text, code, _chosen(save, text, code, known, "state"))
    elif str(save.row[code]).lower() not in known:
        raise _unavailable(code, save.row[code], "state")


def _chosen(save: Save, text: str, code: str, known: Mapping[str, Place], kind: str) -> Place | None:
    """The place the given columns name; a code wins over the text on a create, both must agree on an update."""
    row, given = save.row, save.given
    if code in given and (row[code] is not None or text not in given):
        place = _by_code(row[code], code, known, kind)
        disagrees = place is not None and row[text] is not None and str(row[text]).lower() != place.name.lower()
        if text in given and disagrees and not save.creating:
            raise _problem(text, kind)
        return place
    if row[text] is None:
        return None
    place = known.get(str(row[text]).lower())
    if place is None or place.name.lower() != str(row[text]).lower():
        raise _problem(text, kind)
    return place


def _by_code(value: Value, field: str, known: Mapping[str, Place], kind: str) -> Place | None:
    if value is None:
        return None
    place = known.get(str(value).lower())
    if place is None or place.code.lower() != str(value).lower():
        raise _unavailable(field, value, kind)
    return place


def _store(save: Save, text: str, code: str, place: Place | None) -> None:
    save.row[text] = None if place is None else place.name
    save.row[code] = None if place is None else place.code


def _unavailable(field: str, value: Value, kind: str) -> ApiError:
    message = f"The {field} field contains {as_text(value)}, which isn't an available {kind}."
    return ApiError("FIELD_INTEGRITY_EXCEPTION", message, (field,))


def _problem(field: str, kind: str) -> ApiError:
    plural = {"state": "states", "country": "countries"}[kind]
    message = (
        f"There's a problem with this {kind}, even though it may appear correct. "
        f"{_ADVICE} {kind} from the list of valid {plural}."
    )
    return ApiError("FIELD_INTEGRITY_EXCEPTION", message, (field,))
