"""Who may ask what of every room but the complaints (which have tests/complaints/access): every route of the URL map,
by every method, asked by an official of each kind of office in each role, by a villager and by nobody, of what is his
own, of another office's, and of what does not exist.

The tables (routes_money.py, routes_people.py, routes_house.py) say which right a route asks for; who holds a right is
asked of the code (core.principal.permission_catalogue), as the page "谁能做什么" asks it. So page, tables and product
are held against each other. A route or a method without a line fails test_map.py.

To add a line:

* a page or a form that names nothing: ``("sms.costs", "GET"): may("sms.see_costs")``; several rights: one of them is
  enough; a list with its search, export and deeds: ``**both("disbursement.rolls", may(…))``;
* something with an id in its address: ``may(…, of="roll")``. objects.py makes one of each kind for the first office
  and one for a second; ``NARROWED`` in table.py says which kinds of office see only their own of it. ``never``: who
  holds the right and has nothing of it;
* what a step needs so that it is the right that is asked for: ``stage`` sets rows of tables beforehand, ``form`` is
  what is sent, ``values`` what else the address wants;
* ``anyone()`` for every official, ``public()`` for everybody.

``denied`` and ``missing`` are both refusals, whether as a page (403, 404) or as a message on the page that the button
leads back to; after all of them together nothing has changed in any table.

A new kind of thing is a line in objects.py and one in ``NARROWED``. A new step that takes two people is a line in
test_four_eyes.py.
"""
