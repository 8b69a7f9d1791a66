"""The yardstick asks the engine that the product asks."""

from django.db import connection

from bench.bare import bare_connection


def test_the_driver_is_that_of_the_engine(db):
    with bare_connection() as driver:
        assert (
            type(driver).__module__.split(".")[0]
            == {"sqlite": "sqlite3", "postgresql": "psycopg2"}[connection.vendor]
        )
