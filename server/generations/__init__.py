"""What is served: files or built generations, inspected before and replaced while serving."""
