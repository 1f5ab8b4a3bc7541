"""A web service of a registrar: are domains free, who has them, register one."""
