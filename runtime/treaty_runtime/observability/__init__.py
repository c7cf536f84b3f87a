"""What operators see of a process: its metrics, its traces, and a private address to ask at."""
