"""The staging database: schema, store, queues, leases, migrations and read models.

Nothing outside it imports SQLAlchemy.
"""
