"""LocalStack's Lambda without Docker: environments are child processes of the server.

LAMBDASK_RUNTIME_CLIENT is the JSON of a command's words; in them {folder} stands for the function's code and
{temporary} for a folder of the environment's own. The handler's name is added at the end.
"""

import json
import os
import shutil
import tempfile
import threading
import time
from concurrent.futures import CancelledError

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import ShutdownDuringStartup, StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from lambdask_localstack.environment import Call, Environment, InitFailed


class ProcessExecutor(RuntimeExecutor):
    def __init__(self, id, function_version):
        super().__init__(id=id, function_version=function_version)
        self._environment = None
        self._variables = {}
        self._temporary = tempfile.mkdtemp(prefix="environment-")
        self._stopped = False
        self._lock = threading.Lock()

    @property
    def _settings(self):
        return self.function_version.config

    def start(self, env_vars):
        self._variables = {
            "PATH": "/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            **{str(name): str(value) for name, value in env_vars.items() if not str(name).startswith("LOCALSTACK_")},
            "TMPDIR": self._temporary,
            "LAMBDA_TASK_ROOT": self._folder(),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self._settings.runtime}",
        }
        try:
            self._start_process()
        except InitFailed as error:
            raise StatusErrorException("the environment did not start", payload=error.body) from error
        except CancelledError as error:
            raise ShutdownDuringStartup("stopped while it started") from error

    def _folder(self):
        return str(self._settings.code.get_unzipped_code_location())

    def _start_process(self):
        with self._lock:
            if self._stopped:
                raise ShutdownDuringStartup("stopped while it started")
            names = {"folder": self._folder(), "temporary": self._temporary}
            command = [word.format(**names) for word in json.loads(os.environ["LAMBDASK_RUNTIME_CLIENT"])]
            command.append(self._variables.get("_HANDLER", ""))
            self._environment = Environment(command, self._variables, self._folder(), self._settings.memory_size)
        self._environment.wait_until_ready(config.LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT)

    def stop(self):
        with self._lock:
            self._stopped = True
            environment = self._environment
        if environment is not None:
            environment.abandon()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def invoke(self, payload):
        started = time.monotonic()
        timeout_s = self._settings.timeout
        try:
            if self._environment.is_gone:  # it ended in an earlier call, or after one
                self._start_process()
            call = Call(
                id=payload["invoke-id"],
                payload=payload["payload"].encode(),
                arn=payload["invoked-function-arn"],
                trace=payload["trace-id"],
                timeout_s=timeout_s,
                deadline_ms=int((time.time() + timeout_s) * 1000),
            )
            body, failed = self._environment.run(call)
        except InitFailed as error:
            body, failed = error.body, True
        logs = self._report(payload["invoke-id"], (time.monotonic() - started) * 1000)
        return InvocationResult(payload["invoke-id"], body, is_error=failed, logs=logs)

    def _report(self, request_id, duration_ms):
        memory_mb = self._settings.memory_size
        used_mb = min(memory_mb, self._environment.resident_bytes() // (1024 * 1024))
        return (
            f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n"
            f"{self.get_logs()}"
            f"END RequestId: {request_id}\n"
            f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\tBilled Duration: {int(duration_ms) + 1} ms\t"
            f"Memory Size: {memory_mb} MB\tMax Memory Used: {used_mb} MB\n"
        )

    def get_logs(self):
        return self._environment.logs if self._environment is not None else ""

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/unused/{self.id}"

    @classmethod
    def prepare_version(cls, function_version):
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        pass  # versions share their code's folder, which goes with the server's own

    @classmethod
    def validate_environment(cls):
        return "LAMBDASK_RUNTIME_CLIENT" in os.environ


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "lambdask-process"

    def load(self, *args, **kwargs):
        return ProcessExecutor
