"""Files for tests, built by code: good ones, messy ones and hostile ones."""
