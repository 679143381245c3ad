"""Entry points that pipelines and people call, and the benches behind `scripts/bench`."""
