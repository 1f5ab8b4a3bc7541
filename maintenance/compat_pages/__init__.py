"""What people see of the compatibility matrix, rendered from its results alone."""
