"""Loads a company's own exports: `DIR/salesforce/<SObject>.csv` and `DIR/intacct/<object>.csv`.

`<object>` is the last part of an Intacct object's name (`customer.csv`, `item-warehouse-inventory.csv`; underscores may
stand for hyphens). Headers are API field names, dotted where nested or related (`contacts.default.phone1`,
`Account.IntacctID__c`), in any letter case. Ids given are kept, missing ones assigned. Dates are ISO or month/day/year,
times without a zone are UTC. Rules beyond that:

- A side without a directory, or an object without a file, stays empty.
- New columns ending in `__c` (Salesforce) or holding `::` (Intacct) become custom text fields of the sandbox.
- What the service computes, standard fields the sandbox has no use for, and anything behind a user or record type are
  passed over (`csv_columns`). Users that `User.csv` does not hold, and inactive owners, become the default user.
- A record's own id column wins over dotted columns of the same parent; of several of those, unique ones come first.
- What fits nowhere is refused with file, line and column; nothing is half loaded that a caller would use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from intacct_sf_pipeline.sandbox.data.csv_columns import Column, Fate, intacct_columns, salesforce_columns
from intacct_sf_pipeline.sandbox.data.csv_order import in_levels
from intacct_sf_pipeline.sandbox.data.csv_tables import Place, Table, csv_files, read_table
from intacct_sf_pipeline.sandbox.data.csv_values import Reader, intacct_reader, salesforce_reader
from intacct_sf_pipeline.sandbox.data.seed import INTACCT_ORDER, SALESFORCE_ORDER
from intacct_sf_pipeline.sandbox.errors import DataError
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.errors import LoadError as IntacctLoadError
from intacct_sf_pipeline.sandbox.salesforce.errors import LoadError as SalesforceLoadError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType

_OBJECTS_PASSED_OVER = """
    asset attachment campaign campaignmember case contentdocument contentversion contract event lead opportunity
    opportunitycontactrole opportunitylineitem order orderitem organization profile quote quotelineitem recordtype
    task userrole
    """
_RECOGNISED = 100
"""Values up to this length count as names a lost record may be referred to by."""

Load = Callable[[Sequence[Mapping[str, object]]], object]


@dataclass(slots=True)
class LoadReport:
    """What was loaded (rows per object) and what was passed over (columns per file, whole files as `*`)."""

    loaded: dict[str, int] = field(default_factory=dict)
    passed_over: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Prepared:
    """One table ready to load: how to read its records, what refers to what, and where each came from.

    Records are read only when their turn comes: which users the org knows depends on what was loaded before.
    """

    table: Table
    columns: list[Column]
    read: Reader
    own_references: dict[str, str]
    references: Mapping[str, str]
    rows: list[dict[str, object]] = field(default_factory=list)

    def read_rows(self) -> None:
        """Read the records, under canonical names."""
        self.rows = [self.read(cells) for cells in self.table.rows]

    def place(self, row: int, name: str | None) -> Place:
        """Return where a value stands, by the header its file gives it; None: the record as a whole."""
        if name is None:
            return self.table.place(row)
        headers = {column.name.lower(): column.header for column in self.columns}
        return self.table.place(row, headers.get(name.lower(), name))


def load_directory(path: Path, org: SalesforceOrg, company: IntacctCompany) -> LoadReport:
    """Load the exports under `path` into an empty org and company.

    Raises:
        DataError: a file, column or row cannot be used; it lists the first findings (of the rows only when files and
            columns are sound). The org and the company are then not fit for use.
    """
    sides = {name: path / name for name in ("salesforce", "intacct")}
    if not any(side.is_dir() for side in sides.values()):
        raise DataError([Place(path).finding("has neither a folder salesforce nor a folder intacct")])
    findings: list[str] = []
    report = LoadReport()
    intacct = _intacct_tables(sides["intacct"], company, findings)
    salesforce = _salesforce_tables(sides["salesforce"], org, findings, report)
    if not findings:
        _load_side(intacct, findings, report)
        _load_side(salesforce, findings, report)
    if findings:
        raise DataError(findings)
    return report


def _load_side(tables: Iterable[tuple[str, _Prepared, Load]], findings: list[str], report: LoadReport) -> None:
    lost: set[object] = set()
    for name, prepared, load in tables:
        if len(findings) >= DataError.LISTED:
            return
        prepared.read_rows()
        levels, circular = in_levels(prepared.rows, prepared.own_references)
        column = next(iter(prepared.own_references), "")
        findings.extend(prepared.place(row, column).finding("the record is its own ancestor") for row in circular)
        for level in levels:
            _load_level(prepared, level, load, lost, findings)
        passed = [column.header for column in prepared.columns if column.fate is Fate.PASSED_OVER]
        report.loaded[name] = len(prepared.rows)
        if passed:
            report.passed_over[str(prepared.table.file)] = passed


def _load_level(prepared: _Prepared, positions: list[int], load: Load, lost: set[object], findings: list[str]) -> None:
    """Load some rows; take out each bad one and try again, so that all findings come to light.

    A row that only fails because it refers to a row taken out before is not a finding of its own.
    """
    pending = list(positions)
    while pending and len(findings) < DataError.LISTED:
        try:
            load([prepared.rows[position] for position in pending])
        except (SalesforceLoadError, IntacctLoadError) as error:
            position = pending.pop(error.row_index)
            row = prepared.rows[position]
            if error.field not in prepared.references or row.get(error.field) not in lost:
                column = error.field if error.field in row else None
                findings.append(prepared.place(position, column).finding(_worded(prepared, row, error)))
            lost.update(value for value in row.values() if isinstance(value, str) and len(value) <= _RECOGNISED)
        else:
            return


def _worded(prepared: _Prepared, row: Mapping[str, object], error: SalesforceLoadError | IntacctLoadError) -> str:
    """Return what is wrong with a value; for a reference also which export should hold the record."""
    target = prepared.references.get(error.field)
    if target is None or row.get(error.field) is None:
        return error.message
    hint = "; the standard price book is the one with IsStandard true" if target == "Pricebook2" else ""
    return f"{error.message} (its record should be in {target.rpartition('/')[2]}.csv{hint})"


def _salesforce_tables(
    directory: Path, org: SalesforceOrg, findings: list[str], report: LoadReport
) -> list[tuple[str, _Prepared, Load]]:
    tables: dict[str, Table] = {}
    for file in csv_files(directory):
        sobject = org.schema.find(file.stem)
        if sobject is not None and sobject.name in SALESFORCE_ORDER:
            tables[sobject.name] = read_table(file, findings)
        elif file.stem.lower() in _OBJECTS_PASSED_OVER.split():
            report.passed_over[str(file)] = ["*"]
        else:
            known = ", ".join(name for name in SALESFORCE_ORDER if org.schema.find(name) is not None)
            findings.append(Place(file).finding(f"{file.stem} is no object of the sandbox; known: {known}"))
    for name, table in tables.items():
        columns = salesforce_columns(org.schema, _salesforce_type(org, name), table)
        org.add_fields(name, [column.new_field for column in columns if column.new_field is not None])
    names = [name for name in SALESFORCE_ORDER if name in tables]
    return [(name, _salesforce_table(org, name, tables[name], findings), _loader(org.load, name)) for name in names]


def _salesforce_table(org: SalesforceOrg, name: str, table: Table, findings: list[str]) -> _Prepared:
    sobject = _salesforce_type(org, name)
    columns = salesforce_columns(org.schema, sobject, table)
    _refuse_unknown(table, columns, f"is no field of {name}", findings)
    references: dict[str, str] = {}
    for column in columns:
        name_of_parent = column.name.partition(".")[0].lower()
        reference = sobject.by_name.get(column.name.lower()) or sobject.by_relationship.get(name_of_parent)
        if reference is not None and reference.reference_to:
            references[column.name] = reference.reference_to[0]
    return _Prepared(
        table=table,
        columns=columns,
        read=salesforce_reader(org, sobject, columns),
        own_references=_own_references(sobject, columns),
        references=references,
    )


def _salesforce_type(org: SalesforceOrg, name: str) -> SObjectType:
    sobject = org.schema.find(name)
    if sobject is None:
        raise LookupError(name)
    return sobject


def _own_references(sobject: SObjectType, columns: list[Column]) -> dict[str, str]:
    """Return the columns that name another record of the same object, with the column they name it by."""
    found: dict[str, str] = {}
    for reference in sobject.fields:
        if reference.reference_to != (sobject.name,) or reference.name == "MasterRecordId":
            continue
        names = [column.name for column in columns if column.fate is Fate.PARENT_KEY]
        found |= {name: name.partition(".")[2] for name in names if name.partition(".")[0] == reference.relationship}
        found |= {column.name: "Id" for column in columns if column.name == reference.name}
    return found


def _intacct_tables(directory: Path, company: IntacctCompany, findings: list[str]) -> list[tuple[str, _Prepared, Load]]:
    catalog = company.store.catalog
    tables: dict[str, Table] = {}
    known = {spec.name.rpartition("/")[2]: spec.name for spec in reversed(list(catalog))}
    for file in csv_files(directory):
        name = known.get(file.stem.lower().replace("_", "-"))
        if name is None:
            words = ", ".join(sorted(short for short, full in known.items() if not catalog[full].setup))
            findings.append(Place(file).finding(f"{file.stem} is no object of the sandbox; known: {words}"))
        else:
            tables[name] = read_table(file, findings)
    names = sorted(tables, key=lambda name: INTACCT_ORDER.index(name) if name in INTACCT_ORDER else -1)
    return [
        (name, _intacct_table(company, name, tables[name], findings), _loader(company.load, name)) for name in names
    ]


def _intacct_table(company: IntacctCompany, name: str, table: Table, findings: list[str]) -> _Prepared:
    catalog = company.store.catalog
    for column in intacct_columns(catalog, catalog[name], table):
        if column.fate is Fate.NEW_FIELD:
            company.add_custom_field(name, column.name)
    spec = catalog[name]
    columns = intacct_columns(catalog, spec, table)
    _refuse_unknown(table, columns, f"is no field of {name}", findings)
    own = [ref.path for ref in spec.refs.values() if ref.target == name]
    return _Prepared(
        table=table,
        columns=columns,
        read=intacct_reader(catalog, spec, columns),
        own_references={f"{path}.{member}": member for path in own for member in ("id", "key")},
        references={f"{ref.path}.{member}": ref.target for ref in spec.refs.values() for member in ("id", "key")},
    )


def _loader(load: Callable[[str, Iterable[Mapping[str, object]]], object], name: str) -> Load:
    def load_rows(rows: Sequence[Mapping[str, object]]) -> object:
        return load(name, rows)

    return load_rows


def _refuse_unknown(table: Table, columns: list[Column], message: str, findings: list[str]) -> None:
    unknown = [column for column in columns if column.fate is Fate.UNKNOWN and column.header]
    findings.extend(Place(table.file, 1, column.header).finding(message) for column in unknown)
