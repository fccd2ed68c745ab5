"""The data model as data: field and object definitions, and the describe documents made from them."""
