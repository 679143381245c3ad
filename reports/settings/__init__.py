"""The YAML in `config/`, read with line and column into the values of `reports.core.model`."""
