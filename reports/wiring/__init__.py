"""Settings and environment into real adapters: the only room that names them, and the only one that reads secrets."""
