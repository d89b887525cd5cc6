#!/usr/bin/env python3
"""driver.py MODE URL | driver.py MODE stdio COMMAND...   takes steps (steps.py) by Python's SDK.

MODE: legacy or auto."""
import json
import sys
import time

import anyio
from mcp import Client, StdioServerParameters


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def take(client, step):
    if "list" in step:
        return {"tools": [plain(tool) for tool in (await client.list_tools()).tools]}
    if "progress" not in step:
        return {"result": plain(await client.call_tool(step["tool"], step["arguments"]))}
    outcome = {"progress": []}
    with anyio.CancelScope() as scope:
        async def on_progress(progress, total, message):
            outcome["progress"].append([progress, message])
            if len(outcome["progress"]) == step.get("cancel_after"):
                outcome["cancelled_ms"] = int(time.time() * 1000)
                scope.cancel()

        result = await client.call_tool(step["tool"], step["arguments"], progress_callback=on_progress)
        outcome["result"] = plain(result)
    return outcome


async def main():
    mode, *target = sys.argv[1:]
    steps = json.load(sys.stdin)
    server = StdioServerParameters(command=target[1], args=target[2:]) if target[0] == "stdio" else target[0]
    outcomes = []
    async with Client(server, mode=mode) as client:
        for step in steps:
            try:
                outcomes.append(await take(client, step))
            except Exception as error:  # whatever the SDK raises is what came of the step
                outcomes.append({"error": repr(error)})
    print(json.dumps(outcomes))


anyio.run(main)
