"""The XML Web Services door (DTD 3.0) to the company: `POST /ia/xml/xmlgw.phtml`."""
