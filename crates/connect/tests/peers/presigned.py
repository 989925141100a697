"""Answers 200 to presigned S3 requests whose signature botocore makes too, and 403 to others.

The port is printed when it listens.
"""

import datetime
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query)).get("X-Amz-Signature")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        said = {name: value for name, value in pairs if name.startswith("X-Amz-")}
        rest = urllib.parse.urlencode([(name, value) for name, value in pairs if name not in said], quote_via=urllib.parse.quote)
        now = datetime.datetime.strptime(said["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now.replace(tzinfo=None) if remove_tzinfo else now
        key = Credentials("AKIAEXAMPLE00000", "secret-of-tests/+", "token-of-tests/+=")
        request = AWSRequest(method="GET", url=f"http://{self.headers['host']}{path}" + ("?" + rest if rest else ""))
        auth = botocore.auth.S3SigV4QueryAuth(key, "s3", "eu-west-1", expires=int(said["X-Amz-Expires"]))
        auth.add_auth(request)
        good = signature(request.url) == said["X-Amz-Signature"] and said["X-Amz-Security-Token"] == key.token
        self.send_response(200 if good else 403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
