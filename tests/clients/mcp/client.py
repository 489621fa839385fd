"""The official Python client: lists the tools and calls each. The argument is how it negotiates the protocol.

With TODO_TOKEN it comes with a token. Without one it is let in by OAuth: it writes where the browser is to go, and
reads where the browser was sent back to.
"""

import asyncio
import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

URL = f"{os.environ['BASE_URL']}/mcp"


class Memory:
    """What the program keeps while it runs."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


async def send_browser(address: str) -> None:
    print(f"Please go to {address}", flush=True)


async def browser_is_back() -> AuthorizationCodeResult:
    address = await asyncio.to_thread(sys.stdin.readline)
    given = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
    return AuthorizationCodeResult(code=given["code"], state=given["state"], iss=given["iss"])


def way_in() -> dict:
    if "TODO_TOKEN" in os.environ:
        return {"headers": {"Authorization": f"Bearer {os.environ['TODO_TOKEN']}"}}
    about = OAuthClientMetadata(
        client_name="Agent in Python", redirect_uris=[os.environ["CALLBACK"]], token_endpoint_auth_method="none"
    )
    return {"auth": OAuthClientProvider(URL, about, Memory(), send_browser, browser_is_back)}


async def main(mode: str) -> None:
    async with create_mcp_http_client(**way_in()) as http:
        async with Client(streamable_http_client(URL, http_client=http), mode=mode) as client:
            expected = "2025-11-25" if mode == "legacy" else "2026-07-28"
            assert client.protocol_version == expected, client.protocol_version
            tools = (await client.list_tools()).tools
            assert [tool.name for tool in tools] == json.loads(os.environ["TOOLS"]), tools
            for name, arguments in json.loads(os.environ["CALLS"]):
                # The client holds the result against the tool's schema for it.
                result = await client.call_tool(name, arguments)
                assert not result.is_error and result.structured_content["success"], result
            refused = await client.call_tool("complete_task", {"task_id": 99})
            assert refused.is_error and refused.content[0].text == "There is no task 99.", refused


asyncio.run(main(sys.argv[1]))
