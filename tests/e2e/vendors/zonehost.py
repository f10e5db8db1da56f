"""A host that has one write, the whole zone: the worked example of docs/providers-described.md."""

import json
import re
from pathlib import Path

from .api import APEX, Api, absolute, need, only, relative

PAGE = Path(__file__).resolve().parents[3] / "docs/providers-described.md"
PATH = f"/v1/zones/{APEX}"
# A row that is no record, in a spelling of its own: blanks, an escape, a number with a nought behind it.
SHOP = '{"id": 7001, "host":"shop","type":"STOREFRONT","weight":0.10,"note":"caf\\u00e9 \\/ bar","nested":{"b":[1,2],"a":null}}'


def description():
    """The example of the page, for a person's own folder."""
    return next(text for text in re.findall(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S) if '"zone-host"' in text)


class ZoneHost(Api):
    """Rows with ids, one answer with a count, one PUT for all; beside the rows a list of redirects, which a write replaces too."""

    host, provider = "api.zone-host.example", "zone-host"
    credentials = {"token": "zh_4711"}
    mx_read = PATH
    closed_to = (403, {"error": {"text": "API access is not in your plan"}})
    refuses_writes = (403, {"error": {"text": "READ_ONLY"}})
    redirects = [{"from": "old", "to": f"https://{APEX}/"}]
    edits = 0  # so often was it written

    def project(self):
        cut = super().project()
        cut.variables = {"XDG_CONFIG_HOME": str(cut.dir / "home"), "XDG_STATE_HOME": str(cut.dir / "state")}
        path = cut.dir / "home/cutover/providers/zone-host.json"
        path.parent.mkdir(parents=True)
        path.write_text(description(), encoding="utf-8")
        for place in (path, path.parent):
            place.chmod(place.stat().st_mode & ~0o022)
        cut.run("providers", "zone-host", "--confirm", exits=0).says("PUT /zones/{zone}")
        return cut

    def request(self, method, path, query, body, headers):
        need(headers.get("Authorization") == "Bearer zh_4711", 401, error={"text": "who are you?"})
        need(path == PATH, 404, error={"text": "no such zone"})
        only(query, error={"text": "no such parameter"})
        if method == "GET":
            return 200, {"zone": APEX, "count": len(self.rows) + 1, "records": [json.loads(self.shown(row)) for row in self.rows] + ["@@"],
                         "redirects": self.redirects}, ()
        need(method == "PUT", 405, error={"text": "not here"})
        only(body, "records", "redirects", status=422, error={"text": "records and redirects"})
        need(SHOP.encode() in self.raw[1], 422, error={"text": "the storefront is not as it was"})
        self.put(body)
        return 204, None, ()

    def encode(self, answer):
        """With the odd row as it is spelled there."""
        return "application/json", json.dumps(answer).replace('"@@"', SHOP).encode()

    def shown(self, row):
        return json.dumps({"id": row["id"], "host": relative(row["owner"]), "type": row["type"], "ttl": row["ttl"], "data": row["data"],
                           "locked": False, "changed": self.edits})

    def put(self, body):
        """All of it is checked before any of it is done."""
        given = [row for row in body["records"] if row.get("id") != 7001]
        known = {row["id"]: row for row in self.rows}
        need(body.get("redirects") == self.redirects, 422, error={"text": "redirects would be lost"})
        new = [self.taken(row, known) for row in given]
        values = [(owner, rrtype, data) for _, owner, rrtype, _, data in new]
        need(len(set(values)) == len(values), 422, error={"text": "twice the same"})
        need(self.of_apex(new) == self.of_apex([(0, row["owner"], row["type"], row["ttl"], row["data"]) for row in self.rows]), 422,
             error={"text": "the NS are ours"})
        before = {(row["owner"], row["type"]): self.values(row) for row in self.rows}
        self.rows = []
        for number, owner, rrtype, ttl, data in new:
            self.add(owner, rrtype, ttl, data)["id"] = number or self.next_id
        self.edits += 1
        pairs = {(row["owner"], row["type"]) for row in self.rows} | set(before)
        self.publish(*(pair for pair in pairs if self.differs(pair, before)))

    @staticmethod
    def of_apex(rows):
        return sorted(row[1:] for row in rows if row[1:3] == (APEX, "NS"))

    def values(self, like):
        return sorted((row["ttl"], row["data"]) for row in self.of(like["owner"], like["type"]))

    def differs(self, pair, before):
        return sorted((row["ttl"], row["data"]) for row in self.of(*pair)) != before.get(pair, [])

    @staticmethod
    def taken(row, known):
        """A listed row comes back with all that it has, or with what makes a record of it."""
        number = row.get("id")
        need(number is None or number in known, 422, error={"text": f"no row {number}"})
        only(row, "id", "host", "type", "ttl", "data", "locked", "changed", status=422, error={"text": "no such member"})
        need(isinstance(row.get("ttl"), int) and 60 <= row["ttl"] <= 86400, 422, error={"text": "ttl"})
        need(row["type"] not in ("MX", "CNAME", "NS") or row["data"].endswith("."), 422, error={"text": "a name without its dot"})
        return number, absolute(row["host"]), row["type"], row["ttl"], row["data"]
