"""Keeps customers, contacts, products, prices and stock in agreement between Sage Intacct and Salesforce."""

__version__ = "0.1.0"
