"""Telling people (通知): what each night came to, by mail and to groups, and that a night did not come to its end."""
