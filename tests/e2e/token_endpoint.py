"""A token endpoint for tests: strict where real ones are, and failing on demand.

    with TokenEndpoint(address, cert, key) as idp:
        idp.clients["app"] = {"certificate": path}           # or {"secret": "…"}, or {} for a public client
        idp.service_accounts["sa@x"] = path_of_public_key
        idp.revoke_all()                                      # every token given so far is dead

It speaks client credentials (secret; PS256 assertion with x5t#S256), the JWT bearer grant (RS256), device
code, authorization code with PKCE S256, and refresh tokens that work once. Signatures are judged by openssl.
`/introspect` is for the mail server. What was wrong with a request is kept in `complaints`.
"""

import base64
import hashlib
import http.server
import json
import secrets
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Refused(Exception):
    def __init__(self, error, description=""):
        super().__init__(error)
        self.answer = {"error": error, "error_description": description}


def unbase64(text):
    if "=" in text or "+" in text or "/" in text:
        raise Refused("invalid_request", "no base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(public_key, alg, signed, signature):
    """By openssl, an implementation of its own command line."""
    options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if alg == "PS256" else []
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sig").write_bytes(signature)
        Path(folder, "text").write_bytes(signed)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(public_key), *options, "-signature",
                               f"{folder}/sig", f"{folder}/text"], capture_output=True, check=False)
    return done.returncode == 0


class TokenEndpoint:
    def __init__(self, address, cert, key, lifetime=3600):
        self.clients, self.service_accounts = {}, {}
        self.lifetime = lifetime
        self.tokens, self.refresh, self.codes, self.devices, self.used_jti = {}, {}, {}, {}, set()
        self.complaints, self.grants = [], []
        self.fail_next = []  # HTTP statuses to answer with instead
        self.pending_polls = 1
        self.guard = threading.RLock()
        self.server = http.server.ThreadingHTTPServer((address, 443), self.handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.plain = http.server.ThreadingHTTPServer((address, 80), self.handler())  # for the mail server alone
        self.address = address
        self.url = None  # as the client names it: the audience of assertions

    def __enter__(self):
        for server in (self.server, self.plain):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in (self.server, self.plain):
            server.shutdown()
            server.server_close()

    def handler(self):
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                self.reply(*endpoint.post(urllib.parse.urlparse(self.path).path, self.headers, body))

            def do_GET(self):
                self.reply(*endpoint.get(urllib.parse.urlparse(self.path)))

            def reply(self, status, answer, location=None):
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(text)

        return Handler

    # ---- what the mail server asks

    def introspect(self, token):
        with self.guard:
            known = self.tokens.get(token)
            active = known is not None and time.time() < known["ends"]
        return 200, {"active": active, "username": known["user"]} if active else {"active": False}

    def revoke_all(self):
        with self.guard:
            self.tokens.clear()

    # ---- requests

    def post(self, path, headers, body):
        form = {key: values for key, values in urllib.parse.parse_qs(body, keep_blank_values=True).items()}
        if path == "/introspect":
            return self.introspect(form["token"][0])
        with self.guard:
            if self.fail_next:
                return self.fail_next.pop(0), {}
            try:
                if headers.get("Content-Type") != "application/x-www-form-urlencoded":
                    raise Refused("invalid_request", "wrong content type")
                if any(len(values) != 1 for values in form.values()):
                    raise Refused("invalid_request", "a parameter twice")
                form = {key: values[0] for key, values in form.items()}
                return 200, self.device(form) if path == "/device" else self.token(form)
            except Refused as refusal:
                if refusal.answer["error"] not in ("authorization_pending", "slow_down"):
                    self.complaints.append(refusal.answer)
                return 400, refusal.answer
            except (KeyError, ValueError) as error:
                self.complaints.append(repr(error))
                return 400, {"error": "invalid_request", "error_description": repr(error)}

    def get(self, url):
        """The login page, with a person behind it who agrees at once."""
        query = {key: values[0] for key, values in urllib.parse.parse_qs(url.query).items()}
        if url.path != "/authorize" or query.get("response_type") != "code" or query["client_id"] not in self.clients:
            return 404, {}
        if query.get("code_challenge_method") != "S256" or not query["redirect_uri"].startswith("http://localhost:"):
            return 400, {"error": "invalid_request"}
        code = secrets.token_urlsafe()
        self.codes[code] = query
        return 302, {}, f"{query['redirect_uri']}?{urllib.parse.urlencode({'code': code, 'state': query['state']})}"

    def token(self, form):
        grant = form["grant_type"]
        self.grants.append(grant)
        if grant == BEARER:
            return self.give(self.service_account(form["assertion"]), refresh=False)
        client = self.client(form)
        if grant == "client_credentials":
            if not self.clients[client] or not form["scope"]:
                raise Refused("unauthorized_client", "a public client")
            return self.give("app", refresh=False)
        if grant == "refresh_token":
            if self.refresh.pop(form["refresh_token"], None) != client:
                raise Refused("invalid_grant", "AADSTS700082: the refresh token has expired")
        elif grant == DEVICE:
            self.poll(form["device_code"])
        elif grant == "authorization_code":
            self.code(form)
        else:
            raise Refused("unsupported_grant_type")
        return self.give("app", refresh=client)

    def give(self, user, refresh):
        token = "at-" + secrets.token_urlsafe(600)  # as long as real ones
        self.tokens[token] = {"user": user, "ends": time.time() + self.lifetime}
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}
        if refresh:
            answer["refresh_token"] = "rt-" + secrets.token_urlsafe(40)
            self.refresh[answer["refresh_token"]] = refresh
        return answer

    # ---- who asks

    def client(self, form):
        known = self.clients.get(form["client_id"])
        if known is None:
            raise Refused("unauthorized_client", "AADSTS700016: no such application")
        if "secret" in known and form.get("client_secret") != known["secret"]:
            raise Refused("invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if "certificate" in known:
            if form["client_assertion_type"] != ASSERTION or "client_secret" in form:
                raise Refused("invalid_client", "no assertion")
            self.client_assertion(form["client_assertion"], form["client_id"], known["certificate"])
        return form["client_id"]

    def client_assertion(self, jwt, client, certificate):
        der = subprocess.run(["openssl", "x509", "-in", certificate, "-outform", "DER"], capture_output=True, check=True).stdout
        with tempfile.NamedTemporaryFile() as public:
            public.write(subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"],
                                        capture_output=True, check=True).stdout)
            public.flush()
            header, claims = self.signed(jwt, public.name, "PS256")
        if unbase64(header["x5t#S256"]) != hashlib.sha256(der).digest():
            raise Refused("invalid_client", "AADSTS700027: the thumbprint is of another certificate")
        if claims["iss"] != client or claims["sub"] != client or claims["exp"] - claims["iat"] > 600:
            raise Refused("invalid_client", "AADSTS700024: wrong iss, sub or exp")
        if not claims["nbf"] <= time.time() or claims["jti"] in self.used_jti:
            raise Refused("invalid_client", "the assertion was used before, or is from the future")
        self.used_jti.add(claims["jti"])

    def service_account(self, jwt):
        issuer = json.loads(unbase64(jwt.split(".")[1]))["iss"]
        if issuer not in self.service_accounts:
            raise Refused("invalid_grant", "Invalid JWT: no such account")
        _, claims = self.signed(jwt, self.service_accounts[issuer], "RS256")
        if not claims["scope"] or "@" not in claims["sub"] or claims["exp"] - claims["iat"] > 3600:
            raise Refused("invalid_grant", "Invalid JWT: scope, sub or exp")
        return claims["sub"]

    def signed(self, jwt, public_key, alg):
        first, second, third = jwt.split(".")
        header, claims = json.loads(unbase64(first)), json.loads(unbase64(second))
        if header["alg"] != alg or not verify(public_key, alg, f"{first}.{second}".encode(), unbase64(third)):
            raise Refused("invalid_client", "AADSTS700027: the signature is not of this key")
        if claims["aud"] != self.url or not time.time() - 600 < claims["iat"] < time.time() + 5 or claims["exp"] < time.time():
            raise Refused("invalid_client", "AADSTS700024: wrong aud, iat or exp")
        return header, claims

    # ---- a person

    def device(self, form):
        code = secrets.token_urlsafe()
        self.devices[code] = {"client": self.client(form), "polls": 0, "next": time.time() + 1}
        return {"device_code": code, "user_code": "WDJB-MJHT", "verification_uri": "https://login.example/device",
                "expires_in": 600, "interval": 1}

    def poll(self, code):
        device = self.devices[code]
        device["polls"] += 1
        if time.time() < device["next"] - 0.05:
            self.complaints.append("polled too soon")
            raise Refused("slow_down")
        device["next"] = time.time() + 1
        if device["polls"] <= self.pending_polls:
            raise Refused("authorization_pending")
        del self.devices[code]

    def code(self, form):
        asked = self.codes.pop(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            raise Refused("invalid_grant", "the code belongs to another login")
