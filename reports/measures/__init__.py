"""One SQL file per measure, and the engine that runs them over the stored facts."""
