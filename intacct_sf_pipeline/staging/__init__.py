"""The staging database: schema, store, queues, leases, migrations and read models; the only place that imports SQLAlchemy."""
