"""Every line of the production checklist, in its order: data alone."""
