#!/usr/bin/env python3
"""list.py URL MODE   one plain call of tools/list with Python's SDK; prints the number of tools. MODE: legacy or auto."""
import asyncio
import sys

from mcp import Client


async def main():
    async with Client(sys.argv[1], mode=sys.argv[2]) as client:
        print(len((await client.list_tools()).tools))


asyncio.run(main())
