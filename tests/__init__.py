"""Tests; they read like the specification."""
