#!/usr/bin/env python3
"""Checks a file of JSON Schemas, one a line, against the 2020-12 meta-schema."""
import json
import sys

import jsonschema


def main():
    count = 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            jsonschema.Draft202012Validator.check_schema(json.loads(line))
            count += 1
    print(count)
    return 0 if count > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
