"""The served generation: made of files or built before, inspected, and replaced while serving."""
