"""Mistakes people make in the configuration: file text, place (line:column), what is told, and what would be right."""

MISTAKES: list[tuple[str, str, str, str]] = [
    ("entites: {}", "2:1", "unknown section 'entites'", "entities"),
    ("policies: [1]", "2:1", "has to hold keys", ""),
    ("entities:\n  accounts:\n    tei: intacct", "4:5", "unknown key 'tei'", "tie"),
    ("entities:\n  accounts:\n    tie: salesfroce", "4:5", "'tie' cannot be 'salesfroce'", "did you mean 'salesforce'"),
    ("entities:\n  accounts:\n    fields:\n      phone: {type: fone}", "5:15", "'type' cannot be 'fone'", "phone"),
    ("entities:\n  accounts:\n    fields:\n      phone: {conflct: hold}", "5:15", "unknown key 'conflct'", "conflict"),
    ("entities:\n  accounts:\n    fields:\n      vat: {intacct: taxId}", "5:7", "'salesforce' is missing", "Add it"),
    (
        "entities:\n  accounts:\n    fields:\n      name: {required: maybe}",
        "5:14",
        "'required' cannot be 'maybe'",
        "true or false",
    ),
    ("entities:\n  accounts:\n    fields:\n      nothing: null", "5:7", "cannot be removed", "Known"),
    ("entities:\n  accounts:\n    intacct: {feed: custmers}", "4:15", "no intacct feed 'custmers'", "customers"),
    (
        "entities:\n  accounts:\n    salesforce: {related: [{feed: nots, alias: Note, local: Id, foreign: ParentId}]}",
        "4:29",
        "no salesforce feed 'nots'",
        "notes",
    ),
    (
        "entities:\n  accounts:\n    salesforce: {related: [{feed: notes, alias: a.b, local: Id, foreign: ParentId}]}",
        "4:42",
        "holds a dot",
        "Leave",
    ),
    ("entities:\n  accounts:\n    match: [{name: x, fields: [nam]}]", "4:23", "no field 'nam'", "name"),
    ("entities:\n  accounts:\n    match: [{name: external-id, fields: [name]}]", "4:5", "given 2 times", "own name"),
    ("entities:\n  contacts:\n    after: [acounts]", "4:5", "'acounts' is not another entity", "accounts"),
    ("entities:\n  prices:\n    links: product", "4:5", "'product' is not another entity", "products"),
    ("entities:\n  products:\n    after: [prices]", "4:5", "wait for one another", "Remove"),
    ("entities:\n  contacts:\n    cadence: weekly", "4:5", "no cadence 'weekly'", "customers"),
    (
        "entities:\n  contacts:\n    fields:\n      account: {to: acounts}",
        "5:17",
        "'acounts' is not an entity",
        "accounts",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      title: {to: accounts}",
        "5:15",
        "only a reference has 'to'",
        "type: reference",
    ),
    ("entities:\n  contacts:\n    fields:\n      title: {type: reference}", "5:7", "does not say to what", "accounts"),
    (
        "entities:\n  contacts:\n    fields:\n      title: {scale: 2}",
        "5:15",
        "only a decimal has a scale",
        "type: decimal",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      title: {values: {a: b}}",
        "5:15",
        "only an enum has values",
        "type: enum",
    ),
    ("entities:\n  contacts:\n    fields:\n      title: {type: enum}", "5:7", "has no values", "values:"),
    (
        "entities:\n  products:\n    fields:\n      active: {values: {active: true, inactive: TRUE}}",
        "5:16",
        "not one-to-one",
        "own partner",
    ),
    (
        "entities:\n  products:\n    fields:\n      active: {values: {active: A, Active: B}}",
        "5:16",
        "same Intacct value",
        "own partner",
    ),
    (
        "entities:\n  products:\n    fields:\n      item_type: {salesforce: ProductClass}",
        "5:19",
        "ProductClass is read-only",
        "ProductClass__c",
    ),
    (
        (
            "entities:\n  products:\n    fields:\n"
            "      more: {intacct: poDescription, salesforce: Name, direction: to_salesforce}"
        ),
        "5:38",
        "both write salesforce 'Name'",
        "one field",
    ),
    (
        "entities:\n  accounts:\n    fields:\n      city: {direction: to_salesforce}",
        "5:7",
        "travel differently",
        "direction 'both'",
    ),
    (
        "entities:\n  accounts:\n    fields:\n      notes: {direction: both}",
        "5:7",
        "is computed in salesforce",
        "direction",
    ),
    (
        "entities:\n  accounts:\n    fields:\n      name: {intacct: [name, notes]}",
        "5:14",
        "written to 2 intacct fields",
        "street",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      company_name: {direction: both}",
        "5:7",
        "belongs to another object",
        "direction",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      title: {intacct: custmer-contact.categoryName}",
        "5:15",
        "no related feed",
        "customer-contact.categoryName",
    ),
    (
        "entities:\n  stock:\n    fields:\n      as_of: {intacct: {compute: readtime}}",
        "5:25",
        "no computed source 'readtime'",
        "read_time",
    ),
    (
        (
            "entities:\n  stock:\n    fields:\n"
            "      on_hand: {intacct: {compute: quantity, columns: [stock.onHand], expression: stock.onHnd}}"
        ),
        "5:71",
        "names 'stock.onHnd'",
        "stock.onHand",
    ),
    (
        "entities:\n  accounts:\n    salesforce: {create_when: [{column: Type}]}",
        "4:32",
        "exactly one test",
        "starts_with",
    ),
    (
        "entities:\n  accounts:\n    salesforce: {create_when: [{column: Type, equals: a, present: true}]}",
        "4:32",
        "equals and present",
        "Give one",
    ),
    (
        "entities:\n  contacts:\n    intacct: {new_id_template: '{last_name}'}",
        "4:15",
        "may meet an existing one",
        "salesforce_id",
    ),
    (
        "entities:\n  contacts:\n    intacct: {on_create: {printAs: '{first}'}}",
        "4:27",
        "no field 'first'",
        "first_name",
    ),
    ("entities:\n  contacts:\n    intacct: {on_create: {printAs: '{first'}}", "4:27", "is not a template", "braces"),
    ("entities:\n  Contacts-2: {}", "3:3", "'cadence' is missing", "Add it"),
    (
        "entities:\n  accounts:\n    fields:\n      VAT No: {intacct: taxId, salesforce: VAT__c}",
        "5:7",
        "cannot name a field",
        "a-z",
    ),
    ("feeds:\n  intacct:\n    items: {read: changes}", "4:5", "names no stamp", "read: all"),
    ("feeds:\n  sage:\n    items: {}", "3:3", "unknown side 'sage'", "intacct"),
    ("limits:\n  acounts: {create: 1}", "3:3", "'acounts' is not an entity", "accounts"),
    ("limits:\n  accounts: {create: -1}", "3:14", "'create' cannot be '-1'", "greater than or equal to 0"),
    ("limits:\n  accounts: {create: many}", "3:14", "'create' cannot be 'many'", "whole number"),
    ("schedule: {holidays: [soon]}", "2:23", "'holidays' cannot be 'soon'", "2027-01-01"),
    ("schedule: {time_zone: Mars}", "2:12", "'Mars' is not a time zone", ""),
    ("policies: {default_region: UK}", "2:12", "UK is not a country", ""),
    ("limits:\n  accounts: {create: {percent: 0}}", "3:23", "'percent' cannot be '0'", "greater than 0"),
    ("limits:\n  accounts: {create: {procent: 5}}", "3:23", "unknown key 'procent'", "percent"),
    ("limits:\n  accounts: {on_exceed: {create: pause}}", "3:26", "'create' cannot be 'pause'", "stop"),
    (
        "entities:\n  accounts:\n    fields:\n      phone: {breaker: {at_least: 0}}",
        "5:15",
        "only a decimal rises and falls",
        "rename_percent",
    ),
    (
        "entities:\n  stock:\n    fields:\n      available: {breaker: {rename_percent: 50}}",
        "5:29",
        "not text that could be renamed",
        "rise_percent",
    ),
    (
        "entities:\n  stock:\n    fields:\n      available: {breaker: {at_least: 5, at_most: 1}}",
        "5:29",
        "no value of 'available'",
        "Exchange",
    ),
    (
        "entities:\n  stock:\n    fields:\n      available: {breaker: {action: stop}}",
        "5:19",
        "bounds nothing",
        "at_least",
    ),
    (
        "entities:\n  stock:\n    fields:\n      as_of: {breaker: {at_least: 5}}",
        "5:15",
        "never compared",
        "Remove",
    ),
    (
        "entities:\n  stock:\n    fields:\n      available: {breaker: {rise_percent: lots}}",
        "5:29",
        "'rise_percent' cannot be 'lots'",
        "",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      title: {type: table}",
        "5:7",
        "the table 'title' has no values",
        "values:",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      title: {type: table, values: {a: X, b: x}}",
        "5:28",
        "not one-to-one",
        "own partner",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      title: {type: table, direction: to_salesforce, values: {a: true}}",
        "5:54",
        "a value that is no text",
        "type: enum",
    ),
    (
        "entities:\n  contacts:\n    fields:\n      title: {currency: phone}",
        "5:15",
        "only a decimal has a currency",
        "type: decimal",
    ),
    (
        "entities:\n  prices:\n    fields:\n      unit_price: {currency: curency}",
        "5:20",
        "no field 'curency'",
        "product",
    ),
    (
        "entities:\n  prices:\n    fields:\n      unit_price: {currency: product}",
        "5:20",
        "does not give the code of a currency",
        "type: text",
    ),
    (
        (
            "entities:\n  prices:\n    fields:\n"
            "      money: {intacct: x, salesforce: CurrencyIsoCode, direction: to_salesforce, create_only: true}"
        ),
        "3:3",
        "would take a price in one currency for that in another",
        "Add 'money' to its fields",
    ),
    (
        (
            "entities:\n  prices:\n    match: [{name: all, fields: [product, book, money]}]\n    fields:\n"
            "      money: {intacct: x, salesforce: CurrencyIsoCode, direction: to_salesforce}"
        ),
        "6:7",
        "Salesforce sets that once",
        "create_only",
    ),
    (
        "entities:\n  accounts:\n    intacct: {owned_by: {new: entty}}",
        "4:26",
        "no field 'entty'",
        "name",
    ),
    (
        (
            "entities:\n  accounts:\n    intacct: {owned_by: {new: unit}}\n    fields:\n      unit: {intacct: "
            "entity.id, salesforce: Unit__c, direction: to_salesforce, type: table, values: {E1: North, E2: north}}"
        ),
        "4:26",
        "several entities stand for 'North'",
        "one value per entity",
    ),
    (
        "entities:\n  accounts:\n    salesforce: {owned_by: {column: OwnerId}}",
        "4:18",
        "only records of Intacct belong to an entity",
        "Owner.Username",
    ),
    (
        "entities:\n  accounts:\n    fields:\n      unit: {intacct: entity.id, salesforce: Unit__c}",
        "5:7",
        "would move records between entities",
        "owned_by.new",
    ),
    (
        (
            "entities:\n  accounts:\n    fields:\n      boss: {intacct: entity.id, salesforce: Owner.Username, "
            "direction: to_salesforce, type: table, values: {E1: a@b.example}}"
        ),
        "5:7",
        "would empty Owner.Username",
        "when_empty: keep",
    ),
]
