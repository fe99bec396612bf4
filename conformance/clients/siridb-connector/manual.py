"""Runs the program "Quick usage" of siridb-connector's own manual, as it stands in
the installed package, against an embedded server on port 9000, and sees that what
it printed is what the server has."""

import contextlib
import importlib.metadata
import io
import re
import sys

from servers import Servers

manual = importlib.metadata.metadata("siridb-connector").get_payload() or \
    importlib.metadata.metadata("siridb-connector")["Description"]
program = re.search(r"## Quick usage.*?```python\n(.*?)```", manual, re.S).group(1)

with Servers(sys.argv[1], address="127.0.0.1:9000") as servers:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, "quick usage", "exec"), {"__name__": "__main__"})
    printed = out.getvalue().strip()
    if not re.fullmatch(r"\{'some_measurement': \[\[\d{10}, 0\.\d+(e-\d+)?\]\]\}", printed):
        sys.exit(f"quick usage printed {printed!r}")
    # One insert and one query.
    if servers("executed", "some_measurement") != "2":
        sys.exit("not one insert and one query: " + servers("executed", "some_measurement"))
print("quick usage: " + printed)
