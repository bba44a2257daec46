"""The simulated plant, from physics to MQTT. Begin with `plant.py`; `simulate.py` is the way in."""
