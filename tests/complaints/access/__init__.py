"""Who may open and do what with whose case: every route of the complaints, by every kind of person, on every kind of
object. The routes come from the URL map and the actions from complaints.actions: what has no entry fails the test.

To add an entry, write one line in table.py:

* a page that is the same for all who may: ``("complaints.statistics", "GET"): page(READERS)``; ``otherwise=404`` where
  it does not exist for the others, ``hidden_from=GROUP`` where it does not for some of them; ``values=function`` where
  its address wants something; ``writes=True`` where who may changes something;
* something read or done at a case (``<number>`` in the address): ``at_case(handles)``, where the name says who may, for
  a case of any place (places.py): ``sees``, ``handles``, ``approves``, ``concerned``, ``told`` …, or a function of its
  own. ``form`` is what is sent, ``gives`` the status for whom it is allowed, ``refusal`` the one for who sees the case
  and may not (a button that tells it as a message answers 302 or 303), ``stage`` how far the case has come, and
  ``unless`` (place → status) where the matter itself forbids it to whoever else may;
* an action of a case: the same with ``deed(...)`` in ``ACTIONS``, by its name in complaints.actions (``once_ended``
  where an ended case does not stand against it);
* something that is an office's or a person's own, by its id: ``by_id("wording", HANDLERS)``; objects.py makes one of
  the kind for some offices, and the address calls it ``wording_id``; ``all_of_them`` sees those of every office;
* a page at the public door: ``public()``.

A new kind of case (recused, linked …) is a new Place in places.py: one line says who has it and who sees it, and
cases.py brings it about. A new kind of official is a line in people.py.
"""
