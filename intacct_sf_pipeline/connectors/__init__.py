"""The wire: how Sage Intacct and Salesforce are spoken to. Implements `engine/ports.py`; nothing here decides what to
sync.
"""
