#!/usr/bin/env python3
"""Checks JSON Schemas against the 2020-12 meta-schema, and instances against their schemas.

The file has one JSON value a line: {"schema": ...} or {"schema": ..., "instances": [...]}.
"""
import json
import re
import sys

import jsonschema


def compile_patterns(node):
    """The meta-schema does not look into patterns."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key == "pattern" and isinstance(value, str):
            re.compile(value)
        elif isinstance(value, (dict, list)):
            compile_patterns(value)


def main():
    schemas = instances = 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if "instances" not in row:
                jsonschema.Draft202012Validator.check_schema(row["schema"])
                compile_patterns(row["schema"])
            validator = jsonschema.Draft202012Validator(row["schema"])
            for instance in row.get("instances", []):
                for error in validator.iter_errors(instance):
                    print(f"{row.get('name')}: {error.json_path}: {error.message}", file=sys.stderr)
                    print(json.dumps(instance), json.dumps(row["schema"]), file=sys.stderr)
                    return 1
                instances += 1
            schemas += 1
    print(f"{schemas} schemas, {instances} instances")
    return 0 if schemas > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
