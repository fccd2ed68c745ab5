"""The legacy reads with a text condition: `readByQuery` and `readMore`."""
