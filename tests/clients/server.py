"""`cargo local`, or another server, as a child process: where it listens, and the file that its log lines go to."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LOCAL = ("cargo", "local", "--port", "0")

SETTINGS = {
    "RESPONSE_MODE": "stream",
    "COUNT_TOKENS": "off",
    # A stand-in that stalls in mid-stream, or never begins, is given up within the run, not after minutes.
    "STREAM_IDLE_SECONDS": "2",
    "TIME_BUDGET_SECONDS": "6",
    # The checks are about how errors arrive, not about how long the function tries to avoid them.
    "RETRY_BUDGET_SECONDS": "0",
}


class Server:
    """A server on a free port, for the time of a `with` block."""

    def __init__(self, log, command=LOCAL, **settings):
        self.log = log
        self._command = command
        self.url = None
        self._environment = {**os.environ, **SETTINGS, **settings}
        self._process = None

    def __enter__(self):
        with open(self.log, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        greeting = self._process.stdout.readline()
        if "http://" not in greeting:
            self._process.wait()
            raise SystemExit(f"{self._command} did not start: {self.log.read_text()}")
        self.url = greeting.split()[-1]
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
