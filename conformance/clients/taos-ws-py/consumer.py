"""Drives the consumer of TDengine's official Python client, taos-ws-py, against the
server at the address in the first argument. Exits with status 1 at the first
difference. It makes a database gaugesql_tmq and topics gaugesql_tmq_*."""

import sys
import time

import taosws

address = sys.argv[1]
checks = 0


def same(what, got, want):
    global checks
    checks += 1
    if got != want:
        sys.exit(f"{what}\n got {got!r}\nwant {want!r}")


conn = taosws.connect(f"taos+ws://root:taosdata@{address}")


def clean():
    for k in range(40):  # a topic is let go of some time after its last consumer
        try:
            for topic in ["gaugesql_tmq_st", "gaugesql_tmq_q"]:
                conn.execute(f"drop topic if exists {topic}")
            conn.execute("drop database if exists gaugesql_tmq")
            return
        except taosws.Error:
            time.sleep(0.5)
    sys.exit("the topics cannot be dropped")


clean()
conn.execute("create database gaugesql_tmq vgroups 2")
conn.execute("create stable gaugesql_tmq.st (ts timestamp, i int, n nchar(20)) tags (t int)")
conn.execute("create topic gaugesql_tmq_st as stable gaugesql_tmq.st")
conn.execute("create topic gaugesql_tmq_q as select ts, i from gaugesql_tmq.st where i > 1")
for k in range(4):
    conn.execute(f"insert into gaugesql_tmq.d{k} using gaugesql_tmq.st tags ({k}) values (now, {k}, '一{k}')")


def consumer(group, **more):
    conf = {"td.connect.websocket.scheme": "ws", "td.connect.ip": address.split(":")[0], "td.connect.port": address.split(":")[1],
            "td.connect.user": "root", "td.connect.pass": "taosdata", "group.id": group, "client.id": "c",
            "auto.offset.reset": "earliest", "enable.auto.commit": "false"}
    conf.update(more)
    return taosws.Consumer(conf)


def drain(c, want, commit=False):
    """Polls until there are so many rows, and once more."""
    found, end = {}, time.monotonic() + 20
    while time.monotonic() < end:
        message = c.poll(timeout=0.3)
        if message is None:
            if len(found) >= want:
                break
            continue
        for block in message:
            for row in block.fetchall():
                found[row[1]] = tuple(str(v) for v in row[1:])
        if commit:
            c.commit(message)
    return found


group = f"g{time.time_ns()}"
c = consumer(group)
c.subscribe(["gaugesql_tmq_st"])
same("topics", c.list_topics(), ["gaugesql_tmq_st"])
same("rows", drain(c, 4), {k: (str(k), f"一{k}") for k in range(4)})
assigned = c.assignment()
same("topics assigned", [a.topic() for a in assigned], ["gaugesql_tmq_st"])
parts = assigned[0].assignments()
same("vgroups assigned", len(parts), 2)
for part in parts:
    at = c.position("gaugesql_tmq_st", part.vg_id())
    same("position behind the begin", at > part.begin(), True)
    c.seek("gaugesql_tmq_st", part.vg_id(), part.begin())
same("rows again", len(drain(c, 4, commit=True)), 4)
committed = [c.committed("gaugesql_tmq_st", p.vg_id()) for p in parts]
same("committed", all(o >= 0 for o in committed), True)
for part, offset in zip(parts, committed):
    c.commit_offset("gaugesql_tmq_st", part.vg_id(), offset)
c.unsubscribe()

c = consumer(group + "q")
c.subscribe(["gaugesql_tmq_q"])
same("rows of the query", sorted(drain(c, 2)), [2, 3])
c.unsubscribe()
clean()
print(f"taos-ws-py {taosws.__version__}: {checks} checks of the consumer")
