"""How dates are written, where the Academy differs from Django: read by FORMAT_MODULE_PATH."""
