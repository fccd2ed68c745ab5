"""The XML names of the company's data: objects, fields, relationships, and how values read and look there."""
