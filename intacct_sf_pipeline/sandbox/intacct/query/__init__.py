"""The query service: filters, expressions, macros, ordering, paging, aggregates. Reads the store, writes nothing."""
