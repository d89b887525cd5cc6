"""What a test asks of an official client, and what came of it, in the same words for all of them.

Each driver connects once, takes steps as a JSON list on stdin and prints what came of them as a JSON list:

    {"list": true}                                 -> {"tools": [{"name": ...}, ...]}  one plain call of tools/list
    {"tool": NAME, "arguments": {...}}             -> {"result": ...}  as in the protocol
    {..., "progress": true}                        -> {"result": ..., "progress": [[progress, message], ...]}
    {..., "progress": true, "cancel_after": N}     -> {"cancelled_ms": ..., "progress": [...]}

The last is cancelled by the client's own means when progress has come N times, at that moment since 1970. A step that
fails gives {"error": "..."}.
"""
import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def drivers(go_driver):
    """{name: command} of all clients."""
    return {
        "typescript 1.32.2": ["node", HERE / "driver.mjs", "legacy"],
        "typescript 2.4.0": ["node", HERE / "driver.mjs", "modern"],
        "python 2.3.0, legacy": ["python3", HERE / "driver.py", "legacy"],
        "python 2.3.0": ["python3", HERE / "driver.py", "auto"],
        "go 1.8.0": [go_driver],
    }


def run(driver, target, steps, timeout=60):
    """What came of the steps. `target` is a URL, or the command of a server that speaks on stdin and stdout."""
    words = [target] if isinstance(target, str) else ["stdio", *target]
    done = subprocess.run([str(word) for word in [*driver, *words]], input=json.dumps(steps), capture_output=True,
                          text=True, timeout=timeout)
    if done.returncode or not done.stdout:
        raise AssertionError(f"the client failed ({done.returncode}): {done.stderr[-3000:]}")
    return json.loads(done.stdout)
