"""The function `query`: its schema, its filters, order and paging, aggregates, and the forms of its answer."""
