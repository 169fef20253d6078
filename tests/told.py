"""What the command line prints with `--json` is what its schema says: asked of every output that a test sees."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from mizzle.cli.results.schemas import RESULTS, schema

if TYPE_CHECKING:
    from collections.abc import Sequence


def expect_as_said(arguments: Sequence[str], out: str, code: int) -> None:
    """Assert that `out` is one value that the schema allows, without a field that it does not name."""
    asked = "--json" in arguments and not {"--help", "-h", "--version"} & set(arguments)
    if not asked or code < 0:  # killed
        return
    told = json.loads(out)
    command = next((each for each in arguments if each in RESULTS), "schema")
    problems = [f"{each.json_path}: {each.message}" for each in strict(command).iter_errors(told)]
    assert not problems, f"mizzle {' '.join(arguments)}\n" + "\n".join(problems) + f"\n{out}"
    if "error" in told:
        assert told["error"]["exit"] == code


@cache
def strict(command: str) -> Draft202012Validator:
    """What a command may print: its schema, which allows more fields in time, without that."""
    found = schema(command)
    objects: list[dict[str, Any]] = [each for each in found["$defs"].values() if "properties" in each]
    for each in objects:
        each["additionalProperties"] = False
    return Draft202012Validator(found, format_checker=Draft202012Validator.FORMAT_CHECKER)
