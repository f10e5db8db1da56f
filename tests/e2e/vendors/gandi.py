"""Gandi, LiveDNS."""

import re
import uuid

from .api import APEX, Api, absolute, need, only, relative

BASE = f"/v5/livedns/domains/{APEX}"
STRINGS = re.compile(r'"(?:[^"\\]|\\.){0,255}"(?: "(?:[^"\\]|\\.){0,255}")*')


class Gandi(Api):
    """RRsets by name and type, each with one TTL from 300 on; snapshots of the zone (PROVIDERS.md 12)."""

    host, provider = "api.gandi.net", "gandi"
    credentials = {"token": "pat_gandi4711"}
    refuses_writes = (403, {"object": "HTTPForbidden", "cause": "Forbidden", "code": 403, "message": "Access was denied to this resource."})
    closed_to = refuses_writes
    most_a_page = 100

    def __init__(self, lab, octet=30):
        super().__init__(lab, octet)
        self.snapshots = {}

    def project(self, snapshot="off"):
        """Without copies of the zone, which are writes as well, so that a story's first write is a record's."""
        cut = super().project()
        cut.edit("policy:\n", f"policy:\n  snapshot: {snapshot}\n")
        return cut

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "Bearer pat_gandi4711", 401, object="HTTPUnauthorized", cause="Unauthorized", code=401,
             message="The server could not verify that you authorized to access the document you requested.")
        found = re.fullmatch(rf"{BASE}/(records|snapshots)(?:/([^/]+)(?:/([A-Z]+))?)?", path)
        need(found, 404, object="dns-zone", cause="Not Found", code=404, message="The resource could not be found.")
        if found[1] == "snapshots":
            return self.snapshot(method, found[2], body)
        if found[3] is None:
            need(method == "GET", 405, object="HTTPMethodNotAllowed", code=405, message="not here")
            return self.page(query, found[2])
        only(query, "sharing_id", "page", "per_page")
        return self.one(method, absolute(found[2]), found[3], body)

    def page(self, query, name):
        only(query, "page", "per_page", "sharing_id")
        pairs = self.pairs() if name is None else [pair for pair in self.pairs() if name == relative(pair[0])]
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 100)), self.most_a_page)
        total, here = len(pairs), pairs[(page - 1) * size:page * size]
        return 200, [self.shown(*pair) for pair in here], [("Total-Count", str(total))]

    def one(self, method, owner, rrtype, body):
        there = self.of(owner, rrtype)
        if method == "GET":
            need(there, 404, object="dns-record", cause="Not Found", code=404, message="Can't find the DNS record")
            return 200, self.shown(owner, rrtype), ()
        need((owner, rrtype) not in ((APEX, "SOA"), (APEX, "NS")), 403, object="HTTPForbidden", code=403, message="the apex NS are ours")
        if method == "DELETE":
            need(there, 404, object="dns-record", cause="Not Found", code=404, message="Can't find the DNS record")
            self.replace(owner, rrtype, [])
            return 204, None, ()
        need(method in ("PUT", "POST"), 405, object="HTTPMethodNotAllowed", code=405, message="not here")
        need(method == "PUT" or not there, 409, object="HTTPConflict", cause="Conflict", code=409,
             message="A DNS Record already exists with same value")
        self.replace(owner, rrtype, self.taken(rrtype, body))
        return 201, {"message": "DNS Record Created"}, ()

    @staticmethod
    def taken(rrtype, body):
        only(body, "rrset_values", "rrset_ttl", "rrset_name", "rrset_type")
        ttl, values = body.get("rrset_ttl", 10800), body.get("rrset_values")
        need(isinstance(ttl, int) and 300 <= ttl <= 2592000, 400, object="HTTPBadRequest", cause="Bad Request", code=400,
             message="rrset_ttl: ttl must be between 300 and 2592000")
        need(isinstance(values, list) and values and len(set(values)) == len(values), 400, object="HTTPBadRequest", code=400,
             message="rrset_values: must be a list of different values")
        if rrtype == "TXT":
            need(all(STRINGS.fullmatch(value) for value in values), 400, object="HTTPBadRequest", code=400, message="rrset_values: not quoted")
        if rrtype in ("MX", "CNAME", "NS", "SRV"):
            values = [value if value.endswith(".") else f"{value}.{APEX}." for value in values]
        return [(ttl, value) for value in values]

    def shown(self, owner, rrtype):
        rows = self.of(owner, rrtype)
        return {"rrset_name": relative(owner), "rrset_type": rrtype, "rrset_ttl": rows[0]["ttl"],
                "rrset_values": [row["data"] for row in rows],
                "rrset_href": f"https://{self.host}{BASE}/records/{relative(owner)}/{rrtype}"}

    def snapshot(self, method, number, body):
        if number is None and method == "GET":
            return 200, [{"id": key, "name": name, "automatic": False} for key, (name, _) in self.snapshots.items()], ()
        if number is None:
            need(method == "POST", 405, object="HTTPMethodNotAllowed", code=405, message="not here")
            only(body, "name")
            key = str(uuid.uuid5(uuid.NAMESPACE_DNS, str(len(self.snapshots))))
            self.snapshots[key] = ((body or {}).get("name", "snapshot"), [dict(row) for row in self.rows])
            return 201, {"message": "Snapshot Created", "id": key}, ()
        need(number in self.snapshots, 404, object="dns-snapshot", code=404, message="Can't find the snapshot")
        name, rows = self.snapshots[number]
        if method == "POST":
            pairs = {(row["owner"], row["type"]) for row in rows + self.rows if row["type"] not in ("SOA", "NS")}
            self.rows = [dict(row) for row in rows]
            self.publish(*pairs)
            return 200, {"message": "Zone restored"}, ()
        if method == "DELETE":
            del self.snapshots[number]
            return 204, None, ()
        return 200, {"id": number, "name": name, "zone_data": [self.shown(*pair) for pair in dict.fromkeys(
            (row["owner"], row["type"]) for row in rows)]}, ()
