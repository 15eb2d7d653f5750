"""What rooms above add to this room, which knows none of them."""

from core.page_sections import PageSections
from publicity.models import PublicityList

LIST_SECTIONS: PageSections[PublicityList] = PageSections()
"""Parts of a list's page, such as the objections to it."""
