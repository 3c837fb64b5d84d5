"""API Gateway's own errors, served on loopback exactly as the translated template spells them.

Below `/<ApiAuth>/<response type>` every request is answered with that error. Needs what tests/template/requirements.txt
pins, because SAM translates the template here.
"""

import base64
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "template"))

from gateway_responses import responses  # noqa: E402
from settings import Settings  # noqa: E402
from translation import TEMPLATE, translate  # noqa: E402

HEADER = "gatewayresponse.header."

# What API Gateway chooses by itself, where the template gives no status.
DEFAULTS = {"DEFAULT_4XX": "400", "DEFAULT_5XX": "500"}

text = TEMPLATE.read_text()
RESPONSES = {auth: responses(translate(text, Settings(auth=auth))) for auth in ("IAM", "API_KEY")}


def value_of(expression, request_id):
    """A header's value: of the context, or a text of its own in quotes. API Gateway knows more, and this does not."""
    if expression == "context.extendedRequestId":
        return request_id
    if expression[0] == expression[-1] == "'" and len(expression) > 2:
        return expression[1:-1]
    raise ValueError(f"a header is {expression}")


def extended_request_id():
    """Of the form that API Gateway gives it."""
    return base64.b64encode(os.urandom(11)).decode()


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        # What is not read would stand in the way of the next request.
        self.rfile.read(int(self.headers.get("content-length", 0)))
        _, auth, name, *_ = self.path.split("/")
        response, request_id = RESPONSES[auth][name], extended_request_id()
        [(media_type, template)] = response["responseTemplates"].items()
        body = template.replace("$context.extendedRequestId", request_id).encode()
        self.send_response(int(response.get("statusCode") or DEFAULTS[name]))
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        for header, expression in response["responseParameters"].items():
            self.send_header(header.removeprefix(HEADER), value_of(expression, request_id))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: the checks say what they saw."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    print(f"The errors of API Gateway on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
