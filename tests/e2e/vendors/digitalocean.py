"""DigitalOcean."""

import re
import urllib.parse

from . import godaddy
from .api import APEX, Api, absolute, need


class DigitalOcean(Api):
    """Records with ids, pages of 20, targets with a dot on write (PROVIDERS.md 9)."""

    host, provider = "api.digitalocean.com", "digitalocean"
    credentials = {"token": "dop_v1_4711"}
    closed_to = (403, {"id": "forbidden", "message": "You do not have access for the attempted action."})
    endless = False  # each page is the first, and there is always one more
    next_host = None  # where the next page is said to be

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "Bearer dop_v1_4711", 401, id="unauthorized", message="Unable to authenticate you")
        found = re.fullmatch(rf"/v2/domains/{APEX}/records(?:/(\d+))?", path)
        need(found, 404, id="not_found", message="The resource you requested could not be found.")
        if method == "GET":
            return 200, self.page(query), ()
        if method == "POST":
            row = self.add(*self.taken(body))
            self.publish((row["owner"], row["type"]))
            return 201, {"domain_record": self.shown(row)}, ()
        row = next((row for row in self.rows if found[1] and row["id"] == int(found[1])), None)
        need(row, 404, id="not_found", message="The resource you requested could not be found.")
        if method == "DELETE":
            self.rows.remove(row)
            self.publish((row["owner"], row["type"]))
            return 204, None, ()
        need(method == "PUT", 405, id="method", message="not here")
        owner, rrtype, ttl, data = self.taken(body)
        need((owner, rrtype) == (row["owner"], row["type"]), 422, id="unprocessable_entity", message="name and type stay")
        row.update(ttl=ttl, data=data)
        self.publish((owner, rrtype))
        return 200, {"domain_record": self.shown(row)}, ()

    def page(self, query):
        rows = self.listed(query.get("name"), query.get("type"))
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 20)), 200)
        begin = 0 if self.endless else (page - 1) * size
        out = {"domain_records": [self.shown(row) for row in rows[begin:begin + size]], "links": {},
               "meta": {"total": len(rows)}}
        if page * size < len(rows) or self.next_host or self.endless:
            more = urllib.parse.urlencode(query | {"page": page + 1})
            out["links"] = {"pages": {"next": f"https://{self.next_host or self.host}/v2/domains/{APEX}/records?{more}"}}
        return out

    @staticmethod
    def taken(body):
        rrtype, data, ttl = body.get("type"), body.get("data", ""), body.get("ttl")
        need(isinstance(ttl, int) and ttl >= 30, 422, id="unprocessable_entity", message="ttl is too low")
        owner = absolute(body.get("name", ""))
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
        out = godaddy.GoDaddy.shown(row) | {"id": row["id"]}
        if row["type"] in ("CNAME", "NS") and out["data"] == APEX:
            out["data"] = "@"
        return out
