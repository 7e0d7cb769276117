"""A small HTTP server that answers what a test tells it to: the other side of our gateways."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

SESSION, TOKEN, SEND = "/sns/jscode2session", "/cgi-bin/stable_token", "/cgi-bin/message/subscribe/send"  # of WeChat


class Server(ThreadingHTTPServer):
    """Remembers what it was asked; answers each path with the next thing it was told, the last one for ever."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.answers = {}
        self.closing = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def will_answer(self, path, *answers):
        """Each answer: an object (as JSON), bytes (as they are), a status number, or `...` for never."""
        self.answers[path] = list(answers)

    def next_answer(self, path):
        waiting = self.answers[path]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = {"method": self.command, "path": address.path, "query": dict(parse_qsl(address.query))}
        asked["json"] = json.loads(body) if body else None
        asked["authorization"] = self.headers.get("Authorization")
        asked["key"] = self.headers.get("Idempotency-Key")
        self.server.asked.append(asked)
        self.say(self.server.next_answer(address.path))

    do_GET = do_POST = answer  # noqa: N815 - the library's names

    def say(self, answer):
        if answer is ...:
            self.server.closing.wait()
            self.close_connection = True
            return
        status = answer if isinstance(answer, int) else 200
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        """Say nothing."""


@contextmanager
def running():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
