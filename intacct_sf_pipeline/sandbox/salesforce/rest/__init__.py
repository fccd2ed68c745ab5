"""The REST resources under `/services/data`, as functions from a call to a reply; composite requests reuse them."""
