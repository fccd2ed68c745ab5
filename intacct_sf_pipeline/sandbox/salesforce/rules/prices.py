"""Products, price books and price book entries. Source: salesforce.md sections 8.3 and 8.4, rules 1 to 5 and 8."""

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rules.base import Rules
from intacct_sf_pipeline.sandbox.salesforce.schema.currencies import ISO_CODE
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Save
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

CLASS_OF_TYPE: dict[Value, str] = {None: "Simple", "Base": "VariationParent", "Bundle": "Bundle", "Set": "Set"}


class ProductRules(Rules):
    """ProductClass follows Type; entries carry copies of name and code."""

    def before_save(self, save: Save) -> None:
        """Derives the class, which nobody can write."""
        save.row["ProductClass"] = CLASS_OF_TYPE[save.row["Type"]]

    def after_save(self, save: Save) -> None:
        """Keeps the copies in step; an entry's stamps do not move for it (salesforce.md 7.1)."""
        if save.creating:
            return
        copies: Row = {"Name": save.row["Name"], "ProductCode": save.row["ProductCode"]}
        if any(save.before(name) != value for name, value in copies.items()):
            for entry in save.db.table("PricebookEntry").find("Product2Id", save.row["Id"]):
                save.amend("PricebookEntry", str(entry["Id"]), copies, stamp=False)


class BookRules(Rules):
    """The standard price book stays."""

    def before_delete(self, save: Save) -> None:
        """Refuses to delete the standard book."""
        if save.row["IsStandard"]:
            raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")


class EntryRules(Rules):
    """Standard price first, one entry per product, book and currency, and who may set the price."""

    def before_save(self, save: Save) -> None:
        """Checks the entry and fills what it copies."""
        row = save.row
        product = save.db.row(row["Product2Id"])
        book = save.db.row(row["Pricebook2Id"])
        if product is None or book is None:
            return
        row["Name"], row["ProductCode"] = product["Name"], product["ProductCode"]
        self._check_price_source(save)
        if book["IsStandard"]:
            row["UseStandardPrice"] = False
        if save.creating:
            self._check_place(save, standard=bool(book["IsStandard"]))
        if row["UseStandardPrice"]:
            row["UnitPrice"] = _standard_price(save)
        if row["UnitPrice"] is None:
            raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", ("UnitPrice",))

    def after_save(self, save: Save) -> None:
        """A changed standard price goes on to the entries that use it."""
        row = save.row
        book = save.db.row(row["Pricebook2Id"])
        if book is None or not book["IsStandard"] or save.creating or save.before("UnitPrice") == row["UnitPrice"]:
            return
        for entry in save.db.table("PricebookEntry").find("Product2Id", row["Product2Id"]):
            if entry["UseStandardPrice"] and not entry["IsDeleted"] and _same_currency(entry, row):
                save.amend("PricebookEntry", str(entry["Id"]), {"UnitPrice": row["UnitPrice"]})

    def _check_price_source(self, save: Save) -> None:
        uses_standard = save.row["UseStandardPrice"] if save.creating else save.before("UseStandardPrice")
        if uses_standard and "UnitPrice" in save.given and not save.loading:
            message = "When updating a price book entry that uses the standard price, you can't specify a unit price"
            raise ApiError("FIELD_INTEGRITY_EXCEPTION", message, ("UnitPrice",))

    def _check_place(self, save: Save, *, standard: bool) -> None:
        row = save.row
        for other in save.db.table("PricebookEntry").find("Product2Id", row["Product2Id"]):
            if other["Pricebook2Id"] != row["Pricebook2Id"] or not _same_currency(other, row):
                continue
            if not other["IsDeleted"] and other["Id"] != row["Id"]:
                raise ApiError("DUPLICATE_VALUE", "This price definition already exists in this price book")
        if not standard and _standard_price(save) is None:
            raise ApiError("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product")


def _standard_price(save: Save) -> Value:
    for entry in save.db.table("PricebookEntry").find("Product2Id", save.row["Product2Id"]):
        book = save.db.row(entry["Pricebook2Id"])
        if book is not None and book["IsStandard"] and not entry["IsDeleted"] and _same_currency(entry, save.row):
            return entry["UnitPrice"]
    return None


def _same_currency(one: Row, other: Row) -> bool:
    """Whether two entries are in one currency; without the feature all are. UNCONFIRMED for rule 1."""
    return one.get(ISO_CODE) == other.get(ISO_CODE)
