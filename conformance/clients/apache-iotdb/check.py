"""Drives Apache IoTDB's official Python client, apache-iotdb, against a server.

    check.py ADDRESS [-compression]

It works in a database gaugesql_clients, which it drops at the end.
"""

import sys
import threading

import numpy as np
from iotdb.table_session import TableSession, TableSessionConfig
from iotdb.table_session_pool import TableSessionPool, TableSessionPoolConfig
from iotdb.utils.IoTDBConstants import TSDataType
from iotdb.utils.NumpyTablet import NumpyTablet
from iotdb.utils.Tablet import ColumnType, Tablet

address = sys.argv[1]
compression = "-compression" in sys.argv[2:]
database = "gaugesql_clients"
checks = 0


def same(what, got, want):
    global checks
    checks += 1
    if got != want:
        sys.exit(f"{what}: got {got!r}, want {want!r}")


def fails(what, code, f, *args):
    global checks
    checks += 1
    try:
        f(*args)
    except Exception as e:
        if str(code) not in str(e):
            sys.exit(f"{what}: {e!r} has no code {code}")
        return
    sys.exit(f"{what}: no error")


def rows(session, sql):
    """The rows of a query as lists of texts, None for NULL."""
    with session.execute_query_statement(sql) as result:
        list_ = []
        while result.has_next():
            fields = result.next().get_fields()
            list_.append([None if f.get_data_type() is None else f.get_string_value() for f in fields])
        return list_


# A session, its statements and their errors.
session = TableSession(TableSessionConfig(node_urls=[address], enable_compression=compression, time_zone="UTC"))
session.execute_non_query_statement(f"CREATE DATABASE {database}")
fails("twice", 501, session.execute_non_query_statement, f"CREATE DATABASE {database}")
fails("syntax", 700, session.execute_non_query_statement, "SELEKT")
session.execute_non_query_statement(f'USE "{database}"')
for n in range(2):
    session.execute_non_query_statement(
        f"CREATE TABLE table{n} (id1 STRING TAG, attr1 STRING ATTRIBUTE, m1 DOUBLE FIELD)"
    )
same("tables", sorted(r[0] for r in rows(session, "SHOW TABLES")), ["table0", "table1"])
same("desc", rows(session, "DESC table0")[1:], [
    ["id1", "STRING", "TAG"], ["attr1", "STRING", "ATTRIBUTE"], ["m1", "DOUBLE", "FIELD"],
])
fails("login", 801, TableSession, TableSessionConfig(node_urls=[address], password="wrong", enable_compression=compression))

# A pool, two writers with tablets by row and by column.
pool = TableSessionPool(TableSessionPoolConfig(
    node_urls=[address], database=database, max_pool_size=5, fetch_size=10, wait_timeout_in_ms=3000,
    enable_compression=compression, time_zone="UTC",
))
names = ["id1", "attr1", "m1"]
types = [TSDataType.STRING, TSDataType.STRING, TSDataType.DOUBLE]
categories = [ColumnType.TAG, ColumnType.ATTRIBUTE, ColumnType.FIELD]
problems = []


def write(n):
    try:
        s = pool.get_session()
        values = [[f"id:{i}", f"attr:{i}", i * 1.0] for i in range(15)]
        s.insert(Tablet(f"table{n}", names, types, values, list(range(15)), categories))
        s.execute_non_query_statement("FLush")
        s.insert(NumpyTablet(
            f"table{n}", names, types,
            [
                np.array([f"id:{i}" for i in range(15, 30)]),
                np.array([f"attr:{i}" for i in range(15, 30)]),
                np.linspace(15.0, 29.0, num=15, dtype=TSDataType.DOUBLE.np_dtype()),
            ],
            np.arange(15, 30, dtype=np.dtype(">i8")), column_types=categories,
        ))
        s.close()
    except Exception as e:
        problems.append(e)


writers = [threading.Thread(target=write, args=(n,)) for n in range(2)]
for w in writers:
    w.start()
for w in writers:
    w.join()
same("writers", problems, [])
s = pool.get_session()
for n in range(2):
    # In pages of 10 rows.
    got = rows(s, f"SELECT id1, attr1, m1 FROM table{n} ORDER BY time")
    same("pages", got, [[f"id:{i}", f"attr:{i}", str(float(i))] for i in range(30)])
    same("count", rows(s, f"SELECT count(*), max(m1) FROM table{n}"), [["30", "29.0"]])
s.close()

# Every type, with NULL.
session.execute_non_query_statement(
    "CREATE TABLE every (tg STRING TAG, b BOOLEAN, i INT32, l INT64, f FLOAT, d DOUBLE, x TEXT, s STRING, ts TIMESTAMP, dt DATE, bl BLOB)"
)
import datetime

session.insert(Tablet(
    "every", ["tg", "b", "i", "l", "f", "d", "x", "s", "ts", "dt", "bl"],
    [TSDataType.STRING, TSDataType.BOOLEAN, TSDataType.INT32, TSDataType.INT64, TSDataType.FLOAT, TSDataType.DOUBLE, TSDataType.TEXT,
     TSDataType.STRING, TSDataType.TIMESTAMP, TSDataType.DATE, TSDataType.BLOB],
    [["a", True, -7, 1 << 40, 0.5, 0.1, "it's", "日本", 1700000000123, datetime.date(2024, 2, 29), b"\x00\xff"]]
    + [["a"] + [None] * 10] * 8,
    list(range(9)), [ColumnType.TAG] + [ColumnType.FIELD] * 10,
))
got = rows(session, "SELECT tg, b, i, l, f, d, x, s, dt, bl FROM every ORDER BY time")
same("values", got[0], ["a", "True", "-7", str(1 << 40), "0.5", "0.1", "it's", "日本", "2024-02-29", "0xff"])
same("NULL", got[8][1:], ["None"] * 9)
same("where", rows(session, "SELECT i FROM every WHERE s = '日本' AND time < 5"), [["-7"]])
same("none", rows(session, "SELECT i FROM every WHERE i > 100"), [])

# A tablet makes what is missing, and leaves out what does not fit.
session.insert(Tablet("made", ["tg", "i"], [TSDataType.STRING, TSDataType.INT32], [["a", 1]], [1], [ColumnType.TAG, ColumnType.FIELD]))
same("made", rows(session, "SELECT tg, i FROM made"), [["a", "1"]])
fails("partly", 507, session.insert, Tablet(
    "made", ["tg", "i", "j"], [TSDataType.STRING, TSDataType.DOUBLE, TSDataType.INT32], [["b", 1.5, 2]], [2],
    [ColumnType.TAG, ColumnType.FIELD, ColumnType.FIELD],
))
same("rest", rows(session, "SELECT tg, j FROM made WHERE tg = 'b'"), [["b", "2"]])

session.execute_non_query_statement("DELETE FROM table0 WHERE time < 10")
same("deleted", rows(session, "SELECT count(*) FROM table0"), [["20"]])
session.execute_non_query_statement(f"DROP DATABASE {database}")
same("databases", [r[0] for r in rows(session, "SHOW DATABASES") if r[0] == database], [])
pool.close()
session.close()
print(f"apache-iotdb, {'compact' if compression else 'binary'} protocol: {checks} checks")
