"""The real trainer on a full disk: it continues, and saves when there is space again."""

from __future__ import annotations

from daemon.checkpoint.manifest import verify
from landerctl.exitcodes import Exit
from tests.daemon.small_disk import small_disk
from tests.e2e.mission import Mission
from tests.waiting import eventually


def test_the_trainer_continues_on_a_full_disk() -> None:
    with small_disk(48) as disk:
        mission = Mission(disk.folder / "state")
        try:
            mission.done("start")
            mission.saved(2)
            pid = mission.trainer_pid()
            disk.fill()
            # The store cannot record it now: the trainer itself reports it, at the end of a
            # rollout.
            for _ in range(3):
                backup = mission.run("backup")
                assert backup.returncode == Exit.FAILED
                [problem] = [line for line in backup.stderr.splitlines() if "landerctl: " in line]
                assert "No space left on device" in problem
            assert "disk full" in mission.done("status").stdout
            before = mission.timesteps
            disk.free()
            mission.trained_past(before)
            newest = mission.saved(len(mission.checkpoints) + 1)[-1]
            verify(mission.current.checkpoints / newest.id)
            assert mission.trainer_pid() == pid and not mission.events("trainer.crashed")
            assert mission.event("checkpoint.failed").severity == "critical"
            scalars = mission.current.tensorboard
            eventually(lambda: any(scalars.iterdir()), "TensorBoard's files")
            mission.done("stop")
        finally:
            mission.close()
