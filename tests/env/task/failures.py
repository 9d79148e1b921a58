"""Every way in which an episode can fail, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from env.task.reward import Outcome

# Outcome, speed (m/s), distance (m) and height (m), as `failure_reward` takes them.
ANY_FAILURE = (
    st.sampled_from([o for o in Outcome if o not in (Outcome.FLYING, Outcome.LANDED)]),
    st.floats(0.0, 500.0),
    st.floats(0.0, 30_000.0),
    st.floats(0.0, 30_000.0),
)
