"""Sensor models with noise: IMU, altimeter, star tracker, fuel gauges, LiDAR."""
