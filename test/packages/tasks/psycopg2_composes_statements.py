# with psycopg2
"""What psycopg2 does without a server: types, quoting, composed statements, errors."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import psycopg2
from psycopg2 import errors, extensions, extras, sql

print(psycopg2.apilevel, psycopg2.threadsafety, psycopg2.paramstyle)
for value in (5, 2.5, Decimal("1.50"), date(2024, 1, 2), timedelta(days=1, seconds=5), b"\x00\xff", None, True,
              [1, None, 2], datetime(2024, 1, 2, 3, 4, 5), psycopg2.Binary(b"ab"), float("nan")):
    print(extensions.adapt(value).getquoted())
quoted = extensions.QuotedString("it's \\ ä")
quoted.encoding = "utf-8"
print(quoted.getquoted(), extensions.make_dsn(dbname="a b", user="c"), extensions.parse_dsn("dbname=x port=5"))
print(sql.Composed([sql.SQL("select "), sql.Identifier("a"), sql.SQL(" where b = "), sql.Placeholder("b")]))
print(sql.SQL(", ").join(map(sql.Identifier, "ab")), errors.lookup("23505").__name__)
print(extensions.DATE.name, psycopg2.NUMBER == 23, extensions.new_type((23,), "own", lambda v, c: int(v) + 1)("41", None))
print(extras.Json({"a": 1}).dumps({"b": 2}), extensions.PYINTERVAL("1 day 00:00:05", None))


class Point:
    pass


extensions.register_adapter(Point, lambda p: extensions.AsIs("'(1,2)'"))
print(extensions.adapt(Point()).getquoted())
for wrong in (lambda: extensions.adapt(object()), lambda: psycopg2.connect("host=/nowhere connect_timeout=1"),
              lambda: psycopg2.connect(), lambda: extensions.parse_dsn("x")):
    try:
        wrong()
    except psycopg2.Error as error:
        print(type(error).__name__, str(error).splitlines()[0][:45])
