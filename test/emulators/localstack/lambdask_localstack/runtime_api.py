"""The Runtime API that one environment talks to: it takes calls from here and brings what came of them."""

import http.server
import re
import threading

PREFIX = "/2018-06-01/runtime"
RESULT = re.compile(PREFIX + r"/invocation/([^/]+)/(response|error)")


class RuntimeApi:
    """A server for one process. `owner` has next_call(), on_result(id, body, failed) and on_init_error(body)."""

    def __init__(self, owner):
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = owner
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer of two small packets would wait 40 ms for an acknowledgement between them.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path != PREFIX + "/invocation/next":
            return self._answer(404)
        call = self.server.owner.next_call()
        if call is None:  # the process is gone
            self.close_connection = True
            return
        self._answer(
            200,
            call.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": call.id,
                "Lambda-Runtime-Deadline-Ms": str(call.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": call.arn,
                "Lambda-Runtime-Trace-Id": call.trace,
            },
        )

    def do_POST(self):
        body = self._body()
        result = RESULT.fullmatch(self.path)
        if result is None and self.path != PREFIX + "/init/error":
            return self._answer(404)
        self._answer(202)
        if result is None:
            self.server.owner.on_init_error(body)
        else:
            self.server.owner.on_result(result[1], body, result[2] == "error")

    def _body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _answer(self, status, body=b"{}", headers=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
