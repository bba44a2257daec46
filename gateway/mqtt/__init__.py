"""MQTT ingress: the gateway's own endpoint (`listener`) and the subscriber for sites with a broker."""
