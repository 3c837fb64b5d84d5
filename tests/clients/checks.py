"""What the clients' checks share: where the servers are, and one line for each check."""

import json
import os
import sys
import warnings
from pathlib import Path

# `run` starts two servers and says here where they listen; only the second one counts tokens.
URL = os.environ["KOKUNAI_URL"]
COUNTING_URL = os.environ["KOKUNAI_COUNTING_URL"]

# Where API Gateway's own errors are served, by gateway.py.
GATEWAY_URL = os.environ["KOKUNAI_GATEWAY_URL"]

MODEL = "claude-sonnet-4-5"

ERRORS = json.loads(Path(__file__).with_name("errors.json").read_text())
GATEWAY_ERRORS = json.loads(Path(__file__).with_name("gateway_errors.json").read_text())
CHAT_ERRORS = json.loads(Path(__file__).with_name("openai_errors.json").read_text())

# The smallest PNG that has a pixel, and a PDF as far as its first line; nobody draws them here.
IMAGE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg+M9QDwADgQGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = "JVBERi0xLjcK"

# How much of a failure is printed, in characters; some quote a whole conversation.
MAX_REASON = 500

# The packages warn of the model's end on Anthropic's own platform; Bedrock sets its own dates.
warnings.filterwarnings("ignore", category=DeprecationWarning)


def run(checks):
    """Runs every check, given as a function or as a name and a function; exits with 1 if one failed."""
    failed = False
    for check in checks:
        name, function = check if isinstance(check, tuple) else (check.__name__, check)
        try:
            function()
            print("ok", name, flush=True)
        except Exception as error:  # Whatever a check raises is its result.
            failed = True
            # One line, for the log of a run is long enough.
            reason = " ".join(str(error).split())[:MAX_REASON]
            print(f"FAILED {name}: {type(error).__name__}: {reason}", flush=True)
    sys.exit(failed)


def is_read_back(text, prompt):
    """Whether an answer is the stand-in's to just this prompt, or to just this result of a tool."""
    assert text.endswith(f"not Claude. It read {len(prompt)} characters: {prompt}"), text
