"""A token endpoint for signed assertions (RFC 7523), verified with the Python package cryptography, and a resource.

The first argument is the PEM of the public key. Whatever is not exactly as the standard says is refused: the algorithm,
the audience, a life of more than five minutes, a jti that was seen. Tokens are counted; the resource takes the newest.
The port is printed when it listens.
"""

import base64
import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

KEY = serialization.load_pem_public_key(sys.argv[1].encode())
SEEN = set()
TOKENS = []


def part(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def fault(form, own_url):
    if form.get("grant_type") != ["urn:ietf:params:oauth:grant-type:jwt-bearer"] or len(form.get("assertion", [])) != 1:
        return "unsupported_grant_type"
    head, claims, signature = form["assertion"][0].split(".")
    try:
        KEY.verify(part(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except Exception:
        return "invalid_grant"
    head, claims = json.loads(part(head)), json.loads(part(claims))
    good = (
        head == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
        and claims["iss"] == "robot@project.example"
        and claims["sub"] == "ada@example.com"
        and claims["scope"] == "one two"
        and claims["aud"] == own_url
        and 0 < claims["exp"] - claims["iat"] <= 300
        and len(claims["jti"]) >= 16
        and claims["jti"] not in SEEN
    )
    SEEN.add(claims["jti"])
    return None if good else "invalid_grant"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        error = fault(form, f"http://{self.headers['host']}{self.path}")
        if error:
            return self.send(400, {"error": error})
        TOKENS.append(f"exchanged-token-{len(TOKENS)}-0123456789")
        self.send(200, {"access_token": TOKENS[-1], "token_type": "Bearer", "expires_in": "3600"})

    def do_GET(self):
        given = self.headers.get("authorization", "")
        if self.path == "/withdraw":
            TOKENS.append("withdrawn")
        good = TOKENS and given == f"Bearer {TOKENS[-1]}"
        self.send(200 if good else 401, {"given": given, "tokens": len(TOKENS)})

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
