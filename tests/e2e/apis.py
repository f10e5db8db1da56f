"""Stand-ins for DNS hosts' HTTP APIs, which nobody can install: stateful, strict, and failing on demand.

    with GoDaddy(lab) as api:
        api.fail("PUT", "/records/MX/", GoDaddy.CUT_AFTER)
        cut = api.project()

What is written there is served: every change goes to the lab's primary by DNS UPDATE, as a host publishes its zones.
A request that the vendor would refuse is refused with the vendor's status; each one is kept in `log`.
"""

import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

from support import Cutover  # it also knows where the lab's own modules are

from labkit import ca, layout

APEX = "treyresearch.com"


class Refused(Exception):
    def __init__(self, status, **body):
        super().__init__(status)
        self.status, self.body = status, body


class Api:
    """One vendor. `rows` is what it has: dicts with id, owner (no final dot), type, ttl, data (zone-file form)."""

    host, provider, credentials = "", "", {}
    THROTTLED, ERROR_BEFORE, ERROR_AFTER, CUT_AFTER, HTML, EDIT_BEFORE = range(6)

    def __init__(self, lab, octet=30):
        self.lab, self.address = lab, f"{lab.env['LAB_NET']}.{octet}"
        self.log, self.faults, self.lock = [], [], threading.Lock()
        self.next_id = 1
        self.rows = []
        for record, ttl in lab.zone().items():
            if record.rrtype != "SOA":
                self.add(record.owner.rstrip("."), record.rrtype, ttl, record.rdata)
        ca.certificate(layout.load(lab.dir), self.host)

    def __enter__(self):
        handler = type("Handler", (Handler,), {"api": self})
        self.server = http.server.ThreadingHTTPServer((self.address, 443), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.lab.dir / "tls" / f"{self.host}.pem", self.lab.dir / "tls" / f"{self.host}.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def project(self):
        """A project whose zone is changed through this API."""
        cut = Cutover(self.lab)
        text = (cut.dir / "cutover.yaml").read_text(encoding="utf-8")
        secrets = ", ".join(f'{name}: "file:{cut.write(name + ".key", value)}"' for name, value in self.credentials.items())
        for name in self.credentials:
            (cut.dir / f"{name}.key").chmod(0o600)
        dns = f"dns:\n  provider: {self.provider}\n  credentials: {{ {secrets} }}\n"
        text, times = re.subn(r"(?m)^dns:\n(?:  .*\n)+", dns, text)
        assert times == 1
        cut.write("cutover.yaml", text.replace("connect_to: {", f"connect_to: {{ {self.host}: {self.address},"))
        return cut

    # -- what it has --

    def add(self, owner, rrtype, ttl, data):
        row = {"id": self.next_id, "owner": owner, "type": rrtype, "ttl": ttl, "data": data}
        self.next_id += 1
        self.rows.append(row)
        return row

    def of(self, owner, rrtype):
        return [row for row in self.rows if (row["owner"], row["type"]) == (owner, rrtype)]

    def replace(self, owner, rrtype, values):
        """values: (ttl, data) pairs."""
        self.rows = [row for row in self.rows if (row["owner"], row["type"]) != (owner, rrtype)]
        for ttl, data in values:
            self.add(owner, rrtype, ttl, data)
        self.publish(owner, rrtype)

    def publish(self, owner, rrtype):
        lines = [f"update delete {owner}. {rrtype}"]
        lines += [f"update add {owner}. {row['ttl']} {rrtype} {row['data']}" for row in self.of(owner, rrtype)]
        self.lab.do("update", stdin="\n".join(lines) + "\n")

    def writes(self):
        return [(method, path) for method, path, status in self.log if method != "GET" and status < 300]

    # -- how it fails --

    def fail(self, method, part, kind, times=1):
        """The next `times` requests of that method whose path holds `part` fail like that."""
        self.faults += [(method, part, kind)] * times

    def take_fault(self, method, path):
        for i, (m, part, kind) in enumerate(self.faults):
            if m == method and part in path:
                del self.faults[i]
                return kind
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api = None

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        data = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        self.api.log.append((self.command, self.path, status))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if data:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_request(self):
        size = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(size)
        url = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(url.path), dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        with self.api.lock:
            fault = self.api.take_fault(self.command, path)
            self.serve(fault, path, query, json.loads(text) if text else None)

    def serve(self, fault, path, query, body):
        api = self.api
        if fault == Api.THROTTLED:
            return self.answer(429, {"message": "Too many requests", "retryAfterSec": 1}, [("Retry-After", "1")])
        if fault == Api.ERROR_BEFORE:
            return self.answer(500, {"message": "not done"})
        if fault == Api.HTML:
            return self.answer(503, "<html>busy</html>", [("Retry-After", "1")])
        if fault == Api.EDIT_BEFORE:
            api.replace(APEX, "MX", [(3600, "5 mx9.somebody-else.example.")])
        try:
            status, reply, headers = api.request(self.command, path, query, body, self.headers)
        except Refused as no:
            return self.answer(no.status, no.body)
        if fault == Api.ERROR_AFTER:
            return self.answer(500, {"message": "it was done, though"})
        if fault == Api.CUT_AFTER:
            api.log.append((self.command, self.path, 0))
            self.close_connection = True
            return self.connection.shutdown(2)
        return self.answer(status, reply, headers)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request


def need(good, status, **body):
    if not good:
        raise Refused(status, **body)


class GoDaddy(Api):
    """Version 1: RRsets by type and name, no ids, a lowest TTL of 600 (PROVIDERS.md 1)."""

    host, provider = "api.godaddy.com", "godaddy"
    credentials = {"key": "dLDQ_Wg1", "secret": "Sx7kWq"}
    gate = False

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "sso-key dLDQ_Wg1:Sx7kWq", 401, code="UNABLE_TO_AUTHENTICATE",
             message="Unauthorized : Could not authenticate API key/secret")
        need(not self.gate, 403, code="ACCESS_DENIED", message="Authenticated user is not allowed access")
        found = re.fullmatch(rf"/v1/domains/{APEX}/records(?:/([A-Z]+)/(.+))?", path)
        need(found, 404, code="NOT_FOUND", message="no such domain or path")
        if found[1] is None:
            need(method == "GET", 405, code="METHOD", message="not here")
            begin, size = int(query.get("offset", 0)), min(int(query.get("limit", 500)), 500)
            return 200, [self.shown(row) for row in self.rows[begin:begin + size]], ()
        rrtype, owner = found[1], APEX if found[2] == "@" else f"{found[2]}.{APEX}"
        if method == "GET":
            return 200, [self.shown(row) for row in self.of(owner, rrtype)], ()
        need(rrtype not in ("SOA", "NS") or owner != APEX, 409, code="LOCKED", message="the apex NS are ours")
        if method == "DELETE":
            need(self.of(owner, rrtype), 404, code="NOT_FOUND", message="there is no such record")
            self.replace(owner, rrtype, [])
            return 204, None, ()
        need(method == "PUT" and isinstance(body, list) and body, 422, code="INVALID_BODY", message="an array is needed")
        self.replace(owner, rrtype, [self.taken(rrtype, row) for row in body])
        return 200, None, ()

    @staticmethod
    def taken(rrtype, row):
        need(isinstance(row.get("ttl"), int) and row["ttl"] >= 600, 422, code="INVALID_VALUE_ENUM", message="ttl is too low")
        data = row.get("data", "")
        need(data and not data.endswith("."), 422, code="INVALID_BODY", message="data is no value")
        if rrtype == "MX":
            need(isinstance(row.get("priority"), int), 422, code="INVALID_BODY", message="priority is needed")
            return row["ttl"], f"{row['priority']} {data}."
        if rrtype == "TXT":
            return row["ttl"], " ".join('"' + data[i:i + 255].replace("\\", "\\\\").replace('"', '\\"') + '"'
                                        for i in range(0, len(data), 255))
        return row["ttl"], f"{data}." if rrtype in ("CNAME", "NS") else data

    @staticmethod
    def shown(row):
        out = {"type": row["type"], "name": relative(row["owner"]), "ttl": row["ttl"]}
        data = row["data"]
        if row["type"] == "MX":
            priority, data = data.split()
            out["priority"] = int(priority)
        if row["type"] in ("MX", "CNAME", "NS"):
            data = data.rstrip(".")
        return out | {"data": joined(data) if row["type"] == "TXT" else data}


class DigitalOcean(Api):
    """Records with ids, pages of 20, targets with a dot on write (PROVIDERS.md 9)."""

    host, provider = "api.digitalocean.com", "digitalocean"
    credentials = {"token": "dop_v1_4711"}
    next_host = None  # where the next page is said to be

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "Bearer dop_v1_4711", 401, id="unauthorized", message="Unable to authenticate you")
        found = re.fullmatch(rf"/v2/domains/{APEX}/records(?:/(\d+))?", path)
        need(found, 404, id="not_found", message="The resource you requested could not be found.")
        if method == "GET":
            return 200, self.page(query), ()
        if method == "POST":
            row = self.add(*self.taken(body))
            self.publish(row["owner"], row["type"])
            return 201, {"domain_record": self.shown(row)}, ()
        row = next((row for row in self.rows if found[1] and row["id"] == int(found[1])), None)
        need(row, 404, id="not_found", message="The resource you requested could not be found.")
        if method == "DELETE":
            self.rows.remove(row)
            self.publish(row["owner"], row["type"])
            return 204, None, ()
        need(method == "PUT", 405, id="method", message="not here")
        owner, rrtype, ttl, data = self.taken(body)
        need((owner, rrtype) == (row["owner"], row["type"]), 422, id="unprocessable_entity", message="name and type stay")
        row.update(ttl=ttl, data=data)
        self.publish(owner, rrtype)
        return 200, {"domain_record": self.shown(row)}, ()

    def page(self, query):
        rows = [row for row in self.rows if query.get("type") in (None, row["type"]) and query.get("name") in (None, row["owner"])]
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 20)), 200)
        out = {"domain_records": [self.shown(row) for row in rows[(page - 1) * size:page * size]], "links": {},
               "meta": {"total": len(rows)}}
        if page * size < len(rows) or self.next_host:
            more = urllib.parse.urlencode(query | {"page": page + 1})
            out["links"] = {"pages": {"next": f"https://{self.next_host or self.host}/v2/domains/{APEX}/records?{more}"}}
        return out

    @staticmethod
    def taken(body):
        rrtype, data, ttl = body.get("type"), body.get("data", ""), body.get("ttl")
        need(isinstance(ttl, int) and ttl >= 30, 422, id="unprocessable_entity", message="ttl is too low")
        owner = APEX if body.get("name") == "@" else f"{body.get('name')}.{APEX}"
        if rrtype in ("MX", "CNAME", "NS"):
            need(data.endswith("."), 422, id="unprocessable_entity", message="Data needs to end with a dot (.)")
        if rrtype == "MX":
            need(isinstance(body.get("priority"), int), 422, id="unprocessable_entity", message="Priority can't be blank")
            data = f"{body['priority']} {data}"
        if rrtype == "TXT":
            need(data and "\\" not in data and len(data) <= 512, 422, id="unprocessable_entity", message="Data is invalid")
            data = " ".join(f'"{data[i:i + 255]}"' for i in range(0, len(data), 255))
        return owner, rrtype, ttl, data

    @staticmethod
    def shown(row):
        out = GoDaddy.shown(row) | {"id": row["id"]}
        if row["type"] in ("CNAME", "NS") and out["data"] == APEX:
            out["data"] = "@"
        return out


def relative(owner):
    return "@" if owner == APEX else owner[:-len(APEX) - 1]


def joined(data):
    """The strings of a TXT as one."""
    return "".join(re.sub(r"\\(.)", r"\1", part) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', data))


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()
