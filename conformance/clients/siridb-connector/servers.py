"""Embedded SiriDB servers in a process of their own, see server/main.go."""

import subprocess


class Servers:
    """Starts servers. addresses are their (host, port)."""

    def __init__(self, program, count=1, address="127.0.0.1:0", precision="ms"):
        self.process = subprocess.Popen(
            [program, "-address", address, "-servers", str(count), "-precision", precision],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addresses = []
        for _ in range(count):
            host, _, port = self._line().rpartition(":")
            self.addresses.append((host, int(port)))

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the servers did not start")
        return line.strip()

    def __call__(self, *words):
        """Gives a command and returns the answer."""
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
        self.process.stdin.flush()
        answer = self._line()
        if words[0] != "executed" and answer != "ok":
            raise SystemExit(f"{words}: {answer}")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
