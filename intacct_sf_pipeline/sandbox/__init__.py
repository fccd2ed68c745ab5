"""Loopback Sage Intacct and Salesforce with seeded data, for the demo, the tests and rehearsals."""
