"""One verb a module: ports in, a report out. Nothing here prints, asks or reads flags."""
