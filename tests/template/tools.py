"""The tools that judge a template as a whole."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from translation import REGION, ROOT, Template


def sam_validate(path: Path) -> Iterator[str]:
    """What `sam validate --lint` has to say about a template."""
    command = [sys.executable, "-m", "samcli", "validate", "--lint", "--region", REGION, "--template-file", path]
    # Next to the template stands samconfig.toml, which SAM reads too.
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "is a valid SAM Template" not in done.stdout:
        yield from (done.stdout + done.stderr).strip().splitlines()


def lint(template: Template) -> list[dict]:
    """What cfn-lint finds in a translated template."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "template.json"
        path.write_text(json.dumps(template))
        cfn_lint = [sys.executable, "-c", "from cfnlint.runner import main; main()"]
        command = [*cfn_lint, "--format", "json", "--regions", REGION, "--template", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not done.stdout.strip():
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout or "[]")


def checkov(template: Template) -> tuple[list[str], list[str]]:
    """What checkov finds in a translated template, and what it was told to leave out: each with its resource."""
    program = shutil.which("checkov")
    if program is None:
        raise RuntimeError("checkov is not on the PATH: it is installed from tests/template/checkov.txt")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "template.json"
        path.write_text(json.dumps(template, indent=1))
        # Without a network: it would ask its maker for texts about the findings.
        command = [program, "--framework", "cloudformation", "--skip-download", "--output", "json", "--file", path]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    results = json.loads(done.stdout)["results"]
    return tuple(
        [f"{it['check_id']} {it['resource']}" for it in results[f"{kind}_checks"]] for kind in ("failed", "skipped")
    )


def describe(finding: dict) -> str:
    return f"{finding['Rule']['Id']} at {'/'.join(map(str, finding['Location']['Path']))}: {finding['Message'][:200]}"
