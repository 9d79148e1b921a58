"""What the instruments measure, with their noise: IMU, altimeter, star tracker, gauges, LiDAR."""
