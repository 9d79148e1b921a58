"""Operations of verbs and screens: requests to the daemon, or the same without a daemon."""
