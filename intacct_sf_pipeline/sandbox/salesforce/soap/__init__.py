"""The SOAP door: `/services/Soap/u/<version>` (partner) and `/c/` (enterprise), for what REST does not offer."""
