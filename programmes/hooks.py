"""What rooms above add to pages of this room, which knows none of them."""

from core.page_sections import PageSections
from programmes.models import Programme

PROGRAMME_SECTIONS: PageSections[Programme] = PageSections()
"""Parts of a programme's page, such as where its money is."""
