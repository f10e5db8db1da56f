"""The HTTPS host of the MTA-STS policies: one address and port for all hosts, told apart by SNI and Host.

DIR/https.json: host -> {"faults": {name: argument}, "body": text}. A certificate is DIR/tls/{good,wrong,expired}.pem.
"""

import http.server
import json
import ssl
import sys
import time
from pathlib import Path

PATH = "/.well-known/mta-sts.txt"
BIG = 200_000


class Policies(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hosts = {}

    def do_GET(self):  # noqa: N802 (the name is the library's)
        host = self.hosts.get((self.headers.get("Host") or "").split(":")[0].lower())
        faults = host["faults"] if host else {}
        if "slow" in faults:
            time.sleep(float(faults["slow"]))
        if host is None or self.path != PATH or "status" in faults:
            self.say(int(faults.get("status", 404)), "nothing here\n")
        elif "redirect" in faults and "redirected" not in self.path:
            self.say(301, "", [("Location", f"https://{faults['redirect']}{PATH}")])
        else:
            body = host["body"].replace("\n", "\r\n")
            body += "x" * BIG if "big" in faults else ""
            self.say(200, body, kind=faults.get("type", "text/plain"))

    def say(self, status, body, headers=(), kind="text/plain"):
        data = body.encode()
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Content-Length", str(len(data))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass  # its output is a log that somebody reads when the lab does not come up


class Server(http.server.ThreadingHTTPServer):
    """The handshake in the thread of its connection: one client that says nothing must not hold up the others."""

    daemon_threads = True
    request_queue_size = 64
    context = None

    def finish_request(self, request, client_address):
        try:
            request.settimeout(30)
            with self.context.wrap_socket(request, server_side=True) as link:
                self.RequestHandlerClass(link, client_address, self)
        except OSError:
            pass

    def handle_error(self, request, client_address):
        pass


def main(argv):
    directory, address = Path(argv[0]), argv[1]
    Policies.hosts = json.loads((directory / "https.json").read_text(encoding="utf-8"))
    contexts = {}
    for kind in ("good", "wrong", "expired"):
        contexts[kind] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[kind].load_cert_chain(directory / "tls" / f"{kind}.pem", directory / "tls" / f"{kind}.key")

    def choose(link, name, _):
        host = Policies.hosts.get((name or "").lower(), {"faults": {}})
        link.context = contexts[host["faults"].get("certificate", "good")]

    contexts["good"].sni_callback = choose
    Server.context = contexts["good"]
    Server((address, 443), Policies).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
