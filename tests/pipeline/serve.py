"""SQS and DynamoDB by moto, on a free port of the loopback interface, which is the first line that it prints.

It answers one request at a time. With the threads of moto_server, two of twenty conditional updates at once may both
succeed, and a delete rebuilds its queue's list without a lock. So nobody may ask to wait for messages
(`WaitTimeSeconds`): all would wait.
"""

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server


class Handler(MotoRequestHandler):
    """A request whose client was frozen or killed half-way ends, instead of holding up all others."""

    timeout = 10


server = make_server(
    "127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=False, request_handler=Handler
)
print(server.port, flush=True)
server.serve_forever()
