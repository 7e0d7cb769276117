"""The reference proxy, running: what it passes on, what it keeps to itself, what it turns away, and what it writes down."""

import http.server
import json
import re
import ssl
import subprocess
import threading
import time

import httpx
import pytest

from devservices.state import free_port
from tests.deploy.delivered import DEPLOY
from tests.deploy.programs import found, program

NUMBER = "110101196003070024"


class Application(http.server.BaseHTTPRequestHandler):
    """Answers everything with what came."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = json.dumps(
            {"path": self.path, "headers": {name.lower(): text for name, text in self.headers.items()}}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """The delivered file, with this machine's places; a client of it, and its lines afterwards."""
    folder = tmp_path_factory.mktemp("nginx")
    application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    plain, tls = free_port(), free_port()
    text = (DEPLOY / "proxy" / "nginx.conf").read_text()
    for ours, here in (
        (" /tmp/", f" {folder}/"),
        ("/run/secrets", str(folder)),
        ("server web:8000", f"server 127.0.0.1:{application.server_port}"),
        ("listen 8080", f"listen 127.0.0.1:{plain}"),
        ("listen 8443", f"listen 127.0.0.1:{tls}"),
        ("/dev/stdout", str(folder / "log")),
        ("/dev/stderr", str(folder / "errors")),
    ):
        text = text.replace(ours, here)
    (folder / "nginx.conf").write_text(text)
    certificate(folder)
    for place in (folder, *(above for above in folder.parents if "pytest" in str(above))):
        place.chmod(0o755)  # nginx' workers are nobody here
    server = subprocess.Popen(
        [found("nginx"), "-c", folder / "nginx.conf", "-g", "daemon off;"], stderr=subprocess.PIPE
    )
    context = ssl.create_default_context(cafile=folder / "tls_certificate")
    with httpx.Client(base_url=f"https://127.0.0.1:{tls}", verify=context, headers={"Host": "yidi.example"}) as client:
        answering(client, server)
        yield client, plain, folder
    server.terminate()
    server.communicate(timeout=10)
    application.shutdown()
    application.server_close()


def certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2",
         "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "tls_key", "-out", folder / "tls_certificate"], check=True, capture_output=True,
    )  # fmt: skip


def answering(client, server):
    end = time.monotonic() + 10
    while True:
        try:
            return client.get("/healthz")
        except httpx.TransportError:
            assert server.poll() is None, server.stderr.read().decode()
            assert time.monotonic() < end, "nginx does not answer"
            time.sleep(0.05)


@program("nginx", "nginx-light")
def test_a_caller_is_believed_nothing_of_himself(proxy):
    client, _plain, _folder = proxy
    lies = {
        "X-Forwarded-For": "198.51.100.77", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "Forwarded": "for=1",
        "X-Request-ID": NUMBER, "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=1",
        "baggage": "who=me", "x-tif-paasid": "kept", "Idempotency-Key": "kept too",
    }  # fmt: skip

    passed = client.get("/fsi/api/fsiXX/1101?a=%2F", headers=lies).json()

    headers = passed["headers"]
    assert passed["path"] == "/fsi/api/fsiXX/1101?a=%2F"
    assert (headers["host"], headers["x-forwarded-for"], headers["x-forwarded-proto"]) == (
        "yidi.example",
        "127.0.0.1",
        "https",
    )
    assert {"x-forwarded-host", "forwarded", "traceparent", "tracestate", "baggage"} & headers.keys() == set()
    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])
    assert (headers["x-tif-paasid"], headers["idempotency-key"]) == ("kept", "kept too")


@program("nginx", "nginx-light")
def test_what_is_turned_away(proxy):
    client, plain, _folder = proxy

    assert [client.get(path).status_code for path in ("/metrics", "/readyz", "/healthz")] == [404, 404, 200]
    assert client.post("/admin/x", content=b"x" * (13 * 2**20 + 1)).status_code == 413
    assert client.post("/admin/x", content=b"x" * (12 * 2**20)).status_code == 200
    sent_on = httpx.get(f"http://127.0.0.1:{plain}/api/v1/areas/?q=1", headers={"Host": "yidi.example"})
    assert (sent_on.status_code, sent_on.headers["location"]) == (301, "https://yidi.example/api/v1/areas/?q=1")


@program("nginx", "nginx-light")
def test_nothing_of_anybody_is_written_down(proxy):
    client, _plain, folder = proxy

    client.get(
        f"/api/v1/areas/{NUMBER}/?q={NUMBER}", headers={"User-Agent": NUMBER, "Referer": NUMBER, "X-Request-ID": NUMBER}
    )
    client.get(f"/{NUMBER}")
    time.sleep(0.05)

    written = (folder / "log").read_text() + (folder / "errors").read_text()
    assert NUMBER not in written
    assert "127.0.0.1" not in written
    assert [json.loads(line)["part"] for line in written.splitlines()][-2:] == ["/api/v1/areas/", "other"]
