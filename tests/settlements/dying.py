"""A web process for the test that kills it: `python -m tests.settlements.dying` makes one call of the API, read from its input.

It is started anew rather than forked: a copy of a process with a browser and its threads inherits their locks.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Answer one call within this process, by the tests' small policy."""
    import django

    django.setup()
    from rest_framework.test import APIClient

    from tests.settlements.till import SIMPLE, policies

    print("ready", flush=True)
    call = json.loads(sys.stdin.readline())
    client = APIClient()
    headers = {"HTTP_AUTHORIZATION": f"Bearer {call['token']}", "HTTP_IDEMPOTENCY_KEY": call["key"]}
    with policies(SIMPLE):
        client.post(call["path"], call["body"], format="json", SERVER_NAME="localhost", **headers)


if __name__ == "__main__":
    main()
