"""One outside system and one port per module; the objects of an API never leave the adapter that fetched them."""
