"""Behaviour cloning: the policy imitates the reference pilot before the training begins."""
