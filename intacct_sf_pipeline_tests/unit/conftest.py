"""Property tests here have no deadline: the first example also pays for reading the tables of countries and numbers."""

from hypothesis import settings

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")
