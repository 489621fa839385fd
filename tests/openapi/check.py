"""Whether the server at BASE_URL does what its OpenAPI document says, and whether that is one.

`make fuzz-api` sets FUZZ_SEED and FUZZ_EXAMPLES; without them the requests are always the same few.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import uuid
from pathlib import Path

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

HERE = Path(__file__).parent
BASE_URL = os.environ["BASE_URL"]
SEED = os.environ.get("FUZZ_SEED") or "1"
EXAMPLES = os.environ.get("FUZZ_EXAMPLES") or "12"
PASSWORD = "correct horse battery"
# They end the session that asks.
ENDING = ["log_out_everywhere", "end_session", "list_sessions"]


def ask(path, body=None, token=None):
    """Sends a request, a POST when it has a body, and returns the answer's JSON."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(BASE_URL + path, data, headers), timeout=60) as answer:
        return json.load(answer)


def sign_up():
    """Makes an account with what most operations need: tasks, a conversation, and a question that waits."""
    email = f"fuzz-{uuid.uuid4()}@example.com"
    answer = ask("/api/auth/register", {"email": email, "password": PASSWORD})
    token, user = answer["access_token"], answer["user"]["id"]
    for number in range(1, 6):
        ask(f"/api/{user}/tasks", {"title": f"Task {number}"}, token)
    ask(f"/api/{user}/chat", {"message": "Show my tasks"}, token)
    script = [{"calls": [{"tool": "delete_task", "input": {"task_id": [1, 2, 3, 4]}}]}, {"say": "Shall I?"}]
    asked = ask(f"/api/{user}/chat", {"message": f"Delete them. #script {json.dumps(script)}"}, token)
    assert asked["approvals"], asked
    return {"EMAIL": email, "PASSWORD": PASSWORD, "USER_ID": user, "ACCESS_TOKEN": token}


def faults(document):
    """What is wrong with the document by itself: as OpenAPI 3.1, and examples that break their schemas."""
    yield from (error.message for error in OpenAPIV31SpecValidator(document).iter_errors())
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:api", resource)

    def absolute(value):
        if isinstance(value, dict):
            return {k: f"urn:api{v}" if k == "$ref" else absolute(v) for k, v in value.items()}
        return [absolute(item) for item in value] if isinstance(value, list) else value

    def resolved(value):
        while "$ref" in value:
            value = registry.resolver("urn:api").lookup(value["$ref"]).contents
        return value

    checked = 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for media, content in ((m, c) for body in bodies for m, c in body.get("content", {}).items()):
                examples = {name: resolved(one)["value"] for name, one in content.get("examples", {}).items()}
                if "example" in content:
                    examples["example"] = content["example"]
                validator = Draft202012Validator(absolute(content["schema"]), registry=registry)
                for name, example in examples.items():
                    checked += 1
                    for error in validator.iter_errors(example):
                        yield f"{method.upper()} {path}, {media}, example {name}: {error.message}"
    if checked < 100:
        yield f"only {checked} examples were found"


def of_one_user(document, user):
    """The document with paths that are good for this user alone: any other one is wrong in them."""
    for operation in (operation for item in document["paths"].values() for operation in item.values()):
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "user_id":
                parameter["schema"] = {"type": "string", "enum": [user]}
    return document


def schemathesis(config, account, *arguments):
    """Runs schemathesis, in a folder of its own for what it leaves behind."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(of_one_user(ask("/openapi.json"), account["USER_ID"])))
        command = ["schemathesis", "--config-file", str(HERE / config), "run", str(document), "--url", BASE_URL]
        command += ["--seed", SEED, "--max-examples", EXAMPLES, *arguments]
        return subprocess.run(command, cwd=folder, env={**os.environ, **account}).returncode


def main():
    broken = list(faults(ask("/openapi.json")))
    for fault in broken:
        print(f"The document: {fault}")
    ending = [argument for name in ENDING for argument in ("--include-operation-id", name)]
    codes = [schemathesis("schemathesis.toml", sign_up()), schemathesis("sessions.toml", sign_up(), *ending)]
    sys.exit(bool(broken) or any(codes))


main()
