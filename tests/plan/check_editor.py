#!/usr/bin/env python3
"""The schema in a real editor's server: yaml-language-server (npm) completes and checks by it.

check_editor.py MLPSWEEP PROJECT_DIR: exit status 77 where the server is not installed. It is that of $YAML_LANGUAGE_SERVER,
of build/node (scripts/deps test) or of the path.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


class Server:
    """A language server on pipes."""

    def __init__(self, command):
        self.process = subprocess.Popen([command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.process.stdout.read(length))

    def until(self, wanted):
        """The first message that is wanted; what the server asks meanwhile gets an empty answer."""
        while True:
            message = self.receive()
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                items = message.get("params", {}).get("items", [])
                self.send({"id": message["id"], "result": [None] * len(items)})

    def request(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.until(lambda message: message.get("id") == self.number and "method" not in message)["result"]

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def open(self, uri, text):
        self.notify("textDocument/didOpen", {
            "textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})

    def diagnostics(self, uri):
        found = self.until(lambda message: message.get("method") == "textDocument/publishDiagnostics"
                           and message["params"]["uri"] == uri)
        return [item["message"] for item in found["params"]["diagnostics"]]

    def complete(self, uri, text):
        """Labels offered at the end of the text."""
        lines = text.split("\n")
        result = self.request("textDocument/completion", {
            "textDocument": {"uri": uri}, "position": {"line": len(lines) - 1, "character": len(lines[-1])}})
        return [item["label"] for item in (result["items"] if isinstance(result, dict) else result)]


def main():
    own = pathlib.Path(sys.argv[2]) / "build/node/node_modules/.bin/yaml-language-server"
    command = (os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which(own)
               or shutil.which("yaml-language-server"))
    if not command or not shutil.which("node"):
        print("skipped: yaml-language-server is not installed (scripts/deps test does where npm is)")
        sys.exit(77)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        schema = root / "experiment.schema.json"
        schema.write_bytes(subprocess.run([sys.argv[1], "schema"], check=True, capture_output=True).stdout)
        line = f"# yaml-language-server: $schema={schema.as_uri()}\n"
        server = Server(command)
        server.request("initialize", {"processId": os.getpid(), "rootUri": root.as_uri(), "capabilities": {}})
        server.notify("initialized", {})
        for number, (text, wanted) in enumerate((
            ("base:\n  lear", "learning_rate"),
            ("base:\n  dataset: mnist\n  optimizer: ", "adamw"),
            ("base:\n  optimizer.mom", "optimizer.momentum"),
            ("sweep:\n  z", "zip"),
            ("rep", "repeats"),
        )):
            uri = (root / f"{number}.yaml").as_uri()
            server.open(uri, line + text)
            labels = server.complete(uri, line + text)
            print(f"{text!r}: {len(labels)} offered, {wanted} {'is' if wanted in labels else 'is NOT'} one")
            if wanted not in labels:
                failures.append(f"{text!r}: {labels}")
        for number, (text, wanted) in enumerate((
            ("base: {dataset: mnist, epochs: 3}\n", None),
            ("base:\n  dataset: mnist\n  epohcs: 3\n", "epohcs"),
        )):
            uri = (root / f"checked-{number}.yaml").as_uri()
            server.open(uri, line + text)
            messages = server.diagnostics(uri)
            print(f"{text!r}: {messages}")
            if (wanted is None) != (not messages) or (wanted and not any(wanted in m for m in messages)):
                failures.append(f"{text!r}: {messages}")
        server.process.kill()
    print("\n".join(failures))
    sys.exit(bool(failures))


main()
