"""One report model -> Markdown, HTML, Word and PDF; each format is a module with the same `render`."""
