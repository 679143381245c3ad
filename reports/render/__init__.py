"""Views into Markdown and charts; no arithmetic, no judgement, and no text that a stranger wrote left live."""
