"""Fields beside those the reference names, as the live service lists them.

Source: public recordings of 2026 (hotgluexyz/tap-intacct: `query` of CUSTOMER and ITEM with every field of `lookup`)
and the field lists sageintacctsdk asks for. What the store keeps is shown; the others are read as empty.
"""

from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import Column, XmlType, letters


def empty_texts(names: str) -> tuple[Column, ...]:
    """Read-only fields that are always empty here."""
    return tuple(Column(name, f"xml.{name}", _label(name), read_only=True) for name in names.split())


def texts(names: str) -> tuple[Column, ...]:
    """Texts that only the XML door knows."""
    return tuple(Column(name, f"xml.{name}", _label(name)) for name in names.split())


def flags(names: str) -> tuple[Column, ...]:
    """Booleans that only the XML door knows."""
    return tuple(Column(name, f"xml.{name}", _label(name), XmlType.BOOLEAN) for name in names.split())


def numbers(names: str) -> tuple[Column, ...]:
    """Numbers that only the XML door knows."""
    return tuple(Column(name, f"xml.{name}", _label(name), XmlType.DECIMAL) for name in names.split())


def keys(**paths: str) -> tuple[Column, ...]:
    """Record numbers of what a record refers to: XML name -> path of the reference."""
    return tuple(Column(name, f"{path}.key", _label(name), XmlType.INTEGER) for name, path in paths.items())


def _label(name: str) -> str:
    return name.replace("_", " ").replace(".", " ").capitalize()


_HEALTH = letters(("healthy", "Healthy", "H"), ("atRisk", "At risk", "R"), ("escalated", "Escalated", "E"))
LOGINS: tuple[Column, ...] = (
    Column("CREATEDBYLOGINID", "audit.createdByUser.id", "Created by user ID", read_only=True),
    Column("MODIFIEDBYLOGINID", "audit.modifiedByUser.id", "Modified by user ID", read_only=True),
)
PERSON: tuple[Column, ...] = empty_texts(
    "TAXGROUPKEY ENTITYUSECODE SIRET ELECTRONICADDRESS LEGAL_CATEGORY MAIN_ACTIVITY TYPE_OF_COMPANY REGISTERED_CAPITAL"
    " VAT_REGIME TAXIDVALIDATIONDATE GSTREGISTERED TAXCOMPANYNAME TAXADDRESS"
)
CUSTOMER: tuple[Column, ...] = (
    *empty_texts("DATEVID VSOEPRCLSTKEY SERVICERCUSTOMERSYNCSTATUS SI_UUID"),
    *texts(
        "ARINVOICEPRINTTEMPLATEID OEQUOTEPRINTTEMPLATEID OEORDERPRINTTEMPLATEID OELISTPRINTTEMPLATEID"
        " OEINVOICEPRINTTEMPLATEID OEADJPRINTTEMPLATEID OEOTHERPRINTTEMPLATEID"
    ),
    *keys(
        CUSTMESSAGEKEY="customerMessage",
        CUSTREPKEY="salesRepresentative",
        SHIPVIAKEY="shippingMethod",
        TERMSKEY="term",
        ACCOUNTLABELKEY="accountLabel",
        ACCOUNTKEY="defaultRevenueGLAccount",
        CUSTTYPEKEY="customerType",
        PRICESCHEDULEKEY="priceSchedule",
        OFFSETACCOUNTKEY="overrideOffsetGLAccount",
        SUPDOCKEY="attachment",
    ),
    Column("TERRITORYKEY", "territory.id", "Territory key", read_only=True),
    Column("CUSTMESSAGE.MESSAGE", "customerMessage.name", "Customer message"),
    Column("OFFSETGLACCOUNTNOTITLE", "overrideOffsetGLAccount.name", "AR offset account title"),
    Column("ENABLEONLINECARDPAYMENT", "enableOnlineCardPayment", "Enable online card payment"),
    Column("ENABLEONLINEACHPAYMENT", "enableOnlineACHPayment", "Enable online ACH payment"),
    Column("SUBSCRIPTIONENDDATE", "subscriptionEndDate", "Subscription end date"),
    Column("HEALTHSCORE", "customerAccountHealth.healthScore", "Health score"),
    Column("HEALTHSTATUS", "customerAccountHealth.healthStatus", "Health status", words=_HEALTH),
    Column("CHURNRISK", "customerAccountHealth.churnRisk", "Churn risk"),
    *LOGINS,
)
ITEM_TOTALS: tuple[Column, ...] = (
    Column("IONHOLD", "quantityOnHold", "Quantity on hold"),
    Column("IINTRANSIT", "quantityInTransit", "Quantity in transit"),
    Column("IRESERVED", "quantityReserved", "Quantity reserved"),
    Column("IALLOCATED", "quantityAllocated", "Quantity allocated"),
)
"""Their names are UNCONFIRMED (the XML reference, 7.3): switch `item_totals`."""

ITEM: tuple[Column, ...] = (
    *ITEM_TOTALS,
    *flags(
        "ISSUPPLYITEM CNDEFAULTBUNDLE ALLOW_BACKORDER COMPUTEFORSHORTTERM ENABLELANDEDCOST BUYTOORDER AUTOPRINTLABEL"
        " SAFETYITEM RESTRICTEDITEM COMPLIANTITEM ENGINEERINGAPPROVAL QUALITYCONTROLAPPROVAL SALESAPPROVAL GIFTCARD"
        " ENABLEFULFILLMENT CONTRACTENABLED"
    ),
    *texts(
        "CYCLE CNBILLINGTEMPLATENAME CNREVENUETEMPLATENAME CNREVENUE2TEMPLATENAME CNEXPENSETEMPLATENAME"
        " CNEXPENSE2TEMPLATENAME CNMEACATEGORYNAME OFFSETPOGLACCOUNTKEY DEFERREDREVACCTKEY DEFAULTREVRECTEMPLKEY"
        " TAXCODE DEFAULT_CONVERSIONTYPE DEFAULT_WAREHOUSE REVPOSTING REVPRINTING VSOECATEGORY VSOEDLVRSTATUS"
        " VSOEREVDEFSTATUS RENEWALMACROID DEFCONTRACTDELIVERYSTATUS DEFCONTRACTDEFERRALSTATUS THICKNESSUOM AREAUOM"
        " VOLUMEUOM DIAMETERUOM DUROMETER DENSITYUOM UPC12 EAN13 CONDITION ENGINEERINGALERT SPECIFICATION1"
        " SPECIFICATION2 SPECIFICATION3 PRIMARYCOUNTRYOFORIGIN CATALOGREF"
    ),
    *numbers("THICKNESS MINIMUMTHICKNESS MAXIMUMTHICKNESS AREA VOLUME INNERDIAMETER OUTERDIAMETER DENSITY"),
    *empty_texts(
        "RENEWALMACROKEY TAXGROUPKEY TAXGROUP.TAXSOLUTION.SOLUTIONID TAXGROUP.TAXSOLUTIONKEY UOM.INVUOMDETAIL.UNIT"
        " UOM.POUOMDETAIL.UNIT UOM.POUOMDETAIL.CONVFACTOR UOM.SOUOMDETAIL.UNIT UOM.SOUOMDETAIL.CONVFACTOR"
        " ITEMGLGROUP.INCOMEACCOUNT.ACCTNO ITEMGLGROUP.EXPENSEACCOUNT.ACCTNO ITEMGLGROUP.INVENTORYACCOUNT.ACCTNO"
        " ITEMGLGROUP.COGSACCOUNT.ACCTNO ITEMGLGROUP.DEFRRGLACCOUNT.ACCTNO ITEMGLGROUP.OEGLACCOUNT.ACCTNO"
        " ITEMGLGROUP.POGLACCOUNT.ACCTNO"
    ),
    *LOGINS,
)
LOCATION_ENTITY: tuple[Column, ...] = empty_texts(
    "REPORTPRINTAS SUPERVISORID FIRSTMONTH FIRSTMONTHTAX WEEKSTART FEDERALID STARTDATE ENDDATE HAS_IE_RELATION"
    " CUSTOMERID CUSTOMERNAME VENDORID VENDORNAME TAXID ENABLELEGALCONTACT LEGALNAME LEGALADDRESS1 LEGALADDRESS2"
    " LEGALCITY LEGALSTATE LEGALZIPCODE LEGALCOUNTRY OPCOUNTRY ADDRESSCOUNTRYDEFAULT"
)
_PARENT = "PARENTKEY PARENTID"
SETUP: dict[str, str] = {
    "CLASS": f"DESCRIPTION {_PARENT} RECORD_URL",
    "DEPARTMENT": f"{_PARENT} SUPERVISORNAME CUSTTITLE",
    "EMPLOYEE": "SSN LOCATIONID DEPARTMENTID BIRTHDATE STARTDATE ENDDATE EMPLOYEETYPE EMPLOYEETYPE1099TYPE GENDER"
    " TERMINATIONTYPE CONTACT.CONTACTNAME CONTACT.PREFIX CONTACT.FIRSTNAME CONTACT.INITIAL CONTACT.LASTNAME"
    " CONTACT.COMPANYNAME CONTACT.PRINTAS CONTACT.PHONE1 CONTACT.PHONE2 CONTACT.CELLPHONE CONTACT.PAGER CONTACT.FAX"
    " CONTACT.EMAIL1 CONTACT.EMAIL2 CONTACT.URL1 CONTACT.URL2 CONTACT.MAILADDRESS.ADDRESS1"
    " CONTACT.MAILADDRESS.ADDRESS2 CONTACT.MAILADDRESS.CITY CONTACT.MAILADDRESS.STATE CONTACT.MAILADDRESS.ZIP"
    " CONTACT.MAILADDRESS.COUNTRY CONTACT.MAILADDRESS.COUNTRYCODE CURRENCY PAYMETHODKEY CONTACTKEY",
    "GLACCOUNT": "ACCOUNTTYPE NORMALBALANCE CLOSINGTYPE CATEGORY ALTERNATIVEACCOUNT",
    "PROJECT": f"DESCRIPTION CURRENCY PROJECTCATEGORY PROJECTSTATUS {_PARENT} PARENTNAME CUSTOMERKEY CUSTOMERID"
    " CUSTOMERNAME PROJECTTYPE DEPARTMENTNAME LOCATIONID LOCATIONNAME BUDGETID",
    "VENDOR": f"{_PARENT} PARENTNAME DISPLAYCONTACT.CONTACTNAME DISPLAYCONTACT.COMPANYNAME DISPLAYCONTACT.FIRSTNAME"
    " DISPLAYCONTACT.LASTNAME DISPLAYCONTACT.INITIAL DISPLAYCONTACT.PRINTAS DISPLAYCONTACT.PHONE1"
    " DISPLAYCONTACT.PHONE2 DISPLAYCONTACT.EMAIL1 DISPLAYCONTACT.EMAIL2 VENDORACCOUNTNO VENDTYPE ACCOUNTLABEL"
    " APACCOUNT APACCOUNTTITLE",
}
"""Set-up list -> its further fields."""
