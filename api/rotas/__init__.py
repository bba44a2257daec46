"""On-call rotas: who must be told now, who was on call then, and where nobody will be."""
