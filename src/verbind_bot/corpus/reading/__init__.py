"""A file of any known format -> a Document: headings, running text and lists, with pages where there are any."""
