"""Support Reports: gather what a support team did, hold it against agreed goals, publish it once and only to the right eyes."""
