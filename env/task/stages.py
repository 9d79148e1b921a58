"""The start conditions of the stages in config.toml; a test compares the two."""

from __future__ import annotations

from env.task.start import TOUCHDOWN, StartConditions

STAGES = (
    TOUCHDOWN,
    StartConditions(
        altitude_m=(100.0, 300.0),
        downrange_m=(0.0, 50.0),
        descent_rate_m_s=(2.0, 12.0),
        horizontal_speed_m_s=(0.0, 4.0),
        tilt_deg=(0.0, 5.0),
        delta_v_m_s=(330.0, 490.0),
        ground_slope_deg=(0.0, 2.0),
        relief=0.3,
        clear_radius_m=60.0,
        time_limit_s=90.0,
    ),
    StartConditions(
        altitude_m=(300.0, 800.0),
        downrange_m=(0.0, 150.0),
        descent_rate_m_s=(5.0, 25.0),
        horizontal_speed_m_s=(0.0, 10.0),
        tilt_deg=(0.0, 8.0),
        delta_v_m_s=(400.0, 640.0),
        ground_slope_deg=(0.0, 3.0),
        relief=0.6,
        clear_radius_m=30.0,
        time_limit_s=120.0,
    ),
    StartConditions(
        altitude_m=(1000.0, 1500.0),
        downrange_m=(0.0, 400.0),
        descent_rate_m_s=(10.0, 45.0),
        horizontal_speed_m_s=(0.0, 20.0),
        tilt_deg=(0.0, 12.0),
        delta_v_m_s=(490.0, 780.0),
        ground_slope_deg=(0.0, 4.0),
        relief=1.0,
        clear_radius_m=10.0,
        time_limit_s=160.0,
    ),
    StartConditions(
        altitude_m=(18_000.0, 22_000.0),
        downrange_m=(12_000.0, 16_000.0),
        descent_rate_m_s=(80.0, 120.0),
        horizontal_speed_m_s=(140.0, 180.0),
        tilt_deg=(0.0, 20.0),
        delta_v_m_s=(900.0, 1200.0),
        ground_slope_deg=(0.0, 4.0),
        relief=1.0,
        clear_radius_m=0.0,
        time_limit_s=400.0,
    ),
)
