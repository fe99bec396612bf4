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
same("create", conn.execute("create database power precision 'us' keep 36500"), 0)
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

# Older statements, a table at a time.
stmt = conn.statement()
stmt.prepare("insert into ? using st tags(?, ?) values(?, ?, ?)")
for k in range(3):
    stmt.set_tbname(f"older{k}")
    stmt.set_tags([taosws.int_to_tag(10 + k), taosws.nchar_to_tag(f"t{k}")])
    stmt.bind_param([
        taosws.micros_timestamps_to_column([1700000000001000 + k]),
        taosws.ints_to_column([100 + k]),
        taosws.nchar_to_column([None]),
    ])
    stmt.add_batch()
same("statement over tables", stmt.execute(), 3)
same("rows affected", stmt.affect_rows(), 3)
stmt.close()
same("tables made", rows(conn.query("select tbname, i, t2 from st where t1 >= 10 order by ts")),
     [("older0", 100, "t0"), ("older1", 101, "t1"), ("older2", 102, "t2")])

# Every type of column by stmt2.
conn.execute("create table kinds (ts timestamp, b bool, i8 tinyint, i16 smallint, i32 int, i64 bigint, u8 tinyint unsigned, "
             "u16 smallint unsigned, u32 int unsigned, u64 bigint unsigned, f float, d double, v varchar(20), n nchar(20), "
             "x varbinary(20), g geometry(100), bl blob)")
stmt2 = conn.stmt2_statement()
stmt2.prepare("insert into kinds values(" + ",".join("?" * 17) + ")")
point = bytes.fromhex("0101000000000000000000f03f0000000000000040")
stmt2.bind([taosws.stmt2_bind_param_view(None, None, [
    taosws.micros_timestamps_to_column([1700000000000001, 1700000000000002]),
    taosws.bools_to_column([True, None]), taosws.tiny_ints_to_column([-1, None]), taosws.small_ints_to_column([-2, None]),
    taosws.ints_to_column([-3, None]), taosws.big_ints_to_column([-4, None]), taosws.unsigned_tiny_ints_to_column([5, None]),
    taosws.unsigned_small_ints_to_column([6, None]), taosws.unsigned_ints_to_column([7, None]),
    taosws.unsigned_big_ints_to_column([2**64 - 1, None]), taosws.floats_to_column([1.5, None]), taosws.doubles_to_column([2.5, None]),
    taosws.varchar_to_column(["abc", None]), taosws.nchar_to_column(["中文😀", None]), taosws.varbinary_to_column([b"\x01\x02\xff", None]),
    taosws.geometry_to_column([point, None]), taosws.blob_to_column([b"\xde\xad", None]),
])])
same("every type", stmt2.execute(), 2)
stmt2.close()
got = rows(conn.query("select * from kinds order by ts"))
same("every type read", got[0][1:], (True, -1, -2, -3, -4, 5, 6, 7, 2**64 - 1, 1.5, 2.5, "abc", "中文😀", b"\x01\x02\xff", point, b"\xde\xad"))
same("every type NULL", got[1][1:], (None,) * 16)

# Lines without a schema: every protocol and precision but microseconds, which this
# version sends as milliseconds, to any server.
protocol, precision = taosws.PySchemalessProtocol, taosws.PySchemalessPrecision
for i, (unit, stamp) in enumerate([
    (precision.Hour, 472222), (precision.Minute, 28333333), (precision.Second, 1700000000), (precision.Millisecond, 1700000000001),
    (precision.Nanosecond, 1700000000000003000),
]):
    conn.schemaless_insert([f"prec,p=p{i} v={i}i32 {stamp}"], protocol.Line, unit, 1, i + 1)
same("precisions", texts(conn.query("select v, _ts from prec order by v")), [
    ("0", "2023-11-14 22:00:00 +00:00"), ("1", "2023-11-14 22:13:00 +00:00"), ("2", "2023-11-14 22:13:20 +00:00"),
    ("3", "2023-11-14 22:13:20.001 +00:00"), ("4", "2023-11-14 22:13:20.000003 +00:00")])
conn.schemaless_insert(["tel.one 1700000000 4 web=a", "tel.one 1700000001000 5 web=b"], protocol.Telnet, precision.Second, 1, 11)
same("telnet", rows(conn.query("select _value, web from tel_one order by _ts")), [(4.0, "a"), (5.0, "b")])
conn.schemaless_insert(['[{"metric":"js","timestamp":1700000000,"value":1.5,"tags":{"h":"x"}}]'], protocol.Json, precision.Second, 1, 12)
same("JSON", rows(conn.query("select _value, h from js")), [(1.5, "x")])
refused("a malformed line", taosws.OperationalError, "0x0203",
        lambda: conn.schemaless_insert(["bad,h=a v=abc 1"], protocol.Line, precision.Second, 1, 13))

values = ",".join(f"({1700000000000000 + i}, {i})" for i in range(10000))
conn.execute("create table big (ts timestamp, v int)")
same("many rows", conn.execute("insert into big values " + values), 10000)
same("many blocks", sum(r[0] for r in conn.query("select v from big")), 49995000)
conn.close()
print(f"taos-ws-py {taosws.__version__}: {checks} checks")
