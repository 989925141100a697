"""Holds a SCIM endpoint against RFC 7643 and RFC 7644 with scim2-tester, an independent judge.

Arguments: the address of the endpoint, and a bearer token for it. For each check a line of JSON is printed:
{"title": ..., "status": ..., "reason": ..., "resource": ...}.
"""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

address, token = sys.argv[1:]
http = Client(base_url=address, headers={"Authorization": f"Bearer {token}"})
for result in check_server(SyncSCIMClient(http)):
    told = {"title": result.title, "status": result.status.name, "reason": result.reason, "resource": result.resource_type}
    print(json.dumps(told), flush=True)
