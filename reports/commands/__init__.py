"""The command line: what people and pipelines call, and what they read while it runs and when it is done."""
