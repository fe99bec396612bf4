"""Drives psycopg2 against the embedded coordinator: check.py SERVER."""

import contextlib
import io
import subprocess
import sys
import threading
import time

import psycopg2
import psycopg2.extensions
import psycopg2.extras


@contextlib.contextmanager
def server(*options):
    """Starts the server and yields the arguments of connect."""
    process = subprocess.Popen([sys.argv[1], *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        host, port, user, password, database = process.stdout.readline().split()
        yield dict(host=host, port=port, user=user, password=password, dbname=database, connect_timeout=10)
    finally:
        process.stdin.close()
        if process.wait(timeout=30) != 0:
            raise SystemExit("the server has failed")


def same(got, want):
    if got != want:
        raise SystemExit(f"got {got!r}, want {want!r}")


@contextlib.contextmanager
def fails(kind, text=""):
    try:
        yield
    except kind as e:
        if text not in str(e):
            raise SystemExit(f"{e!r} does not say {text!r}")
    else:
        raise SystemExit(f"no {kind.__name__}")


def manual(connection):
    """The statements of the program in DWS's manual."""
    cursor = connection.cursor()
    cursor.execute("drop table if exists test;" "create table test(id int, name text);")
    connection.commit()
    cursor.execute("insert into test values(1,'number1');")
    cursor.execute("insert into test values(2,'number2');")
    cursor.execute("insert into test values(3,'number3');")
    connection.commit()
    cursor.execute("select * from test order by 1;")
    same(cursor.fetchall(), [(1, "number1"), (2, "number2"), (3, "number3")])
    cursor.execute("update test set name = 'numberupdated' where id=1;")
    connection.commit()
    same(cursor.rowcount, 1)
    cursor.execute("select * from test order by 1;")
    same(cursor.fetchall(), [(1, "numberupdated"), (2, "number2"), (3, "number3")])
    cursor.execute("delete from test where id=3;")
    connection.commit()
    same(cursor.rowcount, 1)
    cursor.execute("select * from test order by 1;")
    same(cursor.fetchall(), [(1, "numberupdated"), (2, "number2")])
    # The way around the transaction that psycopg2 begins by itself.
    cursor.execute("end; select * from test order by 1;")
    same(len(cursor.fetchall()), 2)
    connection.rollback()


def table(connection, how):
    """Rows of the manual's table, those that are supported and those that are not."""
    same(connection.server_version, 90204)
    same(connection.get_parameter_status("server_encoding"), "UTF8")
    same(connection.encoding, "UTF8")
    same(connection.get_backend_pid() > 0, True)
    same(connection.get_transaction_status(), psycopg2.extensions.TRANSACTION_STATUS_IDLE)

    cursor = connection.cursor()
    cursor.executemany("insert into test values (%s, %s)", [(10, "it's"), (11, None), (12, "日本 \\ %")])
    same(cursor.mogrify("select %s, %s", ("a'b", 1)), b"select 'a''b', 1")
    cursor.execute("select name from test where id = any(%s) order by id", ([10, 11, 12],))
    same(cursor.fetchmany(2), [("it's",), (None,)])
    same(cursor.fetchone(), ("日本 \\ %",))
    same([column.name for column in cursor.description], ["name"])
    connection.commit()

    cursor.copy_from(io.StringIO("20;twenty\n21;NULL\n"), "test", sep=";", null="NULL", columns=("id", "name"))
    out = io.StringIO()
    cursor.copy_expert("copy (select id, name from test where id >= 20 order by id) to stdout with csv header", out)
    same(out.getvalue(), "id,name\n20,twenty\n21,\n")
    cursor.execute("delete from test where id < 20")
    out = io.StringIO()
    cursor.copy_to(out, "test", sep="|", null="-")
    same(sorted(out.getvalue().splitlines()), ["20|twenty", "21|-"])
    connection.rollback()

    with connection.cursor("named") as named:
        named.itersize = 2
        named.execute("select id from test order by id")
        same([row[0] for row in named], [1, 2, 10, 11, 12])
    connection.rollback()

    with fails(psycopg2.errors.UniqueViolation):
        cursor.execute("create table once (id int primary key)")
        cursor.execute("insert into once values (1)")
        cursor.execute("insert into once values (1)")
    with fails(psycopg2.errors.InFailedSqlTransaction):
        cursor.execute("select 1")
    connection.rollback()
    with fails(psycopg2.errors.UndefinedTable):
        cursor.execute("select 1 from once")
    connection.rollback()

    timer = threading.Timer(0.2, connection.cancel)
    timer.start()
    began = time.monotonic()
    with fails(psycopg2.errors.QueryCanceled):
        cursor.execute("select pg_sleep(30)")
    same(time.monotonic() - began < 10, True)
    timer.join()
    connection.rollback()

    for statement, kind in [
        ("discard all", psycopg2.errors.FeatureNotSupported),
        ("listen x", psycopg2.errors.FeatureNotSupported),
        ("notify x", psycopg2.errors.FeatureNotSupported),
        ("select lo_create(0)", psycopg2.errors.FeatureNotSupported),
        ("prepare transaction 'x'", psycopg2.errors.FeatureNotSupported),
        ("declare c scroll cursor for select 1", psycopg2.errors.FeatureNotSupported),
        ("declare c cursor with hold for select 1", psycopg2.errors.FeatureNotSupported),
        ("set default_transaction_read_only = on", psycopg2.DatabaseError),
    ]:
        with fails(kind):
            cursor.execute(statement)
        connection.rollback()
    with fails(psycopg2.errors.FeatureNotSupported):
        connection.reset()
    connection.rollback()
    with fails(psycopg2.errors.FeatureNotSupported):
        connection.tpc_begin("gid")
        cursor.execute("select 1")
        connection.tpc_prepare()
    connection.close()

    again = psycopg2.connect(**how)
    again.autocommit = True
    with again.cursor(cursor_factory=psycopg2.extras.DictCursor) as cursor:
        cursor.execute("drop table test")
        cursor.execute("create table t (b bytea, n numeric(10, 2), at timestamptz, d date, f float8, y bool) distribute by roundrobin")
        cursor.execute("insert into t values (%s, %s, %s, %s, %s, %s) returning n", (psycopg2.Binary(b"\x00\xff'\\"), "1.005", "2024-05-06 07:08:09.123456+00", "2024-02-29", 0.1, True))
        same(str(cursor.fetchone()["n"]), "1.01")
        cursor.execute("select * from t")
        row = cursor.fetchone()
        same(bytes(row["b"]), b"\x00\xff'\\")
        same((row["at"].isoformat(), row["d"].isoformat(), row["f"], row["y"]), ("2024-05-06T07:08:09.123456+00:00", "2024-02-29", 0.1, True))
        cursor.execute("drop table t")
    again.close()


with server("-password_encryption_type", "1") as how:
    connection = psycopg2.connect(**how)
    manual(connection)
    table(connection, how)
    with fails(psycopg2.OperationalError, "Invalid username/password,login denied."):
        psycopg2.connect(**{**how, "password": "wrong"})
    with fails(psycopg2.OperationalError, "Invalid username/password,login denied."):
        psycopg2.connect(**{**how, "user": "nobody"})
    with fails(psycopg2.OperationalError, 'database "nowhere" does not exist'):
        psycopg2.connect(**{**how, "dbname": "nowhere"})
with server("-password_encryption_type", "0", "-tls") as how:
    connection = psycopg2.connect(**how, sslmode="require")
    same(connection.info.ssl_in_use, True)
    connection.close()
# What the manual warns of: a password that is stored for SHA256 alone.
with server("-password_encryption_type", "2") as how:
    with fails(psycopg2.OperationalError, "SASL"):
        psycopg2.connect(**how)
print("psycopg2", psycopg2.__version__.split()[0], "finds DWS")
