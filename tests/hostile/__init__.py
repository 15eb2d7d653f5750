"""Hostile input at every route: hypothesis fills in each form, and each query, as the route itself reads it, and sends
files of every sort wherever one can be brought. Nothing may answer with a fault, log one, or leave half of something
behind.

* ``targets.py`` says where each route answers and who is let in there, from the tables of tests/access and
  tests/complaints/access;
* ``reading.py`` finds out what a route reads: from its page, from its WTForms class, from what it asks of a request;
* ``values.py`` and ``files.py`` hold the strategies;
* ``undone.py`` takes back what an example has done, so that each begins at the same rows;
* ``watching.py`` says what is wrong with an answer.

A new route is tried unasked. Where one must not be tried, ``LEFT_OUT`` in targets.py says why.
"""
