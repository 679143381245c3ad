"""A small GitLab and Zendesk on loopback with a made-up support organisation, for the demo and the tests."""
