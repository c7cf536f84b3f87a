"""How contracts are laid out: one way, whoever wrote them."""
