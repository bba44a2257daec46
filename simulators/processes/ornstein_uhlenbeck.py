"""A quantity that wanders around its mean and forgets: Ornstein-Uhlenbeck, stepped exactly.

    x(t+dt) = m + (x(t) − m)·e^(−dt/τ) + s·√(1 − e^(−2dt/τ))·N(0, 1)

Exact for any dt: its stationary mean m, standard deviation s and memory τ do not depend on the step
(Gillespie 1996, Phys. Rev. E 54, 2084).
"""

import numpy as np

from simulators.processes.gases import Float64


class OrnsteinUhlenbeck:
    """n independent walks of equal standard deviation and memory, started from the stationary law."""

    def __init__(
        self,
        mean: Float64 | float,
        deviation: float,
        memory_s: float,
        random: np.random.Generator,
        n: int = 1,
    ) -> None:
        self.mean = np.broadcast_to(np.asarray(mean, dtype=np.float64), (n,)).copy()
        self.value: Float64 = self.mean + deviation * random.standard_normal(n)
        self._deviation = deviation
        self._memory_s = memory_s
        self._random = random

    def step(self, dt_s: float) -> Float64:
        """Move on by `dt_s`; the new values, shape (n,)."""
        kept = np.exp(-dt_s / self._memory_s)
        noise = self._deviation * np.sqrt(1 - kept * kept) * self._random.standard_normal(self.value.shape[0])
        self.value = self.mean + (self.value - self.mean) * kept + noise
        return self.value
