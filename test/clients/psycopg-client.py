"""What a program that uses psycopg 3 does; every statement of it is checked, and the last line says that it is done.

Takes its server from the environment, as libpq does."""

import datetime
import decimal
import ipaddress
import threading
import uuid

import psycopg
from psycopg.rows import class_row, dict_row, namedtuple_row
from psycopg.types.json import Jsonb


def check(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def fails(state, run):
    try:
        run()
    except psycopg.Error as error:
        check(error.sqlstate, state)
        return error
    raise AssertionError(f"it did not fail with {state}")


def types(connection):
    now = datetime.datetime(2026, 11, 21, 10, 11, 12, 345678, datetime.timezone.utc)
    values = [
        *[True, 7, 2**40, decimal.Decimal("1234567890.0987654321"), 1.5, "naïve 😀", b"\x00\xff", None, now],
        *[datetime.date(2026, 2, 28), datetime.timedelta(days=3, seconds=4), [1, 2, None], ["a", 'b"c']],
        *[uuid.UUID(int=7), ipaddress.ip_address("::1"), {"a": [1, None]}],
    ]
    sent = [Jsonb(value) if isinstance(value, dict) else value for value in values]
    for binary in (False, True):
        for value, parameter in zip(values, sent):
            with connection.cursor(binary=binary) as cursor:
                cast = "::text[]" if isinstance(value, list) and "a" in value else ""
                cursor.execute(("select %b" if binary else "select %s") + cast, [parameter])
                check(cursor.fetchone()[0], value)


def statements(connection):
    connection.execute("create temp table items (id int primary key, name text)")
    with connection.cursor() as cursor:
        cursor.executemany("insert into items values (%s, %s)", [(n, f"name {n}") for n in range(500)])
        check(cursor.rowcount, 500)
        cursor.executemany(
            "insert into items values (%s, %s) returning id", [(n, "x") for n in range(500, 503)], returning=True
        )
        check([cursor.fetchone()[0], cursor.nextset(), cursor.fetchone()[0]], [500, True, 501])
    for n in range(12):
        row = connection.execute("select name from items where id = %s", [n], prepare=n > 5).fetchone()
        check(row, (f"name {n}",))
    check(connection.cursor(row_factory=dict_row).execute("select 1 as a").fetchall(), [{"a": 1}])
    check(connection.cursor(row_factory=namedtuple_row).execute("select 1 as a").fetchone().a, 1)
    check(connection.cursor(row_factory=class_row(dict)).execute("select 2 as b").fetchone(), {"b": 2})


def transactions(connection):
    with connection.transaction():
        connection.execute("insert into items values (1000, 'kept')")
        fails("23505", lambda: savepoint(connection))
        check(connection.info.transaction_status.name, "INTRANS")
    try:
        with connection.transaction():
            connection.execute("delete from items")
            raise psycopg.Rollback()
    except psycopg.Rollback:
        pass
    check(connection.execute("select count(*) from items").fetchone(), (504,))
    error = fails("42P01", lambda: connection.execute("select * from nothing"))
    check(error.diag.statement_position, "15")


def savepoint(connection):
    with connection.transaction():
        connection.execute("insert into items values (1000, 'again')")


def copying(connection):
    rows = [(n, f"line\t{n}\n\\", None if n % 3 else n / 7) for n in range(20000)]
    connection.execute("create temp table copied (id int, text text, value float8)")
    with connection.cursor() as cursor:
        with cursor.copy("copy copied from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        check(cursor.rowcount, len(rows))
        with cursor.copy("copy copied to stdout (format binary)") as copy:
            copy.set_types(["int4", "text", "float8"])
            check(list(copy.rows()), rows)
    connection.commit()

    def interrupted():
        with connection.cursor().copy("copy copied from stdin") as copy:
            copy.write_row(rows[0])
            raise KeyError("no more")

    error = fails("57014", interrupted)
    check("no more" in error.diag.message_primary, True)
    connection.rollback()
    check(connection.execute("select count(*) from copied").fetchone(), (len(rows),))
    connection.rollback()


def cursors(connection):
    with connection.transaction(), connection.cursor(name="slow") as cursor:
        cursor.itersize = 70
        cursor.execute("select generate_series(1, 1000)")
        check(sum(row[0] for row in cursor), 500500)
    with connection.transaction(), connection.cursor(name="back", scrollable=True) as cursor:
        cursor.execute("select generate_series(1, 9)")
        cursor.scroll(5)
        check(cursor.fetchone(), (6,))
        cursor.scroll(-3)
        check(cursor.fetchone(), (4,))


def pipeline(connection):
    with connection.pipeline() as pipe:
        found = [connection.execute("select %s::int", [n]) for n in range(50)]
        pipe.sync()
        check([cursor.fetchone()[0] for cursor in found], list(range(50)))
        connection.execute("select 1/%s", [0])
        fails("22012", pipe.sync)


def cancelling(connection):
    canceller = threading.Timer(0.2, connection.cancel)
    canceller.start()
    fails("57014", lambda: connection.execute("select pg_sleep(600)"))
    canceller.join()
    connection.rollback()


def notifications(connection):
    connection.execute("listen python_news")
    with psycopg.connect("", autocommit=True) as other:
        other.execute("notify python_news, 'hello'")
        for notify in connection.notifies():
            check((notify.channel, notify.payload, notify.pid), ("python_news", "hello", other.info.backend_pid))
            break


def two_phase_is_refused(connection):
    fails("55000", lambda: connection.execute("begin; prepare transaction 'x'"))
    connection.execute("rollback")


def main():
    with psycopg.connect("") as connection:
        for part in (types, statements, transactions, copying, cursors, cancelling):
            part(connection)
            connection.commit()
    with psycopg.connect("", autocommit=True) as connection:
        for part in (pipeline, notifications, two_phase_is_refused):
            part(connection)
    print("done")


main()
