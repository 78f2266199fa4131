"""The description of the API: valid, and true under property tests."""

import json
import subprocess

from support import packages, wait

SECONDS = 25
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method"
)
# Without Prometheus and Elasticsearch these are 503, as they should.
NOT_CONFIGURED = r"/api/v1/(metrics/query|logs|traces|analytics)"


def test_the_description_is_valid(daemon, tmp_path):
    validator = packages.program("openapi-spec-validator", "openapi-spec-validator")
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(daemon(source="sim:?aircraft=1").json("/openapi.json")))
    done = subprocess.run([validator, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


def test_every_described_path_is_served(daemon):
    server = daemon(source="sim:?aircraft=1")
    paths = server.json("/openapi.json")["paths"]
    assert "/api/v1/flights" in paths
    for path in paths:
        status, text = server.get(path.replace("{", "").replace("}", ""))
        assert status != 404 or "known" in json.loads(text)["error"]["message"], (path, text)


def test_what_it_says_holds_for_made_up_requests(daemon, tmp_path):
    runner = packages.program("schemathesis", "schemathesis")
    server = daemon(source="sim:?aircraft=20")
    # A query over its ceiling is refused with 414, whatever is in it.
    (tmp_path / "schemathesis.toml").write_text(
        "[checks]\n"
        'negative_data_rejection.expected-statuses = ["400", "404", "405", "414", "422"]\n'
    )
    done = subprocess.run(
        [
            runner, "run", f"{server.url}/openapi.json", "--checks", CHECKS,
            "--exclude-path-regex", NOT_CONFIGURED, "--max-examples", "15", "--seed", "1",
            "--phases", "examples,coverage,fuzzing", "--no-color",
        ],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=wait.deadline_s(10 * SECONDS),
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert server.is_alive()
