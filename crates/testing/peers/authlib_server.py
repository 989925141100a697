"""An authorization server on Authlib: signed assertions as grants and as client authentication (RFC 7523), and token
exchange (RFC 8693) that takes nothing but what the standard says.

The first argument is JSON: `jwks`, the public keys of the client `robot`. `GET /resource` takes its tokens and says
whom they speak for. The address is printed when it listens; it ends when standard input does.
"""

import json
import logging
import os
import sys
import threading

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import BaseGrant, InvalidRequestError, TokenEndpointMixin, grants
from authlib.oauth2.rfc6749.errors import InvalidGrantError, OAuth2Error
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion, JWTBearerGrant
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
logging.getLogger("werkzeug").setLevel(logging.ERROR)
JWKS = json.loads(sys.argv[1])["jwks"]
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
SUBJECT_TOKEN = "subject-token-of-ada-5e77"
TOKENS, SEEN = {}, set()
app = Flask(__name__)


class Client:
    def __init__(self, client_id, secret, methods, grant_types):
        self.client_id, self.secret, self.methods, self.grant_types = client_id, secret, methods, grant_types

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return " ".join(word for word in (scope or "").split() if word in ("read", "write"))

    def check_client_secret(self, secret):
        return secret == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method in self.methods

    def check_grant_type(self, grant_type):
        return grant_type in self.grant_types


CLIENTS = {
    "robot": Client("robot", None, ["client_assertion_jwt"], [JWTBearerGrant.GRANT_TYPE, "client_credentials"]),
    "exchanger": Client("exchanger", "exchanger-secret-77b0", ["client_secret_basic"], [EXCHANGE]),
}


class User:
    def __init__(self, name):
        self.name = name

    def get_user_id(self):
        return self.name


def save_token(token, asked):
    TOKENS[token["access_token"]] = asked.user.name if asked.user else asked.client.client_id


server = AuthorizationServer(app, query_client=CLIENTS.get, save_token=save_token)


def audiences():
    return [request.host_url + "token"]


def once(claims):
    known = claims["jti"] in SEEN
    SEEN.add(claims["jti"])
    return not known and claims["exp"] - claims["iat"] <= 300


class Assertion(JWTBearerGrant):
    def resolve_issuer_client(self, issuer):
        return CLIENTS.get(issuer)

    def resolve_client_public_key(self, client):
        return JWKS

    def authenticate_user(self, subject):
        return User(subject) if subject == "ada" else None

    def has_granted_permission(self, client, user):
        return True

    def get_audiences(self):
        return audiences()

    def verify_claims(self, claims):
        super().verify_claims(claims)
        if not once(claims):
            raise InvalidGrantError(description="seen before, or too long a life")


class ClientAssertion(JWTBearerClientAssertion):
    def get_audiences(self):
        return audiences()

    def validate_jti(self, claims, jti):
        return once(claims)

    def resolve_client_public_key(self, client, headers=None):
        return JWKS


class Exchange(BaseGrant, TokenEndpointMixin):
    """RFC 8693 section 2.1, to the letter: a parameter that is missing, given twice or unknown is refused."""

    GRANT_TYPE = EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]
    NEEDED = {"grant_type", "subject_token", "subject_token_type", "audience", "resource", "scope"}

    def validate_token_request(self):
        self.request.client = self.authenticate_token_endpoint_client()
        form = request.form
        if set(form) != self.NEEDED or any(len(form.getlist(name)) != 1 for name in form):
            raise InvalidRequestError(f"the parameters are {sorted(form)}")
        if form["subject_token_type"] != "urn:ietf:params:oauth:token-type:jwt":
            raise InvalidRequestError("subject_token_type")
        if form["subject_token"] != SUBJECT_TOKEN:
            raise InvalidGrantError(description="subject_token")
        if form["audience"] != "reports" or form["resource"] != "https://reports.example.com/":
            error = OAuth2Error("the audience or the resource is another")
            error.error = "invalid_target"
            raise error
        self.request.user = User("ada")

    def create_token_response(self):
        token = self.generate_token(user=self.request.user, scope=request.form["scope"], include_refresh_token=False)
        token["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token"
        self.save_token(token)
        return 200, token, self.TOKEN_RESPONSE_HEADER


class Machine(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_assertion_jwt"]


server.register_client_auth_method("client_assertion_jwt", ClientAssertion())
for grant in (Assertion, Exchange, Machine):
    server.register_grant(grant)


@app.post("/token")
def token():
    return server.create_token_response()


@app.get("/resource")
def resource():
    user = TOKENS.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    return (jsonify(speaksFor=user), 200) if user else (jsonify(error="invalid_token"), 401)


listening = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(f"ready http://127.0.0.1:{listening.server_port}", flush=True)
listening.serve_forever()
