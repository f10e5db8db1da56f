"""Stand-ins for DNS hosts' HTTP APIs, which nobody can install: stateful, strict, and failing on demand.

    with GoDaddy(lab) as api:
        api.fail(api.WRITE, "/records/MX/", api.CUT_AFTER)
        cut = api.project()

What is written there is served: every change goes to the lab's primary by DNS UPDATE, as a host publishes its zones.
A request that the vendor would refuse is refused with the vendor's status; each one is kept in `log`.
"""

import contextlib
import http.server
import itertools
import json
import re
import ssl
import threading
import time
import urllib.parse
from typing import NamedTuple

from support import Cutover  # it also knows where the lab's own modules are

from labkit import ca, dns, layout

APEX = "treyresearch.com"
AT_ONCE = 1000  # members of a long answer: whoever asks waits 30 s for all of it
FOREIGN_MX = "5 mx9.somebody-else.example."


class Refused(Exception):
    """The vendor says no: its status and the members of its answer."""

    def __init__(self, status, **body):
        super().__init__(status)
        self.status, self.body = status, body


def need(good, status, **body):
    if not good:
        raise Refused(status, **body)


def only(given, *names, status=400, **body):
    """Strict: a parameter or member that the vendor does not have is an error, for its vendor might overlook it."""
    need(set(given or {}) <= set(names), status, **(body or {"message": f"unknown: {sorted(set(given or {}) - set(names))}"}))


class Listing:
    """Rows that are there and `many` that are made when they are looked at, in this order; sliced as a list is."""

    def __init__(self, rows, many, make):
        self.rows, self.many, self.make = rows, many, make

    def __len__(self):
        return len(self.rows) + self.many

    def __iter__(self):
        yield from self.rows
        yield from map(self.make, range(self.many))

    def __getitem__(self, part):
        begin, end, _ = part.indices(len(self))
        n = len(self.rows)
        return self.rows[begin:end] + [self.make(i) for i in range(max(begin - n, 0), max(end - n, 0))]


class Stream:
    """An answer that is written piece by piece, for nobody holds it whole."""

    def __init__(self, kind, pieces):
        self.kind, self.pieces = kind, pieces

    def prepared(self, path, size):
        """Its first bytes in that file, so that whoever reads them waits for nobody who makes them; behind them it is cut."""
        with open(path, "w", encoding="utf-8") as file:
            for piece in self.pieces:
                file.write(piece)
                if (size := size - len(piece)) < 0:
                    break
        return Prepared(self.kind, path)


class Prepared:
    """A Stream that lies ready, as often as it is wanted."""

    def __init__(self, kind, path):
        self.kind, self.path = kind, path

    @property
    def pieces(self):
        with open(self.path, encoding="utf-8") as file:
            yield from iter(lambda: file.read(1 << 16), "")
        raise ConnectionError("cut off")


def stream_json(answer, members):
    """(type, pieces) of an answer in whose text "@@" stands where the members of a list are."""
    head, tail = json.dumps(answer).split('"@@"')

    def pieces():
        rest, before = iter(members), head
        while some := list(itertools.islice(rest, AT_ONCE)):
            yield before + json.dumps(some)[1:-1]
            before = ", "
        yield (head if before is head else "") + tail
    return Stream("application/json", pieces())


class Entry(NamedTuple):
    """One request and how it was answered; 0 when the connection was cut instead."""

    method: str
    path: str
    status: int
    write: bool
    sent: bytes = b""


def serve_https(lab, address, host, handler):
    """A server in a thread of its own, with the lab's certificate of that host."""
    server = http.server.ThreadingHTTPServer((address, 443), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(lab.dir / "tls" / f"{host}.pem", lab.dir / "tls" / f"{host}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


class Api:
    """One vendor. `rows` is what it has: dicts with id, owner (no final dot), type, ttl, data (zone-file form).

    A vendor says `host`, `provider`, `credentials` and how it answers: `request`. One that speaks no JSON also says
    `decode` and `encode`; one whose path does not tell what is asked says `asked` and `writing`.
    """

    host, provider, credentials = "", "", {}
    options = ""  # further lines under `dns:` of the project file
    READ, WRITE = "a read", "a write"
    (THROTTLED, ERROR_BEFORE, ERROR_AFTER, CUT_AFTER, HTML, EDIT_BEFORE, EDIT_AFTER, MALFORMED, SHORT, SLOW, DONE_LATE,
     SILENT_AFTER) = range(12)
    mx_read = "MX"  # what `asked` has of a read of the MX
    mx_reads = 2  # how often `stage` reads it before it writes it
    refuses_writes = (403, {"message": "this key may only read"})
    closed = False  # the vendor does not let the account use its API
    closed_to = (403, {"message": "Access is denied"})  # how it says so, in its own shape
    closed_says = ("does not let this account",)  # and what cutover makes of it
    throttles = (429, {"message": "Too many requests", "retryAfterSec": 1}, [("Retry-After", "1")])
    malformed = ("application/json", b'{"data": [{"name": "@", ')
    read_only = False  # the credentials may read, but not write
    raw = ("", b"")  # of the request: its target and body as they were sent, which a signature is over
    late_by = 2  # DONE_LATE: how many requests later
    holds = False  # its name servers have a change only after let_go()
    many = 0  # so many records more, each made when it is asked for
    ready = None  # a long answer (Stream.prepared) that goes out instead of those made then

    def __init__(self, lab, octet=30):
        self.lab, self.address = lab, f"{lab.env['LAB_NET']}.{octet}"
        self.log, self.faults, self.lock = [], [], threading.Lock()
        self.next_id = 1
        self.rows = []
        self.held = []  # the changes that are not published yet
        self.overdue = []  # [requests until then, what is done then] of what was accepted without a good answer
        for record, ttl in lab.zone().items():
            if record.rrtype != "SOA":
                self.add(record.owner.rstrip("."), record.rrtype, ttl, record.rdata)
        ca.certificate(layout.load(lab.dir), self.host)

    def __enter__(self):
        handler = type("Handler", (Handler,), {"api": self})
        self.server = serve_https(self.lab, self.address, self.host, handler)
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
        dns = f"dns:\n  provider: {self.provider}\n  credentials: {{ {secrets} }}\n{self.options}"
        text, times = re.subn(r"(?m)^dns:\n(?:  .*\n)+", lambda _: dns, text)
        assert times == 1
        cut.write("cutover.yaml", text.replace("connect_to: {", f"connect_to: {{ {self.host}: {self.address},"))
        return cut

    # -- what a vendor says --

    def request(self, method, path, query, body, headers):
        """Status, answer and further headers of one request; Refused where the vendor would refuse."""
        raise NotImplementedError

    def decode(self, text, headers):
        """A request's body as `request` takes it."""
        if not text:
            return None
        need("json" in headers.get("Content-Type", ""), 415, message="a body must say that it is JSON")
        try:
            return json.loads(text)
        except ValueError:
            raise Refused(400, message="the body is no JSON") from None

    def encode(self, answer):
        """(content type, bytes) of an answer; that of a refusal is a dict."""
        return "application/json", json.dumps(answer).encode()

    def refusal(self, no):
        """The answer to a Refused, before `encode`."""
        return no.body

    def asked(self, path, query, body):
        """The text in which `fail` looks for its part."""
        return f"{path}?{urllib.parse.urlencode(query)}"

    def close_account(self):
        """The account may not use the API from now on."""
        self.closed = True

    def open_to_all(self, path):
        """Whether this is answered without an account."""
        return False

    def writing(self, method, path, query, body):
        """Whether a request would change something."""
        return method != "GET"

    def long_answer(self):
        """The Stream of a listing without pages, when there are many."""
        raise NotImplementedError

    # -- what it has --

    def add(self, owner, rrtype, ttl, data):
        row = {"id": self.next_id, "owner": owner, "type": rrtype, "ttl": ttl, "data": data}
        self.next_id += 1
        self.rows.append(row)
        return row

    def extra(self, i):
        """The one of the many that has this number; their names are in order."""
        return {"id": 10 ** 9 + i, "owner": f"h{i:07}.{APEX}", "type": "A", "ttl": 3600, "data": f"192.0.2.{i % 250 + 1}"}

    def listed(self, owner=None, rrtype=None):
        """The rows that an API shows which is asked for this owner and type (None: any), the many without all of them being made."""
        rows = [row for row in self.rows if owner in (None, row["owner"]) and rrtype in (None, row["type"])]
        if rrtype not in (None, "A"):
            return Listing(rows, 0, self.extra)
        if owner is None:
            return Listing(rows, self.many, self.extra)
        found = re.fullmatch(rf"h(\d{{7}})\.{re.escape(APEX)}", owner)
        if found is not None and int(found[1]) < self.many:
            rows.append(self.extra(int(found[1])))
        return Listing(rows, 0, self.extra)

    def of(self, owner, rrtype):
        return list(self.listed(owner, rrtype))

    def pairs(self):
        """(owner, type) of all RRsets; each of the many is one."""
        return Listing(list(dict.fromkeys((row["owner"], row["type"]) for row in self.rows)), self.many,
                       lambda i: (self.extra(i)["owner"], "A"))

    def replace(self, owner, rrtype, values):
        """values: (ttl, data) pairs."""
        self.rows = [row for row in self.rows if (row["owner"], row["type"]) != (owner, rrtype)]
        for ttl, data in values:
            self.add(owner, rrtype, ttl, data)
        self.publish((owner, rrtype))

    def publish(self, *rrsets):
        """The name servers get these (owner, type) pairs as they are now, in one change."""
        lines = [f"update delete {owner}. {rrtype}" for owner, rrtype in dict.fromkeys(rrsets)]  # first: an alias may come in their place
        for owner, rrtype in dict.fromkeys(rrsets):
            lines += [f"update add {owner}. {row['ttl']} {rrtype} {row['data']}" for row in self.of(owner, rrtype)
                      if not row.get("disabled")]
        if not lines:
            return
        self.held += lines
        if not self.holds:
            self.let_go()

    def let_go(self):
        """The name servers get what was held back."""
        lines, self.held, self.holds = self.held, [], False
        self.lab.ask(dns.update, "\n".join(lines))

    def somebody_edits(self):
        """A change that is not ours, made in the vendor's panel."""
        self.replace(APEX, "MX", [(3600, FOREIGN_MX)])

    def writes(self):
        return [(entry.method, entry.path) for entry in self.log if entry.write and 200 <= entry.status < 300]

    def time_passes(self):
        """Called before each request: what an asynchronous vendor does meanwhile, without a clock."""
        for item in self.overdue:
            item[0] -= 1
            if item[0] == 0:
                item[1]()

    # -- how it fails --

    def fail(self, method, part, kind, skip=0):
        """One request of that method, or READ or WRITE, about `part` fails like that, after `skip` that do not."""
        self.faults.append([method, part, kind, skip])

    def take_fault(self, method, write, asked):
        for fault in self.faults:
            wanted, part, kind, skip = fault
            if wanted in (method, self.WRITE if write else self.READ) and part in asked:
                if skip == 0:
                    self.faults.remove(fault)
                    return kind
                fault[3] -= 1
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api = None
    write = False
    sent = b""

    def log_message(self, *_):
        pass

    def stream(self, status, answer):
        """In chunks (RFC 9112 7.1), as far as the other side wants to read."""
        answer = self.api.ready or answer
        self.api.log.append(Entry(self.command, self.path, status, self.write, self.sent))
        self.send_response(status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        out = bytearray()
        try:
            for piece in answer.pieces:
                out += piece.encode()
                if len(out) > 65536:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(out), out))
                    out.clear()
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(out), out))
        except OSError:
            self.close_connection = True

    def answer(self, status, answer, headers=(), raw=None):
        """`raw` (type, bytes) goes out as it is."""
        if isinstance(answer, Stream):
            return self.stream(status, answer)
        kind, data = raw or (("", b"") if answer is None else self.api.encode(answer))
        self.api.log.append(Entry(self.command, self.path, status, self.write, self.sent))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if data:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_request(self):
        self.sent = text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(url.path), dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        with self.api.lock:
            self.api.raw = (self.path, text)
            self.api.time_passes()
            try:
                body = self.api.decode(text, self.headers)
            except Refused as no:
                return self.answer(no.status, self.api.refusal(no))
            self.write = self.api.writing(self.command, path, query, body)
            fault = self.api.take_fault(self.command, self.write, self.api.asked(path, query, body))
            return self.serve(fault, path, query, body)

    def serve(self, fault, path, query, body):
        api = self.api
        if fault == Api.THROTTLED:
            return self.answer(*api.throttles)
        if fault == Api.ERROR_BEFORE:
            return self.answer(500, {"message": "not done"})
        if fault == Api.HTML:
            return self.answer(503, None, [("Retry-After", "1")], ("text/html", b"<html>busy</html>"))
        if fault == Api.MALFORMED:
            return self.answer(200, None, (), api.malformed)
        if fault == Api.EDIT_BEFORE:
            api.somebody_edits()
        if fault == Api.SLOW:
            time.sleep(1)
        if fault == Api.DONE_LATE:
            raw = api.raw
            api.overdue.append([api.late_by, lambda: self.late(raw, path, query, body)])
            return self.answer(500, {"message": "who knows"})
        try:
            if api.closed and not api.open_to_all(path):
                raise Refused(api.closed_to[0], **api.closed_to[1])
            if api.read_only and self.write:
                raise Refused(api.refuses_writes[0], **api.refuses_writes[1])
            status, reply, headers = api.request(self.command, path, query, body, self.headers)
        except Refused as no:
            return self.answer(no.status, self.api.refusal(no))
        if fault == Api.EDIT_AFTER:
            api.somebody_edits()
        if fault == Api.ERROR_AFTER:
            return self.answer(500, {"message": "it was done, though"})
        if fault == Api.SILENT_AFTER:
            return self.wait_for_the_end()
        if fault in (Api.CUT_AFTER, Api.SHORT):
            return self.cut_off(b"" if fault == Api.CUT_AFTER else api.encode(reply)[1])
        return self.answer(status, reply, headers)

    def late(self, raw, path, query, body):
        """A signature is over the request as it was sent. Where the zone has moved on (a serial, a condition) it comes to nothing."""
        now, self.api.raw = self.api.raw, raw
        with contextlib.suppress(Refused):
            self.api.request(self.command, path, query, body, self.headers)
        self.api.raw = now

    def wait_for_the_end(self):
        """Not a word, until the other side has had enough of it: the only end that this has."""
        self.api.log.append(Entry(self.command, self.path, 0, self.write, self.sent))
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.recv(1)

    def cut_off(self, data):
        """The connection ends before the answer does."""
        self.api.log.append(Entry(self.command, self.path, 0, self.write, self.sent))
        self.close_connection = True
        if data:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[:len(data) // 2])
            self.wfile.flush()
        self.connection.shutdown(2)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request


def relative(owner):
    return "@" if owner == APEX else owner[:-len(APEX) - 1]


def absolute(name):
    """The opposite of `relative`."""
    return APEX if name in ("@", "") else f"{name}.{APEX}"


def joined(data):
    """The strings of a TXT as one."""
    return "".join(re.sub(r"\\(.)", r"\1", part) for part in re.findall(r'"((?:[^"\\]|\\.)*)"', data))


def quoted(text):
    """A text as the strings of a TXT."""
    return " ".join('"' + text[i:i + 255].replace("\\", "\\\\").replace('"', '\\"') + '"' for i in range(0, len(text), 255))
