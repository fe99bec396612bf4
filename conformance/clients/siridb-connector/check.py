"""Drives SiriDB's official Python client against embedded servers: values, every
exception, several servers. Exits with status 1 at the first difference."""

import asyncio
import logging
import math
import sys

import siridb.connector as connector
from siridb.connector import MILLISECOND, SECOND, SiriDBClient
from siridb.connector.lib.exceptions import (
    AuthenticationError, InsertError, PoolError, QueryError, UserAuthError)

from servers import Servers

checks = 0
T = 1700000000000
logging.disable(logging.CRITICAL)


def same(what, got, want):
    global checks
    checks += 1
    if got != want:
        sys.exit(f"{what}\n got {got!r}\nwant {want!r}")


async def refused(what, error, part, awaitable):
    global checks
    checks += 1
    try:
        await awaitable
    except error as e:
        if part not in str(e):
            sys.exit(f"{what}: {e!r} has no {part!r}")
        return
    sys.exit(f"{what}: no {error.__name__}")


def client(servers, options=(), user="iris", password="siri", database="dbtest", **more):
    hosts = [(*a, dict(o)) for a, o in zip(servers.addresses, list(options) + [{}] * len(servers.addresses))]
    return SiriDBClient(user, password, database, hosts, **more)


async def values(servers):
    siri = client(servers, keepalive=False)
    same("connect", await siri.connect(), [None])
    same("connected", (siri.connected, siri.is_closed), (True, False))
    points = {
        "int": [[T, 0], [T + 1, -1], [T + 2, 2**63 - 1], [T + 3, -2**63]],
        "flt": [[T, 0.1], [T + 1, math.inf], [T + 2, 1e308]],
        "str": [[T, ""], [T + 1, "text"], [T + 2, "é☃" * 100]],
    }
    same("insert", await siri.insert(points), {"success_msg": "Successfully inserted 10 point(s)."})
    same("select", await siri.query("select * from /.*/"), points)
    same("as a list", await siri.insert([{"name": "it's \"q\"", "points": [[T, 1]]}]),
         {"success_msg": "Successfully inserted 1 point(s)."})
    same("quotes", await siri.query("select * from 'it''s \"q\"'"), {"it's \"q\"": [[T, 1]]})
    same("precision", await siri.query("select * from 'it''s \"q\"'", time_precision=MILLISECOND), {"it's \"q\"": [[T, 1]]})
    # The server's scaling is off by what a 32 bit float lacks.
    same("wrong precision", await siri.query("select * from 'it''s \"q\"'", time_precision=SECOND), {"it's \"q\"": [[1700000080, 1]]})
    same("aggregates", await siri.query("select mean(1h) prefix 'mean ', count() prefix 'n ' from 'flt' before " + str(T + 1)),
         {"mean flt": [[1700002800000, 0.1]], "n flt": [[T, 1]]})
    same("list", await siri.query("list series name, length, type where type == string"),
         {"columns": ["name", "length", "type"], "series": [["str", 3, "string"]]})
    same("count", await siri.query("count series"), {"series": 4})
    same("show", await siri.query("show dbname, time_precision"),
         {"data": [{"name": "dbname", "value": "dbtest"}, {"name": "time_precision", "value": "ms"}]})
    timed = await siri.query("timeit count users")
    same("timeit", (timed["users"], list(timed["__timeit__"][0])), (1, ["server", "time"]))
    same("many", await siri.insert({f"many.{i}": [[T + j, j] for j in range(100)] for i in range(100)}),
         {"success_msg": "Successfully inserted 10000 point(s)."})
    many = await siri.query("select * from /many.*/")
    same("many points", (len(many), sum(len(p) for p in many.values())), (100, 10000))
    same("in flight", [r["calc"] for r in await asyncio.gather(*(siri.query(f"{i} + 1") for i in range(200)))], list(range(1, 201)))
    same("create", await siri.query("create user 'weak' set password 'weak'"), {"success_msg": "Successfully created user 'weak'."})

    await refused("syntax", QueryError, "Query error at position 0", siri.query("selec"))
    await refused("semantics", QueryError, "Cannot use mean() on string type.", siri.query("select mean() from 'str'"))
    await refused("null", InsertError, "Unsupported value", siri.insert({"x": [[T, None]]}))
    await refused("overflow", (OverflowError, SystemError), "", siri.insert({"x": [[T, 2**64]]}))
    weak = client(servers, user="weak", password="weak")
    await weak.connect()
    await refused("rights", UserAuthError, "no 'select' privileges", weak.query("select * from *"))
    weak.close()
    for text, more in (("Invalid credentials", {"password": "wrong"}), ("Unknown database", {"database": "nodb"})):
        other = client(servers, **more)
        same(text, [(type(e), str(e)) for e in await other.connect()], [(AuthenticationError, text)])
        other.close()
    servers("fault", 0, "query", "lose-reply")
    await refused("timeout", asyncio.TimeoutError, "", siri.query("now", timeout=0.3))
    same("after a timeout", await siri.query("1"), {"calc": 1})
    siri.close()
    same("closed", siri.is_closed, True)


async def failover(servers):
    siri = client(servers, ({"weight": 3}, {"weight": 1}, {"backup": True}), inactive_time=1, max_wait_retry=1)
    same("connect", await siri.connect(), [None] * 3)

    async def insert(n, name):
        for i in range(n):
            await siri.insert({name: [[T + i, i]]})
        points = (await siri.query(f"select * from '{name}'"))[name]
        same(name, points, [[T + i, i] for i in range(n)])

    async def connected(n):
        for _ in range(100):
            if sum(c.connected for c in siri._connections) == n:
                return
            await asyncio.sleep(0.05)
        sys.exit(f"not {n} connections")

    await insert(50, "all up")
    servers("stop", 0)
    await connected(2)
    await insert(50, "one down")
    servers("stop", 1)
    await connected(1)
    await insert(50, "on the backup")
    servers("resume", 0)
    await connected(2)
    await insert(50, "one back")
    servers("resume", 1)
    await connected(3)
    servers("status", 0, 9)  # backup mode: 67, which means another server
    await insert(50, "backup mode")
    servers("status", 0, 1)
    servers("fault", 0, "query", "restart")
    servers("fault", 1, "query", "drop-before")
    for i in range(40):
        same("through a restart", await siri.query(f"{i}"), {"calc": i})
    siri.close()


async def pools(servers):
    siri = client(servers, inactive_time=1)
    await siri.connect()
    servers("status", 0, 3)
    task = asyncio.ensure_future(siri.query("select * from *", timeout=3))
    await asyncio.sleep(0.5)
    # With its only server away the client finds none, and says so.
    await refused("no server", PoolError, "", task)
    servers("status", 0, 1)
    await asyncio.sleep(1.2)
    same("released", await siri.query("count series"), {"series": 0})
    siri.close()


def synchronous(servers):
    host, port = servers.addresses[0]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # of the client's futures, which take the current one
    siri = connector.connect("iris", "siri", "dbtest", host=host, port=port, loop=loop)
    same("synchronous insert", siri.insert({"s": [[T, 1]]}), {"success_msg": "Successfully inserted 1 point(s)."})
    same("synchronous query", siri.query("select * from 's'"), {"s": [[T, 1]]})
    siri.close()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


with Servers(sys.argv[1]) as one:
    asyncio.run(values(one))
with Servers(sys.argv[1], count=3) as three:
    asyncio.run(failover(three))
with Servers(sys.argv[1]) as one:
    asyncio.run(pools(one))
    synchronous(one)
print(f"siridb-connector: {checks} checks")
