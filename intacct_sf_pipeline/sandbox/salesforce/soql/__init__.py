"""SOQL: grammar and syntax tree, binding to the schema, and evaluation over the store.

Source: salesforce.md section 6.
"""
