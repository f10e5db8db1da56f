"""Namecheap's XML API."""

import itertools
import time
import urllib.parse
from xml.sax.saxutils import escape, quoteattr

from .api import APEX, Api, Listing, Refused, Stream, absolute, joined, need, quoted, relative

USER, KEY, ADDRESS = "treyresearch", "d41474b94e7d4536baabb074a09c96bd", "203.0.113.7"
TYPES = ("A", "AAAA", "ALIAS", "CAA", "CNAME", "MX", "MXE", "NS", "TXT", "URL", "URL301", "FRAME")
SERVICES = {"FWD": [f"{pref} eforward{n}.registrar-servers.com." for n, pref in enumerate((10, 10, 10, 15, 20), 1)],
            "OX": ["10 mx1.privateemail.com.", "10 mx2.privateemail.com."],
            "GMAIL": ["1 aspmx.l.google.com.", "5 alt1.aspmx.l.google.com."]}
CALLER = {"ApiUser", "ApiKey", "UserName", "ClientIp", "Command"}


def no(number, words):
    """The API says no in HTTP 200."""
    return Refused(200, number=number, message=words)


class Namecheap(Api):
    """All rows at once, with the mail setting; a caller's address; 20 requests a minute, then 405 (PROVIDERS.md 4)."""

    host, provider = "api.namecheap.com", "namecheap"
    credentials = {"key": KEY}
    options = f"  api_user: {USER}\n  client_ip: {ADDRESS}\n"
    mx_read = "getHosts"
    malformed = ("text/xml", b'<?xml version="1.0"?>\n<ApiResponse Status="OK"><CommandResponse><DomainDNSGetHostsResult Domain="')
    throttles = (405, None, ())
    refuses_writes = (200, {"number": 2030166, "message": "Edit permission for domain is not supported"})
    closed_says = ("does not take requests from this address", "Whitelisted IPs")
    per_minute = 20
    allowed = (ADDRESS,)
    mail = "MX"
    ours = True  # the domain uses Namecheap's name servers
    loses = None  # (owner, type) of a row that a write drops
    cuts = 0  # so many rows are missing in the next answer of getHosts, which is well-formed all the same

    def __init__(self, lab, octet=30):
        super().__init__(lab, octet)
        self.calls, self.commands, self.taken_writes = [], [], []
        self.redirects = [{"owner": f"old.{APEX}", "type": "URL301", "ttl": 1800, "data": f"http://www.{APEX}/?from=old&x=1"}]

    def close_account(self):
        """The address is none that the account allows."""
        self.allowed = ()

    # -- the wire --

    def decode(self, text, headers):
        if not text:
            return {}
        need(headers.get("Content-Type") == "application/x-www-form-urlencoded", 400, number=1010104, message="a form is needed")
        return dict(urllib.parse.parse_qsl(text.decode(), keep_blank_values=True, strict_parsing=True))

    def encode(self, answer):
        if isinstance(answer, dict):
            status, errors, inside = "ERROR", f'<Error Number="{answer.get("number", 5050900)}">{escape(answer["message"])}</Error>', ""
        else:
            status, errors, inside = "OK", "", answer
        return "text/xml; charset=utf-8", (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<ApiResponse Status="{status}" xmlns="http://api.namecheap.com/xml.response"><Errors>{errors}</Errors><Warnings />'
            f'<CommandResponse>{inside}</CommandResponse><Server>PHX01APIEXT03</Server></ApiResponse>').encode()

    def asked(self, path, query, body):
        return f"{path}?{(query | body).get('Command')}"

    def writing(self, method, path, query, body):
        return (query | body).get("Command", "").endswith(".setHosts")

    def request(self, method, path, query, body, headers):
        need(path == "/xml.response", 404, number=1010104, message="not here")
        self.calls = [at for at in self.calls if time.monotonic() - at < 60] + [time.monotonic()]
        if len(self.calls) > self.per_minute:
            return 405, None, ()
        given = query | body
        need(not query, 200, number=1010104, message="a key has no business in an address")
        if given.get("ApiUser") != USER or given.get("UserName") != USER:
            raise no(1017101, "Parameter ApiUser is disabled or locked")
        if given.get("ApiKey") != KEY:
            raise no(1011102, "Parameter APIKey is missing")
        if given.get("ClientIp") not in self.allowed:
            raise no(1011150, "Parameter RequestIP is invalid")
        command = given.get("Command", "")
        self.commands.append(command.removeprefix("namecheap."))
        mine = {name: value for name, value in given.items() if name not in CALLER}
        if command == "namecheap.domains.getList":
            return 200, self.domains(mine), ()
        if (mine.pop("SLD", ""), mine.pop("TLD", "")) != tuple(APEX.split(".", 1)):
            raise no(2019166, "Domain not found")
        if command == "namecheap.domains.dns.getHosts":
            return 200, self.hosts(mine), ()
        if command == "namecheap.domains.dns.setHosts":
            return 200, self.set_hosts(mine), ()
        raise no(1010104, "Parameter Command is invalid")

    @staticmethod
    def domains(given):
        page, size, word = int(given.pop("Page", 1)), int(given.pop("PageSize", 20)), given.pop("SearchTerm", "")
        if given or not 10 <= size <= 100:
            raise no(2010324, f"Parameter is invalid: {given or size}")
        names = [name for name in ("nwtraders.com", APEX, "example.co.uk") if word in name]
        rows = "".join(f'<Domain ID="{i}" Name="{name}" User="{USER}" IsExpired="false" IsLocked="false" IsOurDNS="true" />'
                       for i, name in enumerate(names[(page - 1) * size:page * size], 127))
        return (f'<DomainGetListResult>{rows}</DomainGetListResult><Paging><TotalItems>{len(names)}</TotalItems>'
                f'<CurrentPage>{page}</CurrentPage><PageSize>{size}</PageSize></Paging>')

    def writes(self):
        """Those that were carried out: a refusal has HTTP 200 too."""
        return self.taken_writes

    # -- the rows --

    def hidden(self, row):
        """What the API does not show: the name servers, SRV records, and the MX of forwarding."""
        return (row["owner"], row["type"]) == (APEX, "NS") or row["type"] not in TYPES or (row["type"] == "MX" and self.mail == "FWD")

    def shown(self):
        return [row for row in self.rows if not self.hidden(row)] + self.redirects

    def hosts(self, given):
        if given:
            raise no(2010324, f"Parameter is invalid: {given}")
        rows = self.shown()
        rows, self.cuts = rows[:len(rows) - self.cuts], 0
        head = f'<DomainDNSGetHostsResult Domain="{APEX}" EmailType="{self.mail}" IsUsingOurDNS="{str(self.ours).lower()}">'
        rows = map(self.host_row, enumerate(Listing(rows, self.many, self.extra), 522989370))
        if not self.many:
            return head + "".join(rows) + "</DomainDNSGetHostsResult>"
        kind, whole = self.encode(head + "@@</DomainDNSGetHostsResult>")
        before, after = whole.decode().split("@@")
        return Stream(kind, itertools.chain([before], rows, [after]))

    def long_answer(self):
        return self.hosts({})

    @staticmethod
    def host_row(numbered):
        number, row = numbered
        pref, address = "10", joined(row["data"]) if row["type"] == "TXT" else row["data"]
        if row["type"] == "MX":
            pref, address = address.split()
        return (f'<host HostId="{number}" Name={quoteattr(relative(row["owner"]))} Type="{row["type"]}" Address={quoteattr(address)} '
                f'MXPref="{pref}" TTL="{row["ttl"]}" AssociatedAppTitle="" FriendlyName="" IsActive="true" IsDDNSEnabled="false" />')

    def use_service(self, mail):
        """The domain's mail is a service of Namecheap's, whose MX records come with the setting."""
        gone = {(row["owner"], row["type"]) for row in self.rows if row["type"] == "MX"}
        self.rows = [row for row in self.rows if row["type"] != "MX"]
        self.mail = mail
        for data in SERVICES[mail]:
            self.add(APEX, "MX", 1800, data)
        self.publish(*gone, (APEX, "MX"))

    # -- the write --

    def set_hosts(self, given):
        if not self.ours:
            raise no(2030288, "Cannot complete this command as this domain is not using proper DNS servers")
        mail = given.pop("EmailType", "FWD")  # whoever leaves it out gets the default
        rows = []
        while f"HostName{len(rows) + 1}" in given:
            rows.append(self.taken(given, len(rows) + 1))
        if given or not rows:
            raise no(2010324, f"Parameter is invalid: {given or 'there is no host'}")
        self.store([row for row in rows if row["type"] != "MX" or mail == "MX"], mail)
        return f'<DomainDNSSetHostsResult Domain="{APEX}" IsSuccess="true"><Warnings /></DomainDNSSetHostsResult>'

    def taken(self, given, n):
        name, rrtype, address = (given.pop(f"{word}{n}", "") for word in ("HostName", "RecordType", "Address"))
        ttl, pref = int(given.pop(f"TTL{n}", 1800)), given.pop(f"MXPref{n}", "10")
        if rrtype not in TYPES or not name or not address or not 60 <= ttl <= 60000:
            raise no(2015280, f"Invalid record: {name} {rrtype} {address} {ttl}")
        owner, data = absolute(name), address
        if rrtype in ("CNAME", "NS", "MX"):
            data = address.rstrip(".") + "."
        if rrtype == "MX":
            data = f"{self.known_preference(owner, data) or pref} {data}"
        if rrtype == "TXT":
            data = quoted(address.replace('"', ""))
        return {"id": 0, "owner": owner, "type": rrtype, "ttl": ttl, "data": data}

    def known_preference(self, owner, target):
        """A preference that alone is changed is not taken."""
        return next((row["data"].split()[0] for row in self.of(owner, "MX") if row["data"].split()[1] == target), None)

    def store(self, rows, mail):
        before = list(self.rows)
        rows = [row for row in rows if (row["owner"], row["type"]) != self.loses]
        self.redirects = [row for row in rows if row["type"].startswith("URL")]
        self.rows = [row for row in self.rows if self.hidden(row) and row["type"] != "MX"]
        self.rows += [row for row in rows if row not in self.redirects]
        self.mail = mail
        for data in SERVICES.get(mail, ()):
            self.add(APEX, "MX", 1800, data)
        self.taken_writes.append(("POST", "/xml.response"))
        now = sets_of(self.rows)
        was = sets_of(before)
        self.publish(*sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key)))


def sets_of(rows):
    """RRsets by owner and type: only those that differ are published."""
    sets = {}
    for row in rows:
        sets.setdefault((row["owner"], row["type"]), set()).add((row["ttl"], row["data"]))
    return sets
