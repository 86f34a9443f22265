"""The five steps of the main job, one module a step."""
