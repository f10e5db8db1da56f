"""Hetzner, DNS in the Cloud API."""

import re

from .api import APEX, Api, absolute, need, only, relative


class Hetzner(Api):
    """RRsets, each write worked off behind its answer while the zone is locked; a TTL by another call than values; an RRset
    that was given none has the zone's, and shows null (PROVIDERS.md 10)."""

    host, provider = "api.hetzner.cloud", "hetzner"
    credentials = {"token": "hz4711LAMqmKZ"}
    refuses_writes = (403, {"code": "token_readonly", "message": "token only allows read access"})
    closed_to = (403, {"code": "forbidden", "message": "insufficient permissions for this request"})
    zone_ttl = 3600
    looks = 2  # with how many requests more an action is done
    fails = False  # the next action ends in an error, with nothing done
    short_pages = False  # pages that have less than the answer tells

    def __init__(self, lab, octet=30):
        super().__init__(lab, octet)
        self.actions = {}  # id: [looks left, what is to be done]
        self.of_zone = {(row["owner"], row["type"]) for row in self.rows if row["ttl"] == self.zone_ttl}  # RRsets with the zone's TTL

    def refusal(self, no):
        return {"error": no.body | {"details": {}}}

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "Bearer hz4711LAMqmKZ", 401, code="unauthorized", message="unable to authenticate")
        found = re.fullmatch(r"/v1/(?:zones/)?actions/(\d+)", path)
        if found:
            need(method == "GET" and int(found[1]) in self.actions, 404, code="not_found", message="action not found")
            return 200, {"action": self.look(int(found[1]))}, ()
        if path == f"/v1/zones/{APEX}":
            need(method == "GET", 405, code="method", message="not here")
            return 200, {"zone": {"id": 42, "name": APEX, "mode": "primary", "ttl": self.zone_ttl, "status": "ok"}}, ()
        found = re.fullmatch(rf"/v1/zones/{APEX}/rrsets(?:/([^/]+)/([A-Z]+)(?:/actions/([a-z_]+))?)?", path)
        need(found, 404, code="not_found", message="zone not found")
        if method == "GET":
            return 200, self.page(query) if found[1] is None else {"rrset": self.shown(absolute(found[1]), found[2])}, ()
        only(query, code="invalid_input", message="unknown parameter")
        need(not any(left > 0 for left, _ in self.actions.values()), 423, code="locked", message="zone is locked by a running action")
        if found[1] is None:
            need(method == "POST", 405, code="method", message="not here")
            return self.create(body)
        owner, rrtype = absolute(found[1]), found[2]
        need(self.of(owner, rrtype), 404, code="not_found", message="rrset not found")
        need((owner, rrtype) not in ((APEX, "SOA"), (APEX, "NS")), 403, code="protected", message="the apex is protected")
        if method == "DELETE" and found[3] is None:
            return 201, {"action": self.begin(owner, rrtype, lambda: [])}, ()
        need(method == "POST" and found[3] in ("set_records", "change_ttl"), 404, code="not_found", message="no such action")
        return 201, {"action": self.change(found[3], owner, rrtype, body)}, ()

    def page(self, query):
        only(query, "name", "type", "page", "per_page", code="invalid_input", message="unknown parameter")
        pairs = self.pairs()
        if query.keys() & {"name", "type"}:
            found = self.listed(absolute(query["name"]) if "name" in query else None, query.get("type"))
            pairs = list(dict.fromkeys((row["owner"], row["type"]) for row in found))
        page, size = int(query.get("page", 1)), int(query.get("per_page", 25))
        need(1 <= size <= 50, 400, code="invalid_input", message="per_page must be at most 50")
        last = max(1, -(-len(pairs) // size)) + self.short_pages
        here = [] if self.short_pages and page == last else pairs[(page - 1) * size:page * size]
        return {"rrsets": [self.shown(*pair) for pair in here],
                "meta": {"pagination": {"page": page, "per_page": size, "previous_page": None, "last_page": last,
                                        "next_page": page + 1 if page < last else None, "total_entries": len(pairs)}}}

    def create(self, body):
        only(body, "name", "type", "ttl", "records", "labels", code="invalid_input", message="unknown member")
        owner, rrtype = absolute(body.get("name", "")), body.get("type")
        need(not self.of(owner, rrtype), 409, code="uniqueness_error", message="the rrset exists already")
        values = self.taken(rrtype, self.given(owner, rrtype, body), body.get("records"))
        return 201, {"rrset": {"name": body["name"], "type": rrtype}, "action": self.begin(owner, rrtype, lambda: values)}, ()

    def change(self, action, owner, rrtype, body):
        rows = self.of(owner, rrtype)
        if action == "change_ttl":
            only(body, "ttl", code="invalid_input", message="unknown member")
            values = self.taken(rrtype, self.given(owner, rrtype, body), [{"value": row["data"]} for row in rows])
        else:
            only(body, "records", code="invalid_input", message="unknown member")
            values = self.taken(rrtype, rows[0]["ttl"], body.get("records"))
        return self.begin(owner, rrtype, lambda: values)

    def given(self, owner, rrtype, body):
        """The TTL that it has from now on: null is the zone's."""
        need("ttl" in body, 422, code="invalid_input", message="ttl is missing")
        (self.of_zone.add if body["ttl"] is None else self.of_zone.discard)((owner, rrtype))
        return self.zone_ttl if body["ttl"] is None else body["ttl"]

    def begin(self, owner, rrtype, values):
        """The action of a change that is worked off when it was looked at often enough."""
        number = len(self.actions) + 4711
        self.actions[number] = [self.looks, None if self.fails else lambda: self.replace(owner, rrtype, values())]
        self.fails = False
        return {"id": number, "status": "running", "progress": 0, "error": None}

    def time_passes(self):
        """An action goes on, whoever looks."""
        super().time_passes()
        for action in self.actions.values():
            action[0] -= 1
            if action[0] == 0 and action[1]:
                action[1]()

    def look(self, number):
        left, work = self.actions[number]
        status = "running" if left > 0 else "success" if work else "error"
        return {"id": number, "status": status, "progress": 100 if status != "running" else 50,
                "error": {"code": "action_failed", "message": "Action failed"} if status == "error" else None}

    @staticmethod
    def taken(rrtype, ttl, records):
        need(isinstance(ttl, int) and 60 <= ttl <= 2147483647, 422, code="invalid_input", message="invalid ttl")
        need(records and isinstance(records, list), 422, code="invalid_input", message="records are needed")
        for record in records:
            only(record, "value", "comment", status=422, code="invalid_input", message="unknown member")
            value = record.get("value", "")
            need(rrtype != "TXT" or re.fullmatch(r'("(?:[^"\\]|\\.){0,255}" ?)+', value), 422, code="invalid_input",
                 message="TXT records must be fully quoted with double quotes")
        values = [(ttl, record["value"]) for record in records]
        need(len(set(values)) == len(values), 422, code="invalid_input", message="duplicate value")
        return [(ttl, data if rrtype not in ("MX", "CNAME", "NS", "SRV") or data.endswith(".") else f"{data}.{APEX}.")
                for ttl, data in values]

    def shown(self, owner, rrtype):
        rows = self.of(owner, rrtype)
        need(rows, 404, code="not_found", message="rrset not found")
        ttl = None if (owner, rrtype) in self.of_zone else rows[0]["ttl"]
        return {"id": f"{relative(owner)}/{rrtype}", "name": relative(owner), "type": rrtype, "ttl": ttl, "labels": {},
                "protection": {"change": rows[0].get("protected", False)},
                "records": [{"value": row["data"], "comment": ""} for row in rows]}
