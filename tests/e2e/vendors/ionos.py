"""IONOS, the hosting DNS."""

import re
import uuid

from .api import APEX, Api, joined, need, only, quoted, stream_json

ZONE = "11af3414-ebba-11e9-8df5-66fbe8a334b4"
TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT", "CAA", "TLSA", "SMIMEA", "SSHFP", "DS", "HTTPS", "SVCB", "CERT", "URI",
         "RP", "LOC", "OPENPGPKEY")


class Ionos(Api):
    """Records with ids; a PATCH replaces the RRsets that it names, whole. No pages, absolute names without dot (PROVIDERS.md 3)."""

    host, provider = "api.hosting.ionos.com", "ionos"
    credentials = {"prefix": "c42a5f4e0b8d4b4e", "secret": "pQ7x-2_ns"}
    refuses_writes = (401, {"code": "UNAUTHORIZED", "message": "The customer is not authorized to do this operation."})
    closed_to = (403, {"code": "FORBIDDEN", "message": "The customer is not allowed to use this API."})
    mail_is_active = False  # then the mail service brings back its own MX after every change

    def add(self, owner, rrtype, ttl, data):
        row = super().add(owner, rrtype, ttl, data)
        row["id"] = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{row['id']}.{owner}"))
        return row

    def refusal(self, no):
        return [no.body]

    def request(self, method, path, query, body, headers):
        need(headers.get("User-Agent"), 503, code="SERVICE_UNAVAILABLE", message="no user agent")
        need(headers.get("X-API-Key") == ".".join(self.credentials.values()), 401, code="UNAUTHORIZED",
             message="The customer is not authorized to do this operation.")
        if path == "/dns/v1/zones":
            need(method == "GET", 405, code="METHOD_NOT_ALLOWED", message="not here")
            only(query)
            return 200, [{"name": "example.net", "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.net")), "type": "NATIVE"},
                         {"name": APEX, "id": ZONE, "type": "NATIVE"}], ()
        found = re.fullmatch(r"/dns/v1/zones/([^/]+)(?:/records(?:/([^/]+))?)?", path)
        need(found and found[1] == ZONE, 404, code="ZONE_NOT_FOUND", message="Zone does not exist.")
        if path.endswith(ZONE):
            return self.zone(method, query, body)
        only(query)
        return self.one(method, found[2], body) if found[2] else self.create(method, body)

    def zone(self, method, query, body):
        if method == "GET":
            only(query, "suffix", "recordName", "recordType")
            rows = (row for row in self.listed(query.get("recordName")) if row["type"] in query.get("recordType", row["type"]).split(",")
                    and row["owner"].endswith(query.get("suffix", "")))
            answer = {"name": APEX, "id": ZONE, "type": "NATIVE", "records": ["@@"]}
            if self.many and "recordName" not in query:
                return 200, stream_json(answer, map(self.shown, rows)), ()
            return 200, answer | {"records": [self.shown(row) for row in rows]}, ()
        only(query)
        need(method == "PATCH" and isinstance(body, list) and body, 400, code="INVALID_RECORD", message="an array is needed")
        taken = [self.taken(row) for row in body]
        named = list(dict.fromkeys((owner, rrtype) for owner, rrtype, _, _ in taken))
        self.rows = [row for row in self.rows if (row["owner"], row["type"]) not in named]
        added = [self.add(*row) for row in taken]
        if self.mail_is_active and (APEX, "MX") in named:
            self.add(APEX, "MX", 3600, "10 mx00.ionos.de.")
        self.publish(*named)
        return 200, [self.shown(row) for row in added], ()

    def create(self, method, body):
        need(method == "POST" and isinstance(body, list) and body, 405, code="METHOD_NOT_ALLOWED", message="not here")
        added = [self.add(*self.taken(row)) for row in body]
        self.publish(*((row["owner"], row["type"]) for row in added))
        return 201, [self.shown(row) for row in added], ()

    def one(self, method, number, body):
        row = next((row for row in self.rows if row["id"] == number), None)
        need(row, 404, code="RECORD_NOT_FOUND", message="Record does not exist.")
        if method == "DELETE":
            self.rows.remove(row)
        else:
            need(method == "PUT", 405, code="METHOD_NOT_ALLOWED", message="not here")
            only(body, "content", "ttl", "prio", "disabled")
            _, _, row["ttl"], row["data"] = self.taken({"name": row["owner"], "type": row["type"]} | body)
        self.publish((row["owner"], row["type"]))
        return 200, None, ()

    @staticmethod
    def taken(row):
        """(owner, type, TTL, data) of a record that is sent."""
        only(row, "name", "type", "content", "ttl", "prio", "disabled", status=400, code="INVALID_RECORD", message="unknown member")
        owner, rrtype, ttl, content = (row.get(key) for key in ("name", "type", "ttl", "content"))
        need(owner == APEX or str(owner).endswith(f".{APEX}"), 400, code="INVALID_RECORD", message="the name is not in the zone")
        need(rrtype in TYPES and rrtype not in ("SOA", "NS"), 400, code="INVALID_RECORD", message="the type is not possible")
        need(isinstance(ttl, int) and 60 <= ttl <= 604800, 400, code="INVALID_RECORD", message="ttl must be 60 to 604800")
        need(content and not content.endswith("."), 400, code="INVALID_RECORD", message="content is no value")
        if rrtype in ("MX", "SRV"):
            need(isinstance(row.get("prio"), int), 400, code="INVALID_RECORD", message="prio is needed")
            content = f"{row['prio']} {content}."
        elif rrtype == "TXT":
            content = content if content.startswith('"') else quoted(content)
            need(joined(content) is not None, 400, code="INVALID_RECORD", message="quotes do not match")
        elif rrtype == "CNAME":
            content += "."
        return owner, rrtype, ttl, content

    @staticmethod
    def shown(row):
        out = {"id": row["id"], "name": row["owner"], "rootName": APEX, "type": row["type"], "ttl": row["ttl"],
               "changeDate": "2026-11-22T10:00:00.000Z", "disabled": row.get("disabled", False)}
        data = row["data"]
        if row["type"] in ("MX", "SRV"):
            prio, data = data.split(None, 1)
            out["prio"] = int(prio)
        return out | {"content": data.rstrip(".") if row["type"] in ("MX", "SRV", "CNAME", "NS") else data}
