"""Holds OpenAPI documents against the specification with openapi-spec-validator, an independent judge.

Each argument is the file of a document, which may refer to files beside it. For each a line of JSON is printed:
{"file": ..., "faults": [...]}.
"""

import json
import sys

from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.readers import read_from_filename
from referencing.exceptions import Unresolvable


def faults(file):
    document, base_uri = read_from_filename(file)
    found = []
    try:
        for error in OpenAPIV31SpecValidator(document, base_uri=base_uri).iter_errors():
            found.append("/" + "/".join(map(str, error.absolute_path)) + ": " + error.message[:300])
    except Unresolvable as error:
        found.append(f"{error.ref} leads nowhere")
    return found


for name in sys.argv[1:]:
    print(json.dumps({"file": name, "faults": faults(name)}), flush=True)
