"""A target's contents, from its listing. Pure: reads no object."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from daemon.backup.record import RECORD, TAG, Backup

_CHECKPOINT = re.compile(r"^(\d{6,})-\d+-[a-z]+$")
_LOGS = re.compile(r"^logs-\d{8}$")


@dataclass
class Holdings:
    """The size in bytes of each object by its path, laid out as in daemon.backup.record."""

    sizes: dict[str, int] = field(default_factory=dict)

    def whole(self, backup: Backup) -> bool:
        """Whether the target has the complete backup, its record included."""
        return self.recorded(backup) and not self.lacking(backup)

    def recorded(self, backup: Backup) -> bool:
        """Whether the backup's record is there; it is sent after all files have been verified."""
        return object_path(backup, RECORD) in self.sizes

    def lacking(self, backup: Backup) -> list[str]:
        """Names of files that are missing or have another size, without the record."""
        return [
            name
            for name, file in backup.files.items()
            if self.sizes.get(object_path(backup, name)) != file.size_bytes
        ]

    def recorded_keys(self) -> list[tuple[str, str]]:
        """Run and id of each recorded backup."""
        parts = (path.split("/") for path in self.sizes if _is_record(path))
        return sorted((run_id, id_) for run_id, id_, _ in parts)

    def abandoned(self, local: Collection[tuple[str, str]]) -> list[str]:
        """Files of backups without a record there that are not local: removed while being sent.

        Only of local runs: another daemon may be sending those of other runs.
        """
        runs = {run_id for run_id, _ in local}
        kept = {*local, *self.recorded_keys()}
        found = []
        for path in self.sizes:
            parts = path.split("/")
            if len(parts) == 3 and parts[0] in runs and (parts[0], parts[1]) not in kept:
                found.append(path)
        return found

    def runs(self) -> list[str]:
        """The runs that have a recorded backup."""
        return sorted({path.split("/")[0] for path in self.sizes if _is_record(path)})

    def states(self, run_id: str) -> list[str]:
        """Ids of a run's recorded backups of checkpoints, the newest (by sequence) first."""
        found = [id_ for id_ in self._ids(run_id) if _CHECKPOINT.match(id_)]
        return sorted(found, key=sequence, reverse=True)

    def logs(self, run_id: str) -> list[str]:
        """Ids of a run's recorded backups of logs, the newest first."""
        return sorted((id_ for id_ in self._ids(run_id) if _LOGS.match(id_)), reverse=True)

    def highest_sequence(self, run_id: str) -> int:
        """The highest sequence in any object's path of the run; 0 if there is none."""
        paths = (path.split("/") for path in self.sizes)
        ids = (parts[1].removesuffix(TAG) for parts in paths if parts[0] == run_id and parts[1:])
        return max((sequence(id_) for id_ in ids), default=0)

    def _ids(self, run_id: str) -> list[str]:
        return [
            path.split("/")[1]
            for path in self.sizes
            if _is_record(path) and path.split("/")[0] == run_id
        ]


def object_path(backup: Backup, name: str) -> str:
    """Path of a backup's file at a target."""
    return f"{backup.run_id}/{backup.id}/{name}"


def tag_path(run_id: str, id_: str) -> str:
    """Path of a backup's tag at a target."""
    return f"{run_id}/{id_}{TAG}"


def sequence(id_: str) -> int:
    """The sequence in a checkpoint's id; 0 for other ids."""
    match = _CHECKPOINT.match(id_)
    return int(match[1]) if match else 0


def unsent(backups: Mapping[tuple[str, str], Backup], holdings: Holdings) -> list[Backup]:
    """The backups that the target lacks, newest first, as it is worth most."""
    lacking = [backup for backup in backups.values() if not holdings.whole(backup)]
    return sorted(lacking, key=lambda backup: (backup.created_s, backup.id), reverse=True)


def _is_record(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 3 and parts[2] == RECORD
