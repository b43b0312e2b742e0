"""What cwm-check costs on this machine: `python -m benchmarks` measures it and prints JSON."""
