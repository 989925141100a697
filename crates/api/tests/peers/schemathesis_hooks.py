"""What Schemathesis is told about Flero: which objects there are, and what must never stand in an answer."""

import json
import os

import schemathesis

# Objects that are there, by the segment of the path that names their kind.
OBJECTS = json.loads(os.environ["FLERO_OBJECTS"])
# Secrets that were stored; no answer holds one.
SECRETS = json.loads(os.environ["FLERO_SECRETS"])


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Half of the generated identifiers become real ones, so that more than "not found" is judged."""
    real = OBJECTS.get(context.operation.path.split("/")[2])
    if not path_parameters or not real:
        return path_parameters
    for name, value in path_parameters.items():
        if name in ("id", "credentialId", "userId") and len(str(value)) % 2 == 0:
            path_parameters[name] = real
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    """The policy that keeps generated addresses from being called stays."""
    if context.operation.path == "/api/organization/policies" and isinstance(body, dict):
        body["allowedEgressHosts"] = ["127.0.0.1:9"]
    return body


@schemathesis.check
def no_secret(context, response, case):
    """No answer holds a secret, in its body or its fields."""
    said = response.text + json.dumps(dict(response.headers))
    assert not any(secret in said for secret in SECRETS), "a secret stands in the answer"
