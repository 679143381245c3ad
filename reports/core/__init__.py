"""The pure core: values in, values out; no clock, no files, no network, no library beyond the standard one."""
