#!/usr/bin/env python3
"""run.py BIN_FOLDER   starts the shop and the bridge, and runs interop_test.mjs against them."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))
from shop import Shop  # noqa: E402

# An export takes long enough to be waited for in vain.
with Shop(sys.argv[1], orders_options=["--export-ms", "60000"]) as shop:
    done = subprocess.run(["node", "--test", "--test-reporter=spec", HERE / "interop_test.mjs"],
                          stdin=subprocess.DEVNULL,
                          env={**os.environ, "MCP_URL": shop.mcp_url, "ADMIN_URL": shop.admin_url})
sys.exit(done.returncode)
