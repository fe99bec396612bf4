"""Drives py-opengauss against the embedded coordinator: check.py SERVER."""

import contextlib
import subprocess
import sys

import py_opengauss
import py_opengauss.exceptions as exceptions
from py_opengauss.driver import default


@contextlib.contextmanager
def server(*options):
    """Starts the server and yields what the client needs to connect."""
    process = subprocess.Popen([sys.argv[1], *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        host, port, user, password, database = process.stdout.readline().split()
        yield dict(host=host, port=int(port), user=user, password=password, database=database)
    finally:
        process.stdin.close()
        if process.wait(timeout=30) != 0:
            raise SystemExit("the server has failed")


def connect(how, **other):
    db = default.fit(**{**how, **other})()
    db.connect()
    return db


def same(got, want):
    if got != want:
        raise SystemExit(f"got {got!r}, want {want!r}")


@contextlib.contextmanager
def fails(state):
    try:
        yield
    except exceptions.Exception as e:
        # That of a failed login is told among the reasons of another one.
        if e.code != state and f"CODE: {state}" not in str(e):
            raise SystemExit(f"{e} has code {e.code}, not {state}")
    else:
        raise SystemExit(f"no error {state}")


def story(db):
    same(db.version_info[:3], (9, 2, 4))
    db.execute("drop table if exists story")
    db.execute("create table story (id int primary key, name text, f float8, b bytea, y bool) with (orientation = row) distribute by hash(id)")
    insert = db.prepare("insert into story values ($1, $2, $3, $4, $5)")
    same(insert(1, "it's", 0.1, b"\x00\xff", True)[1], 1)
    insert(2, None, -1e300, None, False)
    same(list(map(tuple, db.prepare("select * from story order by id")())), [(1, "it's", 0.1, b"\x00\xff", True), (2, None, -1e300, None, False)])
    same(db.prepare("select count(*) from story where f < $1").first(0.0), 1)
    same(db.prepare("update story set name = 'new' where id = $1").first(2), 1)
    with db.xact():
        insert(3, "c", None, None, None)
    with contextlib.suppress(KeyError):
        with db.xact():
            insert(4, "d", None, None, None)
            raise KeyError
    same([row[0] for row in db.prepare("select id from story order by id")()], [1, 2, 3])
    with fails("23505"):
        insert(1, "again", None, None, None)
    with fails("42P01"):
        db.prepare("select * from nowhere")
    db.prepare("copy story (id, name) from stdin").load_rows([b"10\tten\n", b"11\t\\N\n"])
    same(list(db.prepare("copy (select id, name from story where id >= 10 order by id) to stdout").rows()), [b"10\tten\n", b"11\t\\N\n"])
    same(db.prepare("delete from story where id >= $1").first(10), 2)
    with fails("0A000"):  # it declares every cursor with SCROLL
        list(db.prepare("select id from story"))
    db.execute("drop table story")


with server() as how:
    db = connect(how)
    story(db)
    db.close()
    with fails("28P01"):
        connect(how, password="wrong")
    with fails("3D000"):
        connect(how, database="nowhere")
with server("-iterations", "2048", "-tls") as how:
    db = connect(how, sslmode="require")
    same(db.prepare("select 1").first(), 1)
    db.close()
with server("-password_encryption_type", "1") as how:
    db = connect(how)
    same(db.prepare("select current_database()").first(), "gaussdb")
    db.close()
with server("-password_encryption_type", "0") as how:
    db = connect(how)  # asked by MD5
    db.close()
print("py-opengauss", ".".join(map(str, py_opengauss.version_info[:3])), "finds DWS")
