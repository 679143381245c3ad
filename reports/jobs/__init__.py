"""What a command does: the stages of a week and everything beside them, on ports; no option, no printing."""
