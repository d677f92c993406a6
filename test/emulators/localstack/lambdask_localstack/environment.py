"""One execution environment: a child process that runs one call at a time, with a limit on its time and memory."""

import dataclasses
import fcntl
import json
import os
import signal
import struct
import subprocess
import termios
import threading
import time
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from lambdask_localstack.runtime_api import RuntimeApi

RESPONSE_BYTES_MAX = 6 * 1024 * 1024
LOOK_AT_MEMORY_S = 0.05
LOG_LINES_MAX = 4000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def error_body(kind, message):
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


@dataclasses.dataclass
class Call:
    id: str
    payload: bytes
    arn: str
    trace: str
    timeout_s: int
    deadline_ms: int
    # Of (body, failed).
    outcome: Future = dataclasses.field(default_factory=Future)


class InitFailed(Exception):
    def __init__(self, body):
        super().__init__("the environment did not start")
        self.body = body


class Environment:
    def __init__(self, command, variables, folder, memory_mb):
        self._changed = threading.Condition()
        self._ready = Future()
        self._logs = deque(maxlen=LOG_LINES_MAX)
        self._call = self._unread = None
        self._gone = self._out_of_memory = False
        self._memory_bytes = memory_mb * 1024 * 1024
        self._api = RuntimeApi(self)
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**variables, "AWS_LAMBDA_RUNTIME_API": self._api.address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def is_gone(self):
        return self._gone or self._process.poll() is not None

    @property
    def logs(self):
        return "".join(list(self._logs))

    def wait_until_ready(self, timeout_s):
        """Returns once the process asks for its first call; InitFailed if it says it cannot, or does not in time."""
        try:
            self._ready.result(timeout=timeout_s)
        except FutureTimeout:
            self.kill()
            raise InitFailed(error_body("Runtime.InitTimeout", "the runtime asked for no call in time")) from None

    def abandon(self):
        """Ends the process, and whoever waits for it."""
        self._ready.cancel()
        self.kill()

    def kill(self):
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def run(self, call):
        """The body of what came of the call, and whether it failed."""
        with self._changed:
            if self._gone:
                return error_body("Runtime.ExitError", f"RequestId: {call.id} Error: Runtime exited before the call"), True
            self._logs.clear()
            self._call = self._unread = call
            self._changed.notify_all()
        try:
            return self._await(call)
        finally:
            self._let_logs_arrive()
            with self._changed:
                self._call = None

    def _await(self, call):
        end = time.monotonic() + call.timeout_s
        while (left := end - time.monotonic()) > 0:
            try:
                return call.outcome.result(timeout=min(left, LOOK_AT_MEMORY_S))
            except FutureTimeout:
                if not self._out_of_memory and self.resident_bytes() > self._memory_bytes:
                    self._out_of_memory = True
                    self.kill()
        if call.outcome.done():
            return call.outcome.result()
        with self._changed:
            self._call = self._unread = None
        self.kill()
        self._process.wait()
        return error_body("Sandbox.Timedout", f"RequestId: {call.id} Error: Task timed out after {call.timeout_s}.00 seconds"), True

    def resident_bytes(self):
        """The process's own pages; 0 if it is gone or the system does not tell."""
        try:
            with open(f"/proc/{self._process.pid}/statm", encoding="ascii") as facts:
                _, resident, shared, *_ = map(int, facts.read().split())
                return (resident - shared) * PAGE_BYTES
        except OSError:
            return 0

    # What the Runtime API asks and tells.

    def next_call(self):
        if not self._ready.done():
            self._ready.set_result(True)
        with self._changed:
            while self._unread is None and not self._gone:
                self._changed.wait()
            call, self._unread = self._unread, None
            return call

    def on_result(self, call_id, body, failed):
        if not failed and len(body) > RESPONSE_BYTES_MAX:
            message = f"Response payload size ({len(body)} bytes) exceeded maximum allowed payload size ({RESPONSE_BYTES_MAX} bytes)."
            body, failed = error_body("Function.ResponseSizeTooLarge", message), True
        with self._changed:
            call = self._call
            if call is not None and call.id == call_id and not call.outcome.done():
                call.outcome.set_result((body, failed))

    def on_init_error(self, body):
        if not self._ready.done():
            self._ready.set_exception(InitFailed(body))

    # Its process.

    def _watch(self):
        """Reads what the process prints until it ends, then tells everyone who waits for it."""
        for line in self._process.stdout:
            self._logs.append(line.decode("utf-8", "replace"))
        code = self._process.wait()
        kind = "Runtime.OutOfMemory" if self._out_of_memory else "Runtime.ExitError"
        with self._changed:
            self._gone, call = True, self._call
            self._changed.notify_all()
        self.on_init_error(error_body(kind, f"Error: Runtime exited{_how(code)}"))
        if call is not None:
            self.on_result(call.id, error_body(kind, f"RequestId: {call.id} Error: Runtime exited{_how(code)}"), True)
        self._api.close()

    def _let_logs_arrive(self):
        """The process printed before it answered, but the pipe may not be read yet."""
        for _ in range(20):
            try:
                (waiting,) = struct.unpack("i", fcntl.ioctl(self._process.stdout, termios.FIONREAD, b"\0" * 4))
            except (OSError, ValueError):
                return
            if waiting == 0:
                return
            time.sleep(0.001)


def _how(code):
    if code == 0:
        return " without providing a reason"
    if code > 0:
        return f" with error: exit status {code}"
    return f" with error: signal: {'killed' if code == -signal.SIGKILL else signal.Signals(-code).name}"
