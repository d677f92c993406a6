"""What a LocalStack without a container of its own needs besides: it listens where it is told and nowhere else, keeps
S3's objects in its own folder, and has the limits of Lambda's Invoke that it lacks."""

import io
import json
import os
import shutil
import signal
import tempfile
import threading
import time

from localstack.runtime import hooks
from localstack.runtime.server.core import RuntimeServerPlugin

SYNCHRONOUS_BYTES_MAX = 6 * 1024 * 1024
EVENT_BYTES_MAX = 1024 * 1024


class LoopbackServerPlugin(RuntimeServerPlugin):
    """The server that comes with it listens on every address, whatever host GATEWAY_LISTEN names."""

    name = "lambdask-loopback"

    def load(self, *args, **kwargs):
        from localstack.runtime.server.twisted import TwistedRuntimeServer
        from rolo.serving.twisted import TwistedGateway
        from twisted.internet import endpoints, reactor

        class LoopbackServer(TwistedRuntimeServer):
            def register(self, gateway, listen, ssl_creds=None):
                for place in listen:
                    endpoint = endpoints.TCP4ServerEndpoint(reactor, place.port, interface=place.host)
                    endpoint.listen(TwistedGateway(gateway))

        return LoopbackServer()


@hooks.on_infra_start()
def own_folder_for_objects():
    from localstack.services.s3 import provider

    provider.DEFAULT_S3_TMP_DIR = os.path.join(tempfile.gettempdir(), "s3")


@hooks.on_infra_start()
def limits_of_invoke():
    from localstack.aws import handlers

    handlers.serve_custom_service_request_handlers.append(_check_invoke)


def _check_invoke(_chain, context, _response):
    from localstack.aws.api.lambda_ import InvalidRequestContentException, RequestTooLargeException

    service, operation = context.service, context.operation
    if service is None or service.service_name != "lambda" or operation.name != "Invoke":
        return
    request = context.service_request
    body = request["Payload"].read() if request.get("Payload") else b""
    kind = request.get("InvocationType") or "RequestResponse"
    bytes_max = EVENT_BYTES_MAX if kind == "Event" else SYNCHRONOUS_BYTES_MAX
    if len(body) > bytes_max:
        message = f"{len(body)} byte payload is too large for the {kind} invocation type (limit {bytes_max} bytes)"
        raise RequestTooLargeException(message, Type="User")
    try:
        json.loads(body or b"{}")
    except ValueError as error:
        raise InvalidRequestContentException(f"Could not parse request body into json: {error}", Type="User") from error
    request["Payload"] = io.BytesIO(body or b"{}")  # a call without payload reaches the function as {}


@hooks.on_infra_start()
def end_with_starter():
    """A server whose starter was killed would stay for ever."""
    starter = os.getppid()

    def watch():
        while os.getppid() == starter:
            time.sleep(1)
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)  # nobody else will
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
