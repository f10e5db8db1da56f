"""OVHcloud."""

import hashlib
import re
import time

from .api import APEX, Api, absolute, need, only

BASE = f"/1.0/domain/zone/{APEX}"
APPLICATION, SECRET, CONSUMER = "7kbG7Bk7S9Nt7ZSV", "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"
STRINGS = re.compile(r'"(?:[^"\\]|\\.){0,255}"(?: "(?:[^"\\]|\\.){0,255}")*')
LATE_S = 30  # a request older than this is refused


class Ovh(Api):
    """Ids, then each record; served only after the refresh; a signature over everything, by OVH's own time (PROVIDERS.md 11)."""

    host, provider = "eu.api.ovh.com", "ovh"
    credentials = {"application_key": APPLICATION, "application_secret": SECRET, "consumer_key": CONSUMER}
    mx_read = "fieldType=MX"
    refuses_writes = (403, {"class": "Client::Forbidden", "message": "This call has not been granted"})
    closed_to = (403, {"message": "This service is suspended", "httpCode": "403 Forbidden", "errorCode": "FORBIDDEN"})
    gone = False  # what is listed is not there when it is asked for
    zone_ttl = 3600  # what a TTL of 0 means
    ahead_s = 0  # OVH's clock before everybody else's

    def __init__(self, lab, octet=30):
        self.staged = {}  # (owner, type) pairs that are not served as they are here, in order
        super().__init__(lab, octet)
        for row in self.rows:
            row["kind"] = self.kind_of(row)
            row["default"] = row["ttl"] == self.zone_ttl

    @staticmethod
    def kind_of(row):
        """What was made in the panel may have a type of OVH's own."""
        if row["type"] != "TXT":
            return row["type"]
        if row["owner"].startswith("_dmarc."):
            return "DMARC"
        return "DKIM" if "._domainkey." in row["owner"] else "SPF" if "v=spf1" in row["data"] else "TXT"

    def publish(self, *rrsets):
        self.staged.update(dict.fromkeys(rrsets))

    def refresh(self):
        super().publish(*self.staged)
        self.staged = {}

    def somebody_edits(self):
        super().somebody_edits()
        self.refresh()

    def writing(self, method, path, query, body):
        """The refresh changes no record, and may be sent again."""
        return method != "GET" and not path.endswith("/refresh")

    def open_to_all(self, path):
        return path == "/1.0/auth/time"

    def time(self):
        return int(time.time()) + self.ahead_s

    def check_signature(self, method, headers):
        need(headers.get("X-Ovh-Application") == APPLICATION, 403, message="This application key is invalid", errorCode="INVALID_KEY")
        need(headers.get("X-Ovh-Consumer") == CONSUMER, 403, message="This credential is not valid", errorCode="INVALID_CREDENTIAL")
        stamp = headers.get("X-Ovh-Timestamp", "")
        need(stamp.isdigit() and abs(int(stamp) - self.time()) <= LATE_S, 400, message="Query out of time", errorCode="QUERY_TIME_OUT")
        target, sent = self.raw
        plain = "+".join((SECRET, CONSUMER, method, f"https://{self.host}{target}", sent.decode(), stamp))
        need(headers.get("X-Ovh-Signature") == "$1$" + hashlib.sha1(plain.encode()).hexdigest(), 400, message="Invalid signature",
             errorCode="INVALID_SIGNATURE")

    def request(self, method, path, query, body, headers):
        if path == "/1.0/auth/time":
            need(method == "GET", 405, message="not here")
            return 200, self.time(), ()
        self.check_signature(method, headers)
        found = re.fullmatch(rf"{BASE}/(record|soa|refresh)(?:/(\d+))?", path)
        need(found, 404, **{"class": "Client::NotFound", "message": "This service does not exist"})
        if found[1] == "soa":
            need(method == "GET" and not query, 405, message="not here")
            return 200, {"ttl": self.zone_ttl, "serial": 1, "nxDomainTtl": 300}, ()
        if found[1] == "refresh":
            need(method == "POST" and body is None and not query, 405, message="not here")
            self.refresh()
            return 200, None, ()
        return self.record(method, found[2], query, body)

    def record(self, method, number, query, body):
        if number is None and method == "GET":
            only(query, "fieldType", "subDomain")
            below = query.get("subDomain")
            found = self.listed(None if below is None else absolute(below))
            return 200, [row["id"] for row in found if query.get("fieldType") in (None, row.get("kind", "A"))], ()
        only(query)
        if number is None:
            need(method == "POST", 405, message="not here")
            return self.create(body)
        row = next((row for row in self.rows if row["id"] == int(number)), None)
        need(row and not self.gone, 404, message="This service does not exist", httpCode="404 Not Found")
        if method == "GET":
            return 200, self.shown(row), ()
        self.publish((row["owner"], row["type"]))
        if method == "DELETE":
            self.rows.remove(row)
            return 200, None, ()
        need(method == "PUT", 405, message="not here")
        only(body, "subDomain", "target", "ttl")
        need(absolute(body.get("subDomain", "")) == row["owner"], 400, message="the tests move no record")
        row.update(self.taken(row["kind"], body))
        return 200, None, ()

    def create(self, body):
        only(body, "fieldType", "subDomain", "target", "ttl")
        kind, owner = body.get("fieldType"), absolute(body.get("subDomain", ""))
        need(kind not in ("A", "AAAA") or "_" not in owner, 400, message="Invalid subdomain")
        values = self.taken(kind, body)
        need(all((row["owner"], row["type"], row["data"]) != (owner, kind, values["data"]) for row in self.rows), 409,
             message="This record already exists")
        row = self.add(owner, kind, values["ttl"], values["data"])
        row["default"] = values["default"]
        self.publish((owner, kind))
        return 200, self.shown(row), ()

    def taken(self, kind, body):
        target, ttl = body.get("target", ""), body.get("ttl")
        need(isinstance(ttl, int) and (ttl == 0 or ttl >= 60), 400, message="Invalid ttl")
        need(kind != "TXT" or STRINGS.fullmatch(target), 400, message="Invalid target: a text stands in quotes")
        need(kind != "MX" or re.fullmatch(r"\d+ \S+\.", target), 400, message="Invalid target: preference and host")
        need(target, 400, message="Missing target")
        return {"ttl": ttl or self.zone_ttl, "data": target, "default": ttl == 0}

    @staticmethod
    def below(owner):
        return "" if owner == APEX else owner[:-len(APEX) - 1]

    def shown(self, row):
        return {"id": row["id"], "zone": APEX, "fieldType": row["kind"], "subDomain": self.below(row["owner"]), "target": row["data"],
                "ttl": 0 if row.get("default") else row["ttl"]}

    def add(self, owner, rrtype, ttl, data):
        row = super().add(owner, rrtype, ttl, data)
        row["kind"] = rrtype
        return row
