"""Answers 200 to requests whose OAuth 1.0a signature oauthlib accepts, and 401 to others.

The first argument is the PEM of the public key for the RSA methods. The port is printed when it listens.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint
from oauthlib.oauth1.rfc5849 import signature

RSA_KEY = sys.argv[1]


class Validator(RequestValidator):
    enforce_ssl = False
    client_key_length = (3, 30)
    nonce_length = (20, 40)
    safe_characters = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    allowed_signature_methods = (
        "HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA1", "RSA-SHA256", "RSA-SHA512", "PLAINTEXT",
    )
    timestamp_lifetime = 10**9
    dummy_client = "dummy"
    seen = set()

    def validate_client_key(self, client_key, request):
        return client_key == "consumer"

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        fresh = nonce not in self.seen
        self.seen.add(nonce)
        return fresh

    def get_client_secret(self, client_key, request):
        return "consumer secret&1"

    def get_rsa_key(self, client_key, request):
        return RSA_KEY


endpoint = SignatureOnlyEndpoint(Validator())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        url = f"http://{self.headers['host']}{self.path}"
        headers = {name.title(): value for name, value in self.headers.items()}
        try:
            valid, _ = endpoint.validate_request(url, self.command, body, headers)
        except Exception as error:  # Any fault of the request is a refusal.
            print("refused:", type(error).__name__, file=sys.stderr)
            valid = False
        self.send_response(200 if valid else 401)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
