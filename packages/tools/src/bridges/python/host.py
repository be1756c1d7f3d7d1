"""
The child of Hearth's Python bridges: loads tools, says what they are, runs them. Speaks lines of JSON on stdin and on what was
stdout when it began; whatever the tools print goes to stderr, from C code too.
"""

import asyncio
import json
import os
import sys
import threading
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import ollama_form  # noqa: E402
import tools  # noqa: E402

# Characters of one result; longer ones keep their head and tail.
MOST = 1_000_000


class Host:
    def __init__(self, channel):
        self.channel = channel
        self.lock = threading.Lock()
        self.found = {}
        self.running = {}

    def send(self, message):
        line = json.dumps(message, ensure_ascii=True, default=plain)
        with self.lock:
            self.channel.write(line.encode() + b"\n")
            self.channel.flush()

    def load(self, request):
        """Loads a registry or a module; its tools are called by the number of the load and their name."""
        roots = request.get("roots", [])
        if request["kind"] == "registry":
            found, faults = tools.of_registry(request["path"], roots, request.get("init", {}))
        else:
            found, faults = tools.of_module(request["path"], roots, request.get("names"))
        listed = []
        for one in found:
            key = f"{request['load']}/{one.name}"
            if key in self.found:
                faults.append({"name": one.name, "fault": "another tool has this name"})
                continue
            self.found[key] = one
            described = one.described()
            if request.get("compat") == "ollama" and one.function is not None:
                described["ollama"] = ollama_form.tool(one.function)
            listed.append(described)
        return {"tools": listed, "faults": faults}

    async def call(self, request, token):
        number = request["id"]
        try:
            value = await self.found[request["tool"]].call(request.get("arguments", {}), token)
            self.send({"id": number, **told(value)})
        except asyncio.CancelledError:
            self.send({"id": number, "ok": False, "content": "Stopped.", "thread": token.busy})
        except BaseException as error:
            # A tool that calls exit() fails; it does not end the others.
            traceback.print_exc()
            self.send({"id": number, "ok": False, "content": f"Error: {tools.fault_text(error)}"})
        finally:
            self.running.pop(number, None)

    def start(self, request):
        if request["op"] == "load":
            try:
                self.send({"id": request["id"], **self.load(request)})
            except BaseException as error:
                traceback.print_exc()
                self.send({"id": request["id"], "fault": tools.fault_text(error)})
        elif request["op"] == "call":
            token = tools.Token()
            self.running[request["id"]] = asyncio.ensure_future(self.call(request, token)), token
        elif request["op"] == "cancel" and request["call"] in self.running:
            task, token = self.running[request["call"]]
            token.cancel()
            task.cancel()


def told(value):
    """A tool's result: `(ok, data)` taken apart, text as it is, the rest as JSON."""
    ok = True
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], bool):
        ok, value = value
    if value is None:
        text = ""
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, default=plain)
    if len(text) > MOST:
        left = len(text) - MOST
        text = f"{text[: MOST // 2]}\n[… {left:,} characters left out …]\n{text[-MOST // 2 :]}"
    return {"ok": ok, "content": text.encode("utf-8", "replace").decode("utf-8")}


def plain(value):
    """What JSON does not know, as it shows itself."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    if hasattr(value, "value") and hasattr(type(value), "__members__"):
        return value.value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def main():
    # The tools' stdout is stderr from here on, whoever writes to it.
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # And their stdin is empty: ours is the channel.
    lines = os.fdopen(os.dup(0), "rb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    host = Host(channel)

    def read():
        for line in lines:
            if line.strip():
                loop.call_soon_threadsafe(host.start, json.loads(line))
        # The parent has gone: threads that hang must not keep us.
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    loop.run_forever()


if __name__ == "__main__":
    main()
