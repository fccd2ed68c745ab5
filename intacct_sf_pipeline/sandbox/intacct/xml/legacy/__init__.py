"""The legacy functions for our objects: `create_customer` and its kin, one record each, children in a fixed order."""
