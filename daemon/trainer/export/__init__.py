"""A trained policy as one artefact that flies without this program: network, normalizer, limits."""
