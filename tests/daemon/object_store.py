"""A real S3-compatible server, by a link that fails on demand."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from tests.daemon.faulty_link import FaultyLink

ACCESS_KEY, SECRET_KEY, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMIK7MDENG", "the-session-token"
BUCKET = "lander-backups"


@dataclass(frozen=True)
class Bucket:
    """A bucket, direct and by the faulty link, with its options file."""

    direct: str
    link: FaultyLink
    options_file: Path
    url: str = f"s3://{BUCKET}/moon/landers"

    def objects(self) -> dict[str, bytes]:
        """All objects, by path below the URL's."""
        client = self._client()
        listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {
            item["Key"].removeprefix("moon/landers/"): client.get_object(
                Bucket=BUCKET, Key=item["Key"]
            )["Body"].read()
            for item in listed
        }

    def put(self, path: str, content: bytes) -> None:
        self._client().put_object(Bucket=BUCKET, Key=f"moon/landers/{path}", Body=content)

    def delete(self, path: str) -> None:
        self._client().delete_object(Bucket=BUCKET, Key=f"moon/landers/{path}")

    def _client(self) -> Any:
        return _client(self.direct)


def _client(address: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=address,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )


@contextlib.contextmanager
def bucket(folder: Path) -> Iterator[Bucket]:
    """An empty bucket; its options file is in `folder`."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    link = FaultyLink((host, port))
    options = folder / "s3.toml"
    options.touch(mode=0o600)
    options.write_text(
        f'endpoint = "{link.address}"\nregion = "us-east-1"\naccess_key_id = "{ACCESS_KEY}"\n'
        f'secret_access_key = "{SECRET_KEY}"\nsession_token = "{TOKEN}"\n'
    )
    direct = f"http://{host}:{port}"
    _client(direct).create_bucket(Bucket=BUCKET)
    try:
        yield Bucket(direct, link, options)
    finally:
        link.close()
        _client_empty(direct)
        server.stop()


def _client_empty(direct: str) -> None:
    """Reset moto: all servers of a process share its memory."""
    client = _client(direct)
    for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=item["Key"])
    client.delete_bucket(Bucket=BUCKET)
