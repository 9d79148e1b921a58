"""What is measured of the machine and the processes, and its export to Prometheus."""
