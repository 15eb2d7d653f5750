"""The files that go to a paying bank and come back from it. Profiles are data; reading and writing are pure."""
