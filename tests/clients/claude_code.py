"""Claude Code, asked on its command line: it answers, calls tools, and what Bedrock does not know is dropped and logged."""

import json
import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path

from checks import COUNTING_URL, URL, run

CLAUDE = os.environ["CLAUDE"]
SCRATCH = Path(os.environ["CLAUDE_SCRATCH"])
LOG = Path(os.environ["KOKUNAI_LOG"])
COUNTING_LOG = Path(os.environ["KOKUNAI_COUNTING_LOG"])

MODEL = "claude-sonnet-4-5-20250929"

# What it names by itself, and Bedrock does not know for this model.
DROPPED = {"claude-code-20250219", "thinking-token-count-2026-05-13", "advanced-tool-use-2025-11-20"}

# Every setting that the README tells its users to make.
SETTINGS = {
    "ANTHROPIC_AUTH_TOKEN": "local",
    "ANTHROPIC_MODEL": MODEL,
    "ANTHROPIC_DEFAULT_OPUS_MODEL": MODEL,
    "ANTHROPIC_DEFAULT_SONNET_MODEL": MODEL,
    "ANTHROPIC_DEFAULT_HAIKU_MODEL": MODEL,
    "CLAUDE_CODE_SUBAGENT_MODEL": MODEL,
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK": "1",
}


def ask(prompt, *arguments, url=URL):
    """What Claude Code prints for a prompt. It sees nothing of this machine but a folder of its own."""
    home = SCRATCH / "home"
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "DISABLE_AUTOUPDATER": "1",
        "ANTHROPIC_BASE_URL": url,
        **SETTINGS,
    }
    done = subprocess.run(
        [CLAUDE, "-p", prompt, *arguments],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, f"status {done.returncode}: {done.stdout} {done.stderr}"
    return done.stdout


class Lines:
    """The log lines from here on."""

    def __init__(self, log=LOG):
        self._log = log
        self._start = log.stat().st_size

    def of(self, route, at_least):
        """The lines about a route; a line is written after its answer, so they may have yet to come."""
        for _ in range(50):
            text = self._log.read_bytes()[self._start :].decode()
            lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
            lines = [line for line in lines if line.get("route") == route]
            if len(lines) >= at_least:
                return lines
            time.sleep(0.1)
        raise AssertionError(f"{at_least} lines about {route} were expected: {text}")


def succeeded(lines, prompts):
    """Checks that just so many prompts were asked, streamed and answered, and that their lines say what was dropped."""
    lines = lines.of("/v1/messages", at_least=prompts)
    assert len(lines) == prompts, lines
    for line in lines:
        assert line["status"] == 200 and line["stream"] is True, line
        assert set(line["betas.dropped"].split()) == DROPPED, line
        assert {"tools.*.defer_loading", "thinking.display"} <= set(line["betas.dropped_fields"].split()), line
    return lines


def answers_a_prompt():
    lines = Lines()
    answer = ask("What is the capital of Japan?")
    assert "not Claude. It read 29 characters: What is the capital of Japan?" in answer, answer
    succeeded(lines, prompts=1)


def reads_a_file():
    word, lines = secrets.token_hex(8), Lines()
    note = SCRATCH / "home" / "note.txt"
    note.write_text(word)
    answer = ask(f"stand-in: use Read {json.dumps({'file_path': str(note)})}", "--allowedTools", "Read")
    assert "not Claude" in answer and word in answer, answer
    succeeded(lines, prompts=2)


def runs_a_command():
    lines = Lines()
    command = {"command": "echo $((6 * 7000))", "description": "Multiply"}
    answer = ask(f"stand-in: use Bash {json.dumps(command)}", "--allowedTools", "Bash")
    assert "not Claude" in answer and "42000" in answer, answer
    succeeded(lines, prompts=2)


def finds_a_deferred_tool():
    """It answers the search with a reference to a tool, which goes with a beta that is dropped."""
    lines = Lines()
    answer = ask('stand-in: use ToolSearch {"query": "select:WebFetch", "max_results": 1}')
    assert "not Claude" in answer, answer
    _, last = succeeded(lines, prompts=2)
    assert "tool_reference" in last["betas.dropped_fields"].split(), last


def shows_its_context():
    """It counts tokens for this; where that is off, it must make do without."""
    lines = Lines(COUNTING_LOG)
    assert "Context" in ask("/context", url=COUNTING_URL)
    assert {line["status"] for line in lines.of("/v1/messages/count_tokens", at_least=1)} == {200}
    assert "Context" in ask("/context")


shutil.rmtree(SCRATCH, ignore_errors=True)
run([answers_a_prompt, reads_a_file, runs_a_command, finds_a_deferred_tool, shows_its_context])
