"""The C file as a format: how it is written, and read back by compiling it."""

from __future__ import annotations

from daemon.trainer.export.formats.c99.comment import head_comment
from daemon.trainer.export.formats.c99.compiled import CompiledPolicy
from daemon.trainer.export.formats.c99.source import c_source
from daemon.trainer.export.source import Source


def encode_c(source: Source) -> bytes:
    """The file's content. Raises ValueError for a policy with numbers that are not finite."""
    return c_source(source.policy, head_comment(source.policy, source.card)).encode("ascii")


def load_c(content: bytes) -> CompiledPolicy:
    """The file compiled and loaded. Raises CompilerError."""
    return CompiledPolicy(content)
