"""The heavy process: builds the fleet, trains by stable-baselines3, reports to the supervisor."""

import os

# Before torch is imported: its threads then sleep at a barrier instead of spinning. On a machine
# whose cores are busy with something else, spinning makes small matrices several times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
