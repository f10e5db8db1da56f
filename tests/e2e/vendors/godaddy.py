"""GoDaddy, version 1 of its API."""

import re

from .api import APEX, Api, absolute, joined, need, quoted, relative


class GoDaddy(Api):
    """Version 1: RRsets by type and name, no ids, a lowest TTL of 600 (PROVIDERS.md 1)."""

    host, provider = "api.godaddy.com", "godaddy"
    credentials = {"key": "dLDQ_Wg1", "secret": "Sx7kWq"}
    closed_to = (403, {"code": "ACCESS_DENIED", "message": "Authenticated user is not allowed access"})
    counts_pages = False  # how `offset` is meant is not sure: the number of records before, or of pages
    closed_says = ("does not let this account use its API", "fewer than 10 domains", "dns.provider: manual")

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "sso-key dLDQ_Wg1:Sx7kWq", 401, code="UNABLE_TO_AUTHENTICATE",
             message="Unauthorized : Could not authenticate API key/secret")
        found = re.fullmatch(rf"/v1/domains/{APEX}/records(?:/([A-Z]+)/(.+))?", path)
        need(found, 404, code="NOT_FOUND", message="no such domain or path")
        if found[1] is None:
            need(method == "GET", 405, code="METHOD", message="not here")
            begin, size = int(query.get("offset", 0)), min(int(query.get("limit", 500)), 500)
            begin *= size if self.counts_pages else 1
            return 200, [self.shown(row) for row in self.listed()[begin:begin + size]], ()
        rrtype, owner = found[1], absolute(found[2])
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
            return row["ttl"], quoted(data)
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
