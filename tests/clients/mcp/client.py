"""The official Python client: lists the tools and calls each. The argument is how it negotiates the protocol."""

import asyncio
import json
import os
import sys

from mcp import Client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client


async def main(mode: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['TODO_TOKEN']}"}
    url = f"{os.environ['BASE_URL']}/mcp"
    async with create_mcp_http_client(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
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
