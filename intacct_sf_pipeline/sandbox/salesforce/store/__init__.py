"""The rows of the org, their indexes, and transactions over them."""
