"""Drives TDengine's official Python client, taos-ws-py, against the server at the
address in the first argument. Exits with status 1 at the first difference."""

import sys

import taosws

address = sys.argv[1]
checks = 0


def same(what, got, want):
    global checks
    checks += 1
    if got != want:
        sys.exit(f"{what}\n got {got!r}\nwant {want!r}")


def refused(what, error, part, run):
    global checks
    checks += 1
    try:
        run()
    except error as e:
        if part not in str(e):
            sys.exit(f"{what}: {e!r} has no {part!r}")
        return
    sys.exit(f"{what}: no {error.__name__}")


def rows(result):
    return [tuple(row) for row in result]


def texts(result):
    return [tuple(str(v) for v in row) for row in result]


conn = taosws.connect(f"taos+ws://root:taosdata@{address}")
same("create", conn.execute("create database power precision 'us'"), 0)
conn.close()
refused("password", taosws.ConnectionError, "Authentication failure",
        lambda: taosws.connect(f"taos+ws://root:wrong@{address}").execute("select 1"))

conn = taosws.connect(f"taos+ws://root:taosdata@{address}/power")
conn.execute("create table t (ts timestamp, b bool, i int, u bigint unsigned, f float, d double, "
             "v varchar(20), n nchar(20), x varbinary(20), c decimal(20,4))")
same("insert", conn.execute(
    r"insert into t values (1700000000000001, true, -7, 18446744073709551615, 1.5, 2.25, 'text', '中文😀', '\x01ff', 123.4567)"
    r"(1700000000000002, null, null, null, null, null, null, null, null, null)"), 2)

result = conn.query("select * from t order by ts")
same("fields", [str(f) for f in result.fields][:3],
     ["{name: ts, type: TIMESTAMP, bytes: 8}", "{name: b, type: BOOL, bytes: 1}", "{name: i, type: INT, bytes: 4}"])
got = rows(result)
same("a row", [str(v) for v in got[0]],
     ["2023-11-14 22:13:20.000001 +00:00", "True", "-7", "18446744073709551615", "1.5", "2.25", "text", "中文😀", r"b'\x01\xff'", "123.4567"])
same("a row of NULLs", got[1][1:], (None,) * 9)
same("rows", len(got), 2)
same("with a request id", rows(conn.query_with_req_id("select count(*) from t", 4711)), [(2,)])
same("write with a request id", conn.execute_with_req_id("insert into t (ts, i) values (1700000000000003, 9)", 4712), 1)
refused("no such table", taosws.QueryError, "0x2603", lambda: conn.query("select * from nosuch"))
refused("syntax", taosws.QueryError, "0x2600", lambda: conn.query("selec"))

cursor = conn.cursor()
cursor.execute("select i, v from t order by ts")
same("description", [d[0] for d in cursor.description], ["i", "v"])
# After fetchone this version's fetchall returns nothing, on any server.
same("fetchone", tuple(cursor.fetchone()), (-7, "text"))
cursor.close()
cursor = conn.cursor()
cursor.execute("select i, v from t order by ts")
same("fetchall", [tuple(r) for r in cursor.fetchall()], [(-7, "text"), (None, None), (9, None)])
same("cursor write", cursor.execute("insert into t (ts, i) values (1700000000000004, 1)"), 1)
cursor.close()

conn.execute("create stable st (ts timestamp, i int, n nchar(20)) tags (t1 int, t2 nchar(20))")
stmt = conn.statement()
stmt.prepare("insert into ? using st tags(?, ?) values(?, ?, ?)")
stmt.set_tbname_tags("a", [taosws.int_to_tag(1), taosws.nchar_to_tag("标签")])
stmt.bind_param([
    taosws.micros_timestamps_to_column([1700000000000001, 1700000000000002]),
    taosws.ints_to_column([1, None]),
    taosws.nchar_to_column(["一", None]),
])
stmt.add_batch()
same("statement", stmt.execute(), 2)
stmt.close()

stmt2 = conn.stmt2_statement()
stmt2.prepare("insert into ? using st tags(?, ?) values(?, ?, ?)")
stmt2.bind([
    taosws.stmt2_bind_param_view("b", [taosws.int_to_tag(2), taosws.nchar_to_tag("b")], [
        taosws.micros_timestamps_to_column([1700000000000003]),
        taosws.ints_to_column([5]),
        taosws.nchar_to_column(["二"]),
    ]),
    taosws.stmt2_bind_param_view("c", [taosws.int_to_tag(3), taosws.nchar_to_tag("c")], [
        taosws.micros_timestamps_to_column([1700000000000004]),
        taosws.ints_to_column([7]),
        taosws.nchar_to_column([None]),
    ]),
])
same("stmt2", stmt2.execute(), 2)
stmt2.prepare("select i, n, t2, tbname from st where i >= ? and t1 < ? order by ts")
stmt2.bind([taosws.stmt2_bind_param_view(None, None, [taosws.ints_to_column([1]), taosws.ints_to_column([3])])])
stmt2.execute()
same("stmt2 query", rows(stmt2.result_set()), [(1, "一", "标签", "a"), (5, "二", "b", "b")])
stmt2.close()

values = ",".join(f"({1700000000000000 + i}, {i})" for i in range(10000))
conn.execute("create table big (ts timestamp, v int)")
same("many rows", conn.execute("insert into big values " + values), 10000)
same("many blocks", sum(r[0] for r in conn.query("select v from big")), 49995000)
conn.close()
print(f"taos-ws-py {taosws.__version__}: {checks} checks")
