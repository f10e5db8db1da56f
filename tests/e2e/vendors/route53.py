"""AWS Route 53."""

import bisect
import datetime
import hashlib
import hmac
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from .api import APEX, Api, Refused, need

KEY_ID, KEY = "AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
ZONE, PRIVATE, OTHER = "Z2FDTNDATAQYW2", "Z0PRIVATE7SAME", "Z3AADJGX6KTTL2"
ORDER = {"ChangeBatch": ["Comment", "Changes"], "Change": ["Action", "ResourceRecordSet"],
         "ResourceRecordSet": ["Name", "Type", "TTL", "ResourceRecords"], "ResourceRecord": ["Value"]}


class Route53(Api):
    """Signed requests, XML, one batch that is done whole or not at all, each deletion to the letter (PROVIDERS.md 6)."""

    host, provider = "route53.amazonaws.com", "route53"
    credentials = {"access_key_id": KEY_ID, "secret_access_key": KEY}
    mx_read, mx_reads = f"name={APEX}.", 3  # the TXT, the MX, and what is at the apex when both are compared
    refuses_writes = (403, {"code": "AccessDenied", "message": "User: arn:aws:iam::123456789012:user/x is not authorized to "
                            "perform: route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/" + ZONE})
    closed_to = (403, {"code": "OptInRequired", "message": "The AWS Access Key Id needs a subscription for the service"})
    closed_says = ("does not let this account", "AWS console")
    throttles = (400, {"code": "Throttling", "message": "Rate exceeded"}, ())
    malformed = ("text/xml", b'<?xml version="1.0"?>\n<ListResourceRecordSetsResponse xmlns="' + NAMESPACE.encode() + b'"><Resou')
    loops = False  # a page is followed by itself
    page = 4  # RRsets, whatever is asked for
    clock_off = datetime.timedelta()  # of its clock

    def __init__(self, lab, octet=30):
        super().__init__(lab, octet)
        self.changes = {}  # id: how often it will be said to be PENDING
        self.special = [{"owner": f"cdn.{APEX}", "type": "A", "more": "<AliasTarget><HostedZoneId>Z2FDTN</HostedZoneId><DNSName>"
                         "d1.cloudfront.net.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>"}]
        self.special += [{"owner": f"eu.{APEX}", "type": "CNAME", "identifier": name, "more": f"<SetIdentifier>{name}</SetIdentifier>"
                          "<Weight>1</Weight><TTL>60</TTL>" + values([f"{name}.{APEX}."])} for name in ("blue", "green")]

    # -- the wire --

    def decode(self, text, headers):
        """The octets, for the signature, and the document."""
        if not text:
            return text, None
        need(headers.get("Content-Type") == "application/xml", 400, code="InvalidInput", message="no XML is sent")
        try:
            return text, ElementTree.fromstring(text)
        except ElementTree.ParseError as no:
            raise Refused(400, code="InvalidInput", message=f"Unable to parse XML: {no}") from None

    def encode(self, answer):
        if isinstance(answer, dict):
            answer = ("ErrorResponse", f"<Error><Type>Sender</Type><Code>{answer.get('code', 'InternalFailure')}</Code>"
                      f"<Message>{escape(answer['message'])}</Message></Error><RequestId>b25f48e8</RequestId>")
        name, inside = answer
        return "text/xml", f'<?xml version="1.0"?>\n<{name} xmlns="{NAMESPACE}">{inside}</{name}>'.encode()

    def signed(self, method, path, query, body, headers):
        """Signature Version 4, made here once more."""
        found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9]+)/aws4_request, "
                             r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})", headers.get("Authorization", ""))
        need(found, 403, code="MissingAuthenticationToken", message="Missing Authentication Token")
        key_id, day, region, service, names, signature = found.groups()
        need(key_id == KEY_ID, 403, code="InvalidClientTokenId", message="The security token included in the request is invalid.")
        need((region, service) == ("us-east-1", "route53"), 403, code="SignatureDoesNotMatch",
             message="Credential should be scoped to a valid region, not 'x'.")
        names, time = names.split(";"), headers.get("X-Amz-Date", "")
        need({"host", "x-amz-date"} <= set(names) and ("content-type" in names or body == b""), 403, code="SignatureDoesNotMatch",
             message="headers are missing in the signature")
        self.in_time(time, day)
        pairs = sorted((quoted(name), quoted(value)) for name, value in query.items())
        canonical = "\n".join([method, quoted(path, "/"), "&".join(f"{name}={value}" for name, value in pairs)]
                              + [f"{name}:{headers[name]}" for name in sorted(names)]
                              + ["", ";".join(names), hashlib.sha256(body).hexdigest()])
        scope = f"{day}/{region}/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{KEY}".encode()
        for part in (day, region, service, "aws4_request", text):
            key = hmac.digest(key, part.encode(), "sha256")
        need(hmac.compare_digest(key.hex(), signature), 403, code="SignatureDoesNotMatch", message="The request signature we calculated "
             f"does not match the signature you provided. Check your key.\n\nThe Canonical String should have been\n'{canonical}'")

    def in_time(self, time, day):
        need(re.fullmatch(r"\d{8}T\d{6}Z", time) and time.startswith(day), 403, code="SignatureDoesNotMatch", message="Date is invalid")
        sent = datetime.datetime.strptime(time, "%Y%m%dT%H%M%SZ")
        now = datetime.datetime.utcnow() + self.clock_off
        need(now - sent < datetime.timedelta(minutes=5), 403, code="SignatureDoesNotMatch",
             message=f"Signature expired: {time} is now earlier than {now:%Y%m%dT%H%M%SZ} (- 5 min.)")
        need(sent - now < datetime.timedelta(minutes=5), 403, code="SignatureDoesNotMatch",
             message=f"Signature not yet current: {time} is still later than {now:%Y%m%dT%H%M%SZ} (+ 5 min.)")

    # -- its requests --

    def request(self, method, path, query, body, headers):
        text, document = body
        self.signed(method, path, query, text, headers)
        if path == "/2013-04-01/hostedzonesbyname" and method == "GET":
            return 200, self.zones(query), ()
        if found := re.fullmatch(r"/2013-04-01/change/(C\w+)", path):
            return 200, self.change(found[1]), ()
        found = re.fullmatch(r"/2013-04-01/hostedzone/(\w+)(/rrset/?)?", path)
        need(found, 404, code="UnknownOperationException", message="no such path")
        zone = next((zone for zone in self.zone_rows() if zone[0] == found[1]), None)
        need(zone, 404, code="NoSuchHostedZone", message=f"No hosted zone found with ID: {found[1]}")
        if found[2] is None:
            need(method == "GET" and not query, 400, code="InvalidInput", message="not like this")
            return 200, ("GetHostedZoneResponse", zone_xml(*zone)), ()
        need(found[1] == ZONE, 403, code="AccessDenied", message="User is not authorized to access this resource")
        if method == "GET":
            return 200, self.records(query), ()
        need(method == "POST" and found[2] == "/rrset/" and not query, 400, code="InvalidInput", message="not like this")
        return 200, self.batch(document), ()

    @staticmethod
    def zone_rows():
        return [(PRIVATE, f"{APEX}.", True), (ZONE, f"{APEX}.", False), (OTHER, f"{APEX}.example.", False)]

    def zones(self, query):
        need(set(query) <= {"dnsname", "hostedzoneid", "maxitems"}, 400, code="InvalidInput", message="unknown parameter")
        need(query.get("dnsname", "").rstrip(".") == APEX and "hostedzoneid" not in query, 400, code="InvalidInput", message="another name")
        inside = "".join(zone_xml(*zone) for zone in self.zone_rows())
        return ("ListHostedZonesByNameResponse", f"<HostedZones>{inside}</HostedZones><DNSName>{APEX}.</DNSName>"
                "<IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>")

    def change(self, name):
        need(name in self.changes, 404, code="NoSuchChange", message=f"A change with the specified change ID does not exist: {name}")
        self.changes[name] -= 1
        return "GetChangeResponse", change_xml(name, "PENDING" if self.changes[name] > 0 else "INSYNC")

    # -- reading --

    def sets(self):
        """(sort key, name, type, identifier, what follows the type) of all RRsets, in Route 53's order."""
        plain = {}
        for row in self.rows:
            plain.setdefault((row["owner"], row["type"]), []).append(row)
        out = [(owner, rrtype, "", f"<TTL>{rows[0]['ttl']}</TTL>" + values([octal(row["data"]) for row in rows]))
               for (owner, rrtype), rows in plain.items()]
        out += [(row["owner"], row["type"], row.get("identifier", ""), row["more"]) for row in self.special]
        return sorted((place(owner, rrtype, identifier), f"{owner}.", rrtype, identifier, more) for owner, rrtype, identifier, more in out)

    def sets_of_many(self, begin, size):
        """The next of the many from that place on."""
        def where(i):
            return place(self.extra(i)["owner"], "A", "")
        first = bisect.bisect_left(range(self.many), begin, key=where)
        rows = [(where(i), self.extra(i)) for i in range(first, min(first + size, self.many))]
        return [(at, f"{row['owner']}.", "A", "", f"<TTL>{row['ttl']}</TTL>" + values([row["data"]])) for at, row in rows]

    def records(self, query):
        need(set(query) <= {"name", "type", "identifier", "maxitems"}, 400, code="InvalidInput", message="unknown parameter")
        need(("type" not in query or "name" in query) and ("identifier" not in query or "type" in query), 400, code="InvalidInput",
             message="type needs a name, identifier a type")
        size = int(query.get("maxitems", 300))
        need(1 <= size <= 300, 400, code="InvalidInput", message="maxitems is out of range")
        begin = place(query["name"].rstrip("."), query.get("type", ""), query.get("identifier", "")) if "name" in query else ()
        size = min(size, self.page)
        found = sorted([one for one in self.sets() if one[0] >= begin] + self.sets_of_many(begin, size + 1))
        inside = "".join(f"<ResourceRecordSet><Name>{star(name)}</Name><Type>{rrtype}</Type>{more}</ResourceRecordSet>"
                         for _, name, rrtype, _, more in found[:size])
        end = "<IsTruncated>false</IsTruncated>"
        if len(found) > size or self.loops:
            _, name, rrtype, identifier, _ = found[0 if self.loops else size]
            end = f"<IsTruncated>true</IsTruncated><NextRecordName>{star(name)}</NextRecordName><NextRecordType>{rrtype}</NextRecordType>"
            end += f"<NextRecordIdentifier>{identifier}</NextRecordIdentifier>" if identifier else ""
        return "ListResourceRecordSetsResponse", f"<ResourceRecordSets>{inside}</ResourceRecordSets>{end}<MaxItems>{size}</MaxItems>"

    # -- writing --

    def batch(self, document):
        """All of it is tried on a copy: only when nothing is wrong that becomes the zone."""
        need(document is not None and document.tag == f"{{{NAMESPACE}}}ChangeResourceRecordSetsRequest" and len(document) == 1, 400,
             code="InvalidInput", message="this is no ChangeResourceRecordSetsRequest")
        batch = document[0]
        in_order(document)
        changes = [one_change(change) for change in batch.find(f"{{{NAMESPACE}}}Changes")]
        need(changes, 400, code="InvalidInput", message="1 validation error detected: Value at 'changeBatch.changes' failed")
        all_values = [value for change in changes for value in change[4]]
        need(len(all_values) <= 1000 and sum(map(len, all_values)) <= 32000, 400, code="InvalidChangeBatch", message="[Too many]")
        now = {}
        for row in self.rows:
            now.setdefault((row["owner"], row["type"]), []).append((row["ttl"], row["data"]))
        faults = [fault for change in changes if (fault := self.apply_one(now, *change))]
        faults += [f"RRSet of type CNAME with DNS name {owner}. is not permitted as it conflicts with other records"
                   for owner, rrtype in now if rrtype == "CNAME" and sum(other == owner for other, _ in now) > 1]
        need(not faults, 400, code="InvalidChangeBatch", message=f"[{', '.join(faults)}]")
        self.rows = []
        for (owner, rrtype), rows in now.items():
            for ttl, data in rows:
                self.add(owner, rrtype, ttl, data)
        self.publish(*((owner, rrtype) for _, owner, rrtype, _, _ in changes))
        name = f"C{len(self.changes) + 1}SUBMITTED"
        self.changes[name] = 1
        return "ChangeResourceRecordSetsResponse", change_xml(name, "PENDING")

    @staticmethod
    def apply_one(now, action, owner, rrtype, ttl, data):
        what = f"resource record set [name='{owner}.', type='{rrtype}']"
        there = now.get((owner, rrtype))
        if action == "CREATE":
            if there:
                return f"Tried to create {what} but it already exists"
            now[(owner, rrtype)] = [(ttl, decimal(value)) for value in data]
            return None
        if not there:
            return f"Tried to delete {what} but it was not found"
        if sorted((ttl, value) for value in data) != sorted((ttl, octal(value)) for ttl, value in there):
            return f"Tried to delete {what} but the values provided do not match the current values"
        del now[(owner, rrtype)]
        return None


def one_change(change):
    """(action, owner, type, TTL, values), each as the vendor wants it."""
    def text(path):
        return change.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))
    action, owner, rrtype = text("Action"), text("ResourceRecordSet/Name").rstrip(".").lower(), text("ResourceRecordSet/Type")
    need(action in ("CREATE", "DELETE", "UPSERT"), 400, code="InvalidInput", message="Invalid Action")
    need(owner == APEX or owner.endswith(f".{APEX}"), 400, code="InvalidChangeBatch", message=f"[RRSet with DNS name {owner}. is not permitted]")
    need(rrtype not in ("SOA", "NS") or owner != APEX, 400, code="InvalidChangeBatch", message="[A zone must have its NS and SOA]")
    data = [value.text for value in change.iter(f"{{{NAMESPACE}}}Value")]
    need(data and all(data) and len(data) == len(set(data)), 400, code="InvalidChangeBatch", message="[Duplicate or missing value]")
    if rrtype == "TXT":
        for value in data:
            need(re.fullmatch(r'"(?:[^"\\]|\\\d{3}|\\.){0,255}"(?: +"(?:[^"\\]|\\\d{3}|\\.){0,255}")*', value), 400, code="InvalidChangeBatch",
                 message=f"[Invalid Resource Record: '{value}' : InvalidCharacterString]")
    if rrtype == "MX":
        for value in data:
            need(re.fullmatch(r"\d+ \S+", value), 400, code="InvalidChangeBatch", message="[InvalidRR: an MX is 'preference host']")
    return action, owner, rrtype, int(text("ResourceRecordSet/TTL")), data


def in_order(element):
    """Every element is of the namespace, known at its place, and in the order of the vendor's schema."""
    need(element.tag.startswith(f"{{{NAMESPACE}}}"), 400, code="InvalidInput", message=f"{element.tag} is of no namespace")
    names = [child.tag.partition("}")[2] for child in element]
    wanted = ORDER.get(element.tag.partition("}")[2])
    need(wanted is None or names == [name for name in wanted if name in names], 400, code="InvalidInput",
         message=f"Invalid XML: {names} in {element.tag}")
    for child in element:
        in_order(child)


def place(owner, rrtype, identifier):
    return tuple(reversed(owner.lower().replace("\\052", "*").split("."))), rrtype, identifier


def quoted(text, also=""):
    return urllib.parse.quote(text, safe="-_.~" + also)


def octal(data):
    return re.sub(r"\\(\d{3})", lambda found: f"\\{int(found[1]):03o}", data)


def decimal(data):
    return re.sub(r"\\(\d{3})", lambda found: f"\\{int(found[1], 8):03d}", data)


def star(name):
    return name.replace("*", "\\052")


def values(texts):
    return "<ResourceRecords>" + "".join(f"<ResourceRecord><Value>{escape(text)}</Value></ResourceRecord>" for text in texts) + "</ResourceRecords>"


def zone_xml(zone_id, name, private):
    return (f"<HostedZone><Id>/hostedzone/{zone_id}</Id><Name>{name}</Name><CallerReference>x</CallerReference><Config><PrivateZone>"
            f"{str(private).lower()}</PrivateZone></Config><ResourceRecordSetCount>9</ResourceRecordSetCount></HostedZone>")


def change_xml(name, status):
    return f"<ChangeInfo><Id>/change/{name}</Id><Status>{status}</Status><SubmittedAt>2026-11-22T12:00:00Z</SubmittedAt></ChangeInfo>"
