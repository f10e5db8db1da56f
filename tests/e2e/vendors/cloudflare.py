"""Cloudflare."""

import hashlib
import re

from .api import APEX, Api, need, only

ZONE = hashlib.md5(APEX.encode()).hexdigest()
BASE = "/client/v4/zones"
MEMBERS = ("type", "name", "content", "ttl", "priority", "proxied", "comment", "tags", "settings", "data")
PARTS = {"SRV": ("priority", "weight", "port", "target"), "CAA": ("flags", "tag", "value"),
         "TLSA": ("usage", "selector", "matching_type", "certificate")}


def problem(status, code, message):
    return {"status": status, "code": code, "message": message}


class Cloudflare(Api):
    """Records with ids in an envelope; a batch is one transaction, deletes first. Proxied rows, and rows that
    Email Routing owns (PROVIDERS.md 5)."""

    host, provider = "api.cloudflare.com", "cloudflare"
    credentials = {"token": "v1.0-cf4711_XyZ"}
    refuses_writes = (403, {"code": 10000, "message": "Authentication error"})
    closed_to = (403, {"code": 9109, "message": "Cannot use the access token from location: 192.0.2.77"})
    closed_says = ("from location: 192.0.2.77", "Client IP Address Filtering")
    zone = ZONE  # the id of the zone in the account that the token is of
    sees_zones = True  # a scoped token does not: its list of zones is empty
    short_pages = False  # pages that have less than the envelope tells
    endless = False  # each page tells of one more

    def add(self, owner, rrtype, ttl, data):
        row = super().add(owner, rrtype, ttl, data)
        row["id"] = hashlib.md5(f"{row['id']} {owner}".encode()).hexdigest()
        return row

    def refusal(self, no):
        return {"success": False, "errors": [{"code": no.body["code"], "message": no.body["message"]}], "messages": [], "result": None}

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "Bearer v1.0-cf4711_XyZ", 403, code=10000, message="Authentication error")
        if path == BASE:
            need(method == "GET", 405, code=10405, message="Method not allowed")
            only(query, "name", "page", "per_page", code=1001, message="unknown parameter")
            return 200, self.envelope([{"id": self.zone, "name": APEX, "status": "active"}] if self.sees_zones and query.get("name") == APEX
                                      else [], {"page": 1, "per_page": 20, "total_pages": 1}), ()
        found = re.fullmatch(rf"{BASE}/{self.zone}/dns_records(?:/([0-9a-f]{{32}}|batch))?", path)
        need(found, 404, code=7003, message="Could not route to the zone: no such identifier")
        if method == "GET":
            return 200, self.page(query), ()
        only(query, code=1001, message="unknown parameter")
        if found[1] == "batch":
            need(method == "POST", 405, code=10405, message="Method not allowed")
            return 200, self.envelope(self.batch(body)), ()
        kind = {"POST": "posts", "PUT": "puts", "PATCH": "patches", "DELETE": "deletes"}[method]
        need((method == "POST") == (found[1] is None), 405, code=10405, message="Method not allowed")
        return 200, self.envelope(self.batch({kind: [(body or {}) | ({"id": found[1]} if found[1] else {})]})[kind][0]), ()

    @staticmethod
    def envelope(result, info=None):
        return {"success": True, "errors": [], "messages": [], "result": result} | ({"result_info": info} if info else {})

    def page(self, query):
        only(query, "type", "name", "page", "per_page", code=1001, message="unknown parameter")
        rows = self.listed(query.get("name"), query.get("type"))
        page, size = int(query.get("page", 1)), int(query.get("per_page", 100))
        need(5 <= size <= 5000, 400, code=1004, message="per_page must be 5 to 5000")
        pages = page + 1 if self.endless else -(-len(rows) // size)
        here = rows[:size] if self.endless else rows[(page - 1) * size:page * size]
        return self.envelope([] if self.short_pages and page > 1 else [self.shown(row) for row in here],
                             {"page": page, "per_page": size, "count": len(here), "total_count": len(rows) if not self.endless else pages * size,
                              "total_pages": pages + 1 if self.short_pages else pages})

    def batch(self, body):
        """All or nothing, in Cloudflare's order: deletes, patches, puts, posts."""
        only(body, "deletes", "patches", "puts", "posts", code=1001, message="unknown member")
        before = [dict(row) for row in self.rows]
        try:
            done = {kind: [getattr(self, f"do_{kind}")(item) for item in body.get(kind, [])] for kind in
                    ("deletes", "patches", "puts", "posts")}
        except Exception:
            self.rows = before
            raise
        self.publish(*{(row["owner"], row["type"]) for row in before + self.rows
                       if [r for r in before if (r["owner"], r["type"]) == (row["owner"], row["type"])] != self.of(row["owner"], row["type"])})
        return {kind: rows for kind, rows in done.items() if rows}

    def row_of(self, item):
        row = next((row for row in self.rows if row["id"] == item.get("id")), None)
        need(row, 404, code=81044, message="Record does not exist.")
        need(not row.get("managed"), 400, code=1046, message="This record is managed by Email Routing.")
        return row

    def do_deletes(self, item):
        only(item, "id", code=1001, message="unknown member")
        row = self.row_of(item)
        self.rows.remove(row)
        return {"id": row["id"]}

    def do_puts(self, item):
        row = self.row_of(item)
        owner, rrtype, ttl, data = self.taken({key: value for key, value in item.items() if key != "id"}, row)
        row.update(owner=owner, type=rrtype, ttl=ttl, data=data, proxied=item.get("proxied", False))
        return self.shown(row)

    def do_patches(self, item):
        row = self.row_of(item)
        now = self.shown(row)
        return self.do_puts({key: now[key] for key in ("type", "name", "content", "ttl", "priority", "proxied", "data") if key in now} | item)

    def do_posts(self, item):
        return self.shown(self.add(*self.taken(item, None)))

    def taken(self, item, old):
        only(item, *MEMBERS, code=1001, message="unknown member")
        owner, rrtype, ttl, content = (item.get(key) for key in ("name", "type", "ttl", "content"))
        need(owner == APEX or str(owner).endswith(f".{APEX}"), 400, code=9000, message="DNS name is invalid.")
        need(rrtype not in ("SOA", None), 400, code=1004, message="the type is not possible")
        need(ttl == 1 or (isinstance(ttl, int) and 60 <= ttl <= 86400), 400, code=9021,
             message="Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        need(content or rrtype in PARTS, 400, code=9005, message="Content is invalid.")
        data = content
        if rrtype in PARTS:
            data = self.joined(rrtype, item.get("data"))
        elif rrtype == "MX":
            need(isinstance(item.get("priority"), int), 400, code=9005, message="priority is needed")
            data = f"{item['priority']} {content.rstrip('.')}."
        elif rrtype in ("CNAME", "NS"):
            data = f"{content.rstrip('.')}."
        elif rrtype == "TXT":
            need(re.fullmatch(r'"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*', content), 400, code=9005, message="quotes are needed")
        others = [row for row in self.rows if row is not old and row["owner"] == owner]
        need(not any((row["type"], row["data"]) == (rrtype, data) for row in others), 400, code=81058,
             message="An identical record already exists.")
        need(not any("CNAME" in (rrtype, row["type"]) for row in others if owner != APEX), 400, code=81053,
             message="An A, AAAA, or CNAME record with that host already exists.")
        return owner, rrtype, 300 if ttl == 1 else ttl, data

    @staticmethod
    def joined(rrtype, parts):
        """What has parts is taken in parts: its content is only shown."""
        need(isinstance(parts, dict) and set(parts) == set(PARTS[rrtype]), 400, code=9101, message="data is a required data object.")
        words = [str(parts[name]) for name in PARTS[rrtype]]
        if rrtype == "CAA":
            words[2] = f'"{words[2]}"'
        return " ".join(words) + ("." if rrtype == "SRV" else "")

    @staticmethod
    def shown(row):
        proxied = row.get("proxied", False)
        out = {"id": row["id"], "name": row["owner"], "type": row["type"], "ttl": 1 if proxied else row["ttl"],
               "proxiable": row["type"] in ("A", "AAAA", "CNAME"), "proxied": proxied, "locked": False,
               "meta": {"email_routing": True, "read_only": True} if row.get("managed") else {}, "comment": None, "tags": []}
        data = row["data"]
        if row["type"] in PARTS:
            words = data.split(None, len(PARTS[row["type"]]) - 1)
            out["data"] = {name: int(word) if word.isdecimal() else word.strip('"').rstrip(".") for name, word in zip(PARTS[row["type"]], words)}
        if row["type"] in ("MX", "SRV"):
            priority, data = data.split(None, 1)
            out["priority"] = int(priority)
        return out | {"content": data.rstrip(".") if row["type"] in ("MX", "SRV", "CNAME", "NS") else data}
