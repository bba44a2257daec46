"""The simulated plant: physics, instruments, faults, MQTT. Begin with `plant.py`; `simulate.py` is the way in."""
