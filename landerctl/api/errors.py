"""The one error of the interface, and what becomes of the program's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from landerctl.exitcodes import Exit


class Error(Exception):
    """Something did not work. The message is the line that the command of the same name prints.

    `exit_code`: with which that command ends, as docs/commands.md lists them.
    """

    def __init__(self, text: str, exit_code: int = Exit.FAILED) -> None:
        super().__init__(text)
        self.exit_code = int(exit_code)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the program's parts raise within the block into Error."""
    # Here, for `import landerctl.api` must stay light.
    from daemon.base.secrets.redaction import redact  # noqa: PLC0415
    from daemon.checkpoint.manifest import DamagedCheckpointError  # noqa: PLC0415
    from daemon.config import ConfigError  # noqa: PLC0415
    from daemon.runs.references import UnknownRunError  # noqa: PLC0415
    from daemon.store.schema import StoreError  # noqa: PLC0415
    from landerctl.failure import Failure  # noqa: PLC0415

    try:
        yield
    except Failure as error:
        raise Error(error.text, error.code) from None
    except UnknownRunError as error:
        raise Error(redact(str(error)), Exit.NOT_FOUND) from None
    except StoreError as error:
        raise Error(redact(str(error)), Exit.UNKNOWN) from None
    except ConfigError as error:
        raise Error(redact(str(error)), Exit.CONFIG) from None
    except DamagedCheckpointError as error:
        raise Error(redact(str(error)), Exit.DAMAGED) from None
    except OSError as error:
        text = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise Error(redact(text), Exit.CANNOT_WRITE) from None
