"""The loopback Salesforce: an in-memory org behind the REST API.

What belongs here: everything needed to answer a Salesforce client on loopback. Nothing is re-exported; import from the
modules (`org.SalesforceOrg`, `app.create_app`).
"""
