"""Files -> passages: the edition of the note, the works it cites, terms, and a maintainer's own sources."""
