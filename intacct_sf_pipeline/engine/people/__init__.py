"""What waits for a person: holds, advice, decisions, and the state shown on the Salesforce record."""
